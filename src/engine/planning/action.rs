//! From what is and what is wanted to what is done.

use super::{BlockContext, Planner};
use crate::diagnostics::Diagnostics;
use crate::engine::address_expr::concrete_traversal;
use crate::engine::plan::{Action, ActionReason};
use crate::engine::references::{Reference, Subject};
use crate::engine::run::lock;
use crate::engine::scope::{Evaluation, ModuleScope};
use crate::lang::value::{Path, Value};

/// Everything the choice depends on.
pub(super) struct Question<'a> {
    /// As it is, marked; null for nothing.
    pub prior: &'a Value,
    /// As the provider would have it, without marks.
    pub planned: &'a Value,
    /// Paths the provider cannot change in place.
    pub requires_replace: &'a [Path],
    /// The object is not whole.
    pub tainted: bool,
    /// `-replace`
    pub forced: bool,
    /// `replace_triggered_by`
    pub triggered: bool,
    /// Whether a replacement is created first.
    pub create_first: bool,
}

/// The choice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub action: Action,
    pub reason: Option<ActionReason>,
    pub replace_paths: Vec<Path>,
}

/// Chooses.
pub(super) fn choose(q: &Question<'_>) -> Choice {
    let plain = |action| Choice { action, reason: None, replace_paths: Vec::new() };
    if q.prior.is_null() {
        return plain(Action::Create);
    }
    let replace = if q.create_first { Action::CreateThenDelete } else { Action::DeleteThenCreate };
    let because = |reason| Choice { action: replace, reason: Some(reason), replace_paths: Vec::new() };
    if q.tainted {
        return because(ActionReason::ReplaceBecauseTainted);
    }
    let prior = q.prior.unmark_deep();
    if q.forced {
        return because(ActionReason::ReplaceByRequest);
    }
    if q.triggered {
        return because(ActionReason::ReplaceByTriggers);
    }
    if prior == *q.planned {
        return plain(Action::NoOp);
    }
    let differing: Vec<Path> = q
        .requires_replace
        .iter()
        .filter(|path| {
            let (before, after) = (path.find(&prior), path.find(q.planned));
            before != after || after.is_some_and(Value::contains_unknown)
        })
        .cloned()
        .collect();
    if differing.is_empty() {
        return plain(Action::Update);
    }
    Choice { action: replace, reason: Some(ActionReason::ReplaceBecauseCannotUpdate), replace_paths: differing }
}

impl Planner<'_> {
    /// Whether something named by `replace_triggered_by` is going to change.
    pub(super) fn replace_triggered(
        &self,
        context: &BlockContext<'_>,
        scope: &ModuleScope<'_>,
        evaluation: &Evaluation<'_, '_>,
    ) -> Result<bool, Diagnostics> {
        for expr in &context.block.lifecycle.replace_triggered_by {
            let traversal = concrete_traversal(expr, Some(evaluation))?;
            let reference = Reference::parse(&traversal)?;
            let Subject::Resource(resource) = &reference.subject else { continue };
            let block = crate::address::ConfigResource { module: scope.address.path(), resource: resource.clone() };
            let path = reference.path();
            let changes = lock(&self.changes);
            let list = changes.by_block.get(&block).map(Vec::as_slice).unwrap_or_default();
            let hit = list.iter().filter_map(|i| changes.list.get(*i)).any(|change| {
                change.address.module == scope.address
                    && (reference.key.is_none() || change.address.key == reference.key)
                    && matches!(change.action, Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete)
                    && (path.0.is_empty() || path.find(&change.before) != path.find(&change.after))
            });
            if hit {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Value {
        Value::object_of([("a", Value::string(text))])
    }

    fn chosen(change: impl FnOnce(&mut Question<'_>)) -> Choice {
        let (prior, planned, paths) = (object("x"), object("y"), [Path::attrs(["a"])]);
        let mut q = Question {
            prior: &prior,
            planned: &planned,
            requires_replace: &[],
            tainted: false,
            forced: false,
            triggered: false,
            create_first: false,
        };
        let _ = &paths;
        change(&mut q);
        choose(&q)
    }

    #[test]
    fn a_difference_is_an_update() {
        assert_eq!(chosen(|_| {}).action, Action::Update);
    }

    #[test]
    fn a_difference_that_cannot_be_made_in_place_replaces() {
        let paths = [Path::attrs(["a"])];
        let (prior, planned) = (object("x"), object("y"));
        let q = Question {
            prior: &prior,
            planned: &planned,
            requires_replace: &paths,
            tainted: false,
            forced: false,
            triggered: false,
            create_first: true,
        };
        let choice = choose(&q);
        assert_eq!((choice.action, choice.replace_paths.len()), (Action::CreateThenDelete, 1));
    }

    #[test]
    fn taint_comes_before_everything_else() {
        let choice = chosen(|q| {
            q.tainted = true;
            q.forced = true;
        });
        assert_eq!(choice.reason, Some(ActionReason::ReplaceBecauseTainted));
    }
}
