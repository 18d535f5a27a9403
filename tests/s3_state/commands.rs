//! The program itself: `init` and moving states, what other commands say before it, locks, and a state that cannot be stored.

use crate::fixture::{Place, place};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RESOURCE: &str =
    "resource \"terraform_data\" \"x\" { input = \"1\" }\noutput \"o\" { value = terraform_data.x.output }\n";

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright"));
    command.current_dir(dir).args(args).env_remove("TF_WORKSPACE").env_remove("TF_DATA_DIR").env_remove("TF_INPUT");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(child: Child) -> (i32, String) {
    let out = child.wait_with_output().unwrap();
    let text = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn run(place: &Place, args: &[&str]) -> (i32, String) {
    ended(command(place.dir.path(), args).spawn().unwrap())
}

fn good(place: &Place, args: &[&str]) -> String {
    let (code, text) = run(place, args);
    assert_eq!(code, 0, "{args:?}: {text}");
    text
}

fn bad(place: &Place, args: &[&str]) -> String {
    let (code, text) = run(place, args);
    assert_eq!(code, 1, "{args:?}: {text}");
    text
}

fn configure(place: &Place, backend: &str) {
    let text = format!("terraform {{\n{backend}\n}}\n{RESOURCE}");
    std::fs::write(place.dir.path().join("main.tf"), text).unwrap();
}

fn file(place: &Place, name: &str) -> std::path::PathBuf {
    place.dir.path().join(name)
}

#[tokio::test]
async fn init_moves_a_state_to_s3_within_it_and_back() {
    let Some(place) = place().await else { return };
    configure(&place, "");
    good(&place, &["apply", "-auto-approve"]);
    let block = place.block("use_lockfile = true");
    configure(&place, &block);
    assert!(bad(&place, &["plan"]).contains("Initial configuration of the requested backend \"s3\""));
    assert!(bad(&place, &["init", "-input=false"]).contains("-force-copy"));
    assert!(place.keys().await.is_empty());
    good(&place, &["init", "-force-copy"]);
    assert_eq!(place.keys().await, ["a/b.tfstate"]);
    assert!(!file(&place, "terraform.tfstate").exists() && file(&place, "terraform.tfstate.backup").exists());
    good(&place, &["plan", "-detailed-exitcode"]);

    configure(&place, &block.replace("a/b", "c/d"));
    assert!(bad(&place, &["plan"]).contains("Backend configuration block has changed (`key`)"));
    assert!(bad(&place, &["init"]).contains("Backend configuration changed"));
    let mut child = command(place.dir.path(), &["init", "-migrate-state"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let (code, text) = ended(child);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Do you want to copy existing state"), "{text}");
    assert_eq!(place.text("c/d.tfstate").await, place.text("a/b.tfstate").await);

    configure(&place, "");
    assert!(bad(&place, &["plan"]).contains("Unsetting the previously set backend \"s3\""));
    assert!(good(&place, &["init", "-migrate-state", "-force-copy"]).contains("Successfully unset the backend \"s3\""));
    good(&place, &["plan", "-detailed-exitcode"]);
}

#[tokio::test]
async fn init_takes_the_settings_of_the_command_line_and_remembers_them() {
    let Some(place) = place().await else { return };
    configure(&place, "backend \"s3\" {\n use_path_style = true\n}");
    assert!(bad(&place, &["init"]).contains("The attribute \"bucket\" is required by the backend."));
    let file = file(&place, "s.tfbackend");
    std::fs::write(&file, format!("bucket = \"{}\"\n", place.bucket)).unwrap();
    let key = "-backend-config=key=k.tfstate";
    assert!(bad(&place, &["init", key, "-backend-config=bucket=no-such-bucket-here"]).contains("does not exist"));
    assert!(bad(&place, &["init", key, "-backend-config=buckte=x"]).contains("Did you mean \"bucket\"?"));
    good(&place, &["init", key, "-backend-config=s.tfbackend"]);
    good(&place, &["apply", "-auto-approve"]);
    assert_eq!(place.keys().await, ["k.tfstate"]);
    good(&place, &["init"]);
    assert_eq!(good(&place, &["output", "-raw", "o"]), "1");
}

#[tokio::test]
async fn workspaces_are_created_selected_and_deleted() {
    let Some(place) = place().await else { return };
    configure(&place, &place.block("use_lockfile = true"));
    good(&place, &["init"]);
    good(&place, &["workspace", "new", "blue"]);
    good(&place, &["apply", "-auto-approve"]);
    assert_eq!(place.keys().await, ["env:/blue/a/b.tfstate"]);
    good(&place, &["workspace", "select", "default"]);
    assert!(bad(&place, &["workspace", "delete", "blue"]).contains("not empty"));
    good(&place, &["workspace", "delete", "-force", "blue"]);
    assert!(place.keys().await.is_empty());
}

#[tokio::test]
async fn an_unreadable_lock_is_shown_and_removed_by_force() {
    let Some(place) = place().await else { return };
    configure(&place, &place.block("use_lockfile = true"));
    good(&place, &["init"]);
    place.put("a/b.tfstate.tflock", "").await;
    let text = bad(&place, &["plan"]);
    assert!(text.contains("Error acquiring the state lock") && text.contains("0 bytes"), "{text}");
    let text = good(&place, &["force-unlock", "-force", "unreadable"]);
    assert!(text.contains("a/b.tfstate.tflock") && text.contains("last modified"), "{text}");
    good(&place, &["plan"]);
}

/// Waits for a file.
fn await_file(path: &Path) {
    let end = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < end, "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_stored_is_written_to_errored_tfstate() {
    let Some(place) = place().await else { return };
    configure(&place, &place.block(""));
    good(&place, &["init"]);
    good(&place, &["apply", "-auto-approve"]);
    // While the next run works, someone else writes the state.
    let slow = "resource \"terraform_data\" \"slow\" {\n  provisioner \"local-exec\" {\n    command = \"touch started; while [ ! -e go ]; do \
                sleep 0.1; done\"\n  }\n}\nresource \"terraform_data\" \"last\" {\n  depends_on = [terraform_data.slow]\n}\n";
    std::fs::write(file(&place, "slow.tf"), slow).unwrap();
    let child = command(place.dir.path(), &["apply", "-auto-approve"]).spawn().unwrap();
    await_file(&file(&place, "started"));
    let mut theirs: serde_json::Value = serde_json::from_str(&place.text("a/b.tfstate").await).unwrap();
    theirs["serial"] = 7.into();
    let theirs = theirs.to_string();
    place.put("a/b.tfstate", &theirs).await;
    std::fs::write(file(&place, "go"), "").unwrap();
    let (code, text) = ended(child);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("The state was changed by someone else") && text.contains("errored.tfstate"), "{text}");
    assert_eq!(place.text("a/b.tfstate").await, theirs);
    let saved = std::fs::read_to_string(file(&place, "errored.tfstate")).unwrap();
    assert!(saved.contains("\"last\""), "{saved}");
    assert!(bad(&place, &["state", "push", "errored.tfstate"]).contains("serial 7"));
    good(&place, &["state", "push", "-force", "errored.tfstate"]);
    good(&place, &["plan", "-detailed-exitcode"]);
}
