//! Type, names and tags.

use crate::lint::finding::Level;
use crate::lint::model::Attr;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Type.
pub const PL007: Rule = Rule {
    id: "PL007",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "The pipeline is of type V1",
    rationale: "Type V1, which Terraform's provider takes when pipeline_type is not set, has no triggers, variables, conditions, rollback or queued executions. V2 is billed by action minutes instead of by pipeline.",
    source: "CodePipeline User Guide: what type of pipeline is right for me",
    bad: pipeline!(source!(), build!()),
    good: pipeline_v2!(source!(), build!()),
    check: kind,
};

fn kind(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_v2() == Some(false)) {
        let attr = pipeline.object.get("pipeline_type");
        found.at(
            &attr,
            "The pipeline is of type V1",
            "Set pipeline_type = \"V2\" to have triggers, variables, stage conditions, rollback and execution modes; compare the price for pipelines that run all day.",
        );
    }
}

/// Names.
pub const PL021: Rule = Rule {
    id: "PL021",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "A name does not follow the team's convention",
    rationale: "Names that follow one pattern can be found, granted and alarmed on together. The rule is silent until conventions are set in .pipewright.hcl.",
    source: "the team's own convention",
    bad: concat!(
        pipeline!(source!(), stage!("build_it", action!("Build", "Build", "AWS", "CodeBuild", ""))),
        "\n# file: .pipewright.hcl\nlint {\n  naming {\n    stage = \"PascalCase\"\n  }\n}\n"
    ),
    good: concat!(
        pipeline!(source!(), stage!("Build", action!("Build", "Build", "AWS", "CodeBuild", ""))),
        "\n# file: .pipewright.hcl\nlint {\n  naming {\n    stage = \"PascalCase\"\n  }\n}\n"
    ),
    check: names,
};

fn names(context: &Context<'_>, found: &mut Reporter<'_>) {
    let mut check = |kind: &str, attr: &Attr<'_>| {
        let (Some(convention), Some(name)) = (context.settings.names.get(kind), attr.known()) else { return };
        if !convention.pattern.is_match(name) {
            found.at(
                attr,
                format!("The {kind} name {} is not {}", attr.shown(), convention.title),
                format!(
                    "Names of this kind must fit {}.",
                    convention.pattern.as_str().trim_start_matches("^(?:").trim_end_matches(")$")
                ),
            );
        }
    };
    for pipeline in context.pipelines() {
        check("pipeline", &pipeline.name());
        for stage in &pipeline.stages {
            check("stage", &stage.name());
        }
        for variable in pipeline.object.blocks("variable") {
            check("variable", &variable.get("name"));
        }
        for action in pipeline.actions() {
            check("action", &action.name());
            check("namespace", &action.namespace());
            action.outputs().iter().for_each(|o| check("artifact", o));
        }
    }
    for (kind, type_name, attribute) in [
        ("role", "aws_iam_role", "name"),
        ("bucket", "aws_s3_bucket", "bucket"),
        ("rule", "aws_cloudwatch_event_rule", "name"),
        ("topic", "aws_sns_topic", "name"),
    ] {
        for object in context.model.all(type_name) {
            check(kind, &object.get(attribute));
        }
    }
}

/// Tags.
pub const PL022: Rule = Rule {
    id: "PL022",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "A pipeline lacks a tag the team requires",
    rationale: "Tags tell who owns a pipeline and who pays for it. The rule is silent until tags are required in .pipewright.hcl; default_tags of the provider count.",
    source: "the team's own convention",
    bad: concat!(
        pipeline!(source!(), build!()),
        "\n# file: .pipewright.hcl\nlint {\n  required_tags = [\"owner\"]\n}\n"
    ),
    good: concat!(
        pipeline!("  tags = {\n    owner = \"shop-team\"\n  }\n", source!(), build!()),
        "\n# file: .pipewright.hcl\nlint {\n  required_tags = [\"owner\"]\n}\n"
    ),
    check: tags,
};

fn tags(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let (own, all) = (pipeline.object.get("tags"), pipeline.object.get("tags_all"));
        if own.is_unknown() || all.is_unknown() && own.value().is_none() {
            continue;
        }
        let missing: Vec<&str> = context
            .settings
            .required_tags
            .iter()
            .map(String::as_str)
            .filter(|tag| own.get(tag).value().is_none() && all.get(tag).value().is_none())
            .collect();
        if !missing.is_empty() {
            let s = if missing.len() == 1 { "" } else { "s" };
            found.at(
                &own,
                format!("The pipeline lacks the tag{s} {}", missing.join(", ")),
                "Add them to tags, or to default_tags of the provider.",
            );
        }
    }
}
