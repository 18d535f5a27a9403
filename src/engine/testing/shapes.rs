//! One test per shape of plan: a configuration that is applied, one that replaces it, and the actions expected.

use super::*;
use crate::lang::value::Value;
use crate::state::model::ObjectStatus;

struct Shape {
    name: &'static str,
    before: &'static str,
    after: &'static str,
    expected: &'static [&'static str],
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "a new block is created",
        before: "",
        after: r#"resource "mock_thing" "a" { name = "x" }"#,
        expected: &["create mock_thing.a"],
    },
    Shape {
        name: "a change in place is an update",
        before: r#"resource "mock_thing" "a" { name = "x" }"#,
        after: r#"resource "mock_thing" "a" { name = "y" }"#,
        expected: &["update mock_thing.a"],
    },
    Shape {
        name: "a change that cannot be made in place replaces, old one first",
        before: r#"resource "mock_thing" "a" { kind = "x" }"#,
        after: r#"resource "mock_thing" "a" { kind = "y" }"#,
        expected: &["delete-create mock_thing.a replace_because_cannot_update"],
    },
    Shape {
        name: "create_before_destroy turns the order round, for what is needed too",
        before: r#"
            resource "mock_thing" "a" { kind = "x" }
            resource "mock_thing" "b" {
              kind = mock_thing.a.id
              lifecycle { create_before_destroy = true }
            }"#,
        after: r#"
            resource "mock_thing" "a" { kind = "y" }
            resource "mock_thing" "b" {
              kind = mock_thing.a.id
              lifecycle { create_before_destroy = true }
            }"#,
        expected: &[
            "create-delete mock_thing.a replace_because_cannot_update",
            "create-delete mock_thing.b replace_because_cannot_update",
        ],
    },
    Shape {
        name: "an object without block is deleted",
        before: r#"resource "mock_thing" "a" {}"#,
        after: "",
        expected: &["delete mock_thing.a delete_because_no_resource_config"],
    },
    Shape {
        name: "an object in a module that is gone is deleted",
        before: "module \"m\" { source = \"./m\" }\n--- m/main.tf\nresource \"mock_thing\" \"a\" {}",
        after: "",
        expected: &["delete module.m.mock_thing.a delete_because_no_resource_config"],
    },
    Shape {
        name: "a lower count deletes from the end",
        before: r#"resource "mock_thing" "a" { count = 3 }"#,
        after: r#"resource "mock_thing" "a" { count = 1 }"#,
        expected: &[
            "delete mock_thing.a[1] delete_because_count_index",
            "delete mock_thing.a[2] delete_because_count_index",
        ],
    },
    Shape {
        name: "a key that is gone deletes its instance only",
        before: r#"resource "mock_thing" "a" { for_each = toset(["x", "y"]) }"#,
        after: r#"resource "mock_thing" "a" { for_each = toset(["y"]) }"#,
        expected: &["delete mock_thing.a[\"x\"] delete_because_each_key"],
    },
    Shape {
        name: "from count to for_each everything is another object",
        before: r#"resource "mock_thing" "a" { count = 1 }"#,
        after: r#"resource "mock_thing" "a" { for_each = toset(["y"]) }"#,
        expected: &["delete mock_thing.a[0] delete_because_wrong_repetition", "create mock_thing.a[\"y\"]"],
    },
    Shape {
        name: "adding count moves the object to index zero",
        before: r#"resource "mock_thing" "a" {}"#,
        after: r#"resource "mock_thing" "a" { count = 1 }"#,
        expected: &["no-op mock_thing.a[0] from mock_thing.a"],
    },
    Shape {
        name: "a moved block keeps the object",
        before: r#"resource "mock_thing" "a" { name = "x" }"#,
        after: r#"
            resource "mock_thing" "b" { name = "y" }
            moved {
              from = mock_thing.a
              to   = mock_thing.b
            }"#,
        expected: &["update mock_thing.b from mock_thing.a"],
    },
    Shape {
        name: "a chain of moves ends at its last address",
        before: r#"resource "mock_thing" "a" {}"#,
        after: r#"
            resource "mock_thing" "c" {}
            moved {
              from = mock_thing.b
              to   = mock_thing.c
            }
            moved {
              from = mock_thing.a
              to   = mock_thing.b
            }"#,
        expected: &["no-op mock_thing.c from mock_thing.a"],
    },
    Shape {
        name: "an object moves into a module with a key",
        before: r#"resource "mock_thing" "a" {}"#,
        after: "module \"m\" {\n source = \"./m\"\n for_each = toset([\"k\"])\n}\nmoved {\n from = mock_thing.a\n to = module.m[\"k\"].mock_thing.a\n}\n--- m/main.tf\nresource \"mock_thing\" \"a\" {}",
        expected: &["no-op module.m[\"k\"].mock_thing.a from mock_thing.a"],
    },
    Shape {
        name: "a removed block without destroy forgets",
        before: r#"resource "mock_thing" "a" {}"#,
        after: r#"
            removed {
              from = mock_thing.a
              lifecycle { destroy = false }
            }"#,
        expected: &["forget mock_thing.a delete_because_no_resource_config"],
    },
    Shape {
        name: "ignored attributes do not change",
        before: r#"resource "mock_thing" "a" { name = "x" }"#,
        after: r#"
            resource "mock_thing" "a" {
              name = "y"
              lifecycle { ignore_changes = [name] }
            }"#,
        expected: &[],
    },
    Shape {
        name: "ignoring a map key leaves the other keys",
        before: r#"resource "mock_thing" "a" { tags = { a = "1", b = "1" } }"#,
        after: r#"
            resource "mock_thing" "a" {
              tags = { a = "2", b = "1" }
              lifecycle { ignore_changes = [tags["a"]] }
            }"#,
        expected: &[],
    },
    Shape {
        name: "ignoring everything plans nothing",
        before: r#"resource "mock_thing" "a" { name = "x" }"#,
        after: r#"
            resource "mock_thing" "a" {
              name = "y"
              kind = "z"
              lifecycle { ignore_changes = all }
            }"#,
        expected: &[],
    },
    Shape {
        name: "a trigger replaces what it names",
        before: r#"
            resource "mock_thing" "a" { name = "x" }
            resource "mock_thing" "b" {
              lifecycle { replace_triggered_by = [mock_thing.a.name] }
            }"#,
        after: r#"
            resource "mock_thing" "a" { name = "y" }
            resource "mock_thing" "b" {
              lifecycle { replace_triggered_by = [mock_thing.a.name] }
            }"#,
        expected: &["update mock_thing.a", "delete-create mock_thing.b replace_by_triggers"],
    },
    Shape {
        name: "another attribute does not trigger",
        before: r#"
            resource "mock_thing" "a" { name = "x" }
            resource "mock_thing" "b" {
              lifecycle { replace_triggered_by = [mock_thing.a.tags] }
            }"#,
        after: r#"
            resource "mock_thing" "a" { name = "y" }
            resource "mock_thing" "b" {
              lifecycle { replace_triggered_by = [mock_thing.a.tags] }
            }"#,
        expected: &["update mock_thing.a"],
    },
    Shape {
        name: "data with an unknown configuration is read during apply",
        before: "",
        after: r#"
            resource "mock_thing" "a" {}
            data "mock_lookup" "d" { name = mock_thing.a.id }"#,
        expected: &["read data.mock_lookup.d read_because_config_unknown", "create mock_thing.a"],
    },
    Shape {
        name: "data that depends on something changing is read during apply",
        before: "",
        after: r#"
            resource "mock_thing" "a" {}
            data "mock_lookup" "d" {
              name       = "n"
              depends_on = [mock_thing.a]
            }"#,
        expected: &["read data.mock_lookup.d read_because_dependency_pending", "create mock_thing.a"],
    },
    Shape {
        name: "nested blocks and dynamic ones are values",
        before: r#"
            resource "mock_thing" "a" {
              stage { name = "x" }
              dynamic "stage" {
                for_each = ["y", "z"]
                content {
                  name = stage.value
                  size = stage.key
                }
              }
            }"#,
        after: r#"
            resource "mock_thing" "a" {
              stage { name = "x" }
              stage {
                name = "y"
                size = 0
              }
              stage {
                name = "z"
                size = 1
              }
            }"#,
        expected: &[],
    },
    Shape {
        name: "terraform_data is updated by input and replaced by triggers",
        before: r#"
            resource "terraform_data" "a" { input = "x" }
            resource "terraform_data" "b" { triggers_replace = ["x"] }"#,
        after: r#"
            resource "terraform_data" "a" { input = { x = 1 } }
            resource "terraform_data" "b" { triggers_replace = ["y"] }"#,
        expected: &["update terraform_data.a", "delete-create terraform_data.b replace_because_cannot_update"],
    },
];

#[tokio::test]
async fn every_shape_has_its_actions() {
    let mut wrong = Vec::new();
    for shape in SHAPES {
        let mut bench = if shape.before.is_empty() { Bench::new() } else { Bench::with(shape.before).await };
        let found = bench.actions(shape.after).await;
        let mut expected: Vec<String> = shape.expected.iter().map(|s| (*s).to_owned()).collect();
        let mut sorted = found.clone();
        expected.sort();
        sorted.sort();
        if sorted != expected {
            wrong.push(format!("{}:\n  expected {expected:?}\n  found    {found:?}", shape.name));
            continue;
        }
        bench.up(shape.after).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const TWO: &str = r#"
    resource "mock_thing" "a" { name = "a" }
    resource "mock_thing" "b" { name = mock_thing.a.id }
    resource "mock_thing" "c" { name = "c" }"#;

#[tokio::test]
async fn a_tainted_object_is_replaced() {
    let mut bench = Bench::with(TWO).await;
    let address = "mock_thing.c".parse().unwrap();
    let mut object = bench.state.current(&address).unwrap().clone();
    object.status = ObjectStatus::Tainted;
    let provider = bench.state.resources[&address.abs_resource()].provider.clone();
    bench.state.set_current(&address, &provider, Some(object));
    assert_eq!(bench.actions(TWO).await, ["delete-create mock_thing.c replace_because_tainted"]);
    bench.up(TWO).await;
}

#[tokio::test]
async fn the_replace_option_replaces() {
    let mut bench = Bench::with(TWO).await;
    bench.settings.force_replace = vec!["mock_thing.c".parse().unwrap()];
    assert_eq!(bench.actions(TWO).await, ["delete-create mock_thing.c replace_by_request"]);
}

#[tokio::test]
async fn a_target_takes_what_it_needs_and_nothing_else() {
    let mut bench = Bench::new();
    bench.settings.targets = vec!["mock_thing.b".parse().unwrap()];
    let (plan, diagnostics) = bench.plan(TWO).await;
    assert_eq!(actions(&plan), ["create mock_thing.a", "create mock_thing.b"]);
    assert!(diagnostics.iter().any(|d| d.summary == "Resource targeting is in effect"));
}

#[tokio::test]
async fn a_target_with_a_key_takes_one_instance() {
    let mut bench = Bench::new();
    bench.settings.targets = vec!["mock_thing.a[1]".parse().unwrap()];
    assert_eq!(bench.actions(r#"resource "mock_thing" "a" { count = 3 }"#).await, ["create mock_thing.a[1]"]);
}

#[tokio::test]
async fn an_exclusion_takes_with_it_what_needs_it() {
    let mut bench = Bench::new();
    bench.settings.excludes = vec!["mock_thing.a".parse().unwrap()];
    assert_eq!(bench.actions(TWO).await, ["create mock_thing.c"]);
}

#[tokio::test]
async fn destroying_deletes_everything() {
    let mut bench = Bench::with(TWO).await;
    bench.settings.mode = crate::engine::plan::PlanMode::Destroy;
    let plan = bench.planned(TWO).await;
    assert_eq!(plan.summary().destroy, 3);
    let log = {
        bench.mock.take_log();
        let outcome = bench.apply_plan(TWO, &plan).await;
        assert!(!outcome.diagnostics.has_errors());
        bench.mock.take_log()
    };
    assert!(at(&log, "deleted mock_thing.b") < at(&log, "delete mock_thing.a"));
    assert!(bench.state.is_empty());
}

#[tokio::test]
async fn destroying_a_target_takes_what_needs_it() {
    let mut bench = Bench::with(TWO).await;
    bench.settings.mode = crate::engine::plan::PlanMode::Destroy;
    bench.settings.targets = vec!["mock_thing.a".parse().unwrap()];
    assert_eq!(bench.actions(TWO).await, ["delete mock_thing.a", "delete mock_thing.b"]);
}

#[tokio::test]
async fn what_changed_outside_is_drift_and_is_repaired() {
    let bench = Bench::with(TWO).await;
    {
        let mut world = bench.mock.world.lock().unwrap();
        let changed = world.objects["id-1"].with_field(
            "tags",
            Value::map(crate::lang::value::Type::String, [("x".into(), Value::string("y"))].into()),
        );
        world.objects.insert("id-1".into(), changed);
    }
    let plan = bench.planned(TWO).await;
    let drifted = plan.drift[0].address.to_string();
    assert_eq!(actions(&plan), [format!("update {drifted}")]);
}

#[tokio::test]
async fn what_was_deleted_outside_is_created_again() {
    let bench = Bench::with(TWO).await;
    let id =
        bench.state.current(&"mock_thing.c".parse().unwrap()).unwrap().attributes["id"].as_str().unwrap().to_owned();
    bench.mock.world.lock().unwrap().objects.remove(&id);
    let plan = bench.planned(TWO).await;
    assert_eq!(actions(&plan), ["create mock_thing.c"]);
    assert_eq!(line(&plan.drift[0]), "delete mock_thing.c");
    assert!(plan.prior_state.current(&"mock_thing.c".parse().unwrap()).is_none());
    assert!(plan.previous_state.current(&"mock_thing.c".parse().unwrap()).is_some());
}

#[tokio::test]
async fn refreshing_only_takes_drift_into_the_state() {
    let mut bench = Bench::with(TWO).await;
    bench.mock.world.lock().unwrap().objects.clear();
    bench.settings.mode = crate::engine::plan::PlanMode::RefreshOnly;
    let plan = bench.planned(TWO).await;
    assert!(plan.changes.is_empty());
    assert_eq!(plan.drift.len(), 3);
    bench.apply_plan(TWO, &plan).await;
    assert!(bench.state.resources.is_empty());
}

#[tokio::test]
async fn without_refresh_nothing_is_read() {
    let mut bench = Bench::with(TWO).await;
    bench.settings.refresh = false;
    bench.mock.world.lock().unwrap().objects.clear();
    assert!(bench.actions(TWO).await.is_empty());
    assert!(bench.mock.take_log().is_empty());
}

#[tokio::test]
async fn a_refresh_says_beforehand_what_will_be_read() {
    let bench = Bench::with(TWO).await;
    bench.planned(TWO).await;
    assert_eq!(bench.mock.take_log()[0], "prefetch 3");
}

#[tokio::test]
async fn an_import_block_brings_an_object_in() {
    let mut bench = Bench::with(r#"resource "mock_thing" "old" { name = "x" }"#).await;
    bench.state = State::default();
    let text = r#"
        import {
          to = mock_thing.new
          id = "id-1"
        }
        resource "mock_thing" "new" { name = "y" }"#;
    let plan = bench.planned(text).await;
    assert_eq!(actions(&plan), ["update mock_thing.new importing id-1"]);
    assert_eq!(plan.summary().import, 1);
    bench.up(text).await;
    let absent = text.replace("id-1", "id-9");
    bench.state = State::default();
    assert_eq!(bench.errors(&absent).await, ["Cannot import non-existent remote object"]);
}

#[tokio::test]
async fn deposed_objects_are_deleted() {
    let mut bench = Bench::with(TWO).await;
    let address: crate::address::ResourceInstance = "mock_thing.c".parse().unwrap();
    let object = bench.state.current(&address).unwrap().clone();
    let provider = bench.state.resources[&address.abs_resource()].provider.clone();
    bench.state.set_deposed(&address, "0badcafe", &provider, Some(object));
    bench.settings.refresh = false;
    assert_eq!(bench.actions(TWO).await, ["delete mock_thing.c (deposed)"]);
    let outcome = bench.apply(TWO).await;
    assert!(!outcome.diagnostics.has_errors());
    assert!(bench.state.current(&address).is_some());
    assert!(bench.actions(TWO).await.is_empty());
}

#[tokio::test]
async fn prevent_destroy_is_an_error_for_replacement_and_deletion() {
    let text = |kind: &str| {
        format!("resource \"mock_thing\" \"a\" {{\n kind = \"{kind}\"\n lifecycle {{ prevent_destroy = true }}\n}}")
    };
    let mut bench = Bench::with(&text("x")).await;
    assert_eq!(bench.errors(&text("y")).await, ["Instance cannot be destroyed"]);
    bench.settings.mode = crate::engine::plan::PlanMode::Destroy;
    assert_eq!(bench.errors(&text("x")).await, ["Instance cannot be destroyed"]);
}

#[tokio::test]
async fn outputs_change_and_secrets_are_refused() {
    let text = |value: &str, more: &str| {
        format!("resource \"mock_thing\" \"a\" {{ secret = \"s\" }}\noutput \"o\" {{\n value = {value}\n {more}\n}}")
    };
    let mut bench = Bench::with(&text("\"x\"", "")).await;
    let plan = bench.planned(&text("\"y\"", "")).await;
    assert_eq!(plan.outputs["o"].action, Action::Update);
    assert!(plan.has_changes());
    assert_eq!(bench.errors(&text("mock_thing.a.secret", "")).await, ["Output refers to sensitive values"]);
    bench.up(&text("mock_thing.a.secret", "sensitive = true")).await;
    assert!(bench.state.outputs["o"].sensitive);
}

#[tokio::test]
async fn a_sensitive_output_of_a_module_is_masked_and_may_be_shown_by_the_root() {
    let text = "module \"m\" { source = \"./m\" }\nresource \"mock_thing\" \"a\" { name = module.m.o }\noutput \"o\" { value = module.m.o }\noutput \"s\" { value = issensitive(module.m.o) }\n--- m/main.tf\noutput \"o\" {\n value = \"x\"\n sensitive = true\n}";
    let mut bench = Bench::with("").await;
    let plan = bench.planned(text).await;
    assert!(plan.outputs["o"].after.marks().hidden() && !plan.outputs["o"].sensitive);
    assert!(plan.changes[0].after.get("name").unwrap().marks().hidden());
    bench.up(text).await;
    // Not remembered by the state: as Terraform's plan of it is empty, so is ours.
    assert!(bench.state.outputs["o"].value == Value::string("x") && !bench.state.outputs["o"].sensitive);
    assert_eq!(bench.state.outputs["s"].value, Value::bool(false));
    assert!(!bench.planned(text).await.has_changes());
    let secret = text.replace("value = \"x\"", "value = sensitive(\"x\")");
    assert_eq!(bench.errors(&secret).await, ["Output refers to sensitive values"]);
}

#[tokio::test]
async fn sensitive_values_stay_marked_through_state() {
    let text = r#"
        resource "mock_thing" "a" { secret = "s" }
        resource "mock_thing" "b" { tags = { t = mock_thing.a.secret } }"#;
    let mut bench = Bench::with(text).await;
    let object = bench.state.current(&"mock_thing.b".parse().unwrap()).unwrap();
    assert_eq!(
        serde_json::to_string(&object.sensitive_paths).unwrap(),
        r#"[[{"type":"get_attr","value":"secret"}],[{"type":"get_attr","value":"tags"},{"type":"index","value":{"value":"t","type":"string"}}]]"#
    );
    let plain = text.replace("mock_thing.a.secret", "\"s\"");
    assert_eq!(bench.actions(&plain).await, ["update mock_thing.b"], "only the mark goes");
    assert!(bench.up(&plain).await.is_empty(), "nobody outside is told");
}

#[tokio::test]
async fn ephemeral_values_go_into_write_only_attributes_alone() {
    let text = |name: &str| {
        format!(
            "variable \"e\" {{\n default = \"x\"\n ephemeral = true\n}}\nresource \"mock_thing\" \"a\" {{ {name} = var.e }}"
        )
    };
    assert_eq!(Bench::new().errors(&text("name")).await, ["Invalid use of ephemeral value"]);
    Bench::with(&text("token")).await;
}

#[tokio::test]
async fn data_without_block_leaves_the_state() {
    let mut bench = Bench::with("data \"mock_lookup\" \"d\" { name = \"n\" }\nresource \"mock_thing\" \"a\" {}").await;
    assert_eq!(bench.state.resources.len(), 2);
    bench.up("resource \"mock_thing\" \"a\" { name = \"x\" }").await;
    assert_eq!(bench.state.resources.len(), 1);
}

#[tokio::test]
async fn write_only_attributes_are_never_kept() {
    let bench = Bench::with(r#"resource "mock_thing" "a" { token = "t" }"#).await;
    let object = bench.state.current(&"mock_thing.a".parse().unwrap()).unwrap();
    assert!(object.attributes["token"].is_null());
}

#[tokio::test]
async fn dependencies_in_the_state_are_transitive_and_sorted() {
    let bench = Bench::with(
        r#"
        data "mock_lookup" "d" { name = "n" }
        resource "mock_thing" "a" { name = data.mock_lookup.d.id }
        locals { a = mock_thing.a.id }
        resource "mock_thing" "b" { name = local.a }
        resource "mock_thing" "c" { depends_on = [mock_thing.b] }"#,
    )
    .await;
    let object = bench.state.current(&"mock_thing.c".parse().unwrap()).unwrap();
    assert_eq!(object.dependencies, ["data.mock_lookup.d", "mock_thing.a", "mock_thing.b"]);
    assert_eq!(object.private, b"private");
    assert_eq!(object.schema_version, 1);
}

#[tokio::test]
async fn modules_give_their_outputs() {
    let text = r#"
module "one" {
  source = "./m"
  name   = "x"
}
module "many" {
  source   = "./m"
  for_each = { a = "p", b = "q" }
  name     = each.value
}
output "one" { value = module.one.name }
output "many" { value = { for k, m in module.many : k => m.name } }
output "b" { value = module.many["b"].name }
--- m/main.tf
variable "name" {
  type = string
}
resource "mock_thing" "t" { name = var.name }
output "name" { value = upper(mock_thing.t.name) }
"#;
    let text = text.replace("upper(mock_thing.t.name)", "\"${mock_thing.t.name}!\"");
    let bench = Bench::with(&text).await;
    let output = |name: &str| format!("{:?}", bench.state.outputs[name].value);
    assert!(output("one").contains("x!") && output("b").contains("q!") && output("many").contains("p!"));
    assert_eq!(bench.state.resources.len(), 3);
}

#[tokio::test]
async fn providers_are_configured_once_for_plan_and_apply() {
    let mut bench = Bench::new();
    bench.apply(TWO).await;
    assert_eq!(bench.mock.world.lock().unwrap().configured, 1);
}

#[tokio::test]
async fn what_fed_a_change_is_relevant() {
    let plan = Bench::new().planned(TWO).await;
    let texts: Vec<String> = plan.relevant_attributes.iter().map(|(a, p)| format!("{a}.{p}")).collect();
    assert_eq!(texts, ["mock_thing.a.id"]);
}
