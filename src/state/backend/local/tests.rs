#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

use super::*;
use crate::state::model::ObjectState;
use std::process::{Command, Stdio};

fn backend(dir: &Path) -> LocalBackend {
    LocalBackend::new(dir, LocalPaths::default())
}

async fn store(dir: &Path) -> Arc<dyn StateStore> {
    backend(dir).open("default").await.unwrap()
}

fn with_role(name: &str) -> State {
    let mut state = State::default();
    let address = format!("aws_iam_role.{name}").parse().unwrap();
    let provider = "provider[\"registry.terraform.io/hashicorp/aws\"]".parse().unwrap();
    state.set_current(
        &address,
        &provider,
        Some(ObjectState { attributes: serde_json::json!({}), ..ObjectState::default() }),
    );
    state
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_first_snapshot_gets_a_lineage_and_serial_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    assert!(store.read().await.unwrap().is_empty());
    let snapshot = store.persist(&with_role("a")).await.unwrap();
    assert_eq!(snapshot.serial, 1);
    assert_eq!(snapshot.lineage.len(), 36);
    let file = json(&dir.path().join(STATE_FILE));
    assert_eq!(file["terraform_version"], "1.11.4");
    assert_eq!(file["lineage"].as_str(), Some(snapshot.lineage.as_str()));
    assert!(!dir.path().join("terraform.tfstate.backup").exists());
}

#[tokio::test]
async fn equal_content_is_not_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let first = store.persist(&with_role("a")).await.unwrap();
    assert_eq!(store.persist(&with_role("a")).await.unwrap(), first);
    assert_eq!(store.persist(&with_role("b")).await.unwrap().serial, 2);
}

#[tokio::test]
async fn the_backup_is_what_stood_before_the_run() {
    let dir = tempfile::tempdir().unwrap();
    store(dir.path()).await.persist(&with_role("a")).await.unwrap();
    let before = std::fs::read(dir.path().join(STATE_FILE)).unwrap();
    let second = store(dir.path()).await;
    second.persist(&with_role("b")).await.unwrap();
    second.persist(&with_role("c")).await.unwrap();
    assert_eq!(std::fs::read(dir.path().join("terraform.tfstate.backup")).unwrap(), before);
}

#[tokio::test]
async fn paths_of_the_command_line_are_honoured() {
    let dir = tempfile::tempdir().unwrap();
    store(dir.path()).await.persist(&with_role("a")).await.unwrap();
    let paths = LocalPaths {
        state: Some(dir.path().join(STATE_FILE)),
        out: Some(dir.path().join("out.tfstate")),
        backup: Backup::Off,
    };
    let store = LocalBackend::new(dir.path(), paths).open("default").await.unwrap();
    assert_eq!(store.read().await.unwrap().resources.len(), 1);
    // Unchanged content is written all the same, because it is written elsewhere; the serial stays.
    assert_eq!(store.persist(&with_role("a")).await.unwrap().serial, 1);
    assert_eq!(store.persist(&with_role("b")).await.unwrap().serial, 2);
    assert_eq!(json(&dir.path().join("out.tfstate"))["serial"], 2);
    assert_eq!(json(&dir.path().join(STATE_FILE))["serial"], 1);
}

#[tokio::test]
async fn workspaces_have_their_own_folders() {
    let dir = tempfile::tempdir().unwrap();
    let backend = backend(dir.path());
    backend.create_workspace("blue").await.unwrap();
    backend.create_workspace("amber").await.unwrap();
    backend.open("blue").await.unwrap().persist(&with_role("a")).await.unwrap();
    assert!(dir.path().join("terraform.tfstate.d/blue/terraform.tfstate").exists());
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "amber", "blue"]);
    backend.delete_workspace("blue").await.unwrap();
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "amber"]);
    assert!(backend.delete_workspace("default").await.is_err());
    assert!(backend.open("../x").await.is_err());
}

#[tokio::test]
async fn a_corrupt_state_is_reported_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(STATE_FILE);
    std::fs::write(&path, "{broken").unwrap();
    let store = store(dir.path()).await;
    assert!(store.read().await.is_err());
    assert!(store.persist(&with_role("a")).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{broken");
}

#[tokio::test]
async fn state_push_rules_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let now = store.persist(&with_role("a")).await.unwrap();
    let other = State { lineage: "other".into(), serial: 9, ..with_role("b") };
    assert!(store.replace(&other, false).await.is_err());
    let newer = State { lineage: now.lineage, serial: 7, ..with_role("b") };
    store.replace(&newer, false).await.unwrap();
    assert_eq!(json(&dir.path().join(STATE_FILE))["serial"], 7);
    store.replace(&other, true).await.unwrap();
    assert_eq!(json(&dir.path().join(STATE_FILE))["lineage"], "other");
}

/// POSIX locks are the process's own, so a second holder must be another process.
fn other_process_holds(path: &Path) -> std::process::Child {
    let script = "import fcntl,sys,time\nf=open(sys.argv[1],'r+')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    child
}

#[tokio::test]
async fn a_held_lock_is_told_with_its_holder_and_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(STATE_FILE);
    std::fs::write(&path, "").unwrap();
    let info = LockInfo { who: "someone@there".into(), id: "the-id".into(), ..LockInfo::default() };
    std::fs::write(info_path(&path), info.to_json()).unwrap();
    let mut holder = other_process_holds(&path);
    let store = store(dir.path()).await;
    let error = store.lock("OperationTypePlan", Duration::ZERO, &|_| {}).await.unwrap_err();
    let error = error.iter().next().unwrap();
    assert_eq!(error.summary, "Error acquiring the state lock");
    assert!(error.detail.contains("someone@there") && error.detail.contains("the-id"), "{}", error.detail);
    assert!(store.force_unlock("the-id").await.is_err());
    drop(holder.stdin.take());
    store.lock("OperationTypePlan", Duration::from_secs(20), &|_| {}).await.unwrap();
    holder.wait().unwrap();
}

#[tokio::test]
async fn a_lock_left_behind_is_removed_only_with_its_id_or_when_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(STATE_FILE);
    std::fs::write(&path, "").unwrap();
    let info = LockInfo { id: "the-id".into(), ..LockInfo::default() };
    std::fs::write(info_path(&path), info.to_json()).unwrap();
    let store = store(dir.path()).await;
    assert!(store.force_unlock("other").await.is_err());
    store.force_unlock("the-id").await.unwrap();
    assert!(store.force_unlock("the-id").await.is_err());
    std::fs::write(info_path(&path), "").unwrap();
    assert!(store.current_lock().await.is_err());
    store.force_unlock("whatever").await.unwrap();
    assert!(!info_path(&path).exists());
}

#[tokio::test]
async fn the_lock_survives_writes_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(STATE_FILE);
    let store = store(dir.path()).await;
    store.lock("OperationTypeApply", Duration::ZERO, &|_| {}).await.unwrap();
    for name in ["a", "b", "c"] {
        store.persist(&with_role(name)).await.unwrap();
        assert_eq!(store.read().await.unwrap().resources, with_role(name).resources);
        let probe = "import fcntl,sys\nf=open(sys.argv[1],'r+')\ntry:\n fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB)\nexcept OSError:\n sys.exit(7)";
        let status = Command::new("python3").args(["-c", probe]).arg(&path).status().unwrap();
        assert_eq!(status.code(), Some(7), "lock lost after writing {name}");
    }
    assert!(info_path(&path).exists());
    store.unlock().await.unwrap();
    let mut names: Vec<String> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["terraform.tfstate"]);
}

#[tokio::test]
async fn a_lock_without_a_write_leaves_no_empty_state() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    store.lock("OperationTypePlan", Duration::ZERO, &|_| {}).await.unwrap();
    assert!(store.read().await.unwrap().is_empty());
    drop(store);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_folder_without_write_permission_still_takes_a_write_in_place() {
    if rustix::process::getuid().is_root() {
        eprintln!("skipped: permissions do not bind root");
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(STATE_FILE), "").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let result = store(dir.path()).await.persist(&with_role("a")).await;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    result.unwrap();
}

/// Terraform itself must be kept out while we hold the lock, must find our state whole, and must keep us out.
#[tokio::test]
async fn terraform_and_this_program_keep_each_other_out() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("main.tf"), "resource \"terraform_data\" \"a\" {\n  input = \"<x>\"\n}\n").unwrap();
    let terraform = |args: &[&str]| {
        let output = Command::new("terraform")
            .args(args)
            .current_dir(dir.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("TF_IN_AUTOMATION", "1")
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(terraform(&["init", "-no-color"]).0);
    assert!(terraform(&["apply", "-auto-approve", "-no-color"]).0);
    let path = dir.path().join(STATE_FILE);
    let theirs = std::fs::read_to_string(&path).unwrap();
    let store = store(dir.path()).await;
    store.lock("OperationTypeApply", Duration::ZERO, &|_| {}).await.unwrap();
    let mut state = store.read().await.unwrap();
    state.outputs.clear();
    assert_eq!(codec::write(&state), theirs);
    let (ok, message) = terraform(&["plan", "-no-color"]);
    assert!(
        !ok && message.contains("Error acquiring the state lock") && message.contains("OperationTypeApply"),
        "{message}"
    );
    for instance in state.resources.values_mut().flat_map(|r| r.instances.values_mut()) {
        std::sync::Arc::make_mut(instance.current.as_mut().unwrap()).private = b"x".to_vec();
    }
    store.persist(&state).await.unwrap();
    assert!(!terraform(&["plan", "-no-color"]).0);
    store.unlock().await.unwrap();
    let (ok, message) = terraform(&["plan", "-detailed-exitcode", "-no-color"]);
    assert!(ok, "{message}");
    let (ok, message) = terraform(&["state", "mv", "terraform_data.a", "terraform_data.b"]);
    assert!(ok, "{message}");
    assert_eq!(
        json(&path)["serial"],
        json(&dir.path().join("terraform.tfstate.backup"))["serial"].as_u64().unwrap_or(0).max(3)
    );
}
