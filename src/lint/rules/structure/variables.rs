//! References to variables.

use crate::domain::catalog::Certainty;
use crate::domain::pipeline::{Reference, VariableFault, condition_faults, variable_faults};
use crate::lint::finding::Level;
use crate::lint::model::{Attr, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// References.
pub const CP017: Rule = Rule {
    id: "CP017",
    severity: Level::Error,
    confidence: Confidence::High,
    title: "A reference to a variable leads nowhere",
    rationale: "A reference such as #{SourceVariables.CommitId} is resolved when the action starts. If no earlier action gives the variable the action fails then, and nothing says so before.",
    source: "CodePipeline User Guide: variables, action structure reference",
    bad: pipeline!(
        stage!("Source", action!("Code", "Source", "AWS", "CodeCommit", "      namespace = \"SourceVariables\"\n")),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      configuration = {\n        ProjectName          = \"shop\"\n        EnvironmentVariables = jsonencode([{ name = \"COMMIT\", value = \"#{SourceVariables.CommitID}\" }])\n      }\n"
            )
        )
    ),
    good: pipeline!(
        stage!("Source", action!("Code", "Source", "AWS", "CodeCommit", "      namespace = \"SourceVariables\"\n")),
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      configuration = {\n        ProjectName          = \"shop\"\n        EnvironmentVariables = jsonencode([{ name = \"COMMIT\", value = \"#{SourceVariables.CommitId}\" }])\n      }\n"
            )
        )
    ),
    check: references,
};

fn references(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        for (place, key, reference, fault) in variable_faults(pipeline.on_paper()) {
            let Some(action) = pipeline.at(place) else { continue };
            let used = Used { attr: action.setting(&key), what: format!("{key} of {}", action.title()), by: "action" };
            tell(pipeline, &used, &reference, fault, found);
        }
        for (stage, number, key, reference, fault) in condition_faults(pipeline.on_paper()) {
            let rule = pipeline.stages.get(stage).and_then(|s| s.rules().into_iter().nth(number));
            let Some((gate, _, rule)) = rule else { continue };
            let name = pipeline.stages.get(stage).map(crate::lint::model::Stage::title).unwrap_or_default();
            let what = format!("{key} of a rule in {} of the stage {name}", gate.block());
            let used = Used { attr: rule.get("configuration").get(&key), what, by: "condition" };
            tell(pipeline, &used, &reference, fault, found);
        }
    }
}

/// Where a reference stands.
struct Used<'m> {
    attr: Attr<'m>,
    what: String,
    /// What fails by it.
    by: &'static str,
}

fn tell(
    pipeline: &Delivery<'_>,
    used: &Used<'_>,
    reference: &Reference,
    fault: VariableFault,
    found: &mut Reporter<'_>,
) {
    let name = format!("#{{{}.{}}}", reference.namespace, reference.key);
    let mean = |near: Option<String>| near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
    let mut level = Level::Error;
    let (what, advice) = match fault {
        VariableFault::NoNamespace(near) => (
            format!("no action has the namespace {}", reference.namespace),
            format!("Set namespace = \"{}\" on the action whose variable is meant.{}", reference.namespace, mean(near)),
        ),
        VariableFault::NoKey(known, certainty) => {
            if certainty < Certainty::High {
                level = Level::Warning;
            }
            let near = crate::lang::eval::did_you_mean(&reference.key, known.iter().map(String::as_str));
            let list = format!("It gives {}.{}", known.join(", "), mean(near.map(str::to_owned)));
            ("the action with that namespace gives no such variable".to_owned(), list)
        }
        VariableFault::TooLate(maker) => {
            let maker = pipeline.at(maker).map(crate::lint::model::Action::title).unwrap_or_default();
            (
                format!("{maker} gives it at the same time or later"),
                "Give that action a lower run_order, or put it into an earlier stage.".to_owned(),
            )
        }
        VariableFault::NoVariable(near) => (
            format!("the pipeline has no variable {}", reference.key),
            format!("Declare it in a variable block of the pipeline.{}", mean(near)),
        ),
        VariableFault::InSource => (
            "source actions cannot use pipeline variables".to_owned(),
            "Write the value itself, or use a trigger filter or a source revision override.".to_owned(),
        ),
    };
    found
        .at_part(
            &used.attr,
            &name,
            format!("{} refers to {name}, but {what}", used.what),
            format!("The {} fails when it starts. {advice}", used.by).trim_end_matches('?').to_owned()
                + if advice.ends_with('?') { "? The name must be written exactly." } else { "" },
        )
        .with_severity(level);
}
