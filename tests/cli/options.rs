//! Options of plan, apply, destroy and validate, and where values of variables come from.

use crate::harness::Folder;

const TWO: &str = "resource \"terraform_data\" \"a\" {\n  input = \"x\"\n}\n\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.output\n}\n\nresource \"terraform_data\" \"c\" {}\n";

#[test]
fn target_takes_what_is_named_and_what_it_needs() {
    let folder = Folder::new(TWO);
    folder.ok(&["apply", "-auto-approve", "-target=terraform_data.b"]).says(&["targeting"]);
    assert_eq!(folder.managed(), ["terraform_data.a", "terraform_data.b"]);
    folder.ok(&["plan", "-target", "terraform_data.c"]).shows(&["1 to add"]);
}

#[test]
fn exclude_leaves_out_what_is_named_and_what_needs_it() {
    let folder = Folder::new(TWO);
    folder.ok(&["apply", "-auto-approve", "-exclude=terraform_data.a"]);
    assert_eq!(folder.managed(), ["terraform_data.c"]);
}

#[test]
fn replace_plans_a_new_object() {
    let folder = Folder::new(TWO);
    folder.apply();
    folder
        .ok(&["plan", "-replace=terraform_data.c"])
        .shows(&["terraform_data.c will be replaced, as requested", "1 to add, 0 to change, 1 to destroy"]);
}

#[test]
fn destroy_in_all_its_spellings_ends_with_nothing() {
    let folder = Folder::new(TWO);
    folder.apply();
    folder.ok(&["plan", "-destroy"]).shows(&["3 to destroy"]);
    folder.ok(&["destroy", "-auto-approve", "-target=terraform_data.b"]).shows(&["1 destroyed"]);
    folder.ok(&["apply", "-destroy", "-auto-approve"]).shows(&["Destroy complete! Resources: 2 destroyed."]);
    assert!(folder.managed().is_empty());
}

#[test]
fn the_detailed_exit_code_tells_changes_from_none() {
    let folder = Folder::new(TWO);
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(2));
    assert_eq!(folder.run(&["plan"]).code, Some(0));
    folder.apply();
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(0));
    folder.write("outputs.tf", "output \"o\" {\n  value = 1\n}\n");
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(2), "an output alone is a change");
    folder.write("outputs.tf", "output {\n");
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(1));
}

#[test]
fn nothing_is_applied_without_approval() {
    let folder = Folder::new(TWO);
    folder.fails(&["apply", "-input=false"]).says(&["-auto-approve"]);
    folder.fails(&["apply"]);
    folder.fails(&["apply", "-json"]).shows(&["-auto-approve"]);
    assert!(!folder.path("terraform.tfstate").exists());
}

#[test]
fn variables_come_from_the_strongest_source() {
    let folder = Folder::new("variable \"v\" {\n  default = \"default\"\n}\n\noutput \"v\" {\n  value = var.v\n}\n");
    let value = |folder: &Folder, args: &[&str]| {
        let args: Vec<&str> = ["apply", "-auto-approve"].iter().chain(args).copied().collect();
        folder.ok(&args);
        folder.ok(&["output", "-raw", "v"]).out
    };
    assert_eq!(value(&folder, &[]), "default");
    let folder = folder.env("TF_VAR_v", "environment");
    assert_eq!(value(&folder, &[]), "environment");
    folder.write("terraform.tfvars", "v = \"tfvars\"\n");
    assert_eq!(value(&folder, &[]), "tfvars");
    folder.write("a.auto.tfvars", "v = \"auto\"\n");
    assert_eq!(value(&folder, &[]), "auto");
    folder.write("given.tfvars", "v = \"file\"\n");
    assert_eq!(value(&folder, &["-var-file=given.tfvars"]), "file");
    assert_eq!(value(&folder, &["-var-file=given.tfvars", "-var", "v=option"]), "option");
    assert_eq!(value(&folder, &["-var", "v=option", "-var-file=given.tfvars"]), "file", "the last one counts");
    folder.fails(&["plan", "-var", "unknown=1"]).says(&["unknown"]);
    folder.fails(&["plan", "-var-file=missing.tfvars"]).says(&["missing.tfvars"]);
}

#[test]
fn arguments_come_from_the_environment_too() {
    let folder = Folder::new(TWO).env("TF_CLI_ARGS_plan", "-target='terraform_data.c' -detailed-exitcode");
    let ran = folder.run(&["plan"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    ran.shows(&["1 to add"]);
    assert_eq!(folder.run(&["validate"]).code, Some(0));
}

#[test]
fn chdir_moves_before_anything_is_read() {
    let folder = Folder::new("");
    folder.write("deep/down/main.tf", TWO);
    folder.ok(&["-chdir=deep/down", "apply", "-auto-approve"]);
    assert!(folder.path("deep/down/terraform.tfstate").exists());
    assert!(!folder.path("terraform.tfstate").exists());
    folder.fails(&["-chdir=nowhere", "plan"]).says(&["nowhere"]);
}

#[test]
fn validate_tells_all_problems_as_json() {
    let folder =
        Folder::new("resource \"aws_iam_role\" \"r\" {\n  nam = 1\n}\n\noutput \"o\" {\n  value = local.x\n}\n");
    let ran = folder.fails(&["validate", "-json"]);
    let found = ran.json();
    assert_eq!(found["valid"], false);
    assert_eq!(found["format_version"], "1.0");
    assert!(found["error_count"].as_u64().unwrap() >= 2, "{found:#}");
    for diagnostic in found["diagnostics"].as_array().unwrap() {
        assert_eq!(diagnostic["range"]["filename"], "main.tf", "{diagnostic:#}");
    }
    folder.write("main.tf", TWO);
    assert_eq!(folder.ok(&["validate", "-json"]).json()["valid"], true);
}

#[test]
fn the_json_stream_is_one_object_per_line_even_for_errors() {
    let folder = Folder::new(TWO);
    let lines =
        |out: &str| -> Vec<serde_json::Value> { out.lines().map(|l| serde_json::from_str(l).unwrap()).collect() };
    let ran = folder.ok(&["apply", "-json", "-auto-approve"]);
    let all = lines(&ran.out);
    assert_eq!(all[0]["type"], "version");
    assert!(all.iter().any(|m| m["@message"] == "Apply complete! Resources: 3 added, 0 changed, 0 destroyed."));
    folder.write("main.tf", "resource {\n");
    let all = lines(&folder.fails(&["plan", "-json"]).out);
    assert!(all.iter().any(|m| m["type"] == "diagnostic" && m["diagnostic"]["range"]["filename"] == "main.tf"));
}
