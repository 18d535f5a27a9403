//! What AWS refuses: the call, the missing permission and the request id are named, and what succeeded is saved.

use crate::harness::{fault, on_emulator};
use serde_json::json;

fn role(block: &str, name: &str) -> String {
    format!(
        r#"
resource "aws_iam_role" "{block}" {{
  name               = "{name}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "codepipeline.amazonaws.com" }} }}]
  }})
}}
"#
    )
}

#[test]
fn a_denied_call_names_the_permission_and_the_request() {
    let main = format!("{}resource \"terraform_data\" \"other\" {{}}\n", role("r", "denied"));
    let Some((folder, account)) = on_emulator(&main) else { return };
    fault(&json!({
        "account": account, "service": "iam", "operation": "CreateRole", "code": "AccessDenied", "status": 403, "times": 0,
        "message": "User: arn:aws:iam::1:user/u is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::1:role/denied",
    }));
    folder.fails(&["apply", "-auto-approve"]).says(&["aws_iam_role.r", "AccessDenied", "iam:CreateRole", "equest"]);
    assert_eq!(folder.managed(), ["terraform_data.other"]);
}

#[test]
fn a_name_that_exists_already_is_told_with_how_to_go_on() {
    let Some((folder, _)) = on_emulator(&(role("a", "same") + "resource \"terraform_data\" \"other\" {}\n")) else {
        return;
    };
    folder.apply();
    let ran = {
        folder
            .write("main.tf", &(role("a", "same") + "resource \"terraform_data\" \"other\" {}\n" + &role("b", "same")));
        folder.fails(&["apply", "-auto-approve"])
    };
    ran.says(&["aws_iam_role.b", "EntityAlreadyExists", "same", "import"]);
    assert_eq!(folder.managed(), ["aws_iam_role.a", "terraform_data.other"]);
    assert!(!folder.path(".terraform.tfstate.journal").exists());
}

#[test]
fn an_object_made_but_not_finished_is_tainted() {
    let Some((folder, account)) = on_emulator(
        "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"half-made-NAME\"\n  tags = { a = \"b\" }\n}\n\nresource \"aws_s3_bucket_versioning\" \"v\" {\n  bucket = aws_s3_bucket.b.id\n  versioning_configuration {\n    status = \"Enabled\"\n  }\n}\n",
    ) else {
        return;
    };
    let text = folder.read("main.tf").replace("NAME", &account);
    folder.write("main.tf", &text);
    fault(&json!({
        "account": account, "service": "s3", "operation": "PutBucketTagging", "code": "AccessDenied", "message": "no", "status": 403,
        "times": 1,
    }));
    folder.fails(&["apply", "-auto-approve"]).says(&["aws_s3_bucket.b", "AccessDenied"]);
    assert_eq!(folder.managed(), ["aws_s3_bucket.b"]);
    assert_eq!(folder.state()["resources"][0]["instances"][0]["status"], "tainted");
    folder.apply();
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn an_existing_object_is_imported_and_only_once() {
    let Some((folder, _)) = on_emulator(&role("a", "known")) else { return };
    folder.apply();
    folder.ok(&["state", "rm", "aws_iam_role.a"]);
    folder.ok(&["import", "aws_iam_role.a", "known"]).shows(&["Import successful!"]);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
    let before = folder.read("terraform.tfstate");
    folder.fails(&["import", "aws_iam_role.a", "known"]).says(&["aws_iam_role.a"]);
    folder.fails(&["import", "aws_iam_role.nothing", "known"]).says(&["no block for aws_iam_role.nothing"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.ok(&["state", "rm", "aws_iam_role.a"]);
    folder.fails(&["import", "aws_iam_role.a", "absent"]).says(&["non-existent", "absent"]);
}

#[test]
fn drift_is_told_by_the_exit_code_of_a_refresh_only_plan() {
    let text = role("a", "drifting").replace("  name ", "  description = \"first\"\n  name ");
    let Some((folder, _)) = on_emulator(&text) else { return };
    folder.apply();
    let ran = folder.run(&["plan", "-refresh-only", "-detailed-exitcode"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // Somebody changes the role: the same account, another state.
    folder.write("other/main.tf", &text.replace("first", "second"));
    folder.ok(&["-chdir=other", "import", "aws_iam_role.a", "drifting"]);
    folder.ok(&["-chdir=other", "apply", "-auto-approve"]);
    let before = folder.read("terraform.tfstate");
    let ran = folder.run(&["plan", "-refresh-only", "-detailed-exitcode"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    ran.shows(&["aws_iam_role.a", "second"]);
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.ok(&["apply", "-refresh-only", "-auto-approve"]);
    assert_eq!(folder.state()["resources"][0]["instances"][0]["attributes"]["description"], "second");
    assert_eq!(folder.run(&["plan", "-detailed-exitcode"]).code, Some(2));
}

const PIPELINE: &str = r#"
resource "aws_codepipeline" "p" {
  name     = "taken"
  role_arn = "arn:aws:iam::111122223333:role/p"

  artifact_store {
    location = "artifacts"
    type     = "S3"
  }

  stage {
    name = "Source"
    action {
      name             = "Code"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["code"]
      configuration    = { S3Bucket = "artifacts", S3ObjectKey = "code.zip" }
    }
  }

  stage {
    name = "Approve"
    action {
      name     = "Ask"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"
    }
  }
}

resource "terraform_data" "other" {}
"#;

#[test]
fn a_pipeline_that_exists_already_is_told_with_how_to_go_on() {
    let Some((folder, account)) = on_emulator(PIPELINE) else { return };
    fault(&json!({
        "account": account, "service": "codepipeline", "operation": "CreatePipeline", "code": "PipelineNameInUseException",
        "message": "A pipeline with the name 'taken' already exists in account", "status": 400, "times": 0,
    }));
    folder.fails(&["apply", "-auto-approve"]).says(&[
        "aws_codepipeline.p",
        "PipelineNameInUseException",
        "taken",
        "import",
    ]);
    assert_eq!(folder.managed(), ["terraform_data.other"]);
}

const TRAIL: &str = r#"
resource "aws_s3_bucket" "logs" {
  bucket        = "trail-NAME"
  force_destroy = true
}

resource "aws_cloudtrail" "t" {
  name           = "watched"
  s3_bucket_name = aws_s3_bucket.logs.id
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Check"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = aws_s3_bucket.logs.arn
      },
      {
        Sid       = "Write"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.logs.arn}/AWSLogs/NAME/*"
        Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
    ]
  })
}
"#;

#[test]
fn a_trail_waits_for_the_policy_of_its_bucket_though_nothing_says_so() {
    let Some((folder, account)) = on_emulator("") else { return };
    folder.write("main.tf", &TRAIL.replace("NAME", &account));
    folder.apply();
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

/// A pipeline with an action that runs commands, which the original schema cannot express.
fn commands(bucket: &str, unmodeled: &str) -> String {
    let trust = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }] })"#;
    format!(
        r#"
resource "aws_iam_role" "pipe" {{
  name               = "commands"
  assume_role_policy = {trust}
}}

resource "aws_s3_bucket" "artifacts" {{
  bucket = "{bucket}"
}}

resource "aws_codepipeline" "p" {{
  name          = "commands"
  role_arn      = aws_iam_role.pipe.arn
  pipeline_type = "V2"
  {unmodeled}

  artifact_store {{
    location = aws_s3_bucket.artifacts.bucket
    type     = "S3"
  }}

  stage {{
    name = "Source"
    action {{
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {{
        S3Bucket    = aws_s3_bucket.artifacts.bucket
        S3ObjectKey = "source.zip"
      }}
    }}
  }}

  stage {{
    name = "Build"
    action {{
      name            = "Make"
      category        = "Compute"
      owner           = "AWS"
      provider        = "Commands"
      version         = "1"
      input_artifacts = ["source"]
    }}
  }}
}}
"#
    )
}

#[test]
fn fields_that_the_schema_lacks_are_passed_through_and_followed() {
    let Some((folder, account)) = on_emulator("") else { return };
    let bucket = format!("commands-{account}");
    let passed = |commands: &str| {
        format!(
            "unmodeled = jsonencode({{ stages = [{{ name = \"Build\", actions = [{{ name = \"Make\", commands = {commands} }}] }}] }})"
        )
    };
    folder.write("main.tf", &commands(&bucket, &passed(r#"["make"]"#)));
    let said = folder.apply();
    said.says(&["Fields of the pipeline are passed through"]);
    folder.ok(&["plan", "-detailed-exitcode"]);
    let stored = || {
        let state = folder.state();
        let all = state["resources"].as_array().unwrap().clone();
        let pipeline = all.into_iter().find(|r| r["type"] == "aws_codepipeline").unwrap();
        pipeline["instances"][0]["attributes"].clone()
    };
    assert!(stored()["unmodeled"].as_str().unwrap().contains("make"));
    // In place, and seen when somebody else changes it.
    folder.write("main.tf", &commands(&bucket, &passed(r#"["make", "make test"]"#)));
    folder.ok(&["plan", "-no-color"]).shows(&["~ unmodeled", "make test", "0 to add, 1 to change, 0 to destroy"]);
    folder.apply();
    folder.ok(&["plan", "-detailed-exitcode"]);
    // An action that is not there is told before anything is sent; what is taken out of the configuration goes.
    folder.write("main.tf", &commands(&bucket, &passed("[\"make\"]").replace("name = \"Make\"", "name = \"Other\"")));
    folder.fails(&["validate"]).says(&["has no action \"Other\""]);
    folder.write("main.tf", &commands(&bucket, ""));
    let plan = folder.run(&["plan", "-no-color", "-detailed-exitcode"]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
}
