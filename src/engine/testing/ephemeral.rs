//! Ephemeral objects: when they are opened and closed, and where their values go.

use super::*;

const INTO_TOKEN: &str = r#"
    ephemeral "mock_secret" "s" { name = "n" }
    resource "mock_thing" "a" { token = ephemeral.mock_secret.s.value }"#;

#[tokio::test]
async fn plan_and_apply_open_and_close_each_for_itself() {
    let mut bench = Bench::new();
    let plan = bench.planned(INTO_TOKEN).await;
    assert_eq!(bench.mock.take_log(), ["open ephemeral.mock_secret.s n", "close n"]);
    bench.apply_plan(INTO_TOKEN, &plan).await;
    let log = bench.mock.take_log();
    let order = ["open ephemeral.mock_secret.s n", "token secret-n", "created mock_thing.a", "close n"];
    assert!(order.windows(2).all(|w| at(&log, w[0]) < at(&log, w[1])), "{log:?}");
}

#[tokio::test]
async fn their_values_are_in_neither_plan_nor_state() {
    let mut bench = Bench::new();
    let text = format!(
        "{INTO_TOKEN}\noutput \"o\" {{ value = nonsensitive(ephemeralasnull(ephemeral.mock_secret.s.value) == null) }}"
    );
    let plan = bench.planned(&text).await;
    assert!(!format!("{:?}", (&plan.changes, &plan.outputs)).contains("secret-n"));
    bench.apply_plan(&text, &plan).await;
    assert!(!format!("{:?}", bench.state).contains("secret-n"));
    assert_eq!(bench.state.resources.len(), 1);
    assert!(bench.planned(&text).await.changes.iter().all(|c| c.action == Action::NoOp));
}

#[tokio::test]
async fn what_depends_on_something_to_be_made_is_opened_by_apply_alone() {
    let text = r#"
        resource "mock_thing" "a" {}
        ephemeral "mock_secret" "s" { name = mock_thing.a.id }
        resource "mock_thing" "b" { token = ephemeral.mock_secret.s.value }"#;
    let mut bench = Bench::new();
    let plan = bench.planned(text).await;
    assert!(!bench.mock.take_log().iter().any(|line| line.starts_with("open")));
    bench.apply_plan(text, &plan).await;
    let log = bench.mock.take_log();
    assert!(at(&log, "created mock_thing.a") < at(&log, "open ephemeral.mock_secret.s id-1"), "{log:?}");
    assert!(log.contains(&"token secret-id-1".to_owned()), "{log:?}");
}

#[tokio::test]
async fn instances_are_opened_one_by_one_and_conditions_hold() {
    let text = |condition: &str| {
        format!(
            r#"
        ephemeral "mock_secret" "s" {{
          for_each = toset(["x", "y"])
          name     = each.key
          lifecycle {{
            postcondition {{
              condition     = {condition}
              error_message = "Not this one."
            }}
          }}
        }}
        provider "mock" {{ region = ephemeral.mock_secret.s["x"].value }}"#
        )
    };
    let text_ok = text("self.name != \"\"").replace("provider", "locals {}\n#");
    let bench = Bench::new();
    bench.planned(&text_ok).await;
    let log = bench.mock.take_log();
    assert_eq!(log.iter().filter(|line| line.starts_with("open")).count(), 2, "{log:?}");
    assert_eq!(log.iter().filter(|line| line.starts_with("close")).count(), 2, "{log:?}");
    let errors = bench.errors(&text("self.name != \"y\"").replace("provider", "locals {}\n#")).await;
    assert_eq!(errors, ["Resource postcondition failed"]);
}

#[tokio::test]
async fn an_apply_that_fails_closes_too() {
    let mut bench = Bench::new();
    bench.mock.script("mock_thing.a", Script { fail_create: true, ..Script::default() });
    let outcome = bench.apply(INTO_TOKEN).await;
    assert!(outcome.diagnostics.has_errors());
    assert_eq!(bench.mock.take_log().last().map(String::as_str), Some("close n"));
}

#[tokio::test]
async fn what_is_kept_may_not_come_from_them() {
    let secret = "ephemeral \"mock_secret\" \"s\" { name = \"n\" }\n";
    for (place, summary) in [
        ("resource \"mock_thing\" \"a\" { name = ephemeral.mock_secret.s.value }", "Invalid use of ephemeral value"),
        ("data \"mock_lookup\" \"a\" { name = ephemeral.mock_secret.s.value }", "Invalid use of ephemeral value"),
        ("output \"o\" { value = ephemeral.mock_secret.s.value }", "Ephemeral value not allowed"),
        ("resource \"mock_thing\" \"a\" { count = length(ephemeral.mock_secret.s.value) }", "Invalid count argument"),
    ] {
        let config = config(&format!("{secret}{place}"));
        let found = validate(&config, &Bench::new().registry);
        let errors: Vec<&str> = found.iter().filter(|d| d.is_error()).map(|d| d.summary.as_str()).collect();
        assert_eq!(errors, [summary], "{place}");
    }
}

#[tokio::test]
async fn an_unknown_type_is_told_with_its_place() {
    let config = config("ephemeral \"mock_secrte\" \"s\" { name = \"n\" }");
    let found = validate(&config, &Bench::new().registry);
    let error = found.iter().find(|d| d.is_error()).unwrap();
    assert_eq!(error.summary, "Invalid ephemeral resource");
    assert!(error.detail.contains("Did you mean \"mock_secret\"?"), "{}", error.detail);
}

#[tokio::test]
async fn whether_a_plan_is_being_applied_is_an_ephemeral_value() {
    let text = r#"resource "mock_thing" "a" { token = terraform.applying ? "apply" : "plan" }"#;
    let mut bench = Bench::new();
    bench.apply(text).await;
    assert!(bench.mock.take_log().contains(&"token apply".to_owned()));
    let kept = "output \"o\" { value = terraform.applying }";
    assert_eq!(bench.errors(kept).await, ["Ephemeral value not allowed"]);
}
