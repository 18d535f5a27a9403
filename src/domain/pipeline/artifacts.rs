//! Artifacts: each is made once, and there before it is used.

use super::{Action, Pipeline};
use crate::lang::value::symbol::{has_symbol, may_equal};

/// The place of an action, both numbers from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Where {
    /// Number of the stage.
    pub stage: usize,
    /// Number of the action in it.
    pub action: usize,
}

/// What is wrong with an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactFault {
    /// Nobody makes the input; the name of an artifact that is there and looks like it.
    NotMade(Option<String>),
    /// Only an action that starts at the same time or later makes it.
    MadeTooLate(Where),
    /// The output has the name of another action's output.
    MadeTwice(Where),
    /// The input is a reference to a clone, which only CodeBuild can use; the source that gives it.
    CloneForOther(Where),
}

fn made(pipeline: &Pipeline) -> Vec<(Where, usize, &str)> {
    pipeline
        .actions()
        .flat_map(|(place, a)| a.outputs.iter().enumerate().filter_map(move |(i, o)| Some((place, i, o.as_deref()?))))
        .collect()
}

/// Faults of inputs and outputs: the action, the number of the input or output, and what is wrong.
pub fn artifact_faults(pipeline: &Pipeline) -> Vec<(Where, usize, ArtifactFault)> {
    let made = made(pipeline);
    let vague = pipeline.actions().any(|(_, a)| a.outputs.iter().any(Option::is_none));
    let mut faults = Vec::new();
    for (place, action) in pipeline.actions() {
        for (number, input) in action.inputs.iter().enumerate() {
            let Some(input) = input.as_deref() else { continue };
            let makers: Vec<Where> = made.iter().filter(|(_, _, name)| *name == input).map(|(w, ..)| *w).collect();
            match makers.iter().find(|maker| pipeline.is_before(**maker, place)) {
                Some(maker) => {
                    let clone = pipeline.action(*maker).is_some_and(is_clone);
                    if clone && !takes_clones(action) {
                        faults.push((place, number, ArtifactFault::CloneForOther(*maker)));
                    }
                }
                None => match makers.first() {
                    Some(late) => faults.push((place, number, ArtifactFault::MadeTooLate(*late))),
                    None if vague
                        || made
                            .iter()
                            .any(|(.., name)| (has_symbol(name) || has_symbol(input)) && may_equal(name, input)) => {}
                    None => {
                        let earlier = made.iter().filter(|(w, ..)| pipeline.is_before(*w, place)).map(|(.., n)| *n);
                        let near = crate::lang::eval::did_you_mean(input, earlier).map(str::to_owned);
                        faults.push((place, number, ArtifactFault::NotMade(near)));
                    }
                },
            }
        }
    }
    for (i, (place, number, name)) in made.iter().enumerate() {
        if let Some((first, ..)) = made.iter().take(i).find(|(.., other)| other == name) {
            faults.push((*place, *number, ArtifactFault::MadeTwice(*first)));
        }
    }
    faults
}

fn is_clone(action: &Action) -> bool {
    action.setting("OutputArtifactFormat") == Some("CODEBUILD_CLONE_REF")
}

/// Whether an action can use a reference to a clone; those that are not known can.
fn takes_clones(action: &Action) -> bool {
    action.provider.as_deref().is_none_or(|p| p == "CodeBuild")
}

/// Outputs nobody uses.
pub fn unused_outputs(pipeline: &Pipeline) -> Vec<(Where, usize)> {
    let of_actions = pipeline.actions().flat_map(|(_, a)| &a.inputs);
    let of_rules = pipeline.stages.iter().flat_map(|s| &s.rules).flat_map(|r| &r.inputs);
    let used: Vec<Option<&str>> = of_actions.chain(of_rules).map(Option::as_deref).collect();
    if used.contains(&None) {
        return Vec::new();
    }
    let is_used = |name: &str| {
        used.iter().flatten().any(|u| *u == name || (has_symbol(u) || has_symbol(name)) && may_equal(u, name))
    };
    made(pipeline).into_iter().filter(|(.., name)| !is_used(name)).map(|(place, number, _)| (place, number)).collect()
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::super::Stage;
    use super::*;

    fn action(order: i64, inputs: &[&str], outputs: &[&str]) -> Action {
        let names = |list: &[&str]| list.iter().map(|n| Some((*n).to_owned())).collect();
        Action { run_order: Some(order), inputs: names(inputs), outputs: names(outputs), ..Action::default() }
    }

    fn pipeline(stages: Vec<Vec<Action>>) -> Pipeline {
        let stages = stages.into_iter().map(|actions| Stage { actions, ..Stage::default() }).collect();
        Pipeline { stages, ..Pipeline::default() }
    }

    #[test]
    fn run_order_decides_within_a_stage() {
        let p = pipeline(vec![
            vec![action(1, &[], &["src"])],
            vec![action(2, &["built"], &[]), action(1, &["src"], &["built"])],
        ]);
        assert!(artifact_faults(&p).is_empty());
        let p = pipeline(vec![
            vec![action(1, &[], &["src"])],
            vec![action(1, &["built"], &[]), action(1, &["src"], &["built"])],
        ]);
        let late = ArtifactFault::MadeTooLate(Where { stage: 1, action: 1 });
        assert_eq!(artifact_faults(&p), [(Where { stage: 1, action: 0 }, 0, late)]);
    }

    #[test]
    fn a_slip_is_named_and_a_second_maker_told() {
        let p = pipeline(vec![
            vec![action(1, &[], &["source"]), action(1, &[], &["source"])],
            vec![action(1, &["sourc"], &[])],
        ]);
        let faults = artifact_faults(&p);
        assert_eq!(faults[0].2, ArtifactFault::NotMade(Some("source".into())));
        assert_eq!(faults[1].2, ArtifactFault::MadeTwice(Where { stage: 0, action: 0 }));
        assert_eq!(unused_outputs(&p).len(), 2);
    }

    #[test]
    fn an_order_that_is_not_known_may_be_lower() {
        let mut p = pipeline(vec![
            vec![action(1, &[], &["src"])],
            vec![action(1, &["src"], &["built"]), action(1, &["built"], &[])],
        ]);
        assert_eq!(artifact_faults(&p).len(), 1);
        p.stages[1].actions[0].run_order = None;
        assert!(artifact_faults(&p).is_empty());
        // Nothing is there before itself.
        p.stages[1].actions[0].inputs = vec![Some("built".into())];
        assert_eq!(artifact_faults(&p).len(), 1);
    }

    #[test]
    fn what_is_not_known_is_no_fault() {
        let mut p = pipeline(vec![vec![action(1, &[], &["a"])], vec![action(1, &["b"], &[])]]);
        p.stages[0].actions[0].outputs.push(None);
        assert!(artifact_faults(&p).is_empty());
    }
}
