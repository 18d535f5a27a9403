//! Near misses of the rules about roles and policies: what looks wrong and is not, and the other way round.

use crate::fixture::load;
use pipewright::lint::{self, Level, repair::repaired};

fn policy(statement: &str) -> String {
    format!(
        "resource \"aws_iam_policy\" \"p\" {{\n  name   = \"p\"\n  policy = jsonencode({{\n    Version   = \"2012-10-17\"\n    Statement = [\n      {statement}\n    ]\n  }})\n}}\n"
    )
}

/// Severity and summary of what one rule says.
fn said(rule: &str, text: &str) -> Vec<(Level, String)> {
    let rule = lint::find(rule).unwrap();
    let report = load(&[("main.tf", text)]).report(&[rule]);
    report.findings.into_iter().map(|f| (f.severity, f.summary)).collect()
}

fn silent(rule: &str, statements: &[&str]) {
    for statement in statements {
        assert_eq!(said(rule, &policy(statement)), [], "{rule}: {statement}");
    }
}

fn speaks(rule: &str, statements: &[&str]) {
    for statement in statements {
        assert_eq!(said(rule, &policy(statement)).len(), 1, "{rule}: {statement}");
    }
}

#[test]
fn actions_are_known_in_any_case_and_by_pattern() {
    silent(
        "IAM001",
        &[
            r#"{ Effect = "Allow", Action = "S3:getobject", Resource = "*" }"#,
            r#"{ Effect = "Allow", Action = ["s3:Get*", "*", "codestar-connections:UseConnection"], Resource = "*" }"#,
        ],
    );
    speaks(
        "IAM001",
        &[
            r#"{ Effect = "Deny", Action = "s3:GetObjects", Resource = "*" }"#,
            r#"{ Effect = "Allow", NotAction = "codebiuld:StartBuild", Resource = "*" }"#,
            r#"{ Effect = "Allow", Action = "s3:Fetch*", Resource = "*" }"#,
        ],
    );
    // Not a slip of anything: perhaps newer than the catalogue.
    let new = said("IAM001", &policy(r#"{ Effect = "Allow", Action = "s3:QuantumTunnel", Resource = "*" }"#));
    assert_eq!(new.first().map(|(level, _)| *level), Some(Level::Warning));
}

#[test]
fn wide_grants_are_told_from_narrow_ones() {
    silent(
        "IAM002",
        &[
            r#"{ Effect = "Deny", Action = "*", Resource = "*" }"#,
            r#"{ Effect = "Allow", Action = ["kms:GenerateDataKey*", "s3:Get*"], Resource = "*" }"#,
        ],
    );
    speaks("IAM002", &[r#"{ Effect = "Allow", Action = ["s3:GetObject", "s3:*"], Resource = "arn:aws:s3:::x" }"#]);
    silent(
        "IAM003",
        &[
            r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shop/*" }"#,
            r#"{ Effect = "Allow", Action = ["ecr:GetAuthorizationToken", "ec2:DescribeInstances"], Resource = "*" }"#,
            r#"{ Effect = "Allow", Action = "ssm:SendCommand", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/app" = "shop" } } }"#,
        ],
    );
    silent("IAM014", &[r#"{ Effect = "Deny", NotAction = "s3:*", Resource = "*" }"#]);
    speaks("IAM014", &[r#"{ Effect = "Allow", Action = "s3:GetObject", NotResource = "arn:aws:s3:::x/*" }"#]);
}

#[test]
fn passing_roles_is_judged_by_role_and_service() {
    let bound = r#"Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }"#;
    silent(
        "IAM005",
        &[r#"{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::111122223333:role/shop-*" }"#],
    );
    let wide = format!(
        r#"{{ Effect = "Allow", Action = "iam:PassRole", Resource = "arn:aws:iam::111122223333:role/*", {bound} }}"#
    );
    assert_eq!(said("IAM005", &policy(&wide)).first().map(|(level, _)| *level), Some(Level::Warning));
    let all = format!(r#"{{ Effect = "Allow", Action = "iam:PassRole", Resource = "*", {bound} }}"#);
    assert_eq!(said("IAM005", &policy(&all)).first().map(|(level, _)| *level), Some(Level::Error));
    silent("IAM006", &[&all]);
    silent("IAM022", &[&all]);
    // A denial that lets the key be missing is stricter, not weaker.
    silent(
        "IAM022",
        &[
            r#"{ Effect = "Deny", Action = "iam:PassRole", Resource = "*", Condition = { StringNotEqualsIfExists = { "iam:PassedToService" = "x" } } }"#,
        ],
    );
}

#[test]
fn conditions_are_judged_by_what_requests_carry() {
    silent(
        "IAM017",
        &[
            r#"{ Effect = "Allow", Action = "s3:*", Resource = "*", Condition = { StringLike = { "s3:prefix" = "x" } } }"#,
            r#"{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" } } }"#,
            r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { "AWS:SourceVpce" = "vpce-1" }, Bool = { "aws:SecureTransport" = "true" } } }"#,
        ],
    );
    speaks(
        "IAM017",
        &[
            r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { "aws:SourceArm" = "x" } } }"#,
            r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { NumericEquals = { "aws:PrincipalOrgID" = "1" } } }"#,
            r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringMatches = { "aws:PrincipalOrgID" = "1" } } }"#,
        ],
    );
}

#[test]
fn sids_and_versions() {
    silent("IAM018", &[r#"{ Sid = "Read1", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }"#]);
    speaks(
        "IAM018",
        &[
            r#"{ Sid = "Read it", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }"#,
            r#"{ Sid = "A", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }, { Sid = "A", Effect = "Allow", Action = "s3:PutObject", Resource = "*" }"#,
        ],
    );
}

fn trust(principal: &str, more: &str) -> String {
    format!(
        "resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {principal}{more} }}]\n  }})\n}}\n"
    )
}

#[test]
fn trust_is_open_only_without_conditions() {
    let organisation = r#", Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }"#;
    assert_eq!(said("IAM013", &trust(r#""*""#, "")).len(), 1);
    assert_eq!(said("IAM013", &trust(r#""*""#, organisation)), []);
    // Whether it is another account is not known here.
    assert_eq!(said("IAM013", &trust(r#"{ AWS = "arn:aws:iam::111122223333:root" }"#, "")), []);
    assert_eq!(said("IAM012", &trust(r#"{ Service = "codebuild.amazonaws.com" }"#, "")), []);
    let pipeline = said("IAM012", &trust(r#"{ Service = "codepipeline.amazonaws.com" }"#, ""));
    assert_eq!(pipeline.first().map(|(level, _)| *level), Some(Level::Info));
    let events = said("IAM012", &trust(r#"{ Service = "events.amazonaws.com" }"#, ""));
    assert_eq!(events.first().map(|(level, _)| *level), Some(Level::Warning));
}

/// A pipeline that builds, with this in its role's policy.
fn builds(statements: &str) -> String {
    let rule = lint::find("IAM009").unwrap();
    let (before, rest) =
        rule.good.split_once("    Statement = [{\n      Effect   = \"Allow\"\n      Action   = [").unwrap();
    let (_, after) = rest.split_once("    }]\n").unwrap();
    format!("{before}    Statement = [\n{statements}    ]\n{after}")
}

const BUILD: &str = "      {\n        Effect   = \"Allow\"\n        Action   = [\"codebuild:BatchGetBuilds\", \"codebuild:StartBuild\"]\n        Resource = \"arn:aws:codebuild:eu-central-1:111122223333:project/shop\"\n      },\n";

#[test]
fn needs_are_met_by_wider_grants_and_left_open_by_unknown_ones() {
    let meets = |statement: &str| said("IAM009", &builds(statement));
    assert_eq!(meets(BUILD), []);
    assert_eq!(meets("{ Effect = \"Allow\", Action = \"codebuild:*\", Resource = \"*\" },\n"), []);
    assert_eq!(meets("{ Effect = \"Allow\", NotAction = \"iam:*\", Resource = \"*\" },\n"), []);
    // Another project for certain.
    let other = BUILD.replace("project/shop", "project/blog");
    assert_eq!(meets(&other).len(), 1);
    // Denied again.
    let denied = format!("{BUILD}{{ Effect = \"Deny\", Action = \"codebuild:Start*\", Resource = \"*\" }},\n");
    assert_eq!(meets(&denied).len(), 1);
    // Perhaps denied.
    let perhaps = format!(
        "{BUILD}{{ Effect = \"Deny\", Action = \"codebuild:Start*\", Resource = \"*\", Condition = {{ StringNotEquals = {{ \"aws:SourceVpc\" = \"x\" }} }} }},\n"
    );
    assert_eq!(meets(&perhaps), []);
}

#[test]
fn managed_policies_count_by_their_arn() {
    let attached = |name: &str| {
        let text = builds("{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = \"*\" },\n");
        format!(
            "{text}\nresource \"aws_iam_role_policy_attachment\" \"a\" {{\n  role       = aws_iam_role.pipeline.name\n  policy_arn = \"arn:aws:iam::aws:policy/{name}\"\n}}\n"
        )
    };
    assert_eq!(said("IAM009", &attached("AWSCodeBuildAdminAccess")), []);
    assert_eq!(said("IAM009", &attached("AmazonS3ReadOnlyAccess")).len(), 1);
    // What an unknown policy grants is not known.
    assert_eq!(said("IAM009", &attached("SomethingElse")), []);
    assert!(
        said("IAM010", &attached("AWSCodeBuildAdminAccess")).iter().any(|(_, s)| s.contains("AWSCodeBuildAdminAccess"))
    );
}

#[test]
fn what_is_beyond_is_told_only_of_roles_that_pipelines_alone_use() {
    let more = format!("{BUILD}{{ Effect = \"Allow\", Action = \"sqs:SendMessage\", Resource = \"*\" }},\n");
    assert_eq!(said("IAM010", &builds(&more)).len(), 1);
    assert_eq!(said("IAM010", &builds(BUILD)), []);
    let shared = builds(&more).replace(
        "Principal = { Service = \"codepipeline.amazonaws.com\" }",
        "Principal = { Service = [\"codepipeline.amazonaws.com\", \"codebuild.amazonaws.com\"] }",
    );
    assert_eq!(said("IAM010", &shared), []);
    // Optional permissions are no excess.
    let stop = BUILD.replace("\"codebuild:StartBuild\"", "\"codebuild:StartBuild\", \"codebuild:StopBuild\"");
    assert_eq!(said("IAM010", &builds(&stop)), []);
}

/// The text after the repairs of these rules; rules must then be silent.
fn repair(rules: &[&str], text: &str) -> String {
    let rules: Vec<_> = rules.iter().map(|r| lint::find(r).unwrap()).collect();
    let fixture = load(&[("main.tf", text)]);
    let report = fixture.report(&rules);
    let files = repaired(&report.findings, &fixture.config.sources, &|_| true);
    let [file] = files.as_slice() else { panic!("{report:#?}") };
    let after = load(&[("main.tf", &file.after)]).report(&rules);
    assert!(after.findings.is_empty(), "{}\n{:#?}", file.after, after.findings);
    file.after.clone()
}

#[test]
fn repairs_grant_what_is_lacking_and_take_out_what_is_not_needed() {
    let text = builds(
        "      # Builds\n      {\n        Effect   = \"Allow\"\n        Action   = [\"codebuild:BatchGetBuilds\", \"codebuild:DeleteProject\"] # keep\n        Resource = \"*\"\n      },\n      {\n        Effect   = \"Allow\"\n        Action   = \"sqs:SendMessage\"\n        Resource = \"*\"\n      },\n",
    );
    let after = repair(&["IAM009", "IAM010"], &text);
    assert!(after.contains("      # Builds\n") && after.contains("[\"codebuild:BatchGetBuilds\"] # keep"), "{after}");
    assert!(after.contains("codebuild:StartBuild") && !after.contains("sqs:"), "{after}");
}

#[test]
fn other_rules_with_one_safe_repair_are_repaired() {
    let bad = |rule: &str| lint::find(rule).unwrap().bad;
    assert!(
        repair(&["IAM016"], bad("IAM016"))
            .contains("[\"codestar-connections:UseConnection\", \"codeconnections:UseConnection\"]")
    );
    assert!(repair(&["IAM018"], bad("IAM018")).contains("Version = \"2012-10-17\"\n"));
    assert!(repair(&["IAM022"], bad("IAM022")).contains("{ StringEquals = {"));
    assert!(repair(&["IAM009"], bad("IAM009")).contains("codebuild:StartBuild"));
    assert!(!repair(&["IAM010"], bad("IAM010")).contains("DeleteProject"));
}

#[test]
fn a_policy_in_a_heredoc_is_repaired_as_json() {
    let text = builds(BUILD);
    let (before, rest) = text.split_once("  policy = jsonencode({").unwrap();
    let (_, after) = rest.split_once("  })\n").unwrap();
    let heredoc = "  policy = <<EOT\n{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Action\": \"codebuild:BatchGetBuilds\", \"Resource\": \"*\"}\n  ]\n}\nEOT\n";
    let after = repair(&["IAM009"], &format!("{before}{heredoc}{after}"));
    assert!(after.contains("\"Action\": \"codebuild:StartBuild\""), "{after}");
}
