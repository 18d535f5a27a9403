//! What the model knows without an account.

use crate::fixture::load;
use pipewright::lint::model::Found;

const TEXT: &str = r#"
variable "env" {}

resource "aws_s3_bucket" "store" {
  bucket = "${var.env}-artifacts"
}

resource "aws_kms_key" "store" {}

resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"]
    }
  }
}

resource "aws_codepipeline" "shop" {
  name     = "shop"
  role_arn = module.passed.role
  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.store.bucket
    encryption_key {
      type = "KMS"
      id   = aws_kms_key.store.arn
    }
  }
  dynamic "stage" {
    for_each = ["Source", "Build"]
    content {
      name = stage.value
      action {
        name     = "Do"
        category = "Source"
        owner    = "AWS"
        provider = "S3"
        version  = "1"
        configuration = {
          S3Bucket = var.env == "prod" ? "a" : "b"
          Policy   = jsonencode({ Resource = aws_kms_key.store.arn })
        }
      }
    }
  }
}

module "passed" {
  source = "./passed"
  role   = aws_iam_role.pipeline.arn
}

resource "aws_made_up_thing" "x" {
  size = 3
}

resource "aws_codepipeline" "none" {
  count = 0
}
"#;

const PASSED: &str = "variable \"role\" {}\noutput \"role\" {\n  value = var.role\n}\n";

#[test]
fn owners_are_found_through_modules_and_unknown_values_stay_unknown() {
    let fixture = load(&[("main.tf", TEXT), ("passed/main.tf", PASSED)]);
    let model = fixture.model();
    let pipelines: Vec<_> = model.pipelines().collect();
    assert_eq!(pipelines.len(), 1);
    let pipeline = &pipelines[0];
    assert_eq!(pipeline.role().here().unwrap().address(), "aws_iam_role.pipeline");
    assert_eq!(pipeline.buckets()[0].address(), "aws_s3_bucket.store");
    assert_eq!(pipeline.keys()[0].1.here().unwrap().address(), "aws_kms_key.store");
    let names: Vec<&str> = pipeline.stages.iter().map(|s| s.name().str()).collect();
    assert_eq!(names, ["Source", "Build"]);
    let action = &pipeline.stages[0].actions[0];
    assert_eq!(action.setting("S3Bucket").known(), None, "a condition on an open variable decides nothing");
    assert_eq!(action.setting("Policy").text().unwrap().readable(), "{\"Resource\":\"${aws_kms_key.store.arn}\"}");
    let bucket = model.object("aws_s3_bucket.store").unwrap();
    assert_eq!(bucket.get("bucket").text().unwrap().readable(), "${var.env}-artifacts");
    assert_eq!(bucket.get("bucket").known(), None);
}

#[test]
fn policies_are_read_although_the_account_is_open() {
    let fixture = load(&[("main.tf", TEXT), ("passed/main.tf", PASSED)]);
    let model = fixture.model();
    let role = model.object("aws_iam_role.pipeline").unwrap();
    let policy: serde_json::Value = serde_json::from_str(role.get("assume_role_policy").text().unwrap().0).unwrap();
    let principal = policy["Statement"]["Principal"]["AWS"]
        .as_str()
        .or_else(|| policy["Statement"][0]["Principal"]["AWS"].as_str());
    assert!(principal.unwrap().starts_with("arn:aws:iam::"), "{policy}");
    assert!(model.resolve_text(&["aws_iam_role"], "arn:aws:iam::111122223333:role/pipeline").is(role));
    assert!(matches!(model.resolve_text(&["aws_iam_role"], "arn:aws:iam::111122223333:role/other"), Found::Elsewhere));
}

#[test]
fn types_no_provider_has_are_taken_as_written() {
    let fixture = load(&[("main.tf", TEXT), ("passed/main.tf", PASSED)]);
    let model = fixture.model();
    let thing = model.object("aws_made_up_thing.x").unwrap();
    assert_eq!(thing.get("size").int(), Some(3));
    assert_eq!(thing.get("arn").text().unwrap().readable(), "${aws_made_up_thing.x.arn}");
    assert_eq!(fixture.unknown_types(), ["aws_made_up_thing"]);
}

#[test]
fn places_point_into_the_source() {
    let fixture = load(&[("main.tf", TEXT), ("passed/main.tf", PASSED)]);
    let model = fixture.model();
    let pipeline = model.object("aws_codepipeline.shop").unwrap();
    let at = |attr: pipewright::lint::model::Attr<'_>| model.sources.text(attr.span().unwrap());
    assert_eq!(at(pipeline.blocks("artifact_store")[0].get("location")), "aws_s3_bucket.store.bucket");
    assert_eq!(at(pipeline.get("role_arn")), "module.passed.role");
    assert_eq!(at(pipeline.get("pipeline_type")), "resource \"aws_codepipeline\" \"shop\"");
}
