//! What is said around a run: objects that are let go, a refresh, targets, places within a message, commands that are not there.

use crate::harness::Folder;

const TWO: &str =
    "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n\nresource \"terraform_data\" \"b\" {\n  count = 2\n}\n";

#[test]
fn objects_that_are_let_go_are_named_before_it_happens() {
    let folder = Folder::new(TWO);
    folder.apply();
    let removed = |name: &str| {
        format!("removed {{\n  from = terraform_data.{name}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n")
    };
    folder.write("main.tf", &(removed("a") + &removed("b")));
    let planned = folder.ok(&["plan"]);
    planned
        .shows(&[
            "# terraform_data.a will no longer be managed by Pipewright, but will not be destroyed",
            "# (destroy = false is set in the configuration)",
            "Plan: 0 to add, 0 to change, 0 to destroy.",
        ])
        .says(&[
            "Some objects will no longer be managed by Pipewright",
            "- terraform_data.a",
            "- terraform_data.b[0]",
            "- terraform_data.b[1]",
            "it will not delete them",
        ]);
    let applied = folder.ok(&["apply", "-auto-approve", "-json"]);
    assert!(
        applied.out.contains("\"summary\":\"Some objects will no longer be managed by Pipewright\""),
        "{applied:?}"
    );
    assert!(folder.managed().is_empty());
    let again = folder.ok(&["plan"]);
    assert!(!(again.err + &again.out).contains("no longer be managed"), "only while there is something to let go");
}

#[test]
fn a_refresh_tells_of_nothing_but_the_outputs() {
    let folder = Folder::new(&format!("{TWO}output \"o\" {{\n  value = terraform_data.a.output\n}}\n"));
    let empty = folder.ok(&["refresh"]);
    empty.says(&["Empty or non-existent state", "there is nothing to refresh"]);
    assert!(!empty.out.contains("Apply complete"), "{empty:?}");
    folder.apply();
    let refreshed = folder.ok(&["refresh"]);
    refreshed.shows(&["terraform_data.a: Refreshing state...", "Outputs: o = 1"]);
    assert!(!refreshed.out.contains("complete!") && !refreshed.out.contains("No changes"), "{refreshed:?}");
    let stream = folder.ok(&["refresh", "-json"]).out;
    assert!(!stream.contains("change_summary"), "{stream}");
    assert!(stream.lines().last().unwrap().contains("\"type\":\"outputs\""), "{stream}");
    folder.ok(&["apply", "-refresh-only", "-auto-approve"]).shows(&["Apply complete! Resources: 0 added"]);
}

#[test]
fn who_applies_a_part_is_told_that_more_may_be_pending() {
    let folder = Folder::new(TWO);
    folder
        .ok(&["apply", "-auto-approve", "-target=terraform_data.b[1]"])
        .says(&["Applied changes may be incomplete", "pipewright plan"]);
    let whole = folder.ok(&["apply", "-auto-approve"]);
    assert!(!whole.err.contains("incomplete"), "{whole:?}");
}

#[test]
fn outputs_under_a_target_are_those_of_what_exists() {
    let outputs = "output \"all\" {\n  value = terraform_data.a[*].output\n}\noutput \"zero\" {\n  value = terraform_data.a[0].output\n}\n\
                   output \"two\" {\n  value = terraform_data.a[2].output\n}\n";
    let folder = Folder::new(&format!(
        "resource \"terraform_data\" \"a\" {{\n  count = 3\n  input = count.index\n}}\n{outputs}"
    ));
    folder.ok(&["apply", "-auto-approve", "-target=terraform_data.a[1]"]);
    let read = |name: &str| folder.state()["outputs"][name]["value"].clone();
    assert_eq!(read("all"), serde_json::json!([null, 1]));
    assert_eq!((read("zero"), read("two")), (serde_json::Value::Null, serde_json::Value::Null));
    folder.ok(&["apply", "-auto-approve"]);
    assert_eq!(read("all"), serde_json::json!([0, 1, 2]));
    assert_eq!(read("two"), serde_json::json!(2));
}

#[test]
fn where_nothing_succeeded_each_place_is_named() {
    let folder = Folder::new(
        "locals {\n  m = { a = 1 }\n}\noutput \"o\" {\n  value = try(local.m.b, tonumber(\"x\"),\n    [][0])\n}\n",
    );
    folder.fails(&["validate"]).says(&["(at main.tf:5,22-24)", "(at main.tf:5,35-38)", "(at main.tf:6,7-10)"]);
}

#[test]
fn commands_that_are_not_there_say_what_serves_instead() {
    let folder = Folder::new(TWO);
    for (args, instead) in [
        (&["test", "-filter=x.tftest.hcl", "-json"][..], "terraform test"),
        (&["login", "app.terraform.io"], "TF_TOKEN_"),
        (&["logout"], "TF_TOKEN_"),
        (&["stacks", "init"], "modules"),
    ] {
        folder.fails(args).says(&["Error: ", instead]);
    }
    let help = folder.ok(&["-help"]).out;
    assert!(!help.contains("login"), "{help}");
}

#[test]
fn the_lock_file_of_providers_is_left_as_it_is() {
    let aws = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n";
    let folder = Folder::new(aws);
    folder.ok(&["init", "-lockfile=readonly"]);
    assert!(!folder.path(".terraform.lock.hcl").exists(), "there is nothing to lock");
    let lock =
        "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"4.67.0\"\n  hashes  = [\"h1:x\"]\n}\n";
    folder.write(".terraform.lock.hcl", lock);
    folder
        .ok(&["init", "-upgrade"])
        .shows(&["hashicorp/aws v5.100.0 is built in (.terraform.lock.hcl has 4.67.0 for Terraform"]);
    folder
        .fails(&["init", "-upgrade", "-lockfile=readonly"])
        .says(&["-upgrade flag conflicts with -lockfile=readonly"]);
    assert_eq!(folder.read(".terraform.lock.hcl"), lock);
    folder.write(".terraform.lock.hcl", "provider \"x\" {\n");
    folder.ok(&["init"]).says(&["Warning: Cannot read .terraform.lock.hcl"]);
    folder.ok(&["plan"]);
}

fn messages(stream: &str, kind: &str) -> Vec<serde_json::Value> {
    let lines = stream.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.filter(|message| message["type"] == kind).collect()
}

#[test]
fn a_plan_that_fails_shows_how_far_it_got() {
    let guarded = "variable \"n\" {\n  default = 1\n}\nresource \"terraform_data\" \"a\" {\n  triggers_replace = var.n\n\n  lifecycle {\n    \
                   prevent_destroy = true\n  }\n}\noutput \"o\" {\n  value = var.n\n}\n";
    let folder = Folder::new(guarded);
    folder.apply();
    let failed = folder.fails(&["plan", "-var", "n=2"]);
    failed
        .shows(&[
            "Pipewright planned the following actions, but then encountered a problem:",
            "terraform_data.a must be replaced",
            "1 to add, 0 to change, 1 to destroy",
            "~ o = 1 -> \"2\"",
            "The plan above is incomplete",
        ])
        .says(&["Instance cannot be destroyed"]);
    let stream = folder.fails(&["plan", "-json", "-var", "n=2"]).out;
    assert_eq!(messages(&stream, "change_summary")[0]["changes"]["remove"], 1);
    assert_eq!(messages(&stream, "planned_change").len(), 1);
    let stream = folder.fails(&["destroy", "-auto-approve", "-json"]).out;
    assert_eq!(messages(&stream, "change_summary")[0]["changes"]["remove"], 1);
    assert!(folder.managed() == ["terraform_data.a"], "nothing was done");

    let unreadable = "variable \"n\" {\n  default = \"x\"\n}\nresource \"terraform_data\" \"a\" {\n  input = file(\"${var.n}-nope\")\n}\n";
    let folder = Folder::new(unreadable);
    folder.fails(&["plan"]).shows(&["Planning failed. Pipewright encountered an error while generating this plan."]);
    let stream = folder.fails(&["plan", "-json"]).out;
    assert_eq!(messages(&stream, "change_summary")[0]["@message"], "Plan: 0 to add, 0 to change, 0 to destroy.");

    folder.write("main.tf", "resource \"terraform_data\" \"a\" {\n  input = var.nope\n}\n");
    let refused = folder.fails(&["plan", "-json"]).out;
    assert!(messages(&refused, "change_summary").is_empty(), "nothing was planned: {refused}");
}

#[test]
fn a_check_whose_data_cannot_be_read_fails_and_stops_nothing() {
    let folder = Folder::new(
        "check \"c\" {\n  data \"terraform_remote_state\" \"r\" {\n    backend = \"local\"\n    config  = { path = \"nope\" }\n  }\n\n  assert {\n    \
         condition     = data.terraform_remote_state.r.outputs != null\n    error_message = \"none\"\n  }\n}\nresource \"terraform_data\" \"a\" {}\n",
    );
    folder.ok(&["plan", "-out=p"]).says(&["Warning: Unable to find remote state", "main.tf:4:"]);
    let checks = folder.ok(&["show", "-json", "p"]).json()["checks"].clone();
    assert_eq!(checks[0]["status"], "fail");
    assert!(
        checks[0]["instances"][0]["problems"][0]["message"]
            .as_str()
            .unwrap()
            .starts_with("Unable to find remote state: ")
    );
    let applied = folder.ok(&["apply", "-auto-approve"]);
    assert_eq!(applied.err.matches("Unable to find remote state").count(), 1, "{applied:?}");
}

#[test]
fn an_import_id_may_be_sensitive() {
    let folder = Folder::new(
        "variable \"s\" {\n  sensitive = true\n  default   = \"an-id\"\n}\nimport {\n  to = terraform_data.a\n  id = var.s\n}\n\
         resource \"terraform_data\" \"a\" {}\n",
    );
    folder.apply();
    assert_eq!(folder.state()["resources"][0]["instances"][0]["attributes"]["id"], "an-id");
}
