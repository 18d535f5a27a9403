//! What needs a pipeline of type V2, and what does not go together.

use crate::domain::catalog;
use crate::lint::finding::{Fix, Level};
use crate::lint::model::{Attr, Delivery};
use crate::lint::rewrite;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// V2 only.
pub const CP012: Rule = Rule {
    id: "CP012",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A pipeline of type V1 uses what only V2 has",
    rationale: "Triggers, variables, execution modes, stage conditions and some action types need pipeline_type = \"V2\"; without it CodePipeline refuses the pipeline.",
    source: "CodePipeline User Guide: pipeline types",
    bad: pipeline!("  execution_mode = \"QUEUED\"\n", source!(), build!()),
    good: pipeline_v2!("  execution_mode = \"QUEUED\"\n", source!(), build!()),
    check: v2_only,
};

fn v2_only(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_v2() == Some(false)) {
        let edit = rewrite::set(context.model, &pipeline.object.get("pipeline_type"), "\"V2\"");
        let fix = Fix::one("Make the pipeline of type V2", edit);
        let mut tell = |attr: &Attr<'_>, what: String| {
            let finding = found.at(
                attr,
                format!("{what} needs a pipeline of type V2"),
                "This pipeline is of type V1. Set pipeline_type = \"V2\".",
            );
            finding.fix = fix.clone();
        };
        let mode = pipeline.object.get("execution_mode");
        if mode.known().is_some_and(|m| m != "SUPERSEDED") {
            tell(&mode, format!("The execution mode {}", mode.shown()));
        }
        for (block, what) in [("trigger", "A trigger"), ("variable", "A pipeline variable")] {
            if let Some(first) = pipeline.object.blocks(block).first() {
                tell(first, what.into());
            }
        }
        for stage in &pipeline.stages {
            for gate in ["before_entry", "on_success", "on_failure"] {
                if let Some(first) = stage.attr.blocks(gate).first() {
                    tell(first, format!("{gate} of the stage {}", stage.title()));
                }
            }
        }
        for action in pipeline.actions() {
            let kind = catalog::find(action.category(), action.owner(), action.provider(), action.version());
            if kind.is_some_and(|k| !k.types.iter().any(|t| t == "V1")) {
                tell(&action.attr.get("provider"), format!("The {} action {}", action.provider(), action.title()));
            }
        }
    }
}

/// Combinations.
pub const CP013: Rule = Rule {
    id: "CP013",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "Execution mode, failure handling and conditions contradict each other",
    rationale: "CodePipeline refuses rollback in PARALLEL mode, on_failure with both a result and conditions, and entry conditions that skip by other rules than LambdaInvoke and VariableCheck.",
    source: "CodePipeline User Guide: stage conditions, execution modes, rollback",
    bad: pipeline_v2!(
        "  execution_mode = \"PARALLEL\"\n",
        source!(),
        stage!(
            "Build",
            action!("Build", "Build", "AWS", "CodeBuild", ""),
            "    on_failure {\n      result = \"ROLLBACK\"\n    }\n"
        )
    ),
    good: pipeline_v2!(
        "  execution_mode = \"QUEUED\"\n",
        source!(),
        stage!(
            "Build",
            action!("Build", "Build", "AWS", "CodeBuild", ""),
            "    on_failure {\n      result = \"ROLLBACK\"\n    }\n"
        )
    ),
    check: combinations,
};

fn combinations(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        let parallel = pipeline.execution_mode() == Some("PARALLEL");
        for stage in &pipeline.stages {
            let failure = stage.attr.block("on_failure");
            let (result, condition) = (failure.get("result"), failure.block("condition"));
            let rollbacks = [
                result.clone(),
                condition.get("result"),
                stage.attr.block("on_success").block("condition").get("result"),
            ];
            for rollback in rollbacks.iter().filter(|r| parallel && r.str() == "ROLLBACK") {
                found.at(
                    rollback,
                    format!("The stage {} rolls back, but the pipeline runs in PARALLEL mode", stage.title()),
                    "Executions that run side by side have no earlier one to go back to: CodePipeline refuses the combination. Use QUEUED or SUPERSEDED, or leave rollback out.",
                );
            }
            if result.is_set() && condition.value().is_some() {
                found.at(
                    &result,
                    format!("on_failure of the stage {} has both a result and a condition", stage.title()),
                    "CodePipeline takes one of them. Put the result into the condition, or leave the condition out.",
                );
            }
            let retry = failure.get("retry_configuration");
            if !result.is_set() && retry.is_set() && condition.value().is_some() {
                found.at(
                    &retry,
                    format!("on_failure of the stage {} has both a retry and a condition", stage.title()),
                    "CodePipeline takes one of them. Leave the retry out, or the condition.",
                );
            }
            skips(pipeline, stage, found);
        }
    }
}

fn skips(_: &Delivery<'_>, stage: &crate::lint::model::Stage<'_>, found: &mut Reporter<'_>) {
    let entry = stage.attr.block("before_entry").block("condition");
    if entry.get("result").str() != "SKIP" {
        return;
    }
    for rule in entry.blocks("rule") {
        let provider = rule.block("rule_type_id").get("provider");
        if provider.known().is_some_and(|p| !matches!(p, "LambdaInvoke" | "VariableCheck")) {
            found.at(
                &provider,
                format!("The stage {} is skipped by the rule {}", stage.title(), provider.shown()),
                "A condition with the result SKIP takes only the rules LambdaInvoke and VariableCheck. Use one of these, or the result FAIL.",
            );
        }
    }
}
