//! `import` blocks: objects that exist already and are to be managed from now on.

use super::{BlockContext, Planner};
use crate::address::{ModuleInstance, ResourceInstance, Target};
use crate::config::model::Import;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::address_expr;
use crate::engine::event::Event;
use crate::engine::expand::{WhenUnknown, expand};
use crate::engine::generating;
use crate::engine::objects::{self, Known};
use crate::engine::plan::PlanMode;
use crate::engine::run::{OperationProgress, Run, lock};
use crate::engine::scope::Evaluation;
use crate::lang::eval::evaluate;
use crate::lang::value::{Type, convert};
use crate::state::model::ObjectStatus;
use std::collections::HashMap;

/// What is to be imported.
#[derive(Default)]
pub(super) struct Imports<'r> {
    /// Blocks with what their `to` may name. Keys and ids are evaluated when the resource is planned.
    blocks: Vec<&'r Import>,
    /// From the command line.
    given: HashMap<ResourceInstance, String>,
}

impl<'r> Imports<'r> {
    pub(super) fn collect(run: &Run<'r>) -> (Self, Diagnostics) {
        let blocks: Vec<&Import> = run.config.root.imports.iter().collect();
        let diagnostics = match run.settings.mode {
            PlanMode::Destroy => Diagnostics::new(),
            _ => generating::refuse(run.config),
        };
        let given = run.settings.imports.iter().cloned().collect();
        (Imports { blocks, given }, diagnostics)
    }

    /// The id an instance is to be imported by, if it is.
    pub(super) fn id_for(&self, run: &Run<'_>, address: &ResourceInstance) -> Result<Option<String>, Diagnostics> {
        if let Some(id) = self.given.get(address) {
            return Ok(Some(id.clone()));
        }
        if self.blocks.is_empty() {
            return Ok(None);
        }
        let Some(root) = run.scope(&ModuleInstance::root()) else { return Ok(None) };
        for import in &self.blocks {
            let plain = Evaluation::plain(&run.globals, &root);
            let repetition = match &import.for_each {
                Some(expr) => crate::config::model::Repetition::ForEach(expr.clone()),
                None => crate::config::model::Repetition::Single,
            };
            for (_, repeated) in expand(&repetition, &plain, WhenUnknown::Refuse)?.instances {
                let evaluation = Evaluation::repeated(&run.globals, &root, &repeated);
                let to = match address_expr::target(&import.to, Some(&evaluation))? {
                    Target::Instance(instance) => instance,
                    Target::Resource(resource) => resource.instance(None),
                    Target::Module(_) => {
                        return Err(Diagnostic::error(
                            "Invalid import address",
                            "Only resources can be imported, not modules.",
                        )
                        .at(import.to.span)
                        .into());
                    }
                };
                if to == *address {
                    return import_id(import, &evaluation).map(Some);
                }
            }
        }
        Ok(None)
    }
}

/// Errors in ids that are known without a state; those of blocks with `for_each` differ by instance and are told when planning.
pub(in crate::engine) fn check_ids(run: &Run<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some(root) = run.scope(&ModuleInstance::root()) else { return diagnostics };
    let evaluation = Evaluation::plain(&run.globals, &root);
    for import in run.config.root.imports.iter().filter(|import| import.for_each.is_none()) {
        // What is wrong with the expression itself is told with the resource it belongs to.
        if evaluate(&import.id, &evaluation).is_ok_and(|id| id.is_known())
            && let Err(errors) = import_id(import, &evaluation)
        {
            diagnostics.extend(errors);
        }
    }
    diagnostics
}

fn import_id(import: &Import, evaluation: &Evaluation<'_, '_>) -> Result<String, Diagnostics> {
    let bad = |detail: &str| {
        Diagnostics::from(
            Diagnostic::error("Invalid import id argument", detail).at(import.id.span).within(import.span),
        )
    };
    let value = evaluate(&import.id, evaluation)?;
    if !value.is_known() {
        return Err(bad(
            "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so it cannot be \
             planned to import this resource.",
        ));
    }
    let text = convert(&value, &Type::String).map_err(|e| {
        let detail = format!("The import ID value is unsuitable: {e}.");
        Diagnostic::error("Incorrect value type", detail).at(import.id.span).within(import.span)
    })?;
    match text.as_str() {
        Some("") | None => {
            Err(bad("The import ID value evaluates to an empty string, please provide a non-empty value."))
        }
        Some(text) => Ok(text.to_owned()),
    }
}

impl Planner<'_> {
    /// Finds an object by its import id and reads it.
    pub(super) async fn import(
        &self,
        context: &BlockContext<'_>,
        address: &ResourceInstance,
        id: &str,
    ) -> Result<(Known, Diagnostics), Diagnostics> {
        let type_name = &address.resource.type_name;
        self.run.events.event(Event::Note(format!("{address}: Preparing import... [id={id}]")));
        let progress = OperationProgress::new(&self.run, address);
        let found = self.run.operate(context.provider.import(type_name, id, &progress)).await?;
        let missing = || {
            Diagnostics::from(
                Diagnostic::error(
                    "Cannot import non-existent remote object",
                    format!(
                        "While attempting to import an existing object to \"{address}\", the provider detected that no object exists \
                         with the given id \"{id}\". Only pre-existing objects can be imported; check that the id is correct and that \
                         it is associated with the provider's configured region or endpoint, or remove the import to create a new \
                         object for this resource."
                    ),
                )
                .address(address),
            )
        };
        let imported = found.into_iter().find(|i| i.type_name == *type_name).ok_or_else(missing)?;
        let known = Known {
            value: context.schema.mark(imported.object.value),
            private: imported.object.private,
            status: ObjectStatus::Ready,
            dependencies: self.dependency_texts(context.config),
            create_before_destroy: self.create_first.contains(context.config),
        };
        let (known, diagnostics) = self.read(address, &context.schema, context.provider.as_ref(), &known).await?;
        let known = known.ok_or_else(missing)?;
        if let Some(object) = objects::encode(&context.schema, &known, None) {
            lock(&self.prior).set_current(address, context.provider_address, Some(object));
        }
        Ok((known, diagnostics))
    }
}
