//! Wrong configurations and what is said about them.

use super::*;
use crate::diagnostics::Severity;

/// Each with the summaries expected, in order.
const WRONG: &[(&str, &[&str])] = &[
    (r#"resource "mock_thing" "a" { nam = "x" }"#, &["Unsupported argument"]),
    ("resource \"mock_thing\" \"a\" {\n stag {\n name = \"x\"\n }\n}", &["Unsupported block type"]),
    (r#"resource "mock_must" "a" {}"#, &["Missing required argument", "Insufficient part blocks"]),
    (
        "resource \"mock_must\" \"a\" {\n name = \"x\"\n part { name = \"1\" }\n part { name = \"2\" }\n part { name = \"3\" }\n}",
        &["Too many part blocks"],
    ),
    (r#"resource "mock_thing" "a" { size = "big" }"#, &["Incorrect attribute value type"]),
    (r#"resource "mock_thing" "a" { id = "x" }"#, &["Value for unconfigurable attribute"]),
    (r#"resource "mock_thin" "a" {}"#, &["Invalid resource type"]),
    (r#"resource "mock_future" "a" {}"#, &["Invalid resource type"]),
    (r#"resource "nope_thing" "a" {}"#, &["Provider not available"]),
    (r#"resource "mock_thing" "a" { name = var.x }"#, &["Reference to undeclared input variable"]),
    (r#"resource "mock_thing" "a" { name = local.x }"#, &["Reference to undeclared local value"]),
    (r#"resource "mock_thing" "a" { name = mock_thing.b.id }"#, &["Reference to undeclared resource"]),
    (r#"resource "mock_thing" "a" { name = module.m.x }"#, &["Reference to undeclared module"]),
    (r#"resource "mock_thing" "a" { name = mock_thing.a.id }"#, &["Self-referential block"]),
    (
        "resource \"mock_thing\" \"a\" {}\nresource \"mock_thing\" \"b\" { name = mock_thing.a.nope }",
        &["Unsupported attribute"],
    ),
    (
        "resource \"mock_thing\" \"a\" { count = 1 }\nresource \"mock_thing\" \"b\" { name = mock_thing.a.id }",
        &["Missing resource instance key"],
    ),
    (
        "resource \"mock_thing\" \"a\" {}\nresource \"mock_thing\" \"b\" { name = mock_thing.a[0].id }",
        &["Unexpected resource instance key"],
    ),
    (r#"resource "mock_thing" "a" { name = each.key }"#, &["Reference to \"each\" in context without for_each"]),
    (r#"resource "mock_thing" "a" { name = count.index }"#, &["Reference to \"count\" in non-counted context"]),
    (
        "resource \"mock_thing\" \"a\" { name = mock_thing.b.id }\nresource \"mock_thing\" \"b\" { name = mock_thing.a.id }",
        &["Cycle: mock_thing.a, mock_thing.b"],
    ),
    ("locals {\n a = local.b\n b = local.a\n}", &["Cycle: local.a (expand), local.b (expand)"]),
    (r#"resource "mock_thing" "a" { name = "forbidden" }"#, &["Bad name"]),
    (
        "resource \"mock_thing\" \"a\" {\n provisioner \"remote-exce\" { inline = [] }\n}",
        &["Missing required provisioner plugin"],
    ),
    ("module \"m\" { source = \"./m\" }\n--- m/main.tf\nvariable \"v\" {\n}", &["Missing required argument"]),
    (
        "module \"m\" {\n source = \"./m\"\n w = 1\n}\n--- m/main.tf\nvariable \"v\" {\n default = 1\n}",
        &["Unsupported argument"],
    ),
    ("resource \"mock_thing\" \"a\" {\n lifecycle { ignore_changes = [nope] }\n}", &["Unsupported attribute"]),
];

#[test]
fn wrong_configurations_are_told_precisely() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (text, expected) in WRONG {
        let (config, found) = loaded(text);
        let mut all: Vec<String> = found.iter().map(|d| d.summary.clone()).collect();
        let found = validate(&config, &bench.registry);
        let found: Diagnostics = found.into_iter().filter(|d| d.severity != Severity::Hint).collect();
        all.extend(found.iter().map(|d| d.summary.clone()));
        if all != *expected {
            wrong.push(format!("{text}\n  expected {expected:?}\n  found    {:?}", texts(&found)));
        }
        for diagnostic in &found {
            if diagnostic.span.is_none() {
                wrong.push(format!("{text}\n  no place: {}", diagnostic.summary));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_mistakes_are_told_at_once() {
    let text = r#"
        resource "mock_thing" "a" {
          nam  = "x"
          size = "big"
        }
        resource "mock_thing" "b" { kind = [] }"#;
    assert_eq!(validate(&config(text), &Bench::new().registry).len(), 3);
}

#[test]
fn a_mistake_in_a_repeated_block_is_told_once() {
    let text = r#"resource "mock_thing" "a" {
      count = 5
      size  = "big"
    }"#;
    assert_eq!(validate(&config(text), &Bench::new().registry).len(), 1);
}

#[test]
fn a_provider_s_message_points_at_the_attribute() {
    let text = r#"resource "mock_thing" "a" { name = "forbidden" }"#;
    let config = config(text);
    let found = validate(&config, &Bench::new().registry);
    let diagnostic = found.iter().next().unwrap();
    assert_eq!(config.sources.text(diagnostic.span.unwrap()), "\"forbidden\"");
    assert_eq!(diagnostic.address.as_deref(), Some("mock_thing.a"));
}

/// What only planning can tell.
const PLANNING: &[(&str, &str)] = &[
    (
        "resource \"mock_thing\" \"a\" {}\nresource \"mock_thing\" \"b\" { count = mock_thing.a.size }",
        "Invalid count argument",
    ),
    (
        "resource \"mock_thing\" \"a\" {}\nresource \"mock_thing\" \"b\" { for_each = toset([mock_thing.a.id]) }",
        "Invalid for_each argument",
    ),
    (r#"resource "mock_thing" "b" { count = -1 }"#, "Invalid count argument"),
    (r#"resource "mock_thing" "b" { count = null }"#, "Invalid count argument"),
    (r#"resource "mock_thing" "b" { for_each = ["a"] }"#, "Invalid for_each argument"),
    (
        "locals {\n n = 1\n}\nresource \"mock_thing\" \"a\" {\n lifecycle {\n precondition {\n condition = local.n > 2\n error_message = \"no\"\n }\n }\n}",
        "Resource precondition failed",
    ),
    ("variable \"x\" {\n type = string\n}", "No value for required variable"),
    (
        "module \"m\" {\n source = \"./m\"\n v = 5\n}\n--- m/main.tf\nvariable \"v\" {\n validation {\n condition = var.v < 3\n error_message = \"too big\"\n }\n}",
        "Invalid value for variable",
    ),
    (r#"data "mock_lookup" "d" { name = "missing" }"#, "Not found"),
];

#[tokio::test]
async fn plans_fail_with_one_error_each() {
    let mut wrong = Vec::new();
    for (text, expected) in PLANNING {
        let found = Bench::new().errors(text).await;
        if found != [*expected] {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_failed_plan_cannot_be_applied() {
    let mut bench = Bench::new();
    let text = r#"resource "mock_thing" "b" { count = -1 }"#;
    let (plan, _) = bench.plan(text).await;
    assert!(plan.errored);
    let outcome = bench.apply_plan(text, &plan).await;
    assert!(outcome.diagnostics.has_errors());
}

#[tokio::test]
async fn blocks_may_stand_for_attributes_of_older_schemas() {
    let text = "resource \"mock_thing\" \"a\" {\n rules {\n port = 1\n }\n rules {\n open = true\n }\n}";
    let bench = Bench::with(text).await;
    let object = bench.state.current(&"mock_thing.a".parse().unwrap()).unwrap();
    assert_eq!(object.attributes["rules"].to_string(), r#"[{"open":null,"port":1},{"open":true,"port":null}]"#);
}
