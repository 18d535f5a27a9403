//! What looks like a finding and is none, and what is one although it looks different.

use crate::fixture::{example, findings};
use pipewright::lint::Level;

/// A pipeline with a CodeCommit source (output `source`, namespace `Src`) and what comes after it.
fn pipeline(rest: &str) -> String {
    format!(
        r#"
resource "aws_codepipeline" "shop" {{
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/shop"
  artifact_store {{
    type     = "S3"
    location = "shop-artifacts"
  }}
  stage {{
    name = "Source"
    action {{
      name             = "Code"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeCommit"
      version          = "1"
      namespace        = "Src"
      output_artifacts = ["source"]
      configuration = {{
        RepositoryName       = "shop"
        BranchName           = "main"
        PollForSourceChanges = "false"
      }}
    }}
  }}
{rest}
}}
"#
    )
}

fn build(inside: &str) -> String {
    pipeline(&format!(
        r#"
  stage {{
    name = "Build"
    action {{
      name            = "Build"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]
{inside}
    }}
  }}
"#
    ))
}

fn rule(pattern: &str) -> String {
    format!(
        "resource \"aws_cloudwatch_event_rule\" \"r\" {{\n  name = \"r\"\n  event_pattern = jsonencode({pattern})\n}}\n"
    )
}

#[test]
fn variables_of_every_kind_that_lead_somewhere_are_fine() {
    let text = build(
        r##"configuration = {
        ProjectName          = "shop"
        EnvironmentVariables = "#{Src.CommitId} #{codepipeline.PipelineExecutionId}"
      }"##,
    );
    assert!(findings("CP017", &text).is_empty());
    let text = build(r##"configuration = { ProjectName = "#{Sorce.CommitId}" }"##);
    assert_eq!(findings("CP017", &text).len(), 1);
}

#[test]
fn keys_that_are_not_known_yet_are_neither_missing_nor_wrong() {
    let text = build("configuration = var.settings") + "variable \"settings\" { type = map(string) }\n";
    assert!(findings("CP009", &text).is_empty());
    assert!(findings("CP010", &text).is_empty());
    let text = build("configuration = { ProjectName = var.project }") + "variable \"project\" {}\n";
    assert!(findings("CP009", &text).is_empty());
}

#[test]
fn values_of_999_characters_pass_and_of_1001_do_not() {
    let of = |n: usize| build(&format!("configuration = {{ ProjectName = \"{}\" }}", "x".repeat(n)));
    assert!(findings("CP011", &of(1000)).is_empty());
    assert_eq!(findings("CP011", &of(1001)).len(), 1);
}

#[test]
fn stages_made_by_what_is_not_known_say_nothing_of_number_and_order() {
    let text = r#"
variable "stages" { type = list(string) }
resource "aws_codepipeline" "shop" {
  name = "shop"
  dynamic "stage" {
    for_each = var.stages
    content { name = stage.value }
  }
}
"#;
    for id in ["CP001", "CP002", "CP003", "CP005"] {
        assert!(findings(id, text).is_empty(), "{id}");
    }
}

#[test]
fn a_trigger_with_tags_and_branches_in_filters_of_their_own_is_fine() {
    let filters = |inside: &str| {
        pipeline(&format!(
            r#"
  pipeline_type = "V2"
  trigger {{
    provider_type = "CodeStarSourceConnection"
    git_configuration {{
      source_action_name = "Code"
      {inside}
    }}
  }}
"#
        ))
        .replace("CodeCommit", "CodeStarSourceConnection")
    };
    let apart =
        filters("push {\n tags {\n includes = [\"v*\"]\n }\n }\n push {\n branches {\n includes = [\"main\"]\n }\n }");
    assert!(findings("CP014", &apart).is_empty());
    let together = filters("push {\n tags {\n includes = [\"v*\"]\n }\n branches {\n includes = [\"main\"]\n }\n }");
    assert_eq!(findings("CP014", &together).len(), 1);
    let paths = filters("push {\n file_paths {\n includes = [\"a/**\"]\n }\n }");
    assert_eq!(findings("CP014", &paths).len(), 1);
}

#[test]
fn patterns_of_other_services_and_with_open_parts_are_not_judged() {
    assert!(findings("EV002", &rule("{ source = [\"aws.ec2\"], detail = { state = [\"CANCELLED\"] } }")).is_empty());
    let open = rule("{ source = [\"aws.codepipeline\"], detail = { pipeline = [var.name], state = [\"FAILED\"] } }")
        + "variable \"name\" {}\n";
    assert!(findings("EV002", &open).is_empty());
    for wrong in [
        "{ source = [\"aws.codepipeline\"], detail = { state = [\"failed\"] } }",
        "{ source = [\"aws.codepipeline\"], detail-type = [\"CodePipeline Pipeline Execution State Changes\"] }",
        "{ source = [\"aws.codepipeline\"], detail = { stat = [\"FAILED\"] } }",
        "{ source = [\"aws.codepipeline\"], detail-type = [\"CodePipeline Stage Execution State Change\"], detail = { state = [\"SUPERSEDED\"] } }",
        "{ source = [\"aws.codepipeline\"], detail = { version = [7] } }",
        "{ source = \"aws.codepipeline\" }",
    ] {
        assert_eq!(findings("EV002", &rule(wrong)).len(), 1, "{wrong}");
    }
}

#[test]
fn secrets_that_are_looked_up_are_none() {
    let of = |value: &str| {
        build(&format!("configuration = {{\n ProjectName = \"shop\"\n EnvironmentVariables = {value}\n }}"))
    };
    for fine in [
        "jsonencode([{ name = \"DB_PASSWORD\", type = \"SECRETS_MANAGER\", value = \"shop/db\" }])",
        "jsonencode([{ name = \"DB_PASSWORD_ARN\", value = \"x\" }])",
        "jsonencode([{ name = \"DB_PASSWORD\", value = var.password }])",
        "jsonencode([{ name = \"STAGE\", value = \"prod\" }])",
    ] {
        let text = of(fine) + "variable \"password\" {\n  sensitive = true\n}\n";
        assert!(findings("PL005", &text).is_empty(), "{fine}");
    }
    let plain = of("jsonencode([{ name = \"DB_PASSWORD\", value = \"hunter2!\" }])");
    let found = findings("PL005", &plain);
    assert_eq!(found.len(), 1);
    assert!(!found[0].contains("hunter2"), "a secret is never shown: {}", found[0]);
}

#[test]
fn production_is_guarded_by_a_condition_as_well_as_by_a_person() {
    let stage = |inside: &str| {
        pipeline(&format!(
            "  stage {{\n    name = \"Prod\"\n{inside}\n    action {{\n      name = \"Go\"\n      category = \"Deploy\"\n      owner = \"AWS\"\n      provider = \"S3\"\n      version = \"1\"\n    }}\n  }}\n"
        ))
    };
    assert_eq!(findings("PL001", &stage("")).len(), 1);
    let gated = "    before_entry {\n      condition {\n        result = \"FAIL\"\n        rule {\n          name = \"Window\"\n          rule_type_id {\n            category = \"Rule\"\n            provider = \"DeploymentWindow\"\n          }\n        }\n      }\n    }";
    assert!(findings("PL001", &stage(gated)).is_empty());
}

#[test]
fn a_policy_that_is_open_in_parts_is_still_read() {
    let bucket = r#"
resource "aws_s3_bucket" "a" {}
resource "aws_kms_key" "k" {}
resource "aws_codepipeline" "shop" {
  name = "shop"
  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.a.bucket
  }
}
"#;
    let policy = |resource: &str| {
        format!(
            "{bucket}resource \"aws_s3_bucket_policy\" \"a\" {{\n  bucket = aws_s3_bucket.a.id\n  policy = jsonencode({{ Statement = [{{ Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\", Resource = {resource}, Condition = {{ Bool = {{ \"aws:SecureTransport\" = false }} }} }}, {{ Effect = \"Allow\", Principal = {{ AWS = aws_kms_key.k.arn }}, Action = \"s3:Get*\", Resource = \"*\" }}] }})\n}}\n"
        )
    };
    assert!(findings("S3002", &policy("[aws_s3_bucket.a.arn, \"${aws_s3_bucket.a.arn}/*\"]")).is_empty());
    assert_eq!(findings("S3002", &policy("\"${aws_s3_bucket.a.arn}/*\"")).len(), 1);
    assert_eq!(findings("S3002", bucket).len(), 1);
}

#[test]
fn comments_hide_at_their_place_only() {
    let text = |comment: &str, inside: &str| {
        format!(
            "{comment}resource \"aws_codepipeline\" \"shop\" {{\n  name = \"shop\"\n{inside}  artifact_store {{\n    type     = \"S3\"\n    location = \"a\"\n  }}\n}}\n"
        )
    };
    assert_eq!(findings("S3004", &text("", "")).len(), 1);
    assert!(findings("S3004", &text("# pipewright:ignore S3004 public sources only\n", "")).is_empty());
    assert!(findings("S3004", &text("", "  # pipewright:ignore S3004 public sources only\n")).is_empty());
    assert_eq!(findings("S3004", &text("# pipewright:ignore S3004\n", "")).len(), 1, "no reason");
    assert_eq!(findings("S3004", &text("# pipewright:ignore S3001 other\n", "")).len(), 1);
}

/// A pipeline whose artifact bucket is made here.
fn with_bucket(more: &str) -> String {
    format!(
        "resource \"aws_s3_bucket\" \"artifacts\" {{\n  bucket = \"shop-artifacts\"\n}}\n\n{more}\n{}",
        pipeline("")
    )
}

#[test]
fn what_blocks_the_account_blocks_its_buckets() {
    let block = |on: &str| {
        with_bucket(&format!(
            "resource \"aws_s3_account_public_access_block\" \"all\" {{\n  block_public_acls       = true\n  block_public_policy     = {on}\n  \
             ignore_public_acls      = true\n  restrict_public_buckets = true\n}}\n"
        ))
    };
    assert_eq!(findings("S3001", &with_bucket("")).len(), 1);
    assert!(findings("S3001", &block("true")).is_empty());
    assert_eq!(findings("S3001", &block("false")).len(), 1, "one of four is off");
}

#[test]
fn a_role_handed_to_named_services_is_a_warning() {
    let policy = |condition: &str| {
        format!(
            "resource \"aws_iam_policy\" \"deploy\" {{\n  name = \"deploy\"\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      \
             Effect   = \"Allow\"\n      Action   = \"iam:PassRole\"\n      Resource = \"arn:aws:iam::111122223333:role/*\"\n      {condition}\n    }}]\n  }})\n}}\n"
        )
    };
    let severity = |condition: &str| example(&policy(condition)).says("IAM005").findings.first().map(|f| f.severity);
    let service = |operator: &str, name: &str| {
        format!("Condition = {{ {operator} = {{ \"iam:PassedToService\" = \"{name}\" }} }}")
    };
    assert_eq!(severity(""), Some(Level::Error));
    assert_eq!(severity(&service("StringEquals", "ecs-tasks.amazonaws.com")), Some(Level::Warning));
    assert_eq!(severity(&service("StringEqualsIfExists", "ecs-tasks.amazonaws.com")), Some(Level::Warning));
    assert_eq!(severity(&service("StringLike", "*")), Some(Level::Error), "any service");
    assert_eq!(severity(&service("StringNotEquals", "ecs-tasks.amazonaws.com")), Some(Level::Error), "all but one");
}

#[test]
fn a_build_that_may_write_every_bucket_reaches_the_artifacts_of_others() {
    let text = |resource: &str| {
        format!(
            r#"
resource "aws_iam_role" "build" {{
  name               = "build"
  assume_role_policy = "{{}}"
}}

resource "aws_iam_role_policy" "build" {{
  role = aws_iam_role.build.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "s3:Put*", Resource = "{resource}" }}]
  }})
}}

resource "aws_codebuild_project" "tests" {{
  name         = "tests"
  service_role = aws_iam_role.build.arn
}}

resource "aws_codepipeline" "blog" {{
  name     = "blog"
  role_arn = "arn:aws:iam::111122223333:role/blog"
  artifact_store {{
    type     = "S3"
    location = "blog-artifacts"
  }}
}}
{}"#,
            build("      configuration = { ProjectName = aws_codebuild_project.tests.name }")
        )
    };
    for reaching in ["arn:aws:s3:::blog-artifacts/*", "*", "arn:aws:s3:::*", "arn:*:s3:::blog*", "arn:aws:s3:::b*/*"] {
        assert_eq!(findings("IAM021", &text(reaching)).len(), 1, "{reaching}");
    }
    for harmless in [
        "arn:aws:s3:::shop-artifacts/*",
        "arn:aws:s3:::blog-artifacts/cache/*",
        "arn:aws:s3:::blog-artifacts",
        "arn:aws:sns:*",
    ] {
        assert!(findings("IAM021", &text(harmless)).is_empty(), "{harmless}");
    }
}

#[test]
fn what_is_asked_of_hundreds_is_told_of_each() {
    // Chats, permissions and attachments are looked up in indices: each must still find its own and no other.
    let text = "resource \"aws_sns_topic\" \"heard\" {\n  name = \"heard\"\n}\n\nresource \"aws_sns_topic\" \"unheard\" {\n  name = \"unheard\"\n}\n\n\
                resource \"aws_chatbot_slack_channel_configuration\" \"team\" {\n  sns_topic_arns = [aws_sns_topic.heard.arn]\n}\n\n\
                resource \"aws_cloudwatch_event_target\" \"a\" {\n  rule = \"a\"\n  arn  = aws_sns_topic.heard.arn\n}\n\n\
                resource \"aws_cloudwatch_event_target\" \"b\" {\n  rule = \"b\"\n  arn  = aws_sns_topic.unheard.arn\n}\n";
    let all = example(text).says("EV011").findings;
    let unsubscribed: Vec<&str> =
        all.iter().filter(|f| f.summary.contains("subscribed")).map(|f| f.address.as_str()).collect();
    assert_eq!(unsubscribed, ["aws_sns_topic.unheard"]);
}
