//! States that cannot be used as they are: newer, corrupt, locked.

use crate::harness::{Folder, is_json, wait};

const GOOD: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";
const SLOW: &str = "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"touch started; sleep 3\"\n  }\n}\n";

/// No command that reads the state may succeed with it or change its bytes.
#[track_caller]
fn refused(text: &str, says: &[&str]) {
    let folder = Folder::new(GOOD);
    folder.write("terraform.tfstate", text);
    for command in [
        &["plan"][..],
        &["apply", "-auto-approve"],
        &["destroy", "-auto-approve"],
        &["state", "list"],
        &["output"],
        &["show"],
        &["state", "rm", "terraform_data.a"],
    ] {
        folder.fails(command).says(says);
        assert_eq!(folder.read("terraform.tfstate"), text, "{command:?}");
    }
}

#[test]
fn a_state_of_a_newer_version_is_refused_with_both_versions() {
    let text = "{\"version\": 5, \"terraform_version\": \"9.0.0\", \"serial\": 1, \"lineage\": \"x\", \"outputs\": {}, \"resources\": []}";
    refused(text, &["terraform.tfstate", "version 5", "4"]);
}

#[test]
fn a_corrupt_state_is_refused_with_the_place_of_the_damage() {
    refused("{\"version\": 4, \"serial\": 1,\n \"resources\": [{]}", &["terraform.tfstate", "line 2"]);
}

#[test]
fn a_held_lock_is_told_with_its_holder_and_stays_valid() {
    let folder = Folder::new(SLOW);
    let first = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    let lock = folder.path(".terraform.tfstate.lock.info");
    let info: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&lock).unwrap()).unwrap();
    let id = info["ID"].as_str().unwrap();
    for command in [&["plan"][..], &["apply", "-auto-approve"], &["state", "rm", "terraform_data.a"]] {
        folder.fails(command).says(&["Error acquiring the state lock", id, "OperationTypeApply", "force-unlock"]);
    }
    assert!(is_json(&lock));
    assert_eq!(first.end().code, Some(0));
    assert!(!lock.exists());
    assert_eq!(folder.managed(), ["terraform_data.a"]);
}

#[test]
fn a_held_lock_is_waited_for_when_asked() {
    let folder = Folder::new(SLOW);
    let first = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    folder
        .ok(&["plan", "-lock-timeout=30s", "-detailed-exitcode"])
        .shows(&["Waiting for the state lock", "No changes"]);
    assert_eq!(first.end().code, Some(0));
}

#[test]
fn a_lock_left_by_a_dead_run_is_removed_by_force_unlock_with_its_id() {
    let folder = Folder::new(SLOW);
    let run = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    let lock = folder.path(".terraform.tfstate.lock.info");
    let info: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&lock).unwrap()).unwrap();
    run.kill();
    folder.fails(&["force-unlock", "-force", "other-id"]);
    if lock.exists() {
        let ran = folder.run(&["force-unlock", "-force", info["ID"].as_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        wait("the lock to go", || !lock.exists());
    }
    assert_eq!(folder.run(&["plan"]).code, Some(0));
}
