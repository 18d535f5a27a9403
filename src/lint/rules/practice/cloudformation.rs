//! CloudFormation deployments.

use crate::lint::finding::Level;
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Replace on failure.
pub const PL012: Rule = Rule {
    id: "PL012",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "REPLACE_ON_FAILURE is used outside of test stages",
    rationale: "When the stack is in a failed state this mode deletes it and makes a new one: databases and buckets in it are gone.",
    source: "CodePipeline User Guide: CloudFormation deploy action reference, ActionMode",
    bad: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode = \"REPLACE_ON_FAILURE\"\n        StackName  = \"shop\"\n      }\n"
            )
        )
    ),
    good: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Stack",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode = \"CREATE_UPDATE\"\n        StackName  = \"shop\"\n      }\n"
            )
        )
    ),
    check: replace,
};

fn replace(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for stage in &pipeline.stages {
            for action in stage.actions.iter().filter(|a| a.is("Deploy", "CloudFormation")) {
                let mode = action.setting("ActionMode");
                let trial = [stage.name().str(), action.name().str(), action.setting("StackName").str()];
                if mode.str() == "REPLACE_ON_FAILURE" && !trial.iter().any(|name| context.settings.is_test(name)) {
                    found.at(
                        &mode,
                        format!("{} may delete the stack {}", action.title(), action.setting("StackName").shown()),
                        "REPLACE_ON_FAILURE deletes a stack that is in a failed state, with what is in it. Use CREATE_UPDATE, or a change set.",
                    );
                }
            }
        }
    }
}

/// Change sets.
pub const PL013: Rule = Rule {
    id: "PL013",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "A change set is executed without an approval after it was made",
    rationale: "A change set exists to be looked at before it is executed. Executed at once it is CREATE_UPDATE with more steps.",
    source: "CodePipeline User Guide: CloudFormation deploy action reference; continuous delivery with change sets",
    bad: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Prepare",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode    = \"CHANGE_SET_REPLACE\"\n        StackName     = \"shop\"\n        ChangeSetName = \"next\"\n      }\n"
            ),
            action!(
                "Execute",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      run_order = 2\n      configuration = {\n        ActionMode    = \"CHANGE_SET_EXECUTE\"\n        StackName     = \"shop\"\n        ChangeSetName = \"next\"\n      }\n"
            )
        )
    ),
    good: pipeline!(
        source!(),
        stage!(
            "Deploy",
            action!(
                "Prepare",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      input_artifacts = [\"source\"]\n      configuration = {\n        ActionMode    = \"CHANGE_SET_REPLACE\"\n        StackName     = \"shop\"\n        ChangeSetName = \"next\"\n      }\n"
            ),
            action!("Approve", "Approval", "AWS", "Manual", "      run_order = 2\n"),
            action!(
                "Execute",
                "Deploy",
                "AWS",
                "CloudFormation",
                "      run_order = 3\n      configuration = {\n        ActionMode    = \"CHANGE_SET_EXECUTE\"\n        StackName     = \"shop\"\n        ChangeSetName = \"next\"\n      }\n"
            )
        )
    ),
    check: change_sets,
};

fn change_sets(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        let of_mode = |mode: &'static str| {
            pipeline
                .actions()
                .filter(move |a| a.is("Deploy", "CloudFormation") && a.setting("ActionMode").str() == mode)
        };
        for execute in of_mode("CHANGE_SET_EXECUTE") {
            let stack = execute.setting("StackName");
            let same = |a: &&crate::lint::model::Action<'_>| {
                let other = a.setting("StackName");
                let named = [a.setting("ChangeSetName").known(), execute.setting("ChangeSetName").known()];
                let another = matches!(named, [Some(made), Some(executed)] if made != executed);
                let of_stack = other.text().is_some_and(|t| stack.text().is_some_and(|s| s.is(t.0)));
                let sure = a.stage < execute.stage || a.run_order().is_some() && execute.run_order().is_some();
                of_stack && !another && sure && a.is_before(execute)
            };
            let Some(prepare) = of_mode("CHANGE_SET_REPLACE").filter(same).last() else { continue };
            let approved =
                pipeline.actions().any(|a| a.category() == "Approval" && prepare.is_before(a) && a.is_before(execute));
            let gated = execute.stage > prepare.stage
                && pipeline.stages.get(execute.stage).is_some_and(|s| s.attr.get("before_entry").is_set());
            if !approved && !gated {
                found.at(
                    &execute.attr,
                    format!(
                        "{} executes the change set of {} without an approval between them",
                        execute.title(),
                        prepare.title()
                    ),
                    "Put a manual approval between the two, or use one action with CREATE_UPDATE.",
                );
            }
        }
    }
}
