//! In which order objects are made and ended.

use super::*;

fn chain(kind: &str, lifecycle: &str) -> String {
    format!(
        "resource \"mock_thing\" \"a\" {{ kind = \"{kind}\" }}\nresource \"mock_thing\" \"b\" {{\n kind = mock_thing.a.id\n {lifecycle}\n}}"
    )
}

#[tokio::test]
async fn creation_follows_references() {
    let log = Bench::new().up(&chain("x", "")).await;
    assert!(at(&log, "created mock_thing.a") < at(&log, "create mock_thing.b"));
}

#[tokio::test]
async fn replacing_a_chain_ends_it_backwards_and_makes_it_forwards() {
    let mut bench = Bench::with(&chain("x", "")).await;
    let log = bench.up(&chain("y", "")).await;
    let order: Vec<&str> = log.iter().filter(|l| l.contains("ed ")).map(String::as_str).collect();
    assert_eq!(order, ["deleted mock_thing.b", "deleted mock_thing.a", "created mock_thing.a", "created mock_thing.b"]);
}

#[tokio::test]
async fn created_first_a_chain_is_made_forwards_then_ended_backwards() {
    let first = "lifecycle { create_before_destroy = true }";
    let mut bench = Bench::with(&chain("x", first)).await;
    let log = bench.up(&chain("y", first)).await;
    let order: Vec<&str> = log.iter().filter(|l| l.contains("ed ")).map(String::as_str).collect();
    assert_eq!(order, ["created mock_thing.a", "created mock_thing.b", "deleted mock_thing.b", "deleted mock_thing.a"]);
    let object = bench.state.current(&"mock_thing.a".parse().unwrap()).unwrap();
    assert!(object.create_before_destroy, "inherited from what needs it");
}

#[tokio::test]
async fn what_needs_a_replaced_object_is_changed_before_the_old_one_goes() {
    let text = |kind: &str| {
        format!(
            "resource \"mock_thing\" \"a\" {{\n kind = \"{kind}\"\n lifecycle {{ create_before_destroy = true }}\n}}\nresource \"mock_thing\" \"b\" {{ name = mock_thing.a.id }}"
        )
    };
    let mut bench = Bench::with(&text("x")).await;
    let log = bench.up(&text("y")).await;
    let order: Vec<&str> = log.iter().filter(|l| l.contains("ed ")).map(String::as_str).collect();
    assert_eq!(order, ["created mock_thing.a", "updated mock_thing.b", "deleted mock_thing.a"]);
}

#[tokio::test]
async fn orphans_end_in_the_order_the_state_tells() {
    let mut bench = Bench::with(&chain("x", "")).await;
    let log = bench.up("").await;
    assert!(at(&log, "deleted mock_thing.b") < at(&log, "delete mock_thing.a"));
}

#[tokio::test]
async fn independent_objects_are_made_at_once_within_the_limit() {
    let mut bench = Bench::new();
    bench.settings.parallelism = 4;
    bench.up(r#"resource "mock_thing" "a" { count = 20 }"#).await;
    assert_eq!(bench.mock.world.lock().unwrap().most_running, 4);
}

#[tokio::test]
async fn mixed_orders_of_replacement_do_not_lock_each_other() {
    // b stops needing a and becomes created-first in the same step.
    let before = chain("x", "");
    let after = "resource \"mock_thing\" \"b\" {\n kind = \"z\"\n lifecycle { create_before_destroy = true }\n}";
    let mut bench = Bench::with(&before).await;
    let log = bench.up(after).await;
    assert!(at(&log, "deleted mock_thing.b") < at(&log, "delete mock_thing.a"));
}

#[tokio::test]
async fn modules_wait_for_their_depends_on() {
    let text = "resource \"mock_thing\" \"first\" {}\nmodule \"m\" {\n source = \"./m\"\n depends_on = [mock_thing.first]\n}\nresource \"mock_thing\" \"last\" {\n depends_on = [module.m]\n}\n--- m/main.tf\nresource \"mock_thing\" \"t\" {}";
    let log = Bench::new().up(text).await;
    assert!(at(&log, "created mock_thing.first") < at(&log, "create module.m.mock_thing.t"));
    assert!(at(&log, "created module.m.mock_thing.t") < at(&log, "create mock_thing.last"));
}

const ROLE: &str = r#"
    resource "mock_must" "role" {
        name = "r"
        part { name = "p" }
    }
"#;

#[tokio::test]
async fn companions_of_a_shared_object_are_made_first() {
    // By name the pipeline would come first.
    let text = format!(
        r#"{ROLE}
        resource "mock_thing" "a_pipeline" {{ kind = mock_must.role.id }}
        resource "mock_thing" "b_policy" {{ name = local.role }}
        locals {{ role = mock_must.role.id }}"#
    );
    let mut bench = Bench::new();
    let slow = Script { delay: Some(std::time::Duration::from_millis(30)), ..Script::default() };
    bench.mock.script("mock_thing.b_policy", slow);
    let log = bench.up(&text).await;
    assert!(at(&log, "created mock_thing.b_policy") < at(&log, "create mock_thing.a_pipeline"));
    let object = bench.state.current(&"mock_thing.a_pipeline".parse().unwrap()).unwrap();
    assert_eq!(object.dependencies, ["mock_must.role"], "the state tells only what is needed");
}

#[tokio::test]
async fn companions_are_found_through_modules() {
    let text = "module \"iam\" { source = \"./iam\" }\nresource \"mock_thing\" \"a_pipeline\" { kind = module.iam.role }\n--- iam/main.tf\nresource \"mock_must\" \"role\" {\n name = \"r\"\n part { name = \"p\" }\n}\nresource \"mock_thing\" \"policy\" { name = mock_must.role.id }\noutput \"role\" { value = mock_must.role.id }";
    let mut bench = Bench::new();
    let slow = Script { delay: Some(std::time::Duration::from_millis(30)), ..Script::default() };
    bench.mock.script("module.iam.mock_thing.policy", slow);
    let log = bench.up(text).await;
    assert!(at(&log, "created module.iam.mock_thing.policy") < at(&log, "create mock_thing.a_pipeline"));
}

#[tokio::test]
async fn a_companion_that_needs_what_would_wait_for_it_comes_after() {
    let text = format!(
        r#"{ROLE}
        resource "mock_thing" "pipeline" {{ kind = mock_must.role.id }}
        resource "mock_thing" "policy" {{
            name = mock_must.role.id
            kind = mock_thing.pipeline.id
        }}"#
    );
    let log = Bench::new().up(&text).await;
    assert!(at(&log, "created mock_thing.pipeline") < at(&log, "create mock_thing.policy"));
}
