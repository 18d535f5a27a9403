//! CT: traces of who did what.

use super::artifacts::buckets;
use crate::domain::pattern::Verdict;
use crate::lint::finding::{Fix, Level};
use crate::lint::model::Found;
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::HashSet;

/// The family, by id.
pub static RULES: &[Rule] = &[CT001, CT002, CT003, CT004, CT005];

/// Regions.
pub const CT001: Rule = Rule {
    id: "CT001",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "No trail covers all regions",
    rationale: "Calls in a region the trail does not cover leave no trace. Checked where a trail is part of the configuration: it is often made elsewhere, once for all accounts.",
    source: "CIS AWS Foundations Benchmark 3.1; CloudTrail User Guide",
    bad: "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n}\n",
    good: "resource \"aws_cloudtrail\" \"main\" {\n  name                  = \"main\"\n  s3_bucket_name        = \"trail\"\n  is_multi_region_trail = true\n}\n",
    check: regions,
};

fn regions(context: &Context<'_>, found: &mut Reporter<'_>) {
    let trails = || context.model.all("aws_cloudtrail");
    let covers = |t: &crate::lint::model::Object<'_>| {
        let attr = t.get("is_multi_region_trail");
        attr.is_unknown() || attr.bool() == Some(true)
    };
    if trails().any(covers) {
        return;
    }
    let only = trails().count() == 1;
    for trail in trails() {
        let attr = trail.get("is_multi_region_trail");
        // Of several, which one is to cover all is not ours to choose; and one without global events cannot.
        let can = only && trail.get("include_global_service_events").bool() != Some(false);
        let fix = Fix::one("Cover all regions", rewrite::set(context.model, &attr, "true").filter(|_| can));
        let finding = found.at(
            &attr,
            "The trail covers one region only, and no other covers all",
            "Set is_multi_region_trail = true.",
        );
        finding.fix = fix;
    }
}

/// Validation.
pub const CT002: Rule = Rule {
    id: "CT002",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Log files of the trail are not validated",
    rationale: "Without digest files nobody can tell whether log files were changed or removed.",
    source: "CIS AWS Foundations Benchmark 3.2; CloudTrail User Guide: validating log file integrity",
    bad: "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n}\n",
    good: "resource \"aws_cloudtrail\" \"main\" {\n  name                       = \"main\"\n  s3_bucket_name             = \"trail\"\n  enable_log_file_validation = true\n}\n",
    check: validation,
};

fn validation(context: &Context<'_>, found: &mut Reporter<'_>) {
    for trail in context.model.all("aws_cloudtrail") {
        let attr = trail.get("enable_log_file_validation");
        if !attr.is_unknown() && attr.bool() != Some(true) {
            let fix = Fix::one("Validate log files", rewrite::set(context.model, &attr, "true"));
            found.at(&attr, "Log files of the trail are not validated", "Set enable_log_file_validation = true.").fix =
                fix;
        }
    }
}

/// Key and log group.
pub const CT003: Rule = Rule {
    id: "CT003",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "The trail is not encrypted with a customer key, or not in CloudWatch Logs",
    rationale: "A customer key says who may read the trail; in CloudWatch Logs alarms can be set on what it records.",
    source: "CIS AWS Foundations Benchmark 3.4, 3.5; CloudTrail User Guide",
    bad: "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n}\n",
    good: "resource \"aws_cloudtrail\" \"main\" {\n  name                       = \"main\"\n  s3_bucket_name             = \"trail\"\n  kms_key_id                 = aws_kms_key.trail.arn\n  cloud_watch_logs_group_arn = \"${aws_cloudwatch_log_group.trail.arn}:*\"\n  cloud_watch_logs_role_arn  = aws_iam_role.trail.arn\n}\n",
    check: detection,
};

fn detection(context: &Context<'_>, found: &mut Reporter<'_>) {
    for trail in context.model.all("aws_cloudtrail") {
        for (name, summary, advice) in [
            ("kms_key_id", "The trail is not encrypted with a customer key", "Set kms_key_id."),
            (
                "cloud_watch_logs_group_arn",
                "The trail does not go to CloudWatch Logs",
                "Set cloud_watch_logs_group_arn and cloud_watch_logs_role_arn.",
            ),
        ] {
            let attr = trail.get(name);
            if !attr.is_set() {
                found.at(&attr, summary, advice);
            }
        }
    }
}

/// Data events.
pub const CT004: Rule = Rule {
    id: "CT004",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "The trail does not record who writes artifacts",
    rationale: "Who replaces an artifact decides what is deployed. Only data events tell who it was. Checked where a trail is part of the configuration.",
    source: "CloudTrail User Guide: logging data events",
    bad: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n}\n\n",
        "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n}\n"
    ),
    good: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n}\n\n",
        "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n  event_selector {\n    data_resource {\n      type   = \"AWS::S3::Object\"\n      values = [\"${aws_s3_bucket.artifacts.arn}/\"]\n    }\n  }\n}\n"
    ),
    check: data_events,
};

fn data_events(context: &Context<'_>, found: &mut Reporter<'_>) {
    let Some(trail) = context.model.all("aws_cloudtrail").next() else { return };
    for (_, bucket) in buckets(context) {
        if context.model.records_writes(bucket.object) == Verdict::No {
            found.on_part(
                trail,
                bucket.object.address(),
                format!("The trail does not record who writes objects of {}", bucket.object.address()),
                "Add an event_selector with a data_resource of type AWS::S3::Object for the bucket's ARN and a slash.",
            );
        }
    }
}

/// Logs of pipelines.
pub const CT005: Rule = Rule {
    id: "CT005",
    severity: Level::Info,
    confidence: Confidence::Medium,
    title: "The log group of a pipeline keeps its logs for ever",
    rationale: "Actions such as Commands write to /aws/codepipeline/NAME, builds to /aws/codebuild/NAME. Without retention the logs are kept, and paid for, for ever.",
    source: "CodePipeline User Guide: Commands action reference; CloudWatch Logs User Guide",
    bad: "resource \"aws_cloudwatch_log_group\" \"shop\" {\n  name = \"/aws/codepipeline/shop\"\n}\n",
    good: "resource \"aws_cloudwatch_log_group\" \"shop\" {\n  name              = \"/aws/codepipeline/shop\"\n  retention_in_days = 90\n}\n",
    check: retention,
};

fn retention(context: &Context<'_>, found: &mut Reporter<'_>) {
    let model = context.model;
    let builds: HashSet<String> = model
        .pipelines()
        .flat_map(|p| {
            let projects = p.actions().filter(|a| a.provider() == "CodeBuild").filter_map(|a| {
                match model.resolve(&["aws_codebuild_project"], &a.setting("ProjectName")) {
                    Found::Here(project) => project.get("name").text().map(|t| format!("/aws/codebuild/{}", t.0)),
                    _ => None,
                }
            });
            projects.collect::<Vec<_>>()
        })
        .collect();
    for group in model.all("aws_cloudwatch_log_group") {
        let name = group.get("name");
        let Some(text) = name.text() else { continue };
        let ours = text.0.starts_with("/aws/codepipeline/") || builds.contains(text.0);
        let days = group.get("retention_in_days");
        if ours && !days.is_unknown() && days.int().unwrap_or(0) == 0 {
            found.at(
                &days,
                format!("The log group {} keeps its logs for ever", name.shown()),
                "Set retention_in_days.",
            );
        }
    }
}
