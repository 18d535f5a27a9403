//! From source to deployment: built and tested, used, and able to go back.

use crate::domain::catalog;
use crate::domain::pipeline::{Gate, references, unused_outputs};
use crate::lint::finding::Level;
use crate::lint::model::{Action, Attr, Delivery};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Tests.
pub const PL008: Rule = Rule {
    id: "PL008",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "Nothing builds, tests or scans between source and deployment",
    rationale: "Every change goes out as it was pushed: nothing in the pipeline could have noticed that it is broken.",
    source: "AWS Well-Architected, Operational Excellence: mitigate deployment risks",
    bad: pipeline!(
        source!(),
        stage!("Deploy", action!("Site", "Deploy", "AWS", "S3", "      input_artifacts = [\"source\"]\n"))
    ),
    good: pipeline!(source!(), build!(), stage!("Deploy", ecs!())),
    check: untested,
};

fn untested(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        let Some(deploy) = pipeline.actions().find(|a| a.category() == "Deploy") else { continue };
        // What runs beside the deployment holds nothing up.
        let checks = pipeline
            .actions()
            .any(|a| matches!(a.category(), "Build" | "Test" | "Compute" | "Invoke" | "") && a.is_before(deploy));
        let tests = |rule: &(Gate, usize, Attr<'_>)| {
            matches!(rule.2.block("rule_type_id").get("provider").str(), "CodeBuild" | "Commands" | "LambdaInvoke" | "")
        };
        let conditions = pipeline.stages.iter().take(deploy.stage + 1).any(|s| {
            let before = |rule: &(Gate, usize, Attr<'_>)| s.index < deploy.stage || rule.0 == Gate::BeforeEntry;
            s.rules().iter().any(|rule| before(rule) && tests(rule))
        });
        // An image was built before it was pushed.
        let image = pipeline.actions().any(|a| a.is("Source", "ECR"));
        if !checks && !conditions && !image {
            found.at(
                &deploy.attr,
                format!("{} deploys what no action has built, tested or scanned", deploy.title()),
                "Add a build or test action between the source and the deployment.",
            );
        }
    }
}

/// Unused artifacts.
pub const PL009: Rule = Rule {
    id: "PL009",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An artifact is made and never used",
    rationale: "It costs storage and time, and who reads the pipeline looks for the action that should have used it.",
    source: "derived from the artifact flow",
    bad: pipeline!(
        source!(),
        build!(),
        stage!("Deploy", action!("Site", "Deploy", "AWS", "S3", "      input_artifacts = [\"source\"]\n"))
    ),
    good: pipeline!(source!(), build!(), stage!("Deploy", ecs!())),
    check: unused,
};

fn unused(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        for (place, number) in unused_outputs(pipeline.on_paper()) {
            let Some(action) = pipeline.at(place) else { continue };
            let kind = catalog::find(action.category(), action.owner(), action.provider(), action.version());
            // An output the type insists on, of an action that is there for something else.
            let forced = kind.is_some_and(|k| k.outputs.0 >= 1);
            let is_file = action.category() == "Source" && action.provider() != "ECR";
            if forced && (!is_file || gives_variables(pipeline, action)) {
                continue;
            }
            let attr = action.attr.get("output_artifacts").at(number);
            found.at(
                &attr,
                format!("Nobody uses the artifact {} of {}", attr.shown(), action.title()),
                "Leave the output out, or name it in input_artifacts of the action that is to use it.",
            );
        }
    }
}

/// Whether the variables of an action are used.
fn gives_variables(pipeline: &Delivery<'_>, action: &Action<'_>) -> bool {
    let own = action.namespace();
    let Some(own) = own.text() else { return own.value().is_some() };
    let paper = pipeline.on_paper();
    let of_actions = paper.actions().flat_map(|(_, a)| &a.configuration);
    let of_rules = paper.stages.iter().flat_map(|s| &s.rules).flat_map(|r| &r.configuration);
    of_actions.chain(of_rules).any(|(_, value)| match value {
        Some(text) => references(text).iter().any(|r| own.may_be(&r.namespace)),
        None => true,
    })
}

/// Going back.
pub const PL014: Rule = Rule {
    id: "PL014",
    severity: Level::Info,
    confidence: Confidence::High,
    title: "A deploy stage of a V2 pipeline says nothing about failure",
    rationale: "Type V2 can go back to the last good execution or try again by itself. Without on_failure a failed deployment stays as it is until somebody comes.",
    source: "CodePipeline User Guide: stage-level conditions, rollback, retry",
    bad: pipeline_v2!(source!(), build!(), stage!("Deploy", ecs!())),
    good: pipeline_v2!(
        source!(),
        build!(),
        stage!("Deploy", ecs!(), "    on_failure {\n      result = \"ROLLBACK\"\n    }\n")
    ),
    check: failure,
};

fn failure(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_v2() == Some(true)) {
        for stage in &pipeline.stages {
            let deploys = stage.actions.iter().any(|a| a.category() == "Deploy");
            if deploys && !stage.attr.get("on_failure").is_set() {
                let how = if pipeline.execution_mode() == Some("PARALLEL") {
                    "Add on_failure with result = \"RETRY\" (rollback does not exist in PARALLEL mode)."
                } else {
                    "Add on_failure with result = \"ROLLBACK\" or \"RETRY\"."
                };
                found.at(
                    &stage.attr,
                    format!("A failed deployment of the stage {} is left as it is", stage.title()),
                    how,
                );
            }
        }
    }
}
