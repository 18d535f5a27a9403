//! One instance of a `resource` block.

use super::action::{self, Choice};
use super::ignore::ignore_changes;
use super::{BlockContext, Planner};
use crate::address::{InstanceKey, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Sources};
use crate::engine::conditions::{Subject, evaluate_all};
use crate::engine::decode::decode;
use crate::engine::ephemeral;
use crate::engine::generating::{self, Generated};
use crate::engine::objects::{Known, copy_marks, marked_paths};
use crate::engine::plan::{Action, ActionReason, CheckKind, PlanMode, ResourceChange};
use crate::engine::proposal::{Proposal, propose};
use crate::engine::run::lock;
use crate::engine::scope::{Evaluation, ModuleScope, Repeated};
use crate::lang::syntax::ast::Body;
use crate::lang::syntax::parse_body;
use crate::lang::value::{Marks, Value};
use crate::state::model::ObjectStatus;

impl Planner<'_> {
    /// Plans one instance: its value afterwards is there for whatever refers to it.
    pub(super) async fn plan_managed(
        &self,
        context: &BlockContext<'_>,
        scope: &ModuleScope<'_>,
        key: Option<InstanceKey>,
        repeated: &Repeated,
    ) -> Diagnostics {
        let resource = &context.config.resource;
        let address = ResourceInstance { module: scope.address.clone(), resource: resource.clone(), key: key.clone() };
        if !self.selection.covers(&address) {
            let known = self.known(&address, &context.schema, context.provider.as_ref()).ok().flatten();
            match known {
                Some(known) => scope.set_instance(resource, key, context.referred(&known.value)),
                None => scope.leave_out(resource, key),
            }
            return Diagnostics::new();
        }
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(self.plan_deposed(context, &address).await);
        if let Some((_, planned)) = self.run.settings.interrupted.iter().find(|(a, _)| *a == address) {
            return match self.adopt(context, &address, planned).await {
                Ok(found) | Err(found) => self.run.placed(found, &address, Some(context.block)),
            };
        }
        let current = self.current(context, &address).await;
        let current = match current {
            Ok((current, found)) => {
                diagnostics.extend(found);
                current
            }
            Err(found) => {
                diagnostics.extend(self.run.placed(found, &address, Some(context.block)));
                return diagnostics;
            }
        };
        if diagnostics.has_errors() {
            return diagnostics;
        }
        if self.run.settings.mode == PlanMode::RefreshOnly {
            let value = current.known.map_or_else(|| Value::unknown(context.schema.block.ty.clone()), |k| k.value);
            scope.set_instance(resource, key, context.referred(&value));
            return diagnostics;
        }
        let planned = self.decide(context, scope, repeated, &address, current).await;
        match planned {
            Ok((change, found)) => {
                diagnostics.extend(found);
                scope.set_instance(resource, key, context.referred(&change.after));
                self.push_change(change);
            }
            Err(found) => diagnostics.extend(found),
        }
        diagnostics
    }

    /// The object as it is now: from the state and refreshed, or imported.
    async fn current(
        &self,
        context: &BlockContext<'_>,
        address: &ResourceInstance,
    ) -> Result<(Current, Diagnostics), Diagnostics> {
        let provider = context.provider.as_ref();
        match self.known(address, &context.schema, provider)? {
            Some(known) => {
                let (known, found) =
                    self.refresh(address, &context.schema, provider, context.provider_address, known).await?;
                Ok((Current { known, importing: None }, found))
            }
            None => match self.imports.id_for(&self.run, address)? {
                Some(id) => {
                    let (known, found) = self.import(context, address, &id).await?;
                    Ok((Current { known: Some(known), importing: Some(id) }, found))
                }
                None => Ok((Current { known: None, importing: None }, Diagnostics::new())),
            },
        }
    }

    /// Chooses the action for a configured instance.
    async fn decide(
        &self,
        context: &BlockContext<'_>,
        scope: &ModuleScope<'_>,
        repeated: &Repeated,
        address: &ResourceInstance,
        current: Current,
    ) -> Result<(ResourceChange, Diagnostics), Diagnostics> {
        let block = context.block;
        let mut diagnostics = Diagnostics::new();
        let mut evaluation = Evaluation::repeated(&self.run.globals, scope, repeated);
        let pre = self.conditions(context, address, &evaluation, When::Before);
        if pre.has_errors() {
            return Err(pre);
        }
        diagnostics.extend(pre);
        let written = match (self.pending.contains(context.config), &current.known, &current.importing) {
            (true, Some(known), Some(id)) => Some(self.write_arguments(context, address, known, id).await?),
            _ => None,
        };
        let body = written.as_ref().unwrap_or(&block.body);
        let (config, found) = decode(body, &context.schema.block, &evaluation, block.span);
        let found = if written.is_some() { without_places(found) } else { found };
        let found = self.run.placed(found, address, Some(block));
        let (config, found) = found.into_result(config)?;
        diagnostics.extend(found);
        let nothing = Value::null(context.schema.block.ty.clone());
        let tainted = current.known.as_ref().is_some_and(|k| k.status == ObjectStatus::Tainted);
        let known = current.known.as_ref();
        let prior = known.map_or(&nothing, |k| &k.value);
        let base = if tainted { &nothing } else { prior };
        let refused = ephemeral::refuse(&context.schema, &config);
        self.run.placed(refused, address, Some(block)).into_result(())?;
        let stated = config;
        let mut config = ignore_changes(&block.lifecycle.ignore_changes, base, &stated);
        let plain_config = config.unmark_deep();
        let found = context.provider.validate_resource(&address.resource.type_name, &plain_config);
        let found = self.run.placed(found, address, Some(block));
        let ((), found) = found.into_result(())?;
        diagnostics.extend(found);

        let private = known.filter(|_| !tainted).map_or(&[][..], |k| &k.private);
        let proposal = propose(context.provider.as_ref(), &context.schema, address, base, &plain_config, private).await;
        let (mut proposal, found) = self.placed_proposal(proposal, address, context)?;
        diagnostics.extend(found);

        let triggered = self.replace_triggered(context, scope, &evaluation)?;
        let forced = self.run.settings.force_replace.contains(address);
        let create_first = self.create_first.contains(context.config);
        let mut choice = action::choose(&action::Question {
            prior,
            planned: &proposal.planned,
            requires_replace: &proposal.requires_replace,
            tainted,
            forced,
            triggered,
            create_first,
        });
        if choice.action.is_replace() && !tainted {
            // Nothing is ignored in a new object: it has no former values.
            config = stated;
            let plain = config.unmark_deep();
            let again = propose(context.provider.as_ref(), &context.schema, address, &nothing, &plain, &[]).await;
            let (again, found) = self.placed_proposal(again, address, context)?;
            diagnostics.extend(found);
            proposal = again;
        }
        let mut after = copy_marks(context.schema.mark(proposal.planned), &config);
        if after == *prior {
            // Most objects do not change: one copy of each is enough.
            after = prior.clone();
        }
        if choice.action == Action::NoOp && current.known.as_ref().is_some_and(|k| marks_differ(&k.value, &after)) {
            choice = Choice { action: Action::Update, reason: None, replace_paths: Vec::new() };
        }
        if matches!(choice.action, Action::DeleteThenCreate | Action::CreateThenDelete | Action::Delete) {
            // The plan shows what is refused.
            diagnostics.extend(self.prevent_destroy(context.block, address).err().into_iter().flatten());
        }
        let own = context.referred(&after).whole();
        evaluation.self_value = Some(&own);
        diagnostics.extend(self.conditions(context, address, &evaluation, When::After));
        let change = ResourceChange {
            address: address.clone(),
            previous_address: self.moved.get(address).cloned(),
            deposed: None,
            provider: context.provider_address.clone(),
            action: choice.action,
            reason: choice.reason,
            before: prior.clone(),
            after,
            replace_paths: choice.replace_paths,
            importing: current.importing,
            planned_private: proposal.private,
            schema: context.schema.raw.clone(),
        };
        Ok((change, diagnostics))
    }

    /// Writes the arguments of an imported object, and reads what was written.
    async fn write_arguments(
        &self,
        context: &BlockContext<'_>,
        address: &ResourceInstance,
        known: &Known,
        id: &str,
    ) -> Result<Body, Diagnostics> {
        let object = known.value.unmark_deep();
        let provider = context.provider.as_ref();
        let mut block = generating::head(context.block);
        let arguments = generating::arguments(provider, &context.schema, address, &object, &known.private).await;
        let text = arguments.text();
        block.body.items.extend(arguments.items);
        lock(&self.generated).push(Generated { address: address.clone(), id: id.to_owned(), block });
        let (body, problems) = parse_body(Sources::new().add("generated", text.clone()), &text);
        without_places(problems).into_result(body).map(|(body, _)| body)
    }

    fn placed_proposal(
        &self,
        proposal: Result<(Proposal, Diagnostics), Diagnostics>,
        address: &ResourceInstance,
        context: &BlockContext<'_>,
    ) -> Result<(Proposal, Diagnostics), Diagnostics> {
        let place = |found| self.run.placed(found, address, Some(context.block));
        proposal.map(|(proposal, found)| (proposal, place(found))).map_err(place)
    }

    /// The error of `prevent_destroy`, if it is set.
    pub(super) fn prevent_destroy(
        &self,
        block: &crate::config::model::ResourceBlock,
        address: &ResourceInstance,
    ) -> Result<(), Diagnostics> {
        if !block.lifecycle.prevent_destroy {
            return Ok(());
        }
        let mut error = Diagnostic::error(
            "Instance cannot be destroyed",
            format!(
                "Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To \
                 avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the \
                 plan using the -target option."
            ),
        )
        .at(block.span)
        .within(block.span)
        .address(address);
        if let Some(span) = block.lifecycle.prevent_destroy_span {
            error = error.label(span, "forbidden here");
        }
        Err(error.into())
    }

    /// Preconditions or postconditions of an instance.
    pub(super) fn conditions(
        &self,
        context: &BlockContext<'_>,
        address: &ResourceInstance,
        evaluation: &Evaluation<'_, '_>,
        when: When,
    ) -> Diagnostics {
        let lifecycle = &context.block.lifecycle;
        let (list, failed) = match when {
            When::Before => (&lifecycle.preconditions, "Resource precondition failed"),
            When::After => (&lifecycle.postconditions, "Resource postcondition failed"),
        };
        let subject = Subject {
            kind: CheckKind::Resource,
            config: context.config.to_string(),
            object: address.to_string(),
            failed,
            severity: Severity::Error,
        };
        evaluate_all(list, &subject, evaluation, &self.run.checks)
    }
}

/// Which conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

struct Current {
    known: Option<Known>,
    importing: Option<String>,
}

/// Messages about text that is in no file yet.
fn without_places(diagnostics: Diagnostics) -> Diagnostics {
    let each = diagnostics.into_iter().map(|mut d| {
        d.span = None;
        d.context = None;
        d.labels.clear();
        d
    });
    each.collect()
}

/// Whether what is sensitive changed although no value did.
fn marks_differ(before: &Value, after: &Value) -> bool {
    let texts = |v: &Value| {
        let mut list: Vec<String> = marked_paths(v, Marks::SENSITIVE).iter().map(ToString::to_string).collect();
        list.sort();
        list
    };
    texts(before) != texts(after)
}

/// A plain deletion.
pub(super) fn deletion(
    address: &ResourceInstance,
    provider: &crate::address::ProviderConfig,
    schema: &crate::engine::schemas::TypeSchema,
    known: &Known,
    reason: Option<ActionReason>,
) -> ResourceChange {
    ResourceChange {
        address: address.clone(),
        previous_address: None,
        deposed: None,
        provider: provider.clone(),
        action: Action::Delete,
        reason,
        before: known.value.clone(),
        after: Value::null(schema.block.ty.clone()),
        replace_paths: Vec::new(),
        importing: None,
        planned_private: known.private.clone(),
        schema: schema.raw.clone(),
    }
}
