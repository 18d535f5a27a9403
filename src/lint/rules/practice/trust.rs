//! Who decides what runs.

use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use serde_json::Value as Json;

/// Inline buildspecs.
pub const PL016: Rule = Rule {
    id: "PL016",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "BuildspecOverride holds a buildspec",
    rationale: "Commands written into the pipeline are not reviewed with the code they build, and cannot be longer than 1000 characters.",
    source: "CodePipeline User Guide: CodeBuild action reference",
    bad: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ProjectName       = \"shop\"\n        BuildspecOverride = \"version: 0.2\\nphases:\\n  build:\\n    commands: [make]\\n\"\n      }\n"
            )
        )
    ),
    good: pipeline!(
        source!(),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ProjectName       = \"shop\"\n        BuildspecOverride = \"ci/buildspec.yml\"\n      }\n"
            )
        )
    ),
    check: buildspec,
};

fn buildspec(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.provider() == "CodeBuild") {
            let attr = action.setting("BuildspecOverride");
            let inline = attr.text().is_some_and(|t| {
                t.0.contains('\n') || t.0.trim_start().starts_with("version:") || t.0.trim_start().starts_with('{')
            });
            if inline {
                found.at(
                    &attr,
                    format!("BuildspecOverride of {} holds commands", action.title()),
                    "Put the buildspec into the repository and name its path here.",
                );
            }
        }
    }
}

/// Overrides of the source.
pub const PL017: Rule = Rule {
    id: "PL017",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Who starts the pipeline may choose the object that is deployed",
    rationale: "With AllowOverrideForS3ObjectKey everybody who may start the pipeline may let it take any object of the bucket.",
    source: "CodePipeline User Guide: Amazon S3 source action reference",
    bad: pipeline!(
        stage!(
            "Source",
            action!(
                "Bundle",
                "Source",
                "AWS",
                "S3",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        S3Bucket                    = \"bundles\"\n        S3ObjectKey                 = \"shop.zip\"\n        AllowOverrideForS3ObjectKey = \"true\"\n      }\n"
            )
        ),
        build!()
    ),
    good: pipeline!(
        stage!(
            "Source",
            action!(
                "Bundle",
                "Source",
                "AWS",
                "S3",
                "      output_artifacts = [\"source\"]\n      configuration = {\n        S3Bucket    = \"bundles\"\n        S3ObjectKey = \"shop.zip\"\n      }\n"
            )
        ),
        build!()
    ),
    check: overrides,
};

fn overrides(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.is("Source", "S3")) {
            let attr = action.setting("AllowOverrideForS3ObjectKey");
            if attr.bool() == Some(true) {
                found.at(
                    &attr,
                    format!("Who starts the pipeline chooses the object that {} takes", action.title()),
                    "Leave AllowOverrideForS3ObjectKey out unless that is meant, and then limit who may start the pipeline.",
                );
            }
        }
    }
}

/// Switched off.
pub const PL018: Rule = Rule {
    id: "PL018",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A stage transition is switched off without a reason",
    rationale: "A transition that is switched off in code stops every release at that stage. Without a reason nobody dares to switch it on again.",
    source: "CloudFormation User Guide: AWS::CodePipeline::Pipeline StageTransition",
    bad: "resource \"awscc_codepipeline_pipeline\" \"shop\" {\n  name = \"shop\"\n  disable_inbound_stage_transitions = [\n    {\n      stage_name = \"Production\"\n      reason     = \"\"\n    }\n  ]\n}\n",
    good: "resource \"awscc_codepipeline_pipeline\" \"shop\" {\n  name = \"shop\"\n  disable_inbound_stage_transitions = [\n    {\n      stage_name = \"Production\"\n      reason     = \"Frozen until the audit of March is over\"\n    }\n  ]\n}\n",
    check: transitions,
};

/// Whether a reason says nothing.
fn is_empty_reason(reason: &str) -> bool {
    let plain = reason.trim().to_ascii_lowercase();
    plain.len() < 4 || matches!(plain.as_str(), "none" | "todo" | "disabled" | "reason" | "n/a" | "test")
}

fn transitions(context: &Context<'_>, found: &mut Reporter<'_>) {
    const ADVICE: &str = "Every release stops there. Say why and until when, or switch the transition on.";
    for pipeline in context.model.all("awscc_codepipeline_pipeline") {
        for off in pipeline.get("disable_inbound_stage_transitions").elements() {
            let reason = off.get("reason");
            if reason.value().is_none() || reason.known().is_some_and(is_empty_reason) {
                found.at(
                    &off,
                    format!("The transition into {} is switched off without a reason", off.get("stage_name").shown()),
                    ADVICE,
                );
            }
        }
    }
    // As read from a pipeline that is there.
    for pipeline in context.pipelines() {
        for stage in &pipeline.stages {
            let off = stage.attr.get("disabled_transition");
            if off.value().is_some() && off.get("reason").known().is_some_and(is_empty_reason) {
                found.at(
                    &off,
                    format!("The transition into {} is switched off without a reason", stage.title()),
                    ADVICE,
                );
            }
        }
    }
    for stack in context.model.all("aws_cloudformation_stack") {
        let body = stack.get("template_body");
        let Some(template) = body.text().and_then(|t| serde_json::from_str::<Json>(t.0).ok()) else { continue };
        for resource in template.get("Resources").and_then(Json::as_object).into_iter().flat_map(|r| r.values()) {
            let offs = resource.pointer("/Properties/DisableInboundStageTransitions").and_then(Json::as_array);
            for off in offs.into_iter().flatten() {
                let text = |key: &str| off.get(key).and_then(Json::as_str).unwrap_or_default();
                if is_empty_reason(text("Reason")) {
                    let stage = text("StageName");
                    found.at_part(
                        &body,
                        stage,
                        format!("The transition into \"{stage}\" is switched off without a reason"),
                        ADVICE,
                    );
                }
            }
        }
    }
}

/// Pull requests.
pub const PL019: Rule = Rule {
    id: "PL019",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "Pull requests start a pipeline that deploys",
    rationale: "A pull request holds code nobody has accepted, in a public repository code of anybody. It runs with the pipeline's roles, and what it builds goes the way of a release.",
    source: "OWASP Top 10 CI/CD Security Risks: CICD-SEC-4, poisoned pipeline execution",
    bad: pipeline_v2!(
        "  trigger {\n    provider_type = \"CodeStarSourceConnection\"\n    git_configuration {\n      source_action_name = \"Code\"\n      pull_request {\n        branches {\n          includes = [\"main\"]\n        }\n      }\n    }\n  }\n",
        source!(),
        build!(),
        stage!("Deploy", ecs!())
    ),
    good: pipeline_v2!(
        "  trigger {\n    provider_type = \"CodeStarSourceConnection\"\n    git_configuration {\n      source_action_name = \"Code\"\n      push {\n        branches {\n          includes = [\"main\"]\n        }\n      }\n    }\n  }\n",
        source!(),
        build!(),
        stage!("Deploy", ecs!())
    ),
    check: pull_requests,
};

fn pull_requests(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let Some(deploy) = pipeline.actions().find(|a| a.category() == "Deploy") else { continue };
        for trigger in pipeline.object.blocks("trigger") {
            for request in trigger.block("git_configuration").blocks("pull_request") {
                let events = request.get("events");
                // Closed requests only: what runs is what was merged, or given up.
                if !events.elements().is_empty() && events.elements().iter().all(|e| e.str() == "CLOSED") {
                    continue;
                }
                found.at(
                    &request,
                    format!("Pull requests start a pipeline in which {} deploys", deploy.title()),
                    "Check pull requests in a pipeline of their own, whose roles can reach nothing that matters, and let pushes to the main branch start this one.",
                );
            }
        }
    }
}
