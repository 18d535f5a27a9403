//! Configuration written for what exists: `plan -generate-config-out` and `import pipeline`.

use crate::harness::{Folder, fault, on_emulator};
use serde_json::json;
use std::path::Path;

/// Puts a folder's files into another, links followed.
fn copy(from: &Path, into: &Folder, at: &str) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{at}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            copy(&path, into, &format!("{name}/"));
        } else {
            into.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The example, applied, with its state forgotten.
fn quickstart() -> Option<(Folder, String)> {
    let (folder, account) = on_emulator("")?;
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart")), &folder, "");
    folder.ok(&["init"]);
    folder.apply();
    Some((folder, account))
}

#[test]
fn a_whole_pipeline_is_imported_without_changes() {
    let Some((folder, _)) = quickstart() else { return };
    let managed = folder.managed().iter().filter(|a| !a.starts_with("terraform_data")).count();
    assert!(managed > 20);
    let types = |text: &str| {
        let mut all: Vec<String> = text
            .lines()
            .filter_map(|l| l.trim().strip_prefix("to = "))
            .map(|l| l.split('.').next().unwrap().to_owned())
            .collect();
        all.sort();
        all
    };
    let state = folder.state();
    let mut before: Vec<String> = Vec::new();
    for resource in state["resources"].as_array().unwrap().iter().filter(|r| r["mode"] == "managed") {
        let count = resource["instances"].as_array().unwrap().len();
        before.extend(std::iter::repeat_n(resource["type"].as_str().unwrap().to_owned(), count));
    }
    before.sort();
    folder.ok(&["import", "pipeline", "-out=again", "quickstart"]).shows(&[
        "aws_codepipeline.quickstart",
        "service role of pipeline quickstart",
        "changes nothing",
    ]);
    let imports = folder.read("again/imports.tf");
    let missed: Vec<String> = before.iter().filter(|t| !types(&imports).contains(t)).cloned().collect();
    assert_eq!(missed, Vec::<String>::new(), "every kind of object is found");
    let pipeline = folder.read("again/pipeline.tf");
    assert!(pipeline.contains("role_arn       = aws_iam_role.quickstart_pipeline.arn"), "{pipeline}");
    assert!(pipeline.contains("ProjectName = aws_codebuild_project.quickstart_build.name"), "{pipeline}");
    assert!(imports.contains("aws_cloudtrail."), "{imports}");
    for file in std::fs::read_dir(folder.path("again")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        // What an object has none of is not written as an empty list: CloudTrail and others refuse those.
        assert!(!text.contains("= []"), "{text}");
    }
    folder.ok(&["fmt", "-check", "again"]);
    folder.ok(&["-chdir=again", "init"]);
    folder.ok(&["-chdir=again", "plan"]).shows(&["0 to add, 0 to change, 0 to destroy"]);
    folder.ok(&["-chdir=again", "apply", "-auto-approve"]);
    assert_eq!(folder.ok(&["-chdir=again", "plan", "-detailed-exitcode"]).code, Some(0));

    // Nothing is overwritten, and what is managed is not imported again.
    folder.fails(&["import", "pipeline", "-out=again", "quickstart"]).says(&["already exists", "pipeline.tf"]);
    folder.fails(&["import", "pipeline", "quickstart"]).says(&["Nothing to import"]);
}

#[test]
fn what_may_not_be_read_is_told_and_the_rest_is_written() {
    let main = r#"
resource "aws_iam_role" "p" {
  name = "only"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}

resource "aws_s3_bucket" "a" {
  bucket = "only-ACCOUNT"
}

resource "aws_s3_bucket" "s" {
  bucket = "only-source-ACCOUNT"
}

resource "aws_codepipeline" "p" {
  name     = "only"
  role_arn = aws_iam_role.p.arn

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.a.bucket
  }

  stage {
    name = "Source"
    action {
      name             = "S"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["s"]
      configuration = {
        S3Bucket    = aws_s3_bucket.s.bucket
        S3ObjectKey = "s.zip"
      }
    }
  }

  stage {
    name = "Approve"
    action {
      name     = "A"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"
    }
  }
}
"#;
    let Some((folder, account)) = on_emulator("") else { return };
    folder.write("main.tf", &main.replace("ACCOUNT", &account));
    folder.apply();
    fault(&json!({
        "account": account, "service": "codepipeline", "operation": "ListWebhooks", "code": "AccessDenied", "status": 403, "times": 0,
        "message": "no",
    }));
    folder.ok(&["import", "pipeline", "-out=new", "only"]).shows(&[
        "Not included",
        "codepipeline:ListWebhooks",
        "aws_iam_role.only",
    ]);
    assert!(folder.read("new/iam.tf").contains("resource \"aws_iam_role\" \"only\""));
    folder.fails(&["import", "pipeline", "-out=none", "absent"]).says(&["No such pipeline", "absent"]);
    assert!(!folder.path("none").exists());
}

#[test]
fn a_block_is_generated_for_an_import_and_can_be_applied() {
    let role = r#"
resource "aws_iam_role" "r" {
  name        = "made"
  description = "Made by hand"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}
"#;
    let Some((folder, _)) = on_emulator(role) else { return };
    folder.apply();
    std::fs::remove_file(folder.path("terraform.tfstate")).unwrap();
    folder.write("main.tf", "import {\n  to = aws_iam_role.r\n  id = \"made\"\n}\n");
    folder
        .fails(&["plan"])
        .says(&["Configuration for import target does not exist", "-generate-config-out=generated.tf"]);
    folder
        .ok(&["plan", "-generate-config-out=gen.tf", "-out=p"])
        .shows(&["config will be generated", "1 to import, 0 to add, 0 to change"]);
    let text = folder.read("gen.tf");
    assert!(text.contains("# __generated__ by Pipewright from \"made\""), "{text}");
    assert!(text.contains("assume_role_policy = jsonencode({"), "{text}");
    assert!(!text.contains("max_session_duration") && !text.contains("null"), "{text}");
    folder.ok(&["fmt", "-check"]);
    folder.fails(&["plan", "-generate-config-out=gen.tf"]).says(&["Target generated file already exists"]);
    folder.fails(&["plan", "-destroy", "-generate-config-out=x.tf"]).says(&["Invalid generate-config-out flag"]);
    folder.ok(&["apply", "p"]).shows(&["1 imported"]);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}
