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
