//! Commands that look at the state or edit it.

use crate::harness::Folder;
use serde_json::json;

const MAIN: &str = r#"
resource "terraform_data" "a" {
  input = "x"
}

resource "terraform_data" "many" {
  for_each = toset(["one", "two"])
}

output "text" {
  value = terraform_data.a.output
}

output "list" {
  value = [1, 2]
}

output "secret" {
  value     = "hidden"
  sensitive = true
}
"#;

fn applied() -> Folder {
    let folder = Folder::new(MAIN);
    folder.apply();
    folder
}

#[test]
fn outputs_come_raw_as_json_and_masked() {
    let folder = applied();
    assert_eq!(folder.ok(&["output", "-raw", "text"]).out, "x");
    assert_eq!(folder.ok(&["output", "-json", "list"]).json(), json!([1, 2]));
    assert_eq!(folder.ok(&["output", "-json"]).json()["secret"]["value"], "hidden");
    let all = folder.ok(&["output"]);
    all.shows(&["secret = <sensitive>", "text = \"x\""]);
    assert!(!all.out.contains("hidden"));
    folder.fails(&["output", "-raw", "list"]).says(&["list"]);
    folder.fails(&["output", "absent"]).says(&["absent"]);
}

#[test]
fn objects_are_listed_and_shown() {
    let folder = applied();
    let all = "terraform_data.a\nterraform_data.many[\"one\"]\nterraform_data.many[\"two\"]\n";
    assert_eq!(folder.ok(&["state", "list"]).out, all);
    assert_eq!(folder.ok(&["state", "list", "terraform_data.a"]).out, "terraform_data.a\n");
    folder.ok(&["state", "show", "terraform_data.many[\"one\"]"]).shows(&["resource \"terraform_data\" \"many\""]);
    folder.fails(&["state", "show", "terraform_data.absent"]).says(&["terraform_data.absent"]);
}

#[test]
fn objects_are_moved_and_forgotten() {
    let folder = applied();
    let before = folder.read("terraform.tfstate");
    folder.ok(&["state", "mv", "-dry-run", "terraform_data.a", "terraform_data.b"]).shows(&["Would move"]);
    folder.fails(&["state", "mv", "terraform_data.absent", "terraform_data.b"]).says(&["terraform_data.absent"]);
    folder.fails(&["state", "mv", "terraform_data.a", "aws_iam_role.b"]);
    folder.fails(&["state", "rm", "terraform_data.absent"]).says(&["terraform_data.absent"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.ok(&["state", "mv", "terraform_data.a", "terraform_data.b"]);
    folder.write("main.tf", &MAIN.replace("\"a\" {", "\"b\" {").replace("terraform_data.a.", "terraform_data.b."));
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(0));
    folder.ok(&["state", "rm", "terraform_data.many[\"one\"]"]).shows(&["Removed terraform_data.many[\"one\"]"]);
    assert_eq!(folder.ok(&["state", "list"]).out, "terraform_data.b\nterraform_data.many[\"two\"]\n");
}

#[test]
fn the_state_is_pulled_and_pushed_back_but_never_an_older_or_foreign_one() {
    let folder = applied();
    let old = folder.ok(&["state", "pull"]).out;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&old).unwrap(), folder.state());
    folder.write("old.json", &old);
    folder.ok(&["state", "rm", "terraform_data.a"]);
    let before = folder.read("terraform.tfstate");
    folder.fails(&["state", "push", "old.json"]).says(&["serial"]);
    let lineage = folder.state()["lineage"].as_str().unwrap().to_owned();
    folder.write("foreign.json", &before.replace(&lineage, "11111111-2222-3333-4444-555555555555"));
    folder.fails(&["state", "push", "foreign.json"]).says(&["lineage"]);
    folder.write("broken.json", "{");
    folder.fails(&["state", "push", "broken.json"]).says(&["broken.json"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.ok(&["state", "push", "-force", "old.json"]);
    assert!(folder.ok(&["state", "list"]).out.contains("terraform_data.a\n"));
}

#[test]
fn a_tainted_object_is_replaced_until_untainted() {
    let folder = applied();
    folder.ok(&["taint", "terraform_data.a"]).shows(&["has been marked as tainted"]);
    folder.ok(&["plan"]).shows(&["terraform_data.a is tainted, so it must be replaced"]);
    folder.ok(&["untaint", "terraform_data.a"]);
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(0));
    let before = folder.read("terraform.tfstate");
    folder.fails(&["taint", "terraform_data.absent"]).says(&["terraform_data.absent"]);
    folder.fails(&["untaint", "terraform_data.a"]).says(&["terraform_data.a"]);
    folder.ok(&["taint", "-allow-missing", "terraform_data.absent"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn workspaces_keep_states_apart() {
    let folder = applied();
    folder.ok(&["workspace", "new", "two"]).shows(&["Created and switched to workspace \"two\""]);
    assert_eq!(folder.ok(&["workspace", "show"]).out, "two\n");
    folder.fails(&["state", "list"]).says(&["No state file"]);
    folder.fails(&["workspace", "new", "two"]).says(&["already exists"]);
    folder.apply();
    assert!(folder.path("terraform.tfstate.d/two/terraform.tfstate").exists());
    folder.fails(&["workspace", "delete", "two"]).says(&["active"]);
    folder.ok(&["workspace", "select", "default"]);
    folder.fails(&["workspace", "delete", "two"]).says(&["not empty"]);
    folder.fails(&["workspace", "select", "three"]).says(&["three", "doesn't exist"]);
    folder.fails(&["workspace", "delete", "default"]);
    folder.ok(&["workspace", "select", "-or-create", "three"]);
    folder.ok(&["workspace", "select", "default"]);
    folder.ok(&["workspace", "list"]).shows(&["* default", "three", "two"]);
    folder.ok(&["workspace", "delete", "-force", "two"]);
    folder.ok(&["workspace", "delete", "three"]);
    assert_eq!(folder.ok(&["state", "list"]).out.lines().count(), 3);
}

#[test]
fn import_of_a_builtin_object_without_block_is_refused() {
    let folder = applied();
    let before = folder.read("terraform.tfstate");
    folder.fails(&["import", "terraform_data.absent", "x"]).says(&["no block for terraform_data.absent"]);
    folder.fails(&["import", "terraform_data.a", "x"]).says(&["terraform_data.a"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
}
