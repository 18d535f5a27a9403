//! Expressions evaluated against a state or a plan, as `console` does: nothing is read from outside and nothing changes.

use super::event::Quiet;
use super::from_state;
use super::graph::{Node, check_references};
use super::plan::{Action, Plan};
use super::run::{Phase, Run};
use super::scope::{Evaluation, Extent, Referred};
use super::settings::Settings;
use super::walk::Visit;
use crate::address::{AbsResource, ConfigResource, InstanceKey, Mode};
use crate::config::model::{Config, Repetition};
use crate::diagnostics::Diagnostics;
use crate::lang::eval::evaluate;
use crate::lang::syntax::ast::Expr;
use crate::lang::value::{Type, Value};
use crate::provider::Registry;
use crate::state::model::State;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Where values of resources come from.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// From what is there.
    State(&'a State),
    /// From what a plan makes of it.
    Plan(&'a Plan),
}

/// Everything in the root module that an expression can name, with its value.
pub struct Console<'r> {
    run: Run<'r>,
}

impl<'r> Console<'r> {
    /// Works out variables, local values, outputs and modules. What fails is told and counts as unknown.
    pub async fn open(
        config: &'r Config,
        known: Known<'_>,
        registry: &'r Registry,
        settings: &'r Settings,
        cancel: &'r CancellationToken,
    ) -> (Self, Diagnostics) {
        let timestamp = match known {
            Known::Plan(plan) => Some(plan.timestamp.clone()),
            Known::State(_) => None,
        };
        let (mut run, mut diagnostics) = Run::new(Phase::Plan, config, registry, settings, &Quiet, cancel, timestamp);
        run.globals.calls.pure_only = false;
        let visit = |number: usize| {
            let run = &run;
            async move {
                match run.graph.nodes().get_index(number) {
                    Some(Node::Resource(address)) => match known {
                        Known::State(state) => from_state::fill(run, state, address),
                        Known::Plan(plan) => planned(run, plan, address),
                    },
                    Some(Node::Provider(_) | Node::Check(..)) | None => {}
                    Some(_) => {
                        run.visit(number).await;
                    }
                }
                Visit::Done
            }
        };
        run.graph.order().walk(run.window(), || true, visit).await;
        diagnostics.extend(run.told());
        (Console { run }, diagnostics)
    }

    /// The value of an expression that stands in the root module.
    ///
    /// # Errors
    /// References to what is not declared, and what evaluation finds wrong.
    pub fn evaluate(&self, expr: &Expr) -> Result<Value, Diagnostics> {
        let wrong = check_references(self.run.config, self.run.registry, &self.run.schemas, expr);
        if wrong.has_errors() {
            return Err(wrong);
        }
        match self.run.root() {
            Some(root) => evaluate(expr, &Evaluation::plain(&self.run.globals, &root)),
            None => Ok(Value::unknown(Type::Dynamic)),
        }
    }
}

/// Gives a block the values its instances will have.
fn planned(run: &Run<'_>, plan: &Plan, address: &ConfigResource) {
    let Some(block) = run.block(address) else { return };
    if address.resource.mode == Mode::Data {
        from_state::fill(run, &plan.prior_state, address);
    }
    for scope in run.scopes(&address.module) {
        let abs = AbsResource { module: scope.address.clone(), resource: address.resource.clone() };
        let gone = |action: Action| matches!(action, Action::Delete | Action::Forget);
        let values: BTreeMap<Option<InstanceKey>, Referred> = plan
            .changes
            .iter()
            .filter(|c| c.deposed.is_none() && !gone(c.action) && c.address.module == abs.module)
            .filter(|c| c.address.resource == abs.resource)
            .map(|c| {
                let provider = run.provider(&c.provider);
                let type_name = &c.address.resource.type_name;
                (c.address.key.clone(), Referred::of(&c.schema.block, provider.as_deref(), type_name, &c.after))
            })
            .collect();
        if values.is_empty() && address.resource.mode == Mode::Data {
            continue;
        }
        let extent = match &block.repetition {
            Repetition::Single => Extent::Single,
            Repetition::Count(_) => Extent::Count,
            Repetition::ForEach(_) => Extent::ForEach,
        };
        scope.set_extent(&address.resource, extent);
        for (key, value) in values {
            scope.set_instance(&address.resource, key, value);
        }
    }
}
