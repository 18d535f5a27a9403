//! Configurations and surroundings that cannot work: the message names file, line and name, and the state stays as it is.

use crate::harness::{Folder, Ran};
use std::time::{Duration, Instant};

const GOOD: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n";

/// Applies a good configuration, then plans and applies a bad one: both fail alike, and the state file keeps its bytes.
#[track_caller]
fn refused(bad: &str) -> Ran {
    let folder = Folder::new(GOOD);
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.write("main.tf", bad);
    let ran = folder.fails(&["plan", "-input=false"]);
    let applied = folder.fails(&["apply", "-input=false", "-auto-approve"]);
    assert_eq!(ran.err, applied.err);
    assert_eq!(folder.read("terraform.tfstate"), before);
    assert!(!folder.path(".terraform.tfstate.lock.info").exists());
    ran
}

#[test]
fn every_syntax_error_of_a_file_is_told_with_its_line() {
    let ran = refused("resource \"terraform_data\" \"a\" {\n  input = [1, 2\n}\n\nlocals {\n  b = = 3\n}\n");
    ran.says(&["main.tf", "b = = 3"]);
    assert!(ran.err.matches("Error:").count() >= 2, "{}", ran.err);
}

#[test]
fn an_unknown_attribute_is_told_with_the_one_that_was_meant() {
    refused("resource \"aws_iam_role\" \"r\" {\n  assume_role_polcy = \"{}\"\n}\n").says(&[
        "main.tf:2",
        "assume_role_polcy",
        "Did you mean \"assume_role_policy\"?",
    ]);
}

#[test]
fn an_unknown_block_is_told_with_the_one_that_was_meant() {
    refused("resource \"aws_s3_bucket_versioning\" \"v\" {\n  bucket = \"x\"\n  versioning_configuraton {\n    status = \"Enabled\"\n  }\n}\n")
        .says(&["main.tf:3", "versioning_configuraton", "Did you mean \"versioning_configuration\"?"]);
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_the_type_that_is_needed() {
    refused("resource \"aws_iam_role\" \"r\" {\n  assume_role_policy   = \"{}\"\n  max_session_duration = [1]\n}\n")
        .says(&["main.tf:3", "max_session_duration", "number required"]);
}

#[test]
fn a_variable_without_value_is_told_by_name_and_nobody_is_asked() {
    refused("variable \"team\" {\n  type = string\n}\n\noutput \"t\" {\n  value = var.team\n}\n").says(&[
        "main.tf:1",
        "team",
        "-var",
    ]);
}

#[test]
fn a_cycle_is_told_with_everything_in_it() {
    refused("resource \"terraform_data\" \"a\" {\n  input = terraform_data.b.output\n}\n\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.output\n}\n")
        .says(&["ycle", "terraform_data.a", "terraform_data.b"]);
}

#[test]
fn a_reference_to_something_undeclared_is_told_with_what_was_meant() {
    refused("resource \"terraform_data\" \"first\" {}\n\noutput \"o\" {\n  value = terraform_data.frist.id\n}\n")
        .says(&["main.tf:4", "undeclared", "frist", "first"]);
}

const ROLE: &str = "resource \"terraform_data\" \"a\" {\n  input = 1\n}\n\nprovider \"aws\" {\n  region = \"us-east-1\"\n}\n\nresource \"aws_iam_role\" \"r\" {\n  name               = \"r\"\n  assume_role_policy = jsonencode({ Version = \"2012-10-17\", Statement = [] })\n}\n";

#[test]
fn missing_credentials_are_told_with_where_they_are_looked_for() {
    let begin = Instant::now();
    refused(ROLE).says(&["credentials", "AWS_ACCESS_KEY_ID"]);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_missing_region_is_told_with_how_to_set_it() {
    refused(&ROLE.replace("  region = \"us-east-1\"\n", "")).says(&["region", "AWS_REGION"]);
}

#[test]
fn an_unreachable_endpoint_is_told_within_seconds() {
    // A port nobody listens on: taken, then given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("http://127.0.0.1:{port}");
    let folder = Folder::new(GOOD)
        .env("AWS_ENDPOINT_URL", &address)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.write("main.tf", ROLE);
    let begin = Instant::now();
    folder.fails(&["plan", "-input=false"]).says(&[&address]);
    assert!(begin.elapsed() < Duration::from_secs(30), "took {:?}", begin.elapsed());
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn a_folder_without_configuration_is_told() {
    let folder = Folder::new("");
    std::fs::remove_file(folder.path("main.tf")).unwrap();
    folder.fails(&["plan"]).says(&["No configuration files", "-chdir"]);
}

#[test]
fn wrong_usage_ends_with_1() {
    let folder = Folder::new(GOOD);
    folder.fails(&["plan", "-detailed-exitcde"]).says(&["detailed-exitcde"]);
    folder.fails(&["frobnicate"]).says(&["frobnicate"]);
    folder.fails(&["plan", "-destroy", "-refresh-only"]).says(&["-destroy and -refresh-only"]);
    folder.fails(&["plan", "-parallelism=0"]).says(&["-parallelism"]);
    folder.fails(&["plan", "-target=]"]).says(&["-target"]);
    assert!(!folder.path("terraform.tfstate").exists());
}
