//! What happens when an apply does not go smoothly, and what is kept.

use super::*;
use crate::engine::{Intent, StateSink};
use crate::lang::value::Value;
use crate::state::model::ObjectStatus;
use async_trait::async_trait;
use std::sync::Mutex;
use std::time::Duration;

const FAN: &str = r#"
    resource "mock_thing" "a" { name = "a" }
    resource "mock_thing" "b" { name = mock_thing.a.id }
    resource "mock_thing" "c" { name = "c" }"#;

#[tokio::test]
async fn a_failure_stops_only_what_depends_on_it() {
    let mut bench = Bench::new();
    bench.mock.script("mock_thing.a", Script { fail_create: true, ..Script::default() });
    let outcome = bench.apply(FAN).await;
    assert_eq!(texts(&outcome.diagnostics), ["Error: Mock failure: create [mock_thing.a]"]);
    let log = bench.mock.take_log();
    assert!(log.contains(&"created mock_thing.c".to_owned()) && !log.contains(&"create mock_thing.b".to_owned()));
    assert!(bench.state.current(&"mock_thing.c".parse().unwrap()).is_some());
    assert_eq!(outcome.counts.add, 1);
    bench.mock.world.lock().unwrap().scripts.clear();
    assert_eq!(bench.actions(FAN).await, ["create mock_thing.a", "create mock_thing.b"]);
}

#[tokio::test]
async fn a_half_created_object_is_kept_and_tainted() {
    let mut bench = Bench::new();
    bench.mock.script("mock_thing.c", Script { half_create: true, ..Script::default() });
    bench.apply(FAN).await;
    let object = bench.state.current(&"mock_thing.c".parse().unwrap()).unwrap();
    assert_eq!(object.status, ObjectStatus::Tainted);
    bench.mock.world.lock().unwrap().scripts.clear();
    assert_eq!(bench.actions(FAN).await, ["delete-create mock_thing.c replace_because_tainted"]);
    bench.up(FAN).await;
}

#[tokio::test]
async fn a_failed_deletion_keeps_the_object() {
    let mut bench = Bench::with(FAN).await;
    bench.mock.script("mock_thing.b", Script { fail_delete: true, ..Script::default() });
    let outcome = bench.apply("").await;
    assert_eq!(outcome.counts.destroy, 1);
    let left: Vec<String> = bench.state.instances().map(|(a, ..)| a.to_string()).collect();
    assert_eq!(left, ["mock_thing.a", "mock_thing.b"], "what b needs stays too");
}

#[tokio::test]
async fn a_failed_update_keeps_the_old_object() {
    let mut bench = Bench::with(FAN).await;
    bench.mock.script("mock_thing.c", Script { fail_update: true, ..Script::default() });
    bench.apply(&FAN.replace("\"c\" }", "\"d\" }")).await;
    let object = bench.state.current(&"mock_thing.c".parse().unwrap()).unwrap();
    assert_eq!((object.status, object.attributes["name"].as_str()), (ObjectStatus::Ready, Some("c")));
}

#[tokio::test]
async fn a_failed_replacement_created_first_leaves_the_old_object_in_use() {
    let text = |kind: &str| {
        format!(
            "resource \"mock_thing\" \"a\" {{\n kind = \"{kind}\"\n lifecycle {{ create_before_destroy = true }}\n}}"
        )
    };
    let mut bench = Bench::with(&text("x")).await;
    bench.mock.script("mock_thing.a", Script { fail_create: true, ..Script::default() });
    bench.apply(&text("y")).await;
    let (_, _, instance) = bench.state.instances().next().unwrap();
    assert!(instance.deposed.is_empty());
    assert_eq!(instance.current.as_ref().unwrap().attributes["kind"], "x");
}

#[tokio::test]
async fn a_failed_end_after_creating_first_leaves_a_deposed_object() {
    let text = |kind: &str| {
        format!(
            "resource \"mock_thing\" \"a\" {{\n kind = \"{kind}\"\n lifecycle {{ create_before_destroy = true }}\n}}"
        )
    };
    let mut bench = Bench::with(&text("x")).await;
    bench.mock.script("mock_thing.a", Script { fail_delete: true, ..Script::default() });
    bench.apply(&text("y")).await;
    let (_, _, instance) = bench.state.instances().next().unwrap();
    assert_eq!(instance.deposed.len(), 1);
    bench.mock.world.lock().unwrap().scripts.clear();
    assert_eq!(bench.actions(&text("y")).await, ["delete mock_thing.a (deposed)"]);
    bench.up(&text("y")).await;
}

#[tokio::test]
async fn an_interrupt_finishes_what_runs_and_begins_nothing_new() {
    let mut bench = Bench::new();
    let cancel = bench.cancel.clone();
    let script = Script { cancel: Some(cancel), delay: Some(Duration::from_millis(30)), ..Script::default() };
    bench.mock.script("mock_thing.a", script);
    let outcome = bench.apply(FAN).await;
    assert!(outcome.interrupted && outcome.diagnostics.has_errors());
    let left: Vec<String> = bench.state.instances().map(|(a, ..)| a.to_string()).collect();
    assert!(left.contains(&"mock_thing.a".to_owned()) && !left.contains(&"mock_thing.b".to_owned()), "{left:?}");
}

const PARTS: &str = r#"
    resource "mock_host" "h" { name = "h" }
    resource "mock_host" "other" { name = "other" }
    resource "mock_part" "p" { host = mock_host.h.id }"#;

#[tokio::test]
async fn what_an_object_shows_of_others_is_stored_as_it_is_after_the_apply() {
    let mut bench = Bench::with(PARTS).await;
    let plan = bench.planned(PARTS).await;
    assert!(plan.drift.is_empty(), "{:?}", plan.drift.iter().map(|d| d.address.to_string()).collect::<Vec<_>>());
    let parts =
        |bench: &Bench| bench.state.current(&"mock_host.h".parse().unwrap()).unwrap().attributes["parts"].clone();
    assert_eq!(parts(&bench), 1);
    let log = bench.up(&PARTS.replace("resource \"mock_part\" \"p\" { host = mock_host.h.id }", "")).await;
    assert_eq!(parts(&bench), 0);
    assert!(!log.contains(&"read mock_host.other".to_owned()), "only what was touched is read again: {log:?}");
}

#[tokio::test]
async fn what_others_changed_by_hand_is_not_taken_over_with_it() {
    let mut bench = Bench::with("resource \"mock_host\" \"h\" { name = \"h\" }").await;
    let plan = bench.planned(PARTS).await;
    {
        let mut world = bench.mock.world.lock().unwrap();
        let (_, host) = world.objects.iter_mut().next().unwrap();
        *host = host.with_field("name", Value::string("changed by hand"));
    }
    bench.apply_plan(PARTS, &plan).await;
    let stored = bench.state.current(&"mock_host.h".parse().unwrap()).unwrap();
    assert_eq!((stored.attributes["name"].as_str(), stored.attributes["parts"].as_i64()), (Some("h"), Some(1)));
}

/// Remembers snapshots and intents.
#[derive(Default)]
struct Recorder {
    snapshots: Mutex<Vec<usize>>,
    intents: Mutex<Vec<String>>,
    fail_after: Option<usize>,
}

#[async_trait(?Send)]
impl StateSink for Recorder {
    async fn store(&self, state: State) -> Result<(), Diagnostics> {
        let mut snapshots = self.snapshots.lock().unwrap();
        if self.fail_after.is_some_and(|n| snapshots.len() >= n) {
            return Err(crate::diagnostics::Diagnostic::error("Disk full", "").into());
        }
        snapshots.push(state.resources.len());
        Ok(())
    }
    async fn intend(&self, intent: &Intent) -> Result<(), Diagnostics> {
        self.intents.lock().unwrap().push(format!("+{} {}", intent.id, intent.address));
        Ok(())
    }
    fn settled(&self, id: u64) {
        self.intents.lock().unwrap().push(format!("-{id}"));
    }
}

async fn recorded(bench: &mut Bench, text: &str, recorder: &Recorder) -> ApplyOutcome {
    let plan = bench.planned(text).await;
    let config = config(text);
    apply(&config, &plan, &bench.registry, &bench.settings, recorder, &Quiet, &bench.cancel).await
}

#[tokio::test]
async fn state_is_stored_after_objects_and_intents_are_written_before_and_struck_out() {
    let recorder = Recorder::default();
    recorded(&mut Bench::new(), FAN, &recorder).await;
    assert_eq!(recorder.snapshots.lock().unwrap().last(), Some(&3));
    assert!(recorder.snapshots.lock().unwrap().len() >= 3);
    let mut intents = recorder.intents.lock().unwrap().clone();
    assert_eq!(intents.len(), 6);
    intents.sort();
    assert_eq!(intents.iter().filter(|i| i.starts_with('-')).count(), 3);
}

#[tokio::test]
async fn a_state_that_cannot_be_stored_stops_new_operations() {
    let recorder = Recorder { fail_after: Some(1), ..Recorder::default() };
    let mut bench = Bench::new();
    let text = format!("{FAN}\nresource \"mock_thing\" \"d\" {{ name = mock_thing.b.id }}");
    let outcome = recorded(&mut bench, &text, &recorder).await;
    assert!(outcome.diagnostics.iter().any(|d| d.summary == "Disk full"));
    assert!(!bench.mock.take_log().contains(&"create mock_thing.d".to_owned()));
}

#[tokio::test]
async fn local_exec_runs_after_creation_and_its_failure_taints() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out");
    let text = format!(
        "resource \"mock_thing\" \"a\" {{\n name = \"n\"\n provisioner \"local-exec\" {{\n command = \"echo $X ${{self.id}} > {}\"\n environment = {{ X = \"x\" }}\n }}\n}}",
        file.display()
    );
    Bench::with(&text).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "x id-1\n");
    let failing = "resource \"mock_thing\" \"a\" {\n provisioner \"local-exec\" {\n command = \"exit 3\"\n }\n}";
    let mut bench = Bench::new();
    let outcome = bench.apply(failing).await;
    assert_eq!(outcome.diagnostics.iter().next().unwrap().summary, "local-exec provisioner error");
    assert_eq!(bench.state.current(&"mock_thing.a".parse().unwrap()).unwrap().status, ObjectStatus::Tainted);
}

#[tokio::test]
async fn local_exec_runs_before_destruction() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gone");
    let text = |count: u32| {
        format!(
            "resource \"mock_thing\" \"a\" {{\n count = {count}\n provisioner \"local-exec\" {{\n when = destroy\n command = \"echo ${{self.id}} ${{count.index}} > {}\"\n }}\n}}",
            file.display()
        )
    };
    let mut bench = Bench::with(&text(1)).await;
    bench.up(&text(0)).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "id-1 0\n");
}

#[tokio::test]
async fn a_stale_value_between_plan_and_apply_is_noticed() {
    let text = |value: &str| format!("resource \"mock_thing\" \"a\" {{ name = \"{value}\" }}");
    let mut bench = Bench::new();
    let plan = bench.planned(&text("x")).await;
    let outcome = bench.apply_plan(&text("y"), &plan).await;
    assert_eq!(outcome.diagnostics.iter().next().unwrap().summary, "Provider produced inconsistent final plan");
    assert!(bench.state.resources.is_empty());
}

#[tokio::test]
async fn check_results_are_kept_in_the_state() {
    let text = r#"
        resource "mock_thing" "a" {
          name = "x"
          lifecycle {
            postcondition {
              condition     = self.name == "x"
              error_message = "no"
            }
          }
        }
        check "c" {
          assert {
            condition     = mock_thing.a.name == "z"
            error_message = "not z"
          }
        }"#;
    let mut bench = Bench::new();
    let outcome = bench.apply(text).await;
    assert_eq!(texts(&outcome.diagnostics), ["Warning: Check block assertion failed: not z [check.c]"]);
    let results = serde_json::to_value(bench.state.check_results.unwrap()).unwrap();
    assert_eq!(results[0]["status"], "fail");
    assert_eq!(results[1]["objects"][0]["object_addr"], "mock_thing.a");
}
