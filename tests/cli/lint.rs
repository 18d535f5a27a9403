//! `lint` as a person meets it: exit codes, repairs on disk, live pipelines.

use crate::harness::{Folder, fault, on_emulator};
use serde_json::{Value as Json, json};

const TRAIL: &str = "# Who did what\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\" # elsewhere\n}\n";

#[test]
fn exit_codes_tell_findings_from_failures() {
    let folder = Folder::new(TRAIL);
    assert_eq!(folder.run(&["lint", "-no-color"]).code, Some(2));
    assert_eq!(folder.run(&["lint", "-no-color", "-fail-on=error"]).code, Some(0));
    assert_eq!(folder.run(&["lint", "-no-color", "-only=PL"]).code, Some(0));
    folder.fails(&["lint", "-only=XX9"]).says(&["Unknown rule"]);
    folder.write("main.tf", "resource {");
    folder.fails(&["lint"]);
}

#[test]
fn repairs_are_shown_first_and_made_only_when_wanted() {
    let folder = Folder::new(TRAIL);
    // Nobody can be asked here: the diff is shown, the file stays.
    let ran = folder.fails(&["lint", "-fix", "-no-color", "-only=CT002"]);
    ran.shows(&["+ enable_log_file_validation = true"]).says(&["-auto-approve"]);
    assert_eq!(folder.read("main.tf"), TRAIL);
    let ran = folder.ok(&["lint", "-fix", "-auto-approve", "-no-color", "-only=CT002"]);
    ran.shows(&["+ enable_log_file_validation = true", "Repaired main.tf", "No findings."]);
    let after = folder.read("main.tf");
    assert!(after.starts_with("# Who did what\n") && after.contains("\"trail\" # elsewhere\n"), "{after}");
    assert_eq!(folder.ok(&["validate"]).code, Some(0));
    folder.fails(&["lint", "-fix", "-live=shop"]).says(&["-fix does not go with -live"]);
}

#[test]
fn the_secret_beside_a_repair_is_not_in_its_diff() {
    let token = "0123456789abcdef0123456789abcdef01234567";
    let folder = Folder::new(&format!(
        "resource \"aws_codepipeline\" \"shop\" {{\n  name = \"shop\"\n  stage {{\n    name = \"Source\"\n    action {{\n      name     = \"Code\"\n      category = \"Source\"\n      owner    = \"ThirdParty\"\n      provider = \"GitHub\"\n      version  = \"1\"\n      configuration = {{\n        Brunch     = \"main\"\n        OAuthToken = \"{token}\"\n      }}\n    }}\n  }}\n}}\n"
    ));
    let ran = folder.run(&["lint", "-fix", "-auto-approve", "-no-color"]);
    assert!(ran.out.contains("+        Branch     = \"main\""), "{ran:?}");
    assert!(!ran.out.contains(token) && !ran.err.contains(token), "{ran:?}");
    assert!(folder.read("main.tf").contains(token));
}

const LIVE: &str = r#"
resource "aws_s3_bucket" "artifacts" {
  bucket = "lint-live-ACCOUNT"
}

resource "aws_iam_role" "pipeline" {
  name = "shop-pipeline"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  name = "pipeline"
  role = aws_iam_role.pipeline.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]
      Resource = "*"
    }]
  })
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = aws_iam_role.pipeline.arn

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket
  }

  stage {
    name = "Source"
    action {
      name             = "Code"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeCommit"
      version          = "1"
      output_artifacts = ["source"]
      configuration = {
        RepositoryName       = "shop"
        BranchName           = "main"
        PollForSourceChanges = "false"
      }
    }
  }

  stage {
    name = "Build"
    action {
      name            = "Build"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]
      configuration = {
        ProjectName = "shop"
      }
    }
  }
}

resource "aws_sns_topic" "alerts" {
  name = "shop-alerts"
}

resource "aws_cloudwatch_event_rule" "failed" {
  name = "shop-failed"
  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = ["CodePipeline Pipeline Execution State Change"]
    detail        = { pipeline = ["shop"], state = ["FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = aws_sns_topic.alerts.arn
}

resource "aws_cloudwatch_event_rule" "other" {
  name          = "blog-failed"
  event_pattern = jsonencode({ source = ["aws.codepipeline"], detail = { pipeline = ["blog"] } })
}
"#;

fn findings(json: &str) -> Vec<(String, String)> {
    let json: Json = serde_json::from_str(json).unwrap();
    let text = |f: &Json, key: &str| f[key].as_str().unwrap().to_owned();
    json["findings"].as_array().unwrap().iter().map(|f| (text(f, "rule"), text(f, "address"))).collect()
}

#[test]
fn a_live_pipeline_is_checked_with_everything_that_belongs_to_it() {
    let Some((folder, account)) = on_emulator("") else { return };
    folder.write("main.tf", &LIVE.replace("ACCOUNT", &account));
    folder.apply();
    // What is in the account counts, not the files.
    folder.write("main.tf", "");
    let ran = folder.run(&["lint", "-live=shop", "-json"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let found = findings(&ran.out);
    let said = |rule: &str| found.iter().filter(|(r, _)| r == rule).map(|(_, a)| a.as_str()).collect::<Vec<_>>();
    assert_eq!(said("PL004"), ["aws_codepipeline.shop"], "{found:?}");
    assert_eq!(said("S3005").len(), 1, "the bucket is not versioned: {found:?}");
    assert!(!said("IAM009").is_empty(), "no codebuild:StartBuild: {found:?}");
    assert!(said("CP016").is_empty() && said("CP023").is_empty(), "what is not set has no name: {found:?}");
    assert!(!said("IAM010").is_empty(), "sqs:SendMessage is beyond: {found:?}");
    assert_eq!(said("EV003").len(), 1, "the topic lets nobody in: {found:?}");
    assert!(said("EV001").is_empty(), "the rule tells of failures: {found:?}");
    assert!(!found.iter().any(|(_, a)| a.contains("blog")), "another pipeline's rule: {found:?}");
    // The same again: the fingerprints, too.
    assert_eq!(folder.run(&["lint", "-live=shop", "-json"]).out, ran.out);
    let human = folder.run(&["lint", "-live=shop", "-no-color"]);
    assert!(human.out.contains("aws_codepipeline.shop") && human.out.contains("Findings:"), "{human:?}");
    folder.fails(&["lint", "-live=blog"]).says(&["No such pipeline", "blog"]);
    // What may not be read is no guess.
    fault(&json!({
        "account": account, "service": "events", "operation": "ListRules", "code": "AccessDeniedException", "status": 400, "times": 0,
        "message": "User: arn:aws:iam::1:user/u is not authorized to perform: events:ListRules",
    }));
    folder.fails(&["lint", "-live=shop"]).says(&["events:ListRules"]);
}

#[test]
fn without_credentials_a_live_pipeline_cannot_be_read() {
    let folder = Folder::new("provider \"aws\" {\n  region = \"eu-central-1\"\n}\n");
    folder.fails(&["lint", "-live=shop"]).says(&["redentials"]);
    folder.fails(&["lint", "-live=shop", "tfplan"]).says(&["-live does not go with a saved plan"]);
}
