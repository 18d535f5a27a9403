//! How long artifacts are kept, and where.

use super::access::{buckets, with_bucket};
use super::repairs;
use crate::diagnostics::AttributeStep;
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Action, Aspect, Attr, Bucket, Delivery, Found};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::BTreeMap;

/// Versioning.
pub const S3005: Rule = Rule {
    id: "S3005",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A bucket that a pipeline works with has no versioning",
    rationale: "An S3 source needs versioning: without it the action fails. For the artifact bucket it keeps what was overwritten.",
    source: "CodePipeline User Guide: Amazon S3 source action reference",
    bad: with_bucket!(),
    good: with_bucket!(
        "resource \"aws_s3_bucket_versioning\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  versioning_configuration {\n    status = \"Enabled\"\n  }\n}\n"
    ),
    check: versioning,
};

fn versioning(context: &Context<'_>, found: &mut Reporter<'_>) {
    let place = |bucket: &Bucket<'_>, found: &mut Reporter<'_>, summary: String, detail: &str, level: Level| {
        let (finding, fix) = match bucket.versioning() {
            Aspect::Set(attr) => {
                let inline = matches!(attr.path().last(), Some(AttributeStep::Name(name)) if name == "enabled");
                let on = if inline { "true" } else { "\"Enabled\"" };
                (
                    found.at(&attr, summary, detail),
                    Fix::one("Turn versioning on", rewrite::set(context.model, &attr, on)),
                )
            }
            _ => (found.on(bucket.object, summary, detail), repairs::add_versioning(context.model, bucket.object)),
        };
        finding.with_severity(level).fix = fix;
    };
    let mut told: Vec<String> = Vec::new();
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.is("Source", "S3")) {
            let Found::Here(object) = context.model.resolve(&["aws_s3_bucket"], &action.setting("S3Bucket")) else {
                continue;
            };
            let bucket = Bucket::new(context.model, object);
            if bucket.is_versioned() == Some(false) && !told.contains(&object.address().to_owned()) {
                told.push(object.address().to_owned());
                let summary = format!("The bucket of the source {} has no versioning", action.title());
                place(
                    &bucket,
                    found,
                    summary,
                    "The source action needs it and fails without. Add an aws_s3_bucket_versioning with status = \"Enabled\".",
                    Level::Error,
                );
            }
        }
    }
    for (_, bucket) in buckets(context) {
        match bucket.is_versioned() {
            Some(false) if !told.contains(&bucket.object.address().to_owned()) => {
                place(
                    &bucket,
                    found,
                    "The artifact bucket has no versioning".into(),
                    "Add an aws_s3_bucket_versioning with status = \"Enabled\", and let old versions expire.",
                    found.severity(),
                );
            }
            None => found.note(bucket.object, "whether versioning is on depends on what is not known yet"),
            _ => {}
        }
    }
}

/// Clean-up.
pub const S3006: Rule = Rule {
    id: "S3006",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Artifacts are kept for ever",
    rationale: "Every execution leaves its artifacts. Without rules that let objects, old versions and unfinished uploads expire the bucket only grows.",
    source: "S3 User Guide: managing the lifecycle of objects",
    bad: with_bucket!(),
    good: with_bucket!(
        "resource \"aws_s3_bucket_lifecycle_configuration\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  rule {\n    id     = \"expire\"\n    status = \"Enabled\"\n    filter {}\n    expiration {\n      days = 90\n    }\n    noncurrent_version_expiration {\n      noncurrent_days = 30\n    }\n    abort_incomplete_multipart_upload {\n      days_after_initiation = 7\n    }\n  }\n}\n"
    ),
    check: clean_up,
};

fn is_on(rule: &Attr<'_>) -> bool {
    rule.get("status").str() != "Disabled" && rule.get("enabled").bool() != Some(false)
}

/// Whether a rule is about the artifacts of a pipeline: they carry no tags, and their names begin with the first 20 characters of the
/// pipeline's.
fn covers(rule: &Attr<'_>, pipeline: &Delivery<'_>) -> bool {
    let filter = rule.block("filter");
    let both = filter.block("and");
    let tagged = [filter.get("tag"), both.get("tags"), rule.get("tags")];
    if tagged.iter().any(Attr::is_set) {
        return false;
    }
    let name = pipeline.name();
    let Some(name) = name.known() else { return true };
    let folder = format!("{}/", name.chars().take(20).collect::<String>());
    let prefixes = [rule.get("prefix"), filter.get("prefix"), both.get("prefix")];
    prefixes.iter().filter_map(Attr::known).all(|prefix| folder.starts_with(prefix))
}

fn clean_up(context: &Context<'_>, found: &mut Reporter<'_>) {
    let mut by_bucket: BTreeMap<&str, Vec<&Delivery<'_>>> = BTreeMap::new();
    for pipeline in context.pipelines() {
        for bucket in pipeline.buckets() {
            by_bucket.entry(bucket.address()).or_default().push(pipeline);
        }
    }
    for (_, bucket) in buckets(context) {
        let Some(rules) = bucket.lifecycle() else {
            found.note(bucket.object, "the lifecycle of the bucket is not known yet");
            continue;
        };
        let users = by_bucket.get(bucket.object.address()).map(Vec::as_slice).unwrap_or_default();
        let about = |rule: &&Attr<'_>| is_on(rule) && users.iter().any(|pipeline| covers(rule, pipeline));
        let rules: Vec<&Attr<'_>> = rules.iter().filter(about).collect();
        let has = |block: &str| rules.iter().any(|r| r.get(block).is_set());
        let multipart = has("abort_incomplete_multipart_upload") || has("abort_incomplete_multipart_upload_days");
        let mut missing = Vec::new();
        if !has("expiration") {
            missing.push("objects");
        }
        // Without versioning there are no old versions.
        if !has("noncurrent_version_expiration") && bucket.is_versioned() != Some(false) {
            missing.push("old versions");
        }
        if !multipart {
            missing.push("unfinished uploads");
        }
        if missing.is_empty() {
            continue;
        }
        let summary = format!("No lifecycle rule of the artifact bucket removes {}", missing.join(", "));
        let detail = "Add an aws_s3_bucket_lifecycle_configuration with expiration, noncurrent_version_expiration and abort_incomplete_multipart_upload; keep artifacts longer than approvals may wait.";
        match rules.first() {
            Some(rule) => found.at(rule, summary, detail),
            None => found.on(bucket.object, summary, detail),
        };
    }
}

/// Too soon.
pub const S3007: Rule = Rule {
    id: "S3007",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Artifacts expire while an approval may still wait",
    rationale: "An approval waits seven days unless timeout_in_minutes says otherwise, up to 60 days. If the artifact expires before, the deployment fails after it was approved.",
    source: "CodePipeline User Guide: quotas, manual approval timeout",
    bad: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_s3_bucket_lifecycle_configuration\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  rule {\n    id     = \"expire\"\n    status = \"Enabled\"\n    expiration {\n      days = 3\n    }\n  }\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        source!(),
        build!(),
        stage!("Gate", approval!()),
        stage!("Deploy", ecs!()),
        "}\n"
    ),
    good: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_s3_bucket_lifecycle_configuration\" \"artifacts\" {\n  bucket = aws_s3_bucket.artifacts.id\n  rule {\n    id     = \"expire\"\n    status = \"Enabled\"\n    expiration {\n      days = 30\n    }\n  }\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        source!(),
        build!(),
        stage!("Gate", approval!()),
        stage!("Deploy", ecs!()),
        "}\n"
    ),
    check: too_soon,
};

/// The longest an approval with something to do after it may wait, in days, rounded up; `None` without such approvals.
fn longest_wait(pipeline: &Delivery<'_>) -> Option<u64> {
    let is_awaited = |approval: &&Action<'_>| {
        let uses = |a: &Action<'_>| a.attr.get("input_artifacts").is_set() && approval.is_before(a);
        !pipeline.is_complete() || pipeline.actions().any(uses)
    };
    let approvals = pipeline.actions().filter(|a| a.category() == "Approval").filter(is_awaited);
    approvals
        .filter_map(|approval| {
            let timeout = approval.attr.get("timeout_in_minutes");
            match timeout.value() {
                None => Some(7),
                Some(_) => timeout.int().and_then(|m| u64::try_from(m).ok()).map(|minutes| minutes.div_ceil(24 * 60)),
            }
        })
        .max()
}

fn too_soon(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let wait = longest_wait(pipeline);
        let least = wait.unwrap_or(0).max(context.settings.minimum_artifact_days);
        if least == 0 {
            continue;
        }
        for object in pipeline.buckets() {
            let Some(rules) = Bucket::new(context.model, object).lifecycle() else { continue };
            for rule in rules.iter().filter(|r| is_on(r) && covers(r, pipeline)) {
                let days = rule.block("expiration").get("days");
                let Some(kept) = days.int().and_then(|d| u64::try_from(d).ok()).filter(|d| *d > 0 && *d < least) else {
                    continue;
                };
                let why = match wait {
                    Some(wait) if wait == least => {
                        format!("an approval of {} may wait {wait} days", pipeline.object.address())
                    }
                    _ => format!("artifacts must be kept {least} days"),
                };
                found.at(
                    &days,
                    format!("Artifacts expire after {kept} days, but {why}"),
                    "The action after the approval then finds no artifact. Keep artifacts longer, or give the approval a shorter timeout_in_minutes.",
                );
            }
        }
    }
}

/// Region.
pub const S3008: Rule = Rule {
    id: "S3008",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "An artifact bucket is in another region than its store",
    rationale: "The bucket must be in the region the store is for; else actions fail with JobFailed or InternalError when they run.",
    source: "CodePipeline User Guide: troubleshooting; cross-region actions",
    bad: "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n\nprovider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n\nresource \"aws_s3_bucket\" \"artifacts\" {\n  provider = aws.us\n  bucket   = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n}\n",
    good: "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n\nresource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n}\n",
    check: region,
};

fn region(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for store in pipeline.stores() {
            let location = store.get("location");
            let Found::Here(bucket) = context.model.resolve(&["aws_s3_bucket"], &location) else { continue };
            let declared = store.get("region");
            let wanted = if declared.is_set() { declared.known() } else { pipeline.region() };
            if let (Some(wanted), Some(is)) = (wanted, bucket.region())
                && wanted != is
            {
                found.at(
                    &location,
                    format!("The artifact bucket {} is in {is}, but its store is for {wanted}", bucket.address()),
                    "Make the bucket in the region of the store: with a provider of that region.",
                );
            }
        }
    }
}

/// Deletion.
pub const S3014: Rule = Rule {
    id: "S3014",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "The artifact bucket of a production pipeline may be emptied by a destroy",
    rationale: "With force_destroy a destroy, or a replacement, deletes all artifacts: also those one would go back to.",
    source: "hashicorp/aws provider: aws_s3_bucket force_destroy",
    bad: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket        = \"shop-artifacts\"\n  force_destroy = true\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        source!(),
        build!(),
        stage!("Production", ecs!()),
        "}\n"
    ),
    good: concat!(
        "resource \"aws_s3_bucket\" \"artifacts\" {\n  bucket = \"shop-artifacts\"\n}\n\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n  artifact_store {\n    type     = \"S3\"\n    location = aws_s3_bucket.artifacts.bucket\n  }\n\n",
        source!(),
        build!(),
        stage!("Production", ecs!()),
        "}\n"
    ),
    check: deletion,
};

fn deletion(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let Some(stage) = pipeline.stages.iter().find(|s| context.settings.is_production(s.name().str())) else {
            continue;
        };
        for bucket in pipeline.buckets() {
            let attr = bucket.get("force_destroy");
            if attr.bool() == Some(true) {
                let fix = Fix::one("Keep the bucket's objects", rewrite::set(context.model, &attr, "false"));
                let finding = found.at(
                    &attr,
                    format!("A destroy empties the artifact bucket of a pipeline with the stage {}", stage.title()),
                    "Leave force_destroy out; empty the bucket by hand when it is to go.",
                );
                finding.fix = fix;
            }
        }
    }
}
