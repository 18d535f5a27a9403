//! What starts the pipeline.

use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Action, Delivery};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

const DETECTION: &str = "CodePipeline User Guide: change detection methods, migrate polling pipelines";

/// Whether a source asks for changes again and again; `None` when it cannot, or that is not known.
fn polls(action: &Action<'_>) -> Option<bool> {
    let can = matches!((action.owner(), action.provider()), ("AWS", "CodeCommit" | "S3") | ("ThirdParty", "GitHub"));
    if !can || action.category() != "Source" || action.attr.get("configuration").is_unknown() {
        return None;
    }
    let setting = action.setting("PollForSourceChanges");
    if setting.value().is_none() { Some(true) } else { setting.bool() }
}

/// Polling.
pub const PL002: Rule = Rule {
    id: "PL002",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A source polls for changes",
    rationale: "Polling is slow, counts against a quota of 300 pipelines per region, and is switched off after 30 days without a change. It is also what a source does when PollForSourceChanges is not set.",
    source: DETECTION,
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n        BranchName     = \"main\"\n      }\n"
            )
        ),
        build!()
    ),
    good: pipeline!(
        stage!(
            "Source",
            action!(
                "Code",
                "Source",
                "AWS",
                "CodeCommit",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName       = \"shop\"\n        BranchName           = \"main\"\n        PollForSourceChanges = \"false\"\n      }\n"
            )
        ),
        build!()
    ),
    check: polling,
};

fn polling(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let (rules, _) = pipeline.starters();
        // With a rule or webhook that is an error of its own.
        if !rules.is_empty() || !pipeline.webhooks().is_empty() {
            continue;
        }
        for action in pipeline.actions().filter(|a| polls(a) == Some(true)) {
            let setting = action.setting("PollForSourceChanges");
            let how = if setting.value().is_some() {
                "is set to poll"
            } else {
                "polls, because PollForSourceChanges is not set"
            };
            found.at(
                &setting,
                format!("The source {} {how}", action.title()),
                "Set PollForSourceChanges = \"false\" and start the pipeline with an EventBridge rule (for GitHub: use a connection).",
            );
        }
    }
}

/// Twice.
pub const PL003: Rule = Rule {
    id: "PL003",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A source polls although a rule or webhook starts the pipeline",
    rationale: "Every change then starts the pipeline twice.",
    source: "CodePipeline User Guide: action reference for CodeCommit and S3",
    bad: concat!(
        pipeline!(
            stage!(
                "Source",
                action!(
                    "Code",
                    "Source",
                    "AWS",
                    "CodeCommit",
                    "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n        BranchName     = \"main\"\n      }\n"
                )
            ),
            build!()
        ),
        "\nresource \"aws_cloudwatch_event_rule\" \"push\" {\n  name          = \"push\"\n  event_pattern = jsonencode({ source = [\"aws.codecommit\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"push\" {\n  rule     = aws_cloudwatch_event_rule.push.name\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}\n"
    ),
    good: concat!(
        pipeline!(
            stage!(
                "Source",
                action!(
                    "Code",
                    "Source",
                    "AWS",
                    "CodeCommit",
                    "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName       = \"shop\"\n        BranchName           = \"main\"\n        PollForSourceChanges = \"false\"\n      }\n"
                )
            ),
            build!()
        ),
        "\nresource \"aws_cloudwatch_event_rule\" \"push\" {\n  name          = \"push\"\n  event_pattern = jsonencode({ source = [\"aws.codecommit\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"push\" {\n  rule     = aws_cloudwatch_event_rule.push.name\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}\n"
    ),
    check: twice,
};

/// Whether a rule is about what this source watches: its service is named in the pattern.
fn is_about(rule: &crate::lint::model::EventRule<'_>, action: &Action<'_>) -> bool {
    let Some(Ok(pattern)) = rule.pattern() else { return false };
    let service = match action.provider() {
        "CodeCommit" => "aws.codecommit",
        "S3" => "aws.s3",
        _ => return false,
    };
    pattern.leaves().iter().any(|(path, matchers)| {
        path.as_slice() == ["source"]
            && matchers.iter().any(|m| m.fits(&serde_json::Value::from(service)).is_possible())
    })
}

fn twice(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let (rules, _) = pipeline.starters();
        let webhooks = pipeline.webhooks();
        for action in pipeline.actions().filter(|a| polls(a) == Some(true)) {
            let rule = rules.iter().find(|(rule, _)| !rule.is_disabled() && is_about(rule, action));
            let by_hook = webhooks.iter().find(|hook| {
                action.provider() == "GitHub"
                    && hook
                        .get("target_action")
                        .text()
                        .is_some_and(|t| action.name().text().is_some_and(|n| n.may_be(t.0)))
            });
            let starter = rule.map(|(rule, _)| rule.title()).or(by_hook.map(|h| h.address()));
            let Some(starter) = starter else { continue };
            let setting = action.setting("PollForSourceChanges");
            let fix = Fix::one("Do not poll", rewrite::set(context.model, &setting, "\"false\""));
            let finding = found.at(
                &setting,
                format!("The source {} polls, and {starter} starts the pipeline too", action.title()),
                "Each change runs twice. Set PollForSourceChanges = \"false\" (polling is on when it is not set).",
            );
            finding.fix = fix;
        }
    }
}

/// Never.
pub const PL004: Rule = Rule {
    id: "PL004",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Nothing starts the pipeline",
    rationale: "A source that does not poll (and ECR never does) needs an EventBridge rule with the pipeline as its target, or a webhook. Without one the pipeline runs only when somebody starts it by hand.",
    source: DETECTION,
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Image",
                "Source",
                "AWS",
                "ECR",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n      }\n"
            )
        ),
        build!()
    ),
    good: concat!(
        pipeline!(
            stage!(
                "Source",
                action!(
                    "Image",
                    "Source",
                    "AWS",
                    "ECR",
                    "      output_artifacts = [\"source\"]\n      configuration = {\n        RepositoryName = \"shop\"\n      }\n"
                )
            ),
            build!()
        ),
        "\nresource \"aws_cloudwatch_event_rule\" \"push\" {\n  name          = \"push\"\n  event_pattern = jsonencode({ source = [\"aws.ecr\"] })\n}\n\nresource \"aws_cloudwatch_event_target\" \"push\" {\n  rule     = aws_cloudwatch_event_rule.push.name\n  arn      = aws_codepipeline.shop.arn\n  role_arn = aws_iam_role.start.arn\n}\n"
    ),
    check: never,
};

/// Whether something may start the pipeline.
fn may_start(pipeline: &Delivery<'_>) -> Option<bool> {
    let (rules, open) = pipeline.starters();
    let on = rules.iter().any(|(rule, _)| !rule.is_disabled());
    if on || !pipeline.webhooks().is_empty() || pipeline.is_invoked() {
        return Some(true);
    }
    // A module's caller may have a rule for it, and what may start pipelines may start this one.
    let named_by_caller = pipeline.name().known().is_none();
    let (inline, other) = pipeline.model.grants_starting();
    // A schedule of EventBridge Scheduler calls what its input says.
    let scheduled = pipeline.model.all("aws_scheduler_schedule").next().is_some();
    let granted = other || scheduled || inline && rules.is_empty();
    let open = open || pipeline.model.may_be_owned("aws_codepipeline_webhook", "target_pipeline", pipeline.object);
    (!open && !named_by_caller && !granted).then_some(false)
}

fn never(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        let sources: Vec<&Action<'_>> = pipeline.actions().filter(|a| a.category() == "Source").collect();
        // Whoever starts it names the object where that is allowed: it is not meant to find changes.
        let named = |a: &Action<'_>| a.setting("AllowOverrideForS3ObjectKey").bool() == Some(true);
        let waits =
            |a: &&Action<'_>| polls(a) == Some(false) && !named(a) || a.owner() == "AWS" && a.provider() == "ECR";
        // One source that finds changes itself is enough.
        if sources.is_empty() || !sources.iter().all(waits) {
            continue;
        }
        match may_start(pipeline) {
            Some(true) => {}
            None => found.note(pipeline.object, "whether a rule starts the pipeline depends on what is not known yet"),
            Some(false) => {
                let Some(first) = sources.first() else { continue };
                let ecr = first.provider() == "ECR";
                let at = if ecr { first.attr.get("provider") } else { first.setting("PollForSourceChanges") };
                let why = if ecr { "ECR sources do not poll" } else { "PollForSourceChanges is off" };
                found.at(
                    &at,
                    format!("Nothing starts the pipeline when {} changes", first.title()),
                    format!("{why}, and no EventBridge rule or webhook in this configuration has the pipeline as its target. Add an aws_cloudwatch_event_rule with an aws_cloudwatch_event_target for it; if that exists elsewhere, say so with a comment `# pipewright:ignore PL004 reason`."),
                );
            }
        }
    }
}
