//! This program alone.

use crate::fixture::{open, place, set, state, words};
use pipewright::lang::value::Value;
use pipewright::state::backend::migrate::{Question, migrate};
use pipewright::state::backend::selection::Selected;
use pipewright::state::journal::{Intent, IntentAction};
use pipewright::state::lock::LockInfo;
use std::sync::Mutex;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

#[tokio::test]
async fn a_state_is_written_read_and_not_written_again_unchanged() {
    let Some(place) = place().await else { return };
    let store = place.store().await;
    assert_eq!(store.read().await.unwrap(), Default::default());
    let first = store.persist(&state("1")).await.unwrap();
    assert_eq!((first.serial, first.lineage.len()), (1, 36));
    assert_eq!(store.persist(&state("1")).await.unwrap(), first);
    assert_eq!(store.persist(&state("2")).await.unwrap().serial, 2);
    let again = place.store().await.read().await.unwrap();
    assert_eq!((again.serial, &again.lineage), (2, &first.lineage));
    assert_eq!(again.outputs["o"].value, Value::string("2"));
    assert_eq!(place.keys().await, ["a/b.tfstate"]);
    let object = place.client.head_object().bucket(&place.bucket).key("a/b.tfstate").send().await.unwrap();
    assert_eq!(object.content_type.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn an_empty_object_is_no_state_and_a_corrupt_one_is_left_alone() {
    let Some(place) = place().await else { return };
    place.put("a/b.tfstate", "").await;
    let store = place.store().await;
    assert!(store.read().await.unwrap().is_empty());
    assert_eq!(store.persist(&state("1")).await.unwrap().serial, 1);
    place.put("a/b.tfstate", "{ broken").await;
    assert!(words(&place.store().await.read().await.unwrap_err()).contains("a/b.tfstate"));
    assert!(place.store().await.persist(&state("2")).await.is_err());
    assert_eq!(place.text("a/b.tfstate").await, "{ broken");
    place.store().await.replace(&state("3"), true).await.unwrap();
    assert!(place.text("a/b.tfstate").await.contains("\"3\""));
}

#[tokio::test]
async fn of_two_writers_the_second_overwrites_nothing() {
    let Some(place) = place().await else { return };
    let (one, two) = (place.store().await, place.store().await);
    one.read().await.unwrap();
    two.read().await.unwrap();
    one.persist(&state("one")).await.unwrap();
    let error = words(&two.persist(&state("two")).await.unwrap_err());
    assert!(error.contains("The state was changed by someone else") && error.contains("serial 1"), "{error}");
    assert!(place.text("a/b.tfstate").await.contains("\"one\""));
    // The same holds once the state exists.
    two.read().await.unwrap();
    one.persist(&state("one again")).await.unwrap();
    assert!(two.persist(&state("two")).await.is_err());
    assert!(place.text("a/b.tfstate").await.contains("one again"));
}

#[tokio::test]
async fn a_held_lock_is_told_with_its_holder() {
    let Some(place) = place().await else { return };
    let (one, two) = (place.store().await, place.store().await);
    one.lock("OperationTypeApply", NOW, &|_| {}).await.unwrap();
    let body: LockInfo = serde_json::from_str(&place.text("a/b.tfstate.tflock").await).unwrap();
    assert_eq!(body.path, format!("{}/a/b.tfstate", place.bucket));
    let error = words(&two.lock("OperationTypePlan", NOW, &|_| {}).await.unwrap_err());
    assert!(error.contains("Error acquiring the state lock") && error.contains(&body.id), "{error}");
    assert!(error.contains("OperationTypeApply") && error.contains(&body.who), "{error}");
    assert_eq!(two.current_lock().await.unwrap().unwrap(), body);
    two.unlock().await.unwrap();
    assert_eq!(place.keys().await, ["a/b.tfstate.tflock"]);
    one.unlock().await.unwrap();
    assert!(place.keys().await.is_empty());
}

#[tokio::test]
async fn a_lock_is_waited_for_until_the_timeout() {
    let Some(place) = place().await else { return };
    let (one, two) = (place.store().await, place.store().await);
    one.lock("OperationTypeApply", NOW, &|_| {}).await.unwrap();
    let waited = Mutex::new(0);
    let count = |info: &LockInfo| {
        assert_eq!(info.operation, "OperationTypeApply");
        *waited.lock().unwrap() += 1;
    };
    let release = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        one.unlock().await.unwrap();
    };
    let (taken, ()) = tokio::join!(two.lock("OperationTypePlan", Duration::from_secs(20), &count), release);
    taken.unwrap();
    assert!(*waited.lock().unwrap() >= 1);
    two.unlock().await.unwrap();
}

#[tokio::test]
async fn of_many_who_want_the_lock_exactly_one_gets_it() {
    let Some(place) = place().await else { return };
    let mut wants = Vec::new();
    for _ in 0..6 {
        let store = place.store().await;
        wants.push(async move { store.lock("OperationTypeApply", NOW, &|_| {}).await.is_ok() });
    }
    let taken = futures::future::join_all(wants).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn a_lock_is_removed_by_force_only_with_its_id() {
    let Some(place) = place().await else { return };
    let (one, two) = (place.store().await, place.store().await);
    one.lock("OperationTypeApply", NOW, &|_| {}).await.unwrap();
    let id = two.current_lock().await.unwrap().unwrap().id;
    assert!(words(&two.force_unlock("other").await.unwrap_err()).contains(&id));
    two.force_unlock(&id).await.unwrap();
    assert!(words(&two.force_unlock(&id).await.unwrap_err()).contains("Nothing is locked"));
    // The run whose lock was removed learns it; it does not remove the lock of the next one.
    two.lock("OperationTypePlan", NOW, &|_| {}).await.unwrap();
    assert!(words(&one.unlock().await.unwrap_err()).contains("does not match existing lock"));
    two.unlock().await.unwrap();
}

#[tokio::test]
async fn an_unreadable_lock_is_described_and_can_be_removed() {
    let Some(place) = place().await else { return };
    place.put("a/b.tfstate.tflock", "").await;
    let store = place.store().await;
    let held = words(&store.lock("OperationTypePlan", NOW, &|_| {}).await.unwrap_err());
    assert!(held.contains("0 bytes, last modified 2") && held.contains("force-unlock"), "{held}");
    assert!(words(&store.current_lock().await.unwrap_err()).contains("a/b.tfstate.tflock"));
    store.force_unlock("unreadable").await.unwrap();
    store.lock("OperationTypePlan", NOW, &|_| {}).await.unwrap();
}

#[tokio::test]
async fn without_use_lockfile_nothing_is_locked() {
    let Some(place) = place().await else { return };
    let store = place.open(&place.block("")).open("default").await.unwrap();
    store.lock("OperationTypeApply", NOW, &|_| {}).await.unwrap();
    assert!(place.keys().await.is_empty());
}

#[tokio::test]
async fn workspaces_are_found_by_their_keys() {
    let Some(place) = place().await else { return };
    let backend = place.backend();
    assert_eq!(backend.workspaces().await.unwrap(), ["default"]);
    backend.create_workspace("prod").await.unwrap();
    backend.create_workspace("blue").await.unwrap();
    place.put("env:/other/else.tfstate", "").await;
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "blue", "prod"]);
    let empty = backend.open("blue").await.unwrap().read().await.unwrap();
    assert_eq!((empty.serial, empty.lineage.len()), (1, 36));
    backend.open("blue").await.unwrap().persist(&state("1")).await.unwrap();
    assert!(place.text("env:/blue/a/b.tfstate").await.contains("\"1\""));
    // Creating what is there changes nothing.
    backend.create_workspace("blue").await.unwrap();
    assert!(place.text("env:/blue/a/b.tfstate").await.contains("\"1\""));
    backend.delete_workspace("blue").await.unwrap();
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "prod"]);
    assert!(backend.delete_workspace("default").await.is_err());
    assert!(backend.open("a/b").await.is_err());
}

#[tokio::test]
async fn the_prefix_of_workspaces_may_be_any_or_none() {
    let Some(place) = place().await else { return };
    for (prefix, key) in [("teams/x", "teams/x/blue/a/b.tfstate"), ("", "blue/a/b.tfstate")] {
        let backend = place.open(&place.block(&format!("workspace_key_prefix = \"{prefix}\"")));
        backend.create_workspace("blue").await.unwrap();
        assert!(place.keys().await.contains(&key.to_owned()), "{key}");
        assert!(backend.workspaces().await.unwrap().contains(&"blue".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn a_missing_bucket_is_named() {
    let Some(place) = place().await else { return };
    let text = place.block("").replace(&place.bucket, "no-such-bucket-anywhere");
    let backend = place.open(&text);
    let store = backend.open("default").await.unwrap();
    for error in [store.read().await.unwrap_err(), backend.workspaces().await.unwrap_err()] {
        assert!(words(&error).contains("S3 bucket \"no-such-bucket-anywhere\" does not exist"), "{error:?}");
    }
}

#[tokio::test]
async fn encryption_and_checksum_options_are_sent() {
    let Some(place) = place().await else { return };
    let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (more, algorithm) in [
        ("encrypt = true".to_owned(), Some("AES256")),
        ("skip_s3_checksum = true".to_owned(), Some("AES256")),
        (format!("encrypt = true\n sse_customer_key = \"{zeros}\""), None),
    ] {
        let text = place.block(&more).replace("a/b.tfstate", &format!("{}.tfstate", more.len()));
        let store = place.open(&text).open("default").await.unwrap();
        store.persist(&state("1")).await.unwrap();
        let again = place.open(&text).open("default").await.unwrap().read().await.unwrap();
        assert_eq!(again.outputs["o"].value, Value::string("1"), "{more}");
        let key = format!("{}.tfstate", more.len());
        let head = place.client.head_object().bucket(&place.bucket).key(key).send().await;
        if let Some(algorithm) = algorithm {
            assert_eq!(head.unwrap().server_side_encryption.unwrap().as_str(), algorithm, "{more}");
        } else {
            assert!(head.is_err(), "an object under a customer's key cannot be read without it");
        }
    }
}

#[tokio::test]
async fn intents_of_a_dead_run_are_found_by_the_next_one_on_this_machine() {
    let Some(place) = place().await else { return };
    let intent = Intent {
        address: "aws_iam_role.a".parse().unwrap(),
        provider: "provider[\"registry.terraform.io/hashicorp/aws\"]".parse().unwrap(),
        action: IntentAction::Create,
        deposed: None,
        schema_version: 0,
        planned: serde_json::json!({"name": "a"}),
        started: "2026-01-02T03:04:05Z".into(),
    };
    std::fs::create_dir_all(place.dir.path().join(".terraform")).unwrap();
    place.store().await.journal().begin(intent.clone()).unwrap();
    assert_eq!(place.store().await.journal().pending()[0].1, intent);
    place.backend().create_workspace("blue").await.unwrap();
    assert!(place.backend().open("blue").await.unwrap().journal().pending().is_empty());
}

#[tokio::test]
async fn states_move_from_files_to_s3_within_s3_and_back() {
    let Some(place) = place().await else { return };
    let (a, b) = (place.dir.path().join("a"), place.dir.path().join("b"));
    std::fs::create_dir_all(&a).unwrap();
    std::fs::create_dir_all(&b).unwrap();
    let local = |dir: &std::path::Path| {
        open(&Selected::of_block(&crate::fixture::block("backend \"local\" {}"), &[]).unwrap(), dir)
    };
    let first = local(&a).open("default").await.unwrap();
    let mut content = state("1");
    first.persist(&content).await.unwrap();
    set(&mut content, "2");
    let stored = first.persist(&content).await.unwrap();
    let moved = place.open(&place.block("use_lockfile = true").replace("a/b", "c/d"));
    let asked = Mutex::new(Vec::new());
    let ask = |q: &Question| {
        asked.lock().unwrap().push(q.clone());
        Ok(true)
    };
    let steps = [(local(&a), place.backend()), (place.backend(), moved.clone()), (moved, local(&b))];
    for (from, to) in steps {
        assert_eq!(migrate(&*from, &*to, Some(NOW), &ask).await.unwrap(), ["default"]);
    }
    let end = local(&b).open("default").await.unwrap().read().await.unwrap();
    assert_eq!((end.serial, end.lineage), (stored.serial, stored.lineage));
    assert_eq!(end.outputs, content.outputs);
    assert!(place.keys().await.iter().all(|k| !k.ends_with(".tflock")));
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], Question::Copy { from: "local", to: "s3" });
    assert_eq!(asked.len(), 3);
}
