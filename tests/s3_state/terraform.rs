//! Terraform's S3 backend on the other side: states, locks, workspaces and the initialised folder are shared.

use crate::fixture::{Place, block, open, place_with_terraform, set, words};
use pipewright::lang::value::Value;
use pipewright::state::backend::selection::{self, Selected};
use pipewright::state::store::{Backend, StateStore};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const NOW: Duration = Duration::ZERO;

const CONFIG: &str = "variable \"v\" { default = \"one\" }\nresource \"terraform_data\" \"x\" { input = var.v }\noutput \"o\" { value = var.v }\n";

fn terraform(dir: &Path) -> Command {
    let mut command = Command::new("terraform");
    command.current_dir(dir).env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1").env_remove("TF_WORKSPACE");
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    terraform(dir).args(args).stdin(Stdio::null()).output().unwrap()
}

fn good(dir: &Path, args: &[&str]) -> String {
    let out = run(dir, args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn write(place: &Place, text: &str) {
    std::fs::write(place.dir.path().join("main.tf"), format!("terraform {{\n{text}\n}}\n{CONFIG}")).unwrap();
}

/// The folder initialised by Terraform, and the backend as this program finds it there.
fn initialised(place: &Place) -> Arc<dyn Backend> {
    let text = place.block("use_lockfile = true");
    write(place, &text);
    good(place.dir.path(), &["init", "-input=false", "-no-color"]);
    let found = selection::current(Some(&block(&text)), &place.dir.path().join(".terraform")).unwrap().unwrap();
    open(&found, place.dir.path())
}

async fn default(backend: &Arc<dyn Backend>) -> Arc<dyn StateStore> {
    backend.open("default").await.unwrap()
}

#[tokio::test]
async fn a_state_goes_from_terraform_to_this_program_and_back() {
    let Some(place) = place_with_terraform().await else { return };
    let backend = initialised(&place);
    let dir = place.dir.path();
    good(dir, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    let before = place.text("a/b.tfstate").await;
    let store = default(&backend).await;
    let mut state = store.read().await.unwrap();
    assert_eq!(state.outputs["o"].value, Value::string("one"));
    assert_eq!(state.resources.len(), 1);
    // Unchanged content is not written, and changed content differs only where it changed.
    store.persist(&state).await.unwrap();
    assert_eq!(place.text("a/b.tfstate").await, before);
    set(&mut state, "two");
    let snapshot = store.persist(&state).await.unwrap();
    let next = format!("\"serial\": {}", snapshot.serial);
    let after = before.replace(&format!("\"serial\": {}", snapshot.serial - 1), &next);
    assert_eq!(place.text("a/b.tfstate").await, after.replacen("\"value\": \"one\"", "\"value\": \"two\"", 1));
    assert_eq!(good(dir, &["output", "-raw", "o"]), "two");
    good(dir, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    let end = default(&backend).await.read().await.unwrap();
    assert_eq!((end.serial, end.lineage), (snapshot.serial + 1, snapshot.lineage));
}

#[tokio::test]
async fn terraform_respects_this_programs_lock() {
    let Some(place) = place_with_terraform().await else { return };
    let backend = initialised(&place);
    let store = default(&backend).await;
    store.lock("OperationTypeApply", NOW, &|_| {}).await.unwrap();
    let info = store.current_lock().await.unwrap().unwrap();
    let out = run(place.dir.path(), &["plan", "-input=false", "-no-color"]);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && text.contains("Error acquiring the state lock"), "{text}");
    assert!(text.contains(&info.id) && text.contains(&info.who) && text.contains("OperationTypeApply"), "{text}");
    good(place.dir.path(), &["force-unlock", "-force", &info.id]);
    assert!(store.current_lock().await.unwrap().is_none());
    good(place.dir.path(), &["plan", "-input=false", "-no-color"]);
}

/// A Terraform that holds the lock while it waits for a yes.
struct Waiting(Child);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn this_program_respects_terraforms_lock() {
    let Some(place) = place_with_terraform().await else { return };
    let backend = initialised(&place);
    let child =
        terraform(place.dir.path()).args(["apply", "-no-color"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let mut child = Waiting(child.unwrap());
    let store = default(&backend).await;
    let end = Instant::now() + Duration::from_secs(60);
    let info = loop {
        if let Some(info) = store.current_lock().await.unwrap() {
            break info;
        }
        assert!(Instant::now() < end, "terraform never took the lock");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(info.operation, "OperationTypeApply");
    let error = words(&store.lock("OperationTypePlan", NOW, &|_| {}).await.unwrap_err());
    assert!(error.contains(&info.id) && error.contains(&info.who), "{error}");
    child.0.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    store.lock("OperationTypePlan", Duration::from_secs(60), &|_| {}).await.unwrap();
    assert_eq!(store.read().await.unwrap().outputs["o"].value, Value::string("one"));
    store.unlock().await.unwrap();
    assert!(child.0.wait().unwrap().success());
}

#[tokio::test]
async fn workspaces_are_shared() {
    let Some(place) = place_with_terraform().await else { return };
    let backend = initialised(&place);
    let dir = place.dir.path();
    good(dir, &["workspace", "new", "-no-color", "theirs"]);
    backend.create_workspace("ours").await.unwrap();
    assert_eq!(backend.workspaces().await.unwrap(), ["default", "ours", "theirs"]);
    let listed = good(dir, &["workspace", "list", "-no-color"]);
    let names: Vec<&str> = listed.split_whitespace().filter(|w| *w != "*").collect();
    assert_eq!(names, ["default", "ours", "theirs"]);
    good(dir, &["workspace", "select", "-no-color", "ours"]);
    good(dir, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    assert!(!backend.open("ours").await.unwrap().read().await.unwrap().is_empty());
}

#[tokio::test]
async fn terraform_finds_a_folder_initialised_that_this_program_initialised() {
    let Some(place) = place_with_terraform().await else { return };
    let dir = place.dir.path();
    let text = place.block("use_lockfile = true");
    write(&place, &text);
    assert!(!run(dir, &["plan", "-input=false", "-no-color"]).status.success());
    selection::remember(&dir.join(".terraform"), Some(&Selected::of_block(&block(&text), &[]).unwrap())).unwrap();
    good(dir, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    assert!(place.text("a/b.tfstate").await.contains("terraform_data"));
}
