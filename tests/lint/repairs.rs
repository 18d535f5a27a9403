//! What `lint -fix` changes, and what it leaves alone.

use crate::fixture::{example, load, registry};
use pipewright::engine;
use pipewright::lang::fmt;
use pipewright::lint::{self, Finding, Level, REPAIRED, repair::repaired};
use std::collections::BTreeSet;

fn can_be_repaired(finding: &Finding) -> bool {
    finding.fix.as_ref().is_some_and(|f| !f.edits.is_empty())
}

/// Texts for rules whose own example has no repair, though others of their findings have one.
const MORE: &[(&str, &str)] = &[
    (
        "EV003",
        "resource \"aws_lambda_function\" \"tell\" {\n  function_name = \"tell\"\n  role          = \"arn:aws:iam::111122223333:role/tell\"\n}\n\nresource \"aws_cloudwatch_event_rule\" \"failed\" {\n  name          = \"failed\"\n  event_pattern = jsonencode({ source = [\"aws.codepipeline\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"failed\" {\n  rule = aws_cloudwatch_event_rule.failed.name\n  arn  = aws_lambda_function.tell.arn\n}\n",
    ),
    (
        "IAM003",
        "resource \"aws_iam_role\" \"pipeline\" {\n  name = \"pipeline\"\n  assume_role_policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Action    = \"sts:AssumeRole\"\n      Principal = { Service = \"codepipeline.amazonaws.com\" }\n    }]\n  })\n}\n\nresource \"aws_iam_role_policy\" \"pipeline\" {\n  role = aws_iam_role.pipeline.name\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect   = \"Allow\"\n      Action   = [\"codebuild:BatchGetBuilds\", \"codebuild:StartBuild\"]\n      Resource = \"*\" # what builds\n    }]\n  })\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = aws_iam_role.pipeline.arn\n\n  stage {\n    name = \"Build\"\n\n    action {\n      name          = \"Compile\"\n      category      = \"Build\"\n      owner         = \"AWS\"\n      provider      = \"CodeBuild\"\n      version       = \"1\"\n      configuration = { ProjectName = \"shop\" }\n    }\n  }\n}\n",
    ),
    (
        "IAM011",
        "resource \"aws_iam_role\" \"pipeline\" {\n  name = \"pipeline\"\n  assume_role_policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Action    = \"sts:AssumeRole\"\n      Principal = { Service = \"codepipline.amazonaws.com\" }\n    }]\n  })\n}\n\nresource \"aws_iam_role_policy\" \"pipeline\" {\n  role = aws_iam_role.pipeline.name\n  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect   = \"Allow\"\n      Action   = [\"codebuild:BatchGetBuilds\", \"codebuild:StartBuild\"]\n      Resource = \"arn:aws:codebuild:*:*:project/shop\" # what builds\n    }]\n  })\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = aws_iam_role.pipeline.arn\n\n  stage {\n    name = \"Build\"\n\n    action {\n      name          = \"Compile\"\n      category      = \"Build\"\n      owner         = \"AWS\"\n      provider      = \"CodeBuild\"\n      version       = \"1\"\n      configuration = { ProjectName = \"shop\" }\n    }\n  }\n}\n",
    ),
];

fn example_of(id: &str) -> &'static str {
    let more = MORE.iter().find(|(of, _)| *of == id).map(|(_, text)| *text);
    more.unwrap_or(lint::find(id).unwrap().bad)
}

/// The text after the repairs of one rule, as many rounds as it takes, and what the rule says then.
fn repair(id: &str, text: &str) -> (String, Vec<Finding>) {
    let mut text = text.to_owned();
    for _ in 0..5 {
        let fixture = load(&[("main.tf", &text)]);
        let report = fixture.says(id);
        let files = repaired(&report.findings, &fixture.config.sources, &|_| true);
        match files.as_slice() {
            [] => return (text, report.findings),
            [file] => text.clone_from(&file.after),
            more => panic!("{id} changed {} files", more.len()),
        }
    }
    panic!("{id} is never done:\n{text}");
}

#[test]
fn the_rules_with_a_repair_are_those_that_say_so() {
    let with: Vec<&str> = lint::rules()
        .filter(|r| example(example_of(r.id)).says(r.id).findings.iter().any(can_be_repaired))
        .map(|r| r.id)
        .collect();
    assert_eq!(with, REPAIRED);
}

#[test]
fn a_repaired_example_is_clean_and_nothing_else_is_said_of_it() {
    for id in REPAIRED {
        let bad = example_of(id).trim_start();
        let (after, left) = repair(id, bad);
        assert!(left.is_empty(), "{id}: {left:#?}\n{after}");
        assert!(fmt::format(bad) != bad || fmt::format(&after) == after, "{id} is not formatted any more:\n{after}");
        // A repair makes no new error.
        let errors = |text: &str| -> BTreeSet<&'static str> {
            let rules: Vec<_> = lint::rules().collect();
            let report = load(&[("main.tf", text)]).report(&rules);
            report.findings.iter().filter(|f| f.severity == Level::Error).map(|f| f.rule).collect()
        };
        let (old, new) = (errors(bad), errors(&after));
        assert!(new.is_subset(&old), "{id} brings {:?}:\n{after}", new.difference(&old));
    }
}

#[test]
fn a_repaired_example_is_as_valid_as_before() {
    let errors = |text: &str| -> BTreeSet<String> {
        let fixture = load(&[("main.tf", text)]);
        let told = engine::validate(&fixture.config, registry());
        told.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.summary, d.detail)).collect()
    };
    for id in REPAIRED {
        let bad = example_of(id).trim_start();
        let (after, _) = repair(id, bad);
        let (old, new) = (errors(bad), errors(&after));
        assert!(new.is_subset(&old), "{id} brings {:?}:\n{after}", new.difference(&old));
    }
}

#[test]
fn comments_and_layout_stay() {
    let text = r#"# At the top
resource "aws_s3_bucket" "artifacts" {
  bucket        = "shop-artifacts" # by name
  force_destroy = true             // for tests
  # the end
}

/* between */
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "trail" # elsewhere

  event_selector {
    read_write_type = "All"
  }
}

resource "aws_codepipeline" "shop" {
  name = "shop"
  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.bucket
  }
  stage {
    name = "Prod"
  }
}
"#;
    let fixture = load(&[("main.tf", text)]);
    let rules: Vec<_> =
        ["S3001", "S3005", "S3014", "CT001", "CT002"].iter().map(|id| lint::find(id).unwrap()).collect();
    let report = fixture.report(&rules);
    let files = repaired(&report.findings, &fixture.config.sources, &|_| true);
    let after = &files[0].after;
    let changed = [
        "  force_destroy = true             // for tests",
        "  name           = \"main\"",
        "  s3_bucket_name = \"trail\" # elsewhere",
    ];
    for line in text.lines().filter(|l| !changed.contains(l)) {
        assert!(after.contains(line), "{line:?} is gone:\n{after}");
    }
    for line in [
        "  force_destroy = false            // for tests",
        "  s3_bucket_name             = \"trail\" # elsewhere",
        "  enable_log_file_validation = true",
        "  is_multi_region_trail      = true",
        "resource \"aws_s3_bucket_versioning\" \"artifacts\" {",
        "resource \"aws_s3_bucket_public_access_block\" \"artifacts\" {",
    ] {
        assert_eq!(after.matches(line).count(), 1, "{line:?}:\n{after}");
    }
    assert!(load(&[("main.tf", after)]).report(&rules).findings.is_empty(), "{after}");
}

/// What the source does not hold itself is not repaired: the finding stays, without a change.
#[test]
fn values_from_elsewhere_are_left_alone() {
    let trail = |inside: &str| {
        format!(
            "resource \"aws_cloudtrail\" \"main\" {{\n  name = \"main\"\n  s3_bucket_name = \"trail\"\n{inside}}}\n"
        )
    };
    let cases = [
        ("CT002", trail("  enable_log_file_validation = var.on\n") + "variable \"on\" {\n  default = false\n}\n"),
        ("CT001", trail("") + &trail("").replace("\"main\"", "\"other\"")),
        ("CT001", trail("  include_global_service_events = false\n")),
        (
            "S3001",
            "resource \"aws_s3_bucket\" \"a\" {\n  count  = 2\n  bucket = \"a${count.index}\"\n}\nresource \"aws_codepipeline\" \"p\" {\n  name = \"p\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.a[0].bucket\n  }\n}\n".into(),
        ),
        (
            "CP012",
            "resource \"aws_codepipeline\" \"p\" {\n  name           = \"p\"\n  pipeline_type  = local.type\n  execution_mode = \"QUEUED\"\n}\nlocals {\n  type = \"V1\"\n}\n".into(),
        ),
        (
            "S3014",
            "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n  force_destroy = !local.keep\n}\nlocals {\n  keep = false\n}\nresource \"aws_codepipeline\" \"p\" {\n  name = \"p\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.a.bucket\n  }\n  stage {\n    name = \"Prod\"\n  }\n}\n".into(),
        ),
        (
            "S3011",
            "resource \"aws_kms_key\" \"k\" {\n  customer_master_key_spec = \"RSA_2048\"\n}\nresource \"aws_codepipeline\" \"p\" {\n  name = \"p\"\n  artifact_store {\n    type     = \"S3\"\n    location = \"a\"\n    encryption_key {\n      type = \"KMS\"\n      id   = aws_kms_key.k.arn\n    }\n  }\n}\n".into(),
        ),
    ];
    for (id, text) in cases {
        let findings = load(&[("main.tf", &text)]).says(id).findings;
        assert!(!findings.is_empty(), "{id} says nothing:\n{text}");
        assert!(!findings.iter().any(can_be_repaired), "{id}: {findings:#?}\n{text}");
    }
}

/// Which block is which cannot be told where some are made by `dynamic`.
#[test]
fn blocks_beside_made_ones_are_left_alone() {
    let rule = lint::find("PL003").unwrap();
    let text = rule.bad.replacen(
        "  stage {\n    name = \"Source\"",
        "  dynamic \"stage\" {\n    for_each = []\n    content {\n      name = stage.value\n    }\n  }\n\n  stage {\n    name = \"Source\"",
        1,
    );
    assert!(text.contains("dynamic"));
    let findings = load(&[("main.tf", &text)]).says("PL003").findings;
    assert!(findings.len() == 1 && !can_be_repaired(&findings[0]), "{findings:#?}");
}

#[test]
fn a_statement_goes_into_the_policy_that_is_there_however_it_is_written() {
    let bucket = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n\nresource \"aws_codepipeline\" \"p\" {\n  name = \"p\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.a.bucket\n  }\n}\n\n";
    let encoded = "resource \"aws_s3_bucket_policy\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n  policy = jsonencode({\n    Version   = \"2012-10-17\"\n    Statement = [{ Effect = \"Allow\", Principal = { AWS = \"111122223333\" }, Action = \"s3:GetObject\", Resource = \"*\" }] # one\n  })\n}\n";
    let data = "data \"aws_iam_policy_document\" \"a\" {\n  # Reads\n  statement {\n    actions   = [\"s3:GetObject\"]\n    resources = [\"*\"]\n\n    principals {\n      type        = \"AWS\"\n      identifiers = [\"111122223333\"]\n    }\n  }\n}\n\nresource \"aws_s3_bucket_policy\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n  policy = data.aws_iam_policy_document.a.json\n}\n";
    for (policy, kept) in [(encoded, "# one"), (data, "# Reads")] {
        let (after, left) = repair("S3002", &format!("{bucket}{policy}"));
        assert!(left.is_empty() && after.contains(kept) && after.contains("s3:GetObject"), "{after}\n{left:#?}");
        assert_eq!(after.matches("aws_s3_bucket_policy").count(), 1, "{after}");
    }
}

#[test]
fn ignore_comments_of_no_use_go_and_the_others_stay() {
    let block = |inside: &str| {
        format!(
            "resource \"aws_codepipeline\" \"shop\" {{\n  name          = \"shop\"\n  pipeline_type = \"V2\"{inside}\n}}\n"
        )
    };
    let (after, _) = repair("IGN002", &format!("# pipewright:ignore PL007 old\n# Kept\n{}", block("")));
    assert_eq!(after, format!("# Kept\n{}", block("")));
    let (after, _) = repair("IGN002", &block(" # pipewright:ignore PL007 old"));
    assert_eq!(after, block(""));
    let (after, _) = repair("IGN002", &format!("// pipewright:ignore PL007,PL004 old\n{}", block("")));
    assert_eq!(after, block(""));
    let used = format!("# pipewright:ignore EV001,PL007 somebody looks\n{}", block(""));
    let (after, left) = repair("IGN002", &used);
    assert!(left.is_empty() && after.starts_with("# pipewright:ignore EV001 somebody looks\n"), "{after}");
}

#[test]
fn a_start_role_is_narrowed_to_what_its_rules_start() {
    let text = |resource: &str, other: &str| {
        format!(
            "resource \"aws_codepipeline\" \"shop\" {{\n  name = \"shop\"\n}}\n\nresource \"aws_iam_role\" \"start\" {{\n  name               = \"start\"\n  assume_role_policy = \"{{}}\"\n}}\n\nresource \"aws_iam_role_policy\" \"start\" {{\n  role = aws_iam_role.start.id\n  policy = jsonencode({{\n    Version   = \"2012-10-17\"\n    Statement = [{{ Effect = \"Allow\", Action = {other}, Resource = {resource} }}]\n  }})\n}}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {{\n  rule     = \"push\"\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}}\n"
        )
    };
    let (after, left) = repair("EV012", &text("\"*\"", "[\"codepipeline:StartPipelineExecution\"]"));
    assert!(left.is_empty() && after.contains("Resource = aws_codepipeline.shop.arn"), "{after}");
    // Narrowed, the other action would lose what it is for.
    let wide = text("\"*\"", "[\"codepipeline:StartPipelineExecution\", \"sqs:SendMessage\"]");
    let findings = load(&[("main.tf", &wide)]).says("EV012").findings;
    assert!(findings.len() == 1 && !can_be_repaired(&findings[0]));
}

#[test]
fn topics_and_queues_without_a_policy_let_their_rules_in() {
    let text = |kind: &str, more: &str| {
        format!(
            "resource \"{kind}\" \"alerts\" {{\n  name = \"alerts\"\n}}\n\nresource \"aws_cloudwatch_event_rule\" \"failed\" {{\n  name          = \"failed\"\n  \
             event_pattern = jsonencode({{ source = [\"aws.codepipeline\"] }})\n}}\n\nresource \"aws_cloudwatch_event_rule\" \"stopped\" {{\n  name          = \"stopped\"\n  \
             event_pattern = jsonencode({{ source = [\"aws.codepipeline\"] }})\n}}\n\nresource \"aws_cloudwatch_event_target\" \"failed\" {{\n  rule = \
             aws_cloudwatch_event_rule.failed.name\n  arn  = {kind}.alerts.arn\n}}\n\nresource \"aws_cloudwatch_event_target\" \"stopped\" {{\n  rule = \
             aws_cloudwatch_event_rule.stopped.name\n  arn  = {kind}.alerts.arn\n}}\n{more}"
        )
    };
    let (queue, left) = repair("EV003", &text("aws_sqs_queue", ""));
    assert!(left.is_empty(), "{left:#?}\n{queue}");
    assert_eq!(queue.matches("aws_sqs_queue_policy").count(), 1, "{queue}");
    assert!(queue.contains("[aws_cloudwatch_event_rule.failed.arn, aws_cloudwatch_event_rule.stopped.arn]"), "{queue}");
    let (topic, left) = repair("EV003", &text("aws_sns_topic", ""));
    assert!(left.is_empty(), "{left:#?}\n{topic}");
    // What a new topic allows stays allowed.
    assert!(topic.contains("AWS:SourceOwner") && topic.matches("data \"aws_caller_identity\"").count() == 1, "{topic}");
    let known = "\ndata \"aws_caller_identity\" \"me\" {}\n";
    let (topic, _) = repair("EV003", &text("aws_sns_topic", known));
    assert!(topic.contains("data.aws_caller_identity.me.account_id"), "{topic}");
    // What starts a pipeline has to do with no queue, though the account in its ARN is not known.
    let start = "\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {\n  rule = \"x\"\n  arn  = aws_codepipeline.shop.arn\n}\n";
    let (_, left) = repair("EV003", &text("aws_sqs_queue", start));
    assert!(left.iter().all(|f| f.address == "aws_cloudwatch_event_target.start"), "{left:#?}");
    // A target whose topic is not known may be of this one, too.
    let open = "\nvariable \"arn\" {\n  type = string\n}\n\nresource \"aws_cloudwatch_event_target\" \"open\" {\n  rule = \"x\"\n  arn  = var.arn\n}\n";
    let (after, left) = repair("EV003", &text("aws_sqs_queue", open));
    assert_eq!((after, left.len()), (text("aws_sqs_queue", open), 2));
}

/// A rule that starts a pipeline as a role that may not, with more in the role's block and beside it.
fn started(inside: &str, more: &str) -> String {
    format!(
        r#"
resource "aws_codepipeline" "shop" {{
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/shop"
}}

resource "aws_cloudwatch_event_target" "start" {{
  rule     = "push"
  arn      = aws_codepipeline.shop.arn
  role_arn = aws_iam_role.start.arn
}}

resource "aws_iam_role" "start" {{
  name = "start"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "events.amazonaws.com" }} }}]
  }})
{inside}}}
{more}"#
    )
}

#[test]
fn a_role_gets_the_permission_to_start_its_pipeline_where_nothing_else_owns_its_policies() {
    let (after, left) = repair("EV003", &started("", ""));
    assert!(left.is_empty(), "{after}");
    assert!(after.contains("resource \"aws_iam_role_policy\" \"start\" {"), "{after}");
    assert!(after.contains("Resource = aws_codepipeline.shop.arn"), "{after}");
    let inline = "  inline_policy {\n    name   = \"x\"\n    policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"sns:Publish\", Resource = \"*\" }] })\n  }\n";
    let exclusive = "\nresource \"aws_iam_role_policies_exclusive\" \"start\" {\n  role_name    = aws_iam_role.start.name\n  policy_names = []\n}\n";
    for owned in [started(inline, ""), started("", exclusive)] {
        let (after, left) = repair("EV003", &owned);
        assert_eq!((after.as_str(), left.len()), (owned.as_str(), 1));
    }
}

#[test]
fn all_resources_become_those_that_the_pipeline_needs() {
    let (after, left) = repair("IAM003", example_of("IAM003"));
    assert!(left.is_empty(), "{after}");
    let named = "Resource = \"arn:aws:codebuild:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:project/shop\" # what builds";
    assert!(after.contains(named), "{after}");
    // What is needed on all resources, or by nothing, stays; another user of the role may need more.
    for (what, with) in [
        ("\"codebuild:StartBuild\"]", "\"codebuild:StartBuild\", \"codebuild:CreateProject\"]"),
        (
            "{ Service = \"codepipeline.amazonaws.com\" }",
            "{ Service = [\"codepipeline.amazonaws.com\", \"codebuild.amazonaws.com\"] }",
        ),
    ] {
        let text = example_of("IAM003").replace(what, with);
        assert_ne!(text, example_of("IAM003"));
        let (after, left) = repair("IAM003", &text);
        assert_eq!((after.as_str(), left.len()), (text.as_str(), 1));
    }
}

#[test]
fn a_misspelt_service_in_a_trust_policy_is_written_right_and_another_service_is_left() {
    let (after, left) = repair("IAM011", example_of("IAM011"));
    assert!(left.is_empty() && after.contains("Service = \"codepipeline.amazonaws.com\""), "{after}");
    let other = example_of("IAM011").replace("codepipline.", "codebuild.");
    assert_eq!(repair("IAM011", &other).0, other);
}
