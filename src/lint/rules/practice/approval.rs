//! Who looks before something goes to production.

use crate::domain::pattern::Verdict;
use crate::domain::pipeline::Level as Scope;
use crate::lint::finding::Level;
use crate::lint::model::{Action, Delivery, Stage};
use crate::lint::rule::{Confidence, Rule};
use crate::lint::runner::{Context, Reporter};

/// Whether a person or a condition stands before the first action of a stage that does something.
fn is_guarded(pipeline: &Delivery<'_>, stage: &Stage<'_>) -> bool {
    let approves = |s: &Stage<'_>| s.actions.iter().any(|a| a.category() == "Approval" || a.category().is_empty());
    let earlier = pipeline.stages.iter().take(stage.index).any(approves);
    let gate = ["before_entry"].iter().any(|g| stage.attr.get(g).is_set());
    earlier || gate || stage.actions.iter().any(|a| a.category() == "Approval" && is_first(a, stage))
}

/// Whether an action starts before everything in a stage that is no approval.
fn is_first(action: &Action<'_>, stage: &Stage<'_>) -> bool {
    stage.actions.iter().filter(|a| a.category() != "Approval").all(|a| action.is_before(a))
}

/// Stages that change production: the name says so, and an action deploys or invokes.
fn production<'a, 'm>(context: &'a Context<'_>, pipeline: &'a Delivery<'m>) -> impl Iterator<Item = &'a Stage<'m>> {
    pipeline.stages.iter().filter(|stage| {
        let acts = stage.actions.iter().any(|a| matches!(a.category(), "Deploy" | "Invoke" | "Build" | "Compute"));
        acts && stage.index > 0 && context.settings.is_production(stage.name().str())
    })
}

/// Approval.
pub const PL001: Rule = Rule {
    id: "PL001",
    severity: Level::Warning,
    confidence: Confidence::Medium,
    title: "A production stage has neither an approval nor an entry condition before it",
    rationale: "What passes the tests goes to production without anybody or anything deciding that now is the time.",
    source: "CodePipeline User Guide: manual approvals, stage conditions",
    bad: pipeline!(source!(), build!(), stage!("Production", ecs!())),
    good: pipeline!(source!(), build!(), stage!("Gate", approval!()), stage!("Production", ecs!())),
    check: approval,
};

fn approval(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.is_complete()) {
        for stage in production(context, pipeline).filter(|s| !is_guarded(pipeline, s)) {
            found.at(
                &stage.attr,
                format!("Nothing stands between a change and the stage {}", stage.title()),
                "Put a manual approval before it, or give the stage a before_entry condition, such as an alarm or a deployment window.",
            );
        }
    }
}

/// Mode.
pub const PL010: Rule = Rule {
    id: "PL010",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An approval for production waits in SUPERSEDED mode",
    rationale: "In SUPERSEDED mode, which is the default, a newer execution replaces one that waits for approval without a word: what was reviewed is not what goes out.",
    source: "CodePipeline User Guide: execution modes",
    bad: pipeline!(source!(), build!(), stage!("Gate", approval!()), stage!("Production", ecs!())),
    good: pipeline_v2!(
        "  execution_mode = \"QUEUED\"\n",
        source!(),
        build!(),
        stage!("Gate", approval!()),
        stage!("Production", ecs!())
    ),
    check: superseded,
};

fn superseded(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines().filter(|p| p.execution_mode() == Some("SUPERSEDED")) {
        let Some(stage) = production(context, pipeline).next() else { continue };
        let known = |a: &Action<'_>| a.stage < stage.index || stage.actions.iter().all(|a| a.run_order().is_some());
        let waits = pipeline.actions().find(|a| a.category() == "Approval" && is_first(a, stage) && known(a));
        let Some(approval) = waits else { continue };
        found.at(
            &pipeline.object.get("execution_mode"),
            format!("Executions that wait at {} are replaced by newer ones", approval.title()),
            format!(
                "The pipeline runs in SUPERSEDED mode and {} comes before the stage {}. Set execution_mode = \"QUEUED\" (type V2), so that what was reviewed is what goes out.",
                approval.title(),
                stage.title()
            ),
        );
    }
}

/// Telling.
pub const PL011: Rule = Rule {
    id: "PL011",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "Nobody is told that an approval waits",
    rationale: "An approval without NotificationArn and without an event rule waits unseen, and fails after seven days.",
    source: "CodePipeline User Guide: add a manual approval action, quotas",
    bad: pipeline!(
        source!(),
        build!(),
        stage!("Gate", action!("Approve", "Approval", "AWS", "Manual", "")),
        stage!("Deploy", ecs!())
    ),
    good: pipeline!(source!(), build!(), stage!("Gate", approval!()), stage!("Deploy", ecs!())),
    check: told,
};

fn told(context: &Context<'_>, found: &mut Reporter<'_>) {
    for pipeline in context.pipelines() {
        for action in pipeline.actions().filter(|a| a.category() == "Approval") {
            if action.setting("NotificationArn").is_set() || action.attr.get("configuration").is_unknown() {
                continue;
            }
            let name = action.name();
            let waits = |o: &crate::domain::pipeline::Occurrence| {
                o.level == Scope::Action && o.state == "STARTED" && o.action() == name.text().map(|t| t.0)
            };
            match pipeline.is_told(waits, "manual-approval-needed") {
                Verdict::Yes => {}
                Verdict::Maybe => found.note(
                    pipeline.object,
                    format!("whether a rule tells that {} waits depends on what is not known yet", action.title()),
                ),
                Verdict::No => {
                    found.at(
                        &action.attr,
                        format!("Nobody is told that {} waits for approval", action.title()),
                        "It has no NotificationArn, and no event rule matches its start. Set NotificationArn to an SNS topic, or add a rule for approval actions that are STARTED.",
                    );
                }
            }
        }
    }
}
