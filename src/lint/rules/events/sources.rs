//! Start rules and the sources they are about.

use crate::domain::pattern::{Matcher, Pattern, Verdict};
use crate::lang::value::symbol::{self, Symbol};
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Action, Bucket, Delivery, EventRule, Found};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::rules::artifacts::add_notification;
use crate::lint::runner::{Context, Reporter};
use serde_json::{Value as Json, json};

const STARTS: &str = "CodePipeline User Guide: change detection for CodeCommit, ECR and S3 sources";

/// A pipeline `shop` with a CodeCommit source and a rule that starts it.
macro_rules! started {
    ($pattern:literal) => {
        concat!(
            pipeline!(
                stage!("Source", action!("Code", "Source", "AWS", "CodeCommit", "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName       = \"shop\"\n        BranchName           = \"main\"\n        PollForSourceChanges = \"false\"\n      }\n")),
                build!()
            ),
            "\nresource \"aws_cloudwatch_event_rule\" \"start\" {\n  name          = \"start\"\n  event_pattern = jsonencode(", $pattern, ")\n}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {\n  rule     = aws_cloudwatch_event_rule.start.name\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}\n"
        )
    };
}

/// The same with an S3 source.
macro_rules! started_by_object {
    ($pattern:literal, $more:literal) => {
        concat!(
            "resource \"aws_s3_bucket\" \"bundles\" {\n  bucket = \"bundles\"\n}\n\n",
            pipeline!(
                stage!("Source", action!("Bundle", "Source", "AWS", "S3", "      output_artifacts = [\"source\"]\n      configuration = {\n        S3Bucket             = aws_s3_bucket.bundles.bucket\n        S3ObjectKey          = \"shop.zip\"\n        PollForSourceChanges = \"false\"\n      }\n")),
                build!()
            ),
            "\nresource \"aws_cloudwatch_event_rule\" \"start\" {\n  name          = \"start\"\n  event_pattern = jsonencode(", $pattern, ")\n}\n\nresource \"aws_cloudwatch_event_target\" \"start\" {\n  rule     = aws_cloudwatch_event_rule.start.name\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}\n", $more
        )
    };
}

/// Other sources.
pub const EV006: Rule = Rule {
    id: "EV006",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A start rule is about another repository, branch or bucket than the source",
    rationale: "The pipeline starts on changes it does not take, and not on those it does.",
    source: STARTS,
    bad: started!(
        "{\n    source        = [\"aws.codecommit\"]\n    \"detail-type\" = [\"CodeCommit Repository State Change\"]\n    detail        = { referenceType = [\"branch\"], referenceName = [\"master\"] }\n  }"
    ),
    good: started!(
        "{\n    source        = [\"aws.codecommit\"]\n    \"detail-type\" = [\"CodeCommit Repository State Change\"]\n    detail        = { referenceType = [\"branch\"], referenceName = [\"main\"] }\n  }"
    ),
    check: other_source,
};

/// Whether a pattern is about events of a service.
fn names(pattern: &Pattern, service: &str) -> bool {
    pattern.leaves().iter().any(|(path, matchers)| {
        path.as_slice() == ["source"] && matchers.iter().any(|m| m.fits(&Json::from(service)).is_possible())
    })
}

fn value(attr: &crate::lint::model::Attr<'_>) -> Json {
    attr.text().map_or_else(|| json!(Symbol::new("event", "value").text()), |t| json!(t.0))
}

fn open(what: &str) -> Json {
    json!(Symbol::new("event", what).text())
}

/// What may be in an event besides what is told here: everything CodeCommit, ECR and S3 send.
fn change(action: &Action<'_>, cloudtrail: bool) -> Vec<Json> {
    let envelope = |source: &str, kind: &str, resource: Json, detail: Json| {
        json!({
            "version": "0", "id": open("id"), "source": source, "detail-type": kind, "account": open("account"), "time": open("time"),
            "region": open("region"), "resources": [resource], "detail": detail,
        })
    };
    match action.provider() {
        "CodeCommit" => ["referenceCreated", "referenceUpdated"]
            .into_iter()
            .map(|event| {
                let repository = value(&action.setting("RepositoryName"));
                let arn = format!("arn:aws:codecommit:{}:{}:{}", open("region").as_str().unwrap_or_default(), open("account").as_str().unwrap_or_default(), repository.as_str().unwrap_or_default());
                let branch = value(&action.setting("BranchName"));
                let full = format!("refs/heads/{}", branch.as_str().unwrap_or_default());
                envelope(
                    "aws.codecommit",
                    "CodeCommit Repository State Change",
                    json!(arn),
                    json!({
                        "event": event, "repositoryName": repository, "repositoryId": open("repositoryId"), "referenceType": "branch",
                        "referenceName": branch, "referenceFullName": full, "commitId": open("commitId"), "oldCommitId": open("oldCommitId"),
                        "callerUserArn": open("caller"), "baseCommitId": open("base"), "mergeOption": open("merge"), "conflictDetailsLevel": open("x"),
                        "conflictResolutionStrategy": open("y"),
                    }),
                )
            })
            .collect(),
        "ECR" => {
            let tag = action.setting("ImageTag");
            let tag = if tag.value().is_none() { json!("latest") } else { value(&tag) };
            vec![envelope(
                "aws.ecr",
                "ECR Image Action",
                open("resource"),
                json!({
                    "result": "SUCCESS", "action-type": "PUSH", "repository-name": value(&action.setting("RepositoryName")), "image-tag": tag,
                    "image-digest": open("digest"), "manifest-media-type": open("m"), "artifact-media-type": open("a"),
                }),
            )]
        }
        "S3" => {
            let (bucket, key) = (value(&action.setting("S3Bucket")), value(&action.setting("S3ObjectKey")));
            let bucket_arn = format!("arn:aws:s3:::{}", bucket.as_str().unwrap_or_default());
            let object_arn = format!("{bucket_arn}/{}", key.as_str().unwrap_or_default());
            if cloudtrail {
                let names = ["PutObject", "CompleteMultipartUpload", "CopyObject", "PutObjectAcl", "RestoreObject"];
                let each = names.into_iter().map(|name| {
                    let mut event = envelope(
                        "aws.s3",
                        "AWS API Call via CloudTrail",
                        json!(object_arn),
                        json!({
                            "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": open("region"), "eventType": "AwsApiCall",
                            "requestParameters": { "bucketName": bucket, "key": key },
                            "resources": [ { "type": "AWS::S3::Object", "ARN": object_arn }, { "type": "AWS::S3::Bucket", "ARN": bucket_arn } ],
                        }),
                    );
                    if let Some(fields) = event.as_object_mut() {
                        fields.insert("resources".into(), json!([]));
                    }
                    event
                });
                each.collect()
            } else {
                vec![envelope(
                    "aws.s3",
                    "Object Created",
                    json!(bucket_arn),
                    json!({
                        "version": "0", "bucket": { "name": bucket },
                        "object": { "key": key, "size": open("size"), "etag": open("etag"), "version-id": open("v"), "sequencer": open("s") },
                        "request-id": open("r"), "requester": open("requester"), "source-ip-address": open("ip"), "reason": open("reason"),
                    }),
                )]
            }
        }
        _ => Vec::new(),
    }
}

fn is_cloudtrail(pattern: &Pattern) -> bool {
    let api = json!("AWS API Call via CloudTrail");
    pattern
        .leaves()
        .iter()
        .any(|(path, m)| path.as_slice() == ["detail-type"] && m.iter().any(|m| m.fits(&api) == Verdict::Yes))
}

fn service(provider: &str) -> Option<&'static str> {
    match provider {
        "CodeCommit" => Some("aws.codecommit"),
        "ECR" => Some("aws.ecr"),
        "S3" => Some("aws.s3"),
        _ => None,
    }
}

/// Start rules with their patterns.
fn start_rules<'m>(pipeline: &Delivery<'m>) -> Vec<(EventRule<'m>, &'m Pattern)> {
    let rules = pipeline.starters().0.into_iter().filter(|(rule, _)| !rule.is_disabled());
    rules.filter_map(|(rule, _)| rule.pattern()?.ok().map(|pattern| (rule, pattern))).collect()
}

fn other_source(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        for (rule, pattern) in start_rules(pipeline) {
            let sources: Vec<&Action<'_>> = pipeline
                .actions()
                .filter(|a| a.category() == "Source" && service(a.provider()).is_some_and(|s| names(pattern, s)))
                .collect();
            if sources.is_empty() {
                continue;
            }
            let trail = is_cloudtrail(pattern);
            let possible = |a: &&Action<'_>| change(a, trail).iter().any(|event| pattern.matches(event).is_possible());
            if sources.iter().any(possible) {
                continue;
            }
            let Some(source) = sources.first() else { continue };
            let events = change(source, trail);
            let detail = differing(pattern, &events);
            found.at(
                &rule.object.get("event_pattern"),
                format!(
                    "The rule starts {} on changes that its source {} does not take",
                    pipeline.object.address(),
                    source.title()
                ),
                detail,
            );
        }
    }
}

/// The first condition that a change of the source does not fulfil.
fn differing(pattern: &Pattern, events: &[Json]) -> String {
    for (path, matchers) in pattern.leaves() {
        let values: Vec<&Json> = events
            .iter()
            .filter_map(|event| path.iter().try_fold(event, |at, step| at.get(step)))
            .flat_map(|v| v.as_array().map_or_else(|| vec![v], |items| items.iter().collect()))
            .collect();
        if matchers
            .iter()
            .any(|m| matches!(m, Matcher::Exists(false)) || values.iter().any(|v| m.fits(v).is_possible()))
        {
            continue;
        }
        let wants: Vec<String> = matchers
            .iter()
            .map(|m| match m {
                Matcher::Exact(Json::String(text)) => format!("\"{}\"", symbol::readable(text)),
                Matcher::Exact(other) => other.to_string(),
                _ => "another value".into(),
            })
            .collect();
        let has = values.first().and_then(|v| v.as_str()).map(symbol::readable);
        return match has {
            Some(has) => format!(
                "The pattern wants {} to be {}, but for the source it is \"{has}\". Make them agree.",
                path.join("."),
                wants.join(" or ")
            ),
            None => format!("Events of the source have no field {}. Leave it out of the pattern.", path.join(".")),
        };
    }
    "No event of the source fulfils all conditions of the pattern. Make them agree.".into()
}

/// Notifications of the bucket.
pub const EV007: Rule = Rule {
    id: "EV007",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A start rule waits for events that the bucket does not send",
    rationale: "S3 sends Object Created to EventBridge only when the bucket's notification configuration says so; it is off by default.",
    source: "CodePipeline User Guide: S3 sources enabled for events",
    bad: started_by_object!(
        "{\n    source        = [\"aws.s3\"]\n    \"detail-type\" = [\"Object Created\"]\n    detail        = { bucket = { name = [\"bundles\"] } }\n  }",
        ""
    ),
    good: started_by_object!(
        "{\n    source        = [\"aws.s3\"]\n    \"detail-type\" = [\"Object Created\"]\n    detail        = { bucket = { name = [\"bundles\"] } }\n  }",
        "\nresource \"aws_s3_bucket_notification\" \"bundles\" {\n  bucket      = aws_s3_bucket.bundles.id\n  eventbridge = true\n}\n"
    ),
    check: notifications,
};

/// S3 sources with a start rule, and their bucket if it is made here.
fn objects(context: &Context<'_>, mut tell: impl FnMut(&EventRule<'_>, &Pattern, &Action<'_>, Bucket<'_>)) {
    for pipeline in context.pipelines() {
        for (rule, pattern) in start_rules(pipeline).into_iter().filter(|(_, p)| names(p, "aws.s3")) {
            for action in pipeline.actions().filter(|a| a.is("Source", "S3")) {
                if let Found::Here(object) = context.model.resolve(&["aws_s3_bucket"], &action.setting("S3Bucket")) {
                    tell(&rule, pattern, action, Bucket::new(context.model, object));
                }
            }
        }
    }
}

fn notifications(context: &Context<'_>, found: &mut Reporter<'_>) {
    let created = json!("Object Created");
    objects(context, |rule, pattern, action, bucket| {
        let waits = pattern
            .leaves()
            .iter()
            .any(|(path, m)| path.as_slice() == ["detail-type"] && m.iter().any(|m| m.fits(&created) == Verdict::Yes));
        match bucket.sends_events() {
            Some(false) if waits => {
                let own = context.model.owned_by("aws_s3_bucket_notification", "bucket", bucket.object);
                let fix = match own.first() {
                    Some(there) => {
                        let edit = rewrite::set(context.model, &there.get("eventbridge"), "true");
                        Fix::one("Let the bucket send events to EventBridge", edit)
                    }
                    None => add_notification(context.model, bucket.object),
                };
                let finding = found.at(
                    &rule.object.get("event_pattern"),
                    format!("The bucket of {} sends no events to EventBridge", action.title()),
                    format!(
                        "The rule never fires. Add an aws_s3_bucket_notification with eventbridge = true for {}.",
                        bucket.object.address()
                    ),
                );
                finding.fix = fix;
            }
            None if waits => {
                found.note(rule.object, "whether the bucket sends events depends on what is not known yet")
            }
            _ => {}
        }
    });
}

/// Trails.
pub const EV008: Rule = Rule {
    id: "EV008",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A start rule waits for CloudTrail events that no trail records",
    rationale: "Events of the kind AWS API Call via CloudTrail for objects come only if a trail records data events of the bucket.",
    source: "CodePipeline User Guide: S3 source with EventBridge and CloudTrail",
    bad: started_by_object!(
        "{\n    source        = [\"aws.s3\"]\n    \"detail-type\" = [\"AWS API Call via CloudTrail\"]\n    detail        = { eventName = [\"PutObject\"] }\n  }",
        "\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n}\n"
    ),
    good: started_by_object!(
        "{\n    source        = [\"aws.s3\"]\n    \"detail-type\" = [\"AWS API Call via CloudTrail\"]\n    detail        = { eventName = [\"PutObject\"] }\n  }",
        "\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"trail\"\n  event_selector {\n    read_write_type = \"WriteOnly\"\n    data_resource {\n      type   = \"AWS::S3::Object\"\n      values = [\"${aws_s3_bucket.bundles.arn}/shop.zip\"]\n    }\n  }\n}\n"
    ),
    check: trails,
};

fn trails(context: &Context<'_>, found: &mut Reporter<'_>) {
    objects(context, |rule, pattern, action, bucket| {
        if !is_cloudtrail(pattern) || context.model.records_writes(bucket.object) != Verdict::No {
            return;
        }
        // The trail of an organisation is usually made elsewhere.
        let none = context.model.all("aws_cloudtrail").next().is_none();
        let finding = found.at(
            &rule.object.get("event_pattern"),
            format!("No trail records who writes objects of {}, the bucket of {}", bucket.object.address(), action.title()),
            "The rule never fires. Turn on EventBridge notifications of the bucket and match Object Created, or add write data events for the object to a trail.",
        );
        if none {
            finding.with_severity(Level::Warning);
        }
    });
    elsewhere(context, found);
}

/// Buckets that are not made here: their trail may be where they are, but one that is here and leaves them out is told.
fn elsewhere(context: &Context<'_>, found: &mut Reporter<'_>) {
    let model = context.model;
    for pipeline in context.pipelines() {
        let waits = |(_, p): &(EventRule<'_>, &Pattern)| names(p, "aws.s3") && is_cloudtrail(p);
        for (rule, _) in start_rules(pipeline).into_iter().filter(waits) {
            for action in pipeline.actions().filter(|a| a.is("Source", "S3")) {
                let setting = action.setting("S3Bucket");
                let Some(name) = setting.known().filter(|name| !name.is_empty()) else { continue };
                if !matches!(model.resolve(&["aws_s3_bucket"], &setting), Found::Elsewhere) {
                    continue;
                }
                if model.all("aws_cloudtrail").next().is_none() {
                    found.note(
                        rule.object,
                        format!("whether a trail records who writes objects of {name} is not known here"),
                    );
                } else if model.records_writes_of(name) == Verdict::No {
                    let finding = found.at(
                        &rule.object.get("event_pattern"),
                        format!("No trail made here records who writes objects of {name}, the bucket of {}", action.title()),
                        "The rule never fires unless a trail elsewhere does. Add write data events for the object to the trail, or turn on EventBridge notifications of the bucket and match Object Created.",
                    );
                    finding.with_severity(Level::Warning);
                }
            }
        }
    }
}
