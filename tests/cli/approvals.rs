//! Manual approvals: `pipeline approvals`, `pipeline approve`, `pipeline reject`.

use crate::harness::{Folder, aws_call, on_emulator, wait};
use serde_json::{Value as Json, json};

const PIPELINE: &str = r#"
resource "aws_iam_role" "p" {
  name = "approved"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}

resource "aws_codepipeline" "p" {
  name     = "asking"
  role_arn = aws_iam_role.p.arn

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
    name = "Deploy"
    dynamic "action" {
      for_each = ["Ask", "AskAgain"]
      content {
        name               = action.value
        category           = "Approval"
        owner              = "AWS"
        provider           = "Manual"
        version            = "1"
        run_order          = 1
        timeout_in_minutes = 60
        configuration = {
          CustomData         = "Look at staging"
          ExternalEntityLink = "https://staging.example"
        }
      }
    }
  }
}
"#;

fn approvals(folder: &Folder) -> Vec<Json> {
    folder.ok(&["pipeline", "approvals", "-json"]).json()["approvals"].as_array().unwrap().clone()
}

/// The pipeline made, and both its approvals waiting.
fn asking() -> Option<(Folder, String)> {
    let (folder, account) = on_emulator(PIPELINE)?;
    folder.apply();
    wait("approvals", || approvals(&folder).len() == 2);
    Some((folder, account))
}

#[test]
fn what_waits_is_listed_with_its_age_and_what_to_look_at() {
    let Some((folder, _)) = asking() else { return };
    folder.ok(&["pipeline", "approvals"]).shows(&[
        "asking Deploy/Ask waiting for",
        "fails in",
        "message: Look at staging",
        "review: https://staging.example",
    ]);
    let listed = approvals(&folder);
    assert!(listed[0]["age_seconds"].as_i64().is_some_and(|age| age >= 0), "{listed:?}");
    assert!(listed[0]["token"].as_str().is_some_and(|token| !token.is_empty()));
    folder.ok(&["pipeline", "approvals", "asking"]).shows(&["asking Deploy/AskAgain"]);
    folder.fails(&["pipeline", "approvals", "unheard"]).says(&["No such pipeline", "unheard"]);
}

#[test]
fn one_is_approved_by_name_and_the_other_by_its_token() {
    let Some((folder, _)) = asking() else { return };
    folder.fails(&["pipeline", "approve", "asking"]).says(&["Which approval?", "-stage=Deploy -action=AskAgain"]);
    folder
        .ok(&["pipeline", "approve", "-action=Ask", "-summary=looks good", "asking"])
        .shows(&["Approved: asking Deploy/Ask"]);
    let token = approvals(&folder)[0]["token"].as_str().unwrap().to_owned();
    folder.fails(&["pipeline", "approve", "-token=another", "asking"]).says(&["The approval is over"]);
    folder.ok(&["pipeline", "approve", &format!("-token={token}"), "asking"]);
    assert_eq!(approvals(&folder), Vec::<Json>::new());
    folder.ok(&["pipeline", "approvals"]).shows(&["No approval is waiting."]);
    folder.fails(&["pipeline", "approve", "asking"]).says(&["Nothing to decide", "asking"]);
}

#[test]
fn a_rejection_ends_the_execution() {
    let Some((folder, account)) = asking() else { return };
    let long = format!("-summary={}", "x".repeat(513));
    folder.fails(&["pipeline", "reject", "-action=Ask", &long, "asking"]).says(&["513 characters"]);
    for action in ["-action=Ask", "-action=AskAgain"] {
        folder.ok(&["pipeline", "reject", action, "asking"]).shows(&["Rejected: asking"]);
    }
    assert_eq!(approvals(&folder), Vec::<Json>::new());
    aws_call(&account, "codepipeline", "CodePipeline_20150709.StartPipelineExecution", &json!({ "name": "asking" }));
    wait("approvals of the next execution", || approvals(&folder).len() == 2);
}

#[test]
fn a_folder_without_configuration_goes_by_the_environment() {
    let Some((folder, _)) = asking() else { return };
    folder.write("empty/README", "");
    folder.ok(&["-chdir=empty", "pipeline", "approvals"]).shows(&["asking Deploy/Ask"]);
}
