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
    // What may not be read is said once, and nothing is concluded from it.
    let denied = |service: &str, operation: &str| {
        fault(&json!({
            "account": account, "service": service, "operation": operation, "code": "AccessDeniedException", "status": 400, "times": 0,
            "message": format!("User: arn:aws:iam::1:user/u is not authorized to perform: {service}:{operation}"),
        }));
    };
    denied("events", "ListRules");
    let ran = folder.run(&["lint", "-live=shop", "-json"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.err.matches("events:ListRules").count(), 2, "one warning with its hint: {ran:?}");
    let found = findings(&ran.out);
    let said = |rule: &str| found.iter().any(|(r, _)| r == rule);
    assert!(!said("PL004") && !said("EV001"), "rules may start it and tell of it: {found:?}");
    assert!(said("S3005") && said("IAM009"), "{found:?}");
    assert!(!found.iter().any(|(_, address)| address.contains("unread")), "{found:?}");
    // Without the pipeline itself there is nothing to look at.
    denied("codepipeline", "GetPipeline");
    folder.fails(&["lint", "-live=shop"]).says(&["codepipeline:GetPipeline"]);
}

/// Alerts on another bus, of all pipelines, and to a function.
const WIDE: &str = r#"
resource "aws_cloudwatch_event_bus" "ops" {
  name = "ops"
}

resource "aws_cloudwatch_event_rule" "failed" {
  name           = "shop-failed"
  event_bus_name = aws_cloudwatch_event_bus.ops.name
  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = ["CodePipeline Pipeline Execution State Change"]
    detail        = { pipeline = ["shop"], state = ["FALED"] }
  })
}

resource "aws_cloudwatch_event_rule" "all" {
  name = "all-failed"
  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = ["CodePipeline Pipeline Execution State Change"]
    detail        = { state = ["FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "all" {
  rule = aws_cloudwatch_event_rule.all.name
  arn  = aws_lambda_function.tell.arn
}

resource "aws_iam_role" "tell" {
  name = "tell"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

data "archive_file" "tell" {
  type        = "zip"
  output_path = "tell.zip"

  source {
    filename = "index.py"
    content  = "def handler(event, context):\n    return None\n"
  }
}

resource "aws_lambda_function" "tell" {
  function_name = "tell"
  role          = aws_iam_role.tell.arn
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = data.archive_file.tell.output_path
}
"#;

const PERMISSION: &str = r#"
resource "aws_lambda_permission" "tell" {
  statement_id  = "events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.tell.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.all.arn
}
"#;

#[test]
fn rules_of_every_bus_and_functions_are_seen_in_an_account() {
    let Some((folder, account)) = on_emulator("") else { return };
    let shop = LIVE.split("resource \"aws_sns_topic\"").next().unwrap().replace("ACCOUNT", &account);
    folder.write("main.tf", &(shop.clone() + WIDE));
    folder.apply();
    let lint = || {
        let ran = folder.run(&["lint", "-live=shop", "-json"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        findings(&ran.out)
    };
    let found = lint();
    let said = |found: &[(String, String)], rule: &str| -> Vec<String> {
        found.iter().filter(|(r, _)| r == rule).map(|(_, a)| a.clone()).collect()
    };
    assert_eq!(
        said(&found, "EV002"),
        ["aws_cloudwatch_event_rule.shop-failed"],
        "a state that does not exist: {found:?}"
    );
    assert_eq!(said(&found, "EV003").len(), 1, "nobody lets EventBridge invoke the function: {found:?}");
    assert!(said(&found, "EV001").is_empty(), "a rule about all pipelines tells of this one: {found:?}");
    folder.write("main.tf", &(shop + WIDE + PERMISSION));
    folder.apply();
    let found = lint();
    assert!(said(&found, "EV003").is_empty(), "{found:?}");
}

#[test]
fn without_credentials_a_live_pipeline_cannot_be_read() {
    let folder = Folder::new("provider \"aws\" {\n  region = \"eu-central-1\"\n}\n");
    folder.fails(&["lint", "-live=shop"]).says(&["redentials"]);
    folder.fails(&["lint", "-live=shop", "tfplan"]).says(&["-live does not go with a saved plan"]);
}

/// A folder of `examples/lint-tour` in an account, with names of its own.
fn tour(name: &str) -> Option<(Folder, String)> {
    let path = format!("{}/examples/lint-tour/{name}/main.tf", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (folder, account) = on_emulator("")?;
    let text = text.replace("shop-artifacts", &format!("shop-artifacts-{account}"));
    let text = text.replace("shop-access-logs", &format!("shop-access-logs-{account}"));
    folder.write("main.tf", &text.replace("111122223333", &account));
    Some((folder, account))
}

#[test]
fn what_is_repaired_can_be_planned_and_applied() {
    let Some((folder, _)) = tour("faulty") else { return };
    // It is there as it was first, so that each repair is a change of something that exists.
    folder.apply();
    folder.ok(&["lint", "-fix", "-auto-approve", "-no-color", "-fail-on=error", "-only=S3,IAM,EV002,EV003"]);
    assert_eq!(folder.ok(&["validate"]).code, Some(0));
    let plan = folder.run(&["plan", "-detailed-exitcode", "-input=false", "-out=tfplan", "-no-color"]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
    folder.ok(&["apply", "-input=false", "tfplan"]);
    let again = folder.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    assert_eq!(again.code, Some(0), "nothing is left to change: {again:?}");
    // A plan over what exists says what the configuration says: what the account shows beside it is nobody's setting.
    folder.ok(&["plan", "-input=false", "-out=tfplan"]);
    let (files, planned) = (folder.run(&["lint", "-json"]), folder.run(&["lint", "-json", "tfplan"]));
    assert_eq!(findings(&files.out), findings(&planned.out));
    // What lives now is what was written: the same rules find nothing there either.
    let live = findings(&folder.run(&["lint", "-live=shop", "-json"]).out);
    for rule in ["S3001", "S3002", "S3005", "IAM001", "IAM009", "IAM010", "EV002", "EV003"] {
        assert!(!live.iter().any(|(r, _)| r == rule), "{rule}: {live:?}");
    }
}

#[test]
fn the_repaired_twin_can_be_planned_and_applied() {
    let Some((folder, _)) = tour("repaired") else { return };
    let plan = folder.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lint=error", "-out=tfplan"]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
    folder.ok(&["lint", "-no-color", "-fail-on=info", "tfplan"]);
    folder.ok(&["apply", "-input=false", "-no-color", "tfplan"]);
    let again = folder.run(&["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    assert_eq!(again.code, Some(0), "nothing is left to change: {again:?}");
    // What lives then is as clean as what is written.
    folder.ok(&["lint", "-live=shop", "-no-color", "-fail-on=info"]);
}
