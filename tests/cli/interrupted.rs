//! Applies that fail, are interrupted or die: what succeeded is saved, the rest is done by the next run, nothing is done twice.

use crate::harness::{Folder, on_emulator, wait};

fn instance(folder: &Folder, name: &str) -> serde_json::Value {
    let state = folder.state();
    let list = state["resources"].as_array().unwrap().clone();
    list.into_iter().find(|r| r["name"] == name).map_or(serde_json::Value::Null, |r| r["instances"][0].clone())
}

#[test]
fn a_failure_stops_only_what_depends_on_it() {
    let folder = Folder::new(
        r#"
resource "terraform_data" "bad" {
  provisioner "local-exec" {
    command = "exit 7"
  }
}

resource "terraform_data" "after_bad" {
  input = terraform_data.bad.id
}

resource "terraform_data" "other" {}

resource "terraform_data" "after_other" {
  input = terraform_data.other.id
}
"#,
    );
    folder.fails(&["apply", "-auto-approve"]).says(&["terraform_data.bad", "exit", "7"]);
    assert_eq!(folder.managed(), ["terraform_data.after_other", "terraform_data.bad", "terraform_data.other"]);
    assert_eq!(instance(&folder, "bad")["status"], "tainted");
    assert!(!folder.path(".terraform.tfstate.lock.info").exists());
    folder
        .ok(&["plan"])
        .shows(&["terraform_data.bad is tainted, so it must be replaced", "2 to add, 0 to change, 1 to destroy"]);
}

const SLOW: &str = r#"
resource "terraform_data" "first" {
  provisioner "local-exec" {
    command = "echo run >> first; touch started; sleep 2"
  }
}

resource "terraform_data" "second" {
  input = terraform_data.first.id
}
"#;

#[test]
fn an_interrupt_lets_running_work_finish_and_saves_it() {
    let folder = Folder::new(SLOW);
    let run = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    run.interrupt();
    let ran = run.end();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&["Interrupt received"]);
    assert_eq!(folder.managed(), ["terraform_data.first"]);
    assert!(instance(&folder, "first")["status"].is_null(), "it was finished: {}", folder.state());
    assert!(!folder.path(".terraform.tfstate.lock.info").exists());
    folder.apply().shows(&["Resources: 1 added, 0 changed, 0 destroyed."]);
    assert_eq!(folder.read("first"), "run\n");
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn a_second_interrupt_stops_at_once() {
    let folder = Folder::new(&SLOW.replace("sleep 2", "sleep 20"));
    let begin = std::time::Instant::now();
    let run = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    run.interrupt();
    std::thread::sleep(std::time::Duration::from_millis(500));
    run.interrupt();
    assert_eq!(run.end().code, Some(1));
    assert!(begin.elapsed() < std::time::Duration::from_secs(15));
    assert_eq!(folder.run(&["state", "list"]).code, Some(0));
}

#[test]
fn after_a_kill_the_next_run_goes_on_without_help() {
    let folder = Folder::new(SLOW);
    let run = folder.start(&["apply", "-auto-approve"]);
    folder.wait_for("started");
    run.kill();
    folder.apply();
    assert_eq!(folder.managed(), ["terraform_data.first", "terraform_data.second"]);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
    assert!(!folder.path(".terraform.tfstate.journal").exists());
}

const ROLE: &str = r#"
resource "aws_iam_role" "r" {
  name               = "made-once"
  description        = "of an interrupted run"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}

resource "aws_s3_bucket" "b" {
  bucket = "made-once-ACCOUNT"
}
"#;

/// A folder whose objects exist at AWS, with the state and journal a run leaves that died before it could save them.
fn died_while_creating() -> Option<Folder> {
    let (folder, account) = on_emulator(ROLE)?;
    folder.write("main.tf", &ROLE.replace("ACCOUNT", &account));
    folder.apply();
    let state = folder.state();
    let mut journal = String::new();
    for (number, resource) in state["resources"].as_array().unwrap().iter().enumerate() {
        let attributes = &resource["instances"][0]["attributes"];
        let mut planned = serde_json::Map::new();
        for name in ["id", "name", "bucket", "description", "assume_role_policy"] {
            if !attributes[name].is_null() {
                planned.insert(name.into(), attributes[name].clone());
            }
        }
        let entry = serde_json::json!({
            "event": "begin", "id": number, "address": format!("{}.{}", resource["type"].as_str()?, resource["name"].as_str()?),
            "provider": resource["provider"], "action": "create", "schema_version": 0, "planned": planned,
            "started": "2026-01-02T03:04:05Z",
        });
        journal += &format!("{entry}\n");
    }
    std::fs::remove_file(folder.path("terraform.tfstate")).unwrap();
    let _ = std::fs::remove_file(folder.path("terraform.tfstate.backup"));
    folder.write(".terraform.tfstate.journal", &journal);
    Some(folder)
}

#[test]
fn what_a_dead_run_created_is_taken_over() {
    let Some(folder) = died_while_creating() else { return };
    folder.apply().shows(&[
        "aws_iam_role.r: Taken over from an interrupted run that had created it [id=made-once]",
        "aws_s3_bucket.b: Taken over",
        "0 added",
    ]);
    assert_eq!(folder.managed(), ["aws_iam_role.r", "aws_s3_bucket.b"]);
    assert!(!folder.path(".terraform.tfstate.journal").exists());
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn destroy_takes_over_what_a_dead_run_created_and_deletes_it() {
    let Some(folder) = died_while_creating() else { return };
    folder.ok(&["destroy", "-auto-approve"]).shows(&["2 destroyed"]);
    assert!(folder.managed().is_empty());
}

#[test]
fn a_foreign_object_of_the_same_name_is_not_taken_over() {
    let Some(folder) = died_while_creating() else { return };
    let journal = folder.read(".terraform.tfstate.journal");
    folder.write(".terraform.tfstate.journal", &journal.replace("of an interrupted run", "something else"));
    folder.ok(&["plan"]).says(&[
        "An object of the same name exists",
        "description",
        "pipewright import 'aws_iam_role.r' made-once",
    ]);
    assert_eq!(folder.managed(), ["aws_s3_bucket.b"]);
}

#[test]
fn a_journal_is_left_alone_without_the_lock() {
    let Some(folder) = died_while_creating() else { return };
    let journal = folder.read(".terraform.tfstate.journal");
    folder.ok(&["plan", "-lock=false"]);
    assert_eq!(folder.read(".terraform.tfstate.journal"), journal);
}

#[test]
fn killed_between_creation_and_answer_the_object_is_taken_over() {
    let Some((folder, account)) = on_emulator(ROLE) else { return };
    folder.write("main.tf", &ROLE.replace("ACCOUNT", &account));
    // The read after the creation waits: the role exists by then, and no state knows it.
    crate::harness::fault(&serde_json::json!({
        "account": account, "service": "iam", "operation": "GetRole", "delay_ms": 8000, "times": 1,
    }));
    let run = folder.start(&["apply", "-auto-approve"]);
    wait("the intent", || folder.read(".terraform.tfstate.journal").contains("aws_iam_role.r"));
    std::thread::sleep(std::time::Duration::from_secs(4));
    run.kill();
    assert!(folder.read(".terraform.tfstate.journal").contains("aws_iam_role.r"));
    folder.apply().shows(&["aws_iam_role.r: Taken over"]);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn a_replacement_that_a_dead_run_created_first_is_taken_over_and_the_old_object_goes() {
    let text = ROLE
        .split("resource \"aws_s3_bucket\"")
        .next()
        .unwrap()
        .replace("  description", "  lifecycle {\n    create_before_destroy = true\n  }\n  description");
    let Some((folder, _)) = on_emulator(&text) else { return };
    folder.apply();
    let renamed = text.replace("made-once", "made-instead");
    folder.write("main.tf", &renamed);
    folder.write("other/main.tf", &renamed);
    folder.ok(&["-chdir=other", "apply", "-auto-approve"]);
    let provider = folder.state()["resources"][0]["provider"].clone();
    let entry = serde_json::json!({
        "event": "begin", "id": 0, "address": "aws_iam_role.r", "provider": provider, "action": "create", "schema_version": 0,
        "planned": { "id": "made-instead", "name": "made-instead", "force_detach_policies": false, "tags_all": {} }, "started": "2026-01-02T03:04:05Z",
    });
    folder.write(".terraform.tfstate.journal", &format!("{entry}\n"));
    folder.apply().shows(&["aws_iam_role.r: Taken over", "Resources: 0 added, 0 changed, 1 destroyed."]);
    assert_eq!(instance(&folder, "r")["attributes"]["name"], "made-instead");
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}
