//! Variables: `#{namespace.key}` in configuration values, and whether there is something to put there.

use super::{Gate, Pipeline, Where};
use crate::domain::catalog::Certainty;
use crate::lang::value::symbol::has_symbol;

/// A reference in a configuration value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Before the dot.
    pub namespace: String,
    /// After it.
    pub key: String,
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableFault {
    /// No action has the namespace; the name of one that looks like it.
    NoNamespace(Option<String>),
    /// The action with the namespace does not give such a variable; what it gives, and how sure that is.
    NoKey(Vec<String>, Certainty),
    /// The action with the namespace starts at the same time or later.
    TooLate(Where),
    /// There is no pipeline variable of this name.
    NoVariable(Option<String>),
    /// Source actions cannot use pipeline variables.
    InSource,
}

/// All references of a text, in order.
pub fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("#{") {
        let Some((inside, after)) = after.split_once('}') else { break };
        if let Some((namespace, key)) = inside.trim().split_once('.')
            && !has_symbol(inside)
        {
            found.push(Reference { namespace: namespace.to_owned(), key: key.to_owned() });
        }
        rest = after;
    }
    found
}

/// Faults of references: the action, the configuration key, the reference, and what is wrong.
pub fn variable_faults(pipeline: &Pipeline) -> Vec<(Where, String, Reference, VariableFault)> {
    let spaces = spaces(pipeline);
    let mut faults = Vec::new();
    for (place, action) in pipeline.actions() {
        for (key, value) in &action.configuration {
            for reference in value.as_deref().map(references).unwrap_or_default() {
                let is_there = |maker: Where| pipeline.is_before(maker, place);
                if let Some(fault) = fault(pipeline, action.is("Source"), &is_there, &reference, &spaces) {
                    faults.push((place, key.clone(), reference, fault));
                }
            }
        }
    }
    faults
}

/// The same in the rules of conditions: the number of the stage, that of the rule among the stage's, the configuration key, the reference
/// and what is wrong.
pub fn condition_faults(pipeline: &Pipeline) -> Vec<(usize, usize, String, Reference, VariableFault)> {
    let spaces = spaces(pipeline);
    let mut faults = Vec::new();
    for (number, stage) in pipeline.stages.iter().enumerate() {
        for (which, rule) in stage.rules.iter().enumerate() {
            // What the stage's own actions give is there when they are done.
            let is_there = |maker: Where| maker.stage < number + usize::from(rule.gate != Gate::BeforeEntry);
            for (key, value) in &rule.configuration {
                for reference in value.as_deref().map(references).unwrap_or_default() {
                    if let Some(fault) = fault(pipeline, false, &is_there, &reference, &spaces) {
                        faults.push((number, which, key.clone(), reference, fault));
                    }
                }
            }
        }
    }
    faults
}

/// Actions with a namespace, and which where it is known.
type Spaces<'p> = Vec<(Where, Option<&'p str>)>;

fn spaces(pipeline: &Pipeline) -> Spaces<'_> {
    pipeline.actions().filter_map(|(w, a)| a.namespace.as_ref().map(|n| (w, n.as_deref()))).collect()
}

fn fault(
    pipeline: &Pipeline,
    in_source: bool,
    is_there: &dyn Fn(Where) -> bool,
    reference: &Reference,
    spaces: &Spaces<'_>,
) -> Option<VariableFault> {
    match reference.namespace.as_str() {
        "variables" => {
            if in_source {
                return Some(VariableFault::InSource);
            }
            let declared = pipeline.variables.as_ref()?;
            if declared.iter().any(|d| *d == reference.key || has_symbol(d)) {
                return None;
            }
            let near = crate::lang::eval::did_you_mean(&reference.key, declared.iter().map(String::as_str));
            Some(VariableFault::NoVariable(near.map(str::to_owned)))
        }
        // The reserved namespace of the execution.
        "codepipeline" => {
            let known = vec!["PipelineExecutionId".to_owned()];
            (!known.contains(&reference.key)).then_some(VariableFault::NoKey(known, Certainty::Medium))
        }
        wanted => {
            let Some((maker, _)) = spaces.iter().find(|(_, name)| *name == Some(wanted)) else {
                let vague = spaces.iter().any(|(_, name)| name.is_none_or(has_symbol));
                let names = spaces.iter().filter_map(|(_, name)| *name).chain(["variables", "codepipeline"]);
                let near = crate::lang::eval::did_you_mean(wanted, names).map(str::to_owned);
                return (!vague).then_some(VariableFault::NoNamespace(near));
            };
            if !is_there(*maker) {
                return Some(VariableFault::TooLate(*maker));
            }
            let kind = pipeline.action(*maker)?.kind()?;
            let open = kind.has_open_variables() || kind.variables.is_empty() && kind.confidence < Certainty::High;
            let known = open || kind.variables.contains(&reference.key);
            (!known).then(|| VariableFault::NoKey(kind.variables.clone(), kind.confidence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, ConditionRule, Stage};
    use super::*;

    fn text(t: &str) -> Option<String> {
        Some(t.to_owned())
    }

    fn source() -> Action {
        Action {
            category: text("Source"),
            owner: text("AWS"),
            provider: text("CodeCommit"),
            version: text("1"),
            run_order: Some(1),
            namespace: Some(text("Src")),
            ..Action::default()
        }
    }

    fn faults_of(value: &str) -> Vec<VariableFault> {
        let user = Action { run_order: Some(1), configuration: vec![("X".into(), text(value))], ..Action::default() };
        variable_faults(&pipeline(vec![user], Vec::new())).into_iter().map(|(.., fault)| fault).collect()
    }

    fn pipeline(users: Vec<Action>, rules: Vec<ConditionRule>) -> Pipeline {
        let sources = Stage { actions: vec![source()], ..Stage::default() };
        let stages = vec![sources, Stage { actions: users, rules, ..Stage::default() }];
        Pipeline { stages, variables: Some(vec!["Env".into()]), ..Pipeline::default() }
    }

    #[test]
    fn conditions_have_what_was_given_before_the_stage_and_those_at_its_end_what_it_gives() {
        let tests = Action { namespace: Some(text("Tests")), provider: text("CodeBuild"), ..source() };
        let rule = |gate, value: &str| ConditionRule {
            gate,
            number: 0,
            provider: text("VariableCheck"),
            inputs: Vec::new(),
            configuration: vec![("Variable".into(), text(value))],
        };
        let faults = |gate, value: &str| -> Vec<VariableFault> {
            let paper = pipeline(vec![tests.clone()], vec![rule(gate, value)]);
            condition_faults(&paper).into_iter().map(|(.., fault)| fault).collect()
        };
        assert!(faults(Gate::BeforeEntry, "#{Src.CommitId} #{variables.Env}").is_empty());
        assert!(faults(Gate::OnSuccess, "#{Tests.Covered}").is_empty());
        assert_eq!(
            faults(Gate::BeforeEntry, "#{Tests.Covered}"),
            [VariableFault::TooLate(Where { stage: 1, action: 0 })]
        );
        assert_eq!(faults(Gate::OnFailure, "#{variables.Evn}"), [VariableFault::NoVariable(text("Env"))]);
    }

    #[test]
    fn references_are_found_in_text() {
        let found = references("a #{A.b} ${x} #{C.d_e}#{broken");
        assert_eq!(found.iter().map(|r| r.key.as_str()).collect::<Vec<_>>(), ["b", "d_e"]);
    }

    #[test]
    fn each_fault_is_told_and_right_references_are_none() {
        assert!(faults_of("#{Src.CommitId} #{variables.Env} #{codepipeline.PipelineExecutionId}").is_empty());
        assert_eq!(faults_of("#{Scr.CommitId}"), [VariableFault::NoNamespace(text("Src"))]);
        assert_eq!(faults_of("#{variables.Evn}"), [VariableFault::NoVariable(text("Env"))]);
        assert!(
            matches!(faults_of("#{Src.CommitID}").as_slice(), [VariableFault::NoKey(known, Certainty::High)] if known.len() == 6)
        );
    }
}
