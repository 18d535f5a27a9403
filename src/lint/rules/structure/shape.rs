//! Number and order of stages and actions.

use crate::config::model::ResourceBlock;
use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};
use std::collections::HashSet;

/// Number of stages.
pub const CP001: Rule = Rule {
    id: "CP001",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A pipeline has fewer than 2 or more than 50 stages",
    rationale: "CodePipeline refuses to create or update such a pipeline.",
    source: "CodePipeline User Guide: quotas, pipeline structure reference",
    bad: pipeline!(source!()),
    good: pipeline!(source!(), build!()),
    check: stage_count,
};

fn stage_count(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let count = pipeline.stages.len();
        // No stage at all is what a list of stages gives that nobody sets.
        let made = |block: &ResourceBlock| block.body.blocks.iter().any(|b| b.is_dynamic_of("stage"));
        let unset = count == 0 && pipeline.object.block().is_some_and(made);
        if !pipeline.is_complete() || unset || (2..=50).contains(&count) {
            continue;
        }
        let detail = "CodePipeline takes 2 to 50 stages: the first with source actions, and at least one more that does something.";
        let s = if count == 1 { "" } else { "s" };
        found.on(pipeline.object, format!("The pipeline has {count} stage{s}"), detail);
    }
}

/// Where sources stand.
pub const CP002: Rule = Rule {
    id: "CP002",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "The first stage holds something else than sources, or a source stands later",
    rationale: "CodePipeline starts with a stage that holds only source actions, and takes source actions nowhere else.",
    source: "CodePipeline User Guide: pipeline structure reference",
    bad: pipeline!(
        stage!(
            "Source",
            connected!(),
            action!(
                "Lint",
                "Test",
                "AWS",
                "CodeBuild",
                "      run_order       = 2\n      input_artifacts = [\"source\"]\n"
            )
        ),
        build!()
    ),
    good: pipeline!(source!(), build!()),
    check: source_place,
};

fn source_place(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        if let Some(first) = pipeline.stages.first().filter(|s| s.actions.is_empty() && pipeline.is_complete()) {
            found.at(
                &first.attr,
                format!("The first stage {} holds no source action", first.title()),
                "CodePipeline wants at least one source action there. Add one.",
            );
        }
        for action in pipeline.actions().filter(|a| !a.category().is_empty()) {
            let is_source = action.category() == "Source";
            let category = action.attr.get("category");
            if is_source && action.stage > 0 {
                let stage = pipeline.stages.get(action.stage).map(crate::lint::model::Stage::title).unwrap_or_default();
                found.at(
                    &category,
                    format!("The source action {} stands in the stage {stage}", action.title()),
                    "CodePipeline takes source actions only in the first stage. Move it there; other actions use its output artifact by name.",
                );
            } else if !is_source && action.stage == 0 {
                found.at(
                    &category,
                    format!("The {} action {} stands in the first stage", action.category(), action.title()),
                    "CodePipeline wants a first stage that holds only source actions. Move the action to a stage of its own after it.",
                );
            }
        }
    }
}

/// Something to do.
pub const CP003: Rule = Rule {
    id: "CP003",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A pipeline has no action that is not a source",
    rationale: "CodePipeline refuses a pipeline that only fetches and does nothing with what it fetched.",
    source: "CodePipeline User Guide: pipeline structure reference",
    bad: pipeline!(source!(), stage!("Later")),
    good: pipeline!(source!(), build!()),
    check: something_to_do,
};

fn something_to_do(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        // A category that is not known may be any.
        let works = pipeline.actions().any(|a| a.category() != "Source");
        if !works && pipeline.is_complete() && !pipeline.stages.is_empty() {
            found.on(
                pipeline.object,
                "The pipeline has only source actions",
                "CodePipeline wants at least one action of another category. Add a build, test, deploy, approval or invoke action.",
            );
        }
    }
}

/// Names of stages and actions.
pub const CP004: Rule = Rule {
    id: "CP004",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Two stages of a pipeline, or two actions of a stage, have one name",
    rationale: "CodePipeline tells stages by their name, and actions by their name within the stage; it refuses doubles.",
    source: "CodePipeline User Guide: pipeline structure reference",
    bad: pipeline!(source!(), build!(), stage!("Build", ecs!())),
    good: pipeline!(source!(), build!(), stage!("Deploy", ecs!())),
    check: unique_names,
};

fn unique_names(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let mut stages = HashSet::new();
        for stage in &pipeline.stages {
            if let Some(name) = stage.name().text()
                && !stages.insert(name.0)
            {
                found.at_part(
                    &stage.name(),
                    &stage.index.to_string(),
                    format!("The stage name {} is used twice", name.readable()),
                    "CodePipeline refuses two stages of one name. Rename one of them.",
                );
            }
            let mut actions = HashSet::new();
            for action in &stage.actions {
                if let Some(name) = action.name().text()
                    && !actions.insert(name.0)
                {
                    found.at_part(
                        &action.name(),
                        &action.index.to_string(),
                        format!("The action name {} is used twice in the stage {}", name.readable(), stage.title()),
                        "CodePipeline refuses two actions of one name in a stage. Rename one of them.",
                    );
                }
            }
        }
    }
}
