//! `import` blocks: objects that exist already and are to be managed from now on.

use super::{BlockContext, Planner};
use crate::address::{ConfigResource, InstanceKey, ModuleInstance, ResourceInstance, Target};
use crate::config::model::{Import, Repetition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::address_expr;
use crate::engine::event::Event;
use crate::engine::generating;
use crate::engine::objects::{self, Known};
use crate::engine::plan::PlanMode;
use crate::engine::run::{OperationProgress, Run, lock};
use crate::engine::scope::{Evaluation, Repeated};
use crate::lang::eval::{Resolved, Scope, evaluate};
use crate::lang::functions::CallContext;
use crate::lang::syntax::ast::{Traversal, TraversalStep};
use crate::lang::value::{Kind, Type, Value, convert, quote};
use crate::state::model::ObjectStatus;
use std::collections::HashMap;
use std::sync::Mutex;

/// What is to be imported.
#[derive(Default)]
pub(super) struct Imports<'r> {
    blocks: Vec<&'r Import>,
    /// From the command line.
    given: HashMap<ResourceInstance, String>,
    /// By the instances that `to` names, once the resource they belong to is planned: the block, and its `each`.
    targets: Mutex<HashMap<ResourceInstance, (&'r Import, Repeated)>>,
}

impl<'r> Imports<'r> {
    pub(super) fn collect(run: &Run<'r>) -> (Self, Diagnostics) {
        let blocks: Vec<&Import> = run.config.root.imports.iter().collect();
        let diagnostics = match run.settings.mode {
            PlanMode::Destroy => Diagnostics::new(),
            _ => generating::refuse(run.config),
        };
        let given = run.settings.imports.iter().cloned().collect();
        (Imports { blocks, given, targets: Mutex::default() }, diagnostics)
    }

    /// Works out which instances of a resource are to be imported; the instances it has are `planned`.
    pub(super) fn resolve(
        &self,
        run: &Run<'r>,
        block: &ConfigResource,
        planned: &dyn Fn(&ResourceInstance) -> bool,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let ours = |import: &&&'r Import| import.target.0 == block.module && import.target.1 == block.resource;
        let Some(root) = run.scope(&ModuleInstance::root()) else { return diagnostics };
        for import in self.blocks.iter().filter(ours) {
            let plain = Evaluation::plain(&run.globals, &root);
            let Some(repetitions) = diagnostics.absorb(repetitions(import, &plain)) else { continue };
            let Some(repetitions) = repetitions else {
                let detail = "The \"for_each\" expression includes values derived from resource attributes that cannot be determined until \
                              apply, and so it cannot be told what to import.";
                diagnostics.push(for_each_error(import, detail));
                continue;
            };
            for repeated in repetitions {
                let Some(to) = diagnostics.absorb(target(import, &repeated)) else { break };
                if !planned(&to) {
                    let detail = format!(
                        "The configuration for the given import {to} does not exist. All target instances must have an associated \
                         configuration to be imported."
                    );
                    let summary = "Configuration for import target does not exist";
                    diagnostics.push(Diagnostic::error(summary, detail).at(import.to.span).within(import.span));
                    continue;
                }
                lock(&self.targets).insert(to, (import, repeated));
            }
        }
        diagnostics
    }

    /// The id an instance is to be imported by, if it is.
    pub(super) fn id_for(&self, run: &Run<'_>, address: &ResourceInstance) -> Result<Option<String>, Diagnostics> {
        if let Some(id) = self.given.get(address) {
            return Ok(Some(id.clone()));
        }
        let Some((import, repeated)) = lock(&self.targets).get(address).cloned() else { return Ok(None) };
        let Some(root) = run.scope(&ModuleInstance::root()) else { return Ok(None) };
        import_id(import, &Evaluation::repeated(&run.globals, &root, &repeated)).map(Some)
    }
}

fn for_each_error(import: &Import, detail: &str) -> Diagnostic {
    let span = import.for_each.as_ref().map_or(import.span, |expr| expr.span);
    Diagnostic::error("Invalid for_each argument", detail).at(span).within(import.span)
}

/// How often a block imports: lists and tuples are taken by their indices, and null imports nothing. `None` while not all of `for_each` is
/// known.
fn repetitions(import: &Import, scope: &Evaluation<'_, '_>) -> Result<Option<Vec<Repeated>>, Diagnostics> {
    let Some(expr) = &import.for_each else { return Ok(Some(vec![Repeated::default()])) };
    let (value, _) = evaluate(expr, scope)?.unmark();
    if value.contains_unknown() {
        return Ok(None);
    }
    let each = |key: Value, value: Value| Repeated { count_index: None, each: Some((key, value)) };
    Ok(Some(match value.kind() {
        Kind::Null(_) => Vec::new(),
        Kind::List(_, items) | Kind::Tuple(items) => {
            items.iter().enumerate().map(|(i, item)| each(Value::number(i as i64), item.clone())).collect()
        }
        Kind::Set(_, items) => items.iter().map(|item| each(item.clone(), item.clone())).collect(),
        Kind::Map(_, fields) | Kind::Object(fields) => {
            fields.iter().map(|(key, value)| each(Value::string(&**key), value.clone())).collect()
        }
        _ => {
            return Err(for_each_error(
                import,
                "The \"for_each\" of an import block takes a map, an object, or a collection.",
            )
            .into());
        }
    }))
}

/// Where keys of `to` are evaluated: nothing but `each` is there.
struct Each<'a>(&'a Repeated);

impl Scope for Each<'_> {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let name = match reference.steps.first() {
            Some(TraversalStep::Attr(name)) => &*name.name,
            _ => "",
        };
        let wrong = |summary: &str, detail: String| Err(Diagnostic::error(summary, detail).at(reference.span).into());
        match (&*reference.root.name, name, &self.0.each) {
            ("each", "key", Some((key, _))) => Ok(Resolved { value: key.clone(), consumed: 1 }),
            ("each", "value", Some((_, value))) => Ok(Resolved { value: value.clone(), consumed: 1 }),
            ("each", name, _) => {
                wrong("Unsupported attribute", format!("This object does not have an attribute named {}.", quote(name)))
            }
            (root, _, _) => wrong(
                "Unknown variable",
                format!("There is no variable named {}: only each.key and each.value may stand here.", quote(root)),
            ),
        }
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        None
    }
}

/// The instance that `to` names.
fn target(import: &Import, repeated: &Repeated) -> Result<ResourceInstance, Diagnostics> {
    let each = Each(repeated);
    let scope: Option<&dyn Scope> = import.for_each.as_ref().map(|_| &each as &dyn Scope);
    let told = |errors: Diagnostics| -> Diagnostics {
        errors.into_iter().map(|error| Diagnostic { context: error.context.or(Some(import.span)), ..error }).collect()
    };
    match address_expr::target(&import.to, scope).map_err(told)? {
        Target::Instance(instance) => Ok(instance),
        Target::Resource(resource) => Ok(resource.instance(None)),
        Target::Module(_) => {
            let detail = "Only resources can be imported, not modules.";
            Err(Diagnostic::error("Invalid import address", detail).at(import.to.span).into())
        }
    }
}

/// What is wrong with import blocks as far as it is known without a state. Ids of blocks with `for_each` differ by instance and are looked at
/// when planning.
pub(in crate::engine) fn check(run: &Run<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some(root) = run.scope(&ModuleInstance::root()) else { return diagnostics };
    let evaluation = Evaluation::plain(&run.globals, &root);
    for import in &run.config.root.imports {
        let block = run.config.module(&import.target.0).and_then(|m| m.resources.get(&import.target.1));
        // A block that is to be generated stands where the import block does.
        let written = block.is_some_and(|block| block.span != import.span);
        if let (true, Some(provider)) = (written, &import.provider) {
            let detail = "The provider argument can only be specified in import blocks that will generate configuration. Use the provider \
                          argument of the target resource block instead.";
            diagnostics.push(
                Diagnostic::error("Invalid import provider argument", detail).at(provider.span).within(import.span),
            );
        }
        // What is wrong with an expression itself is told with the resource it belongs to.
        if import.for_each.is_none()
            && evaluate(&import.id, &evaluation).is_ok_and(|id| id.is_known())
            && let Err(errors) = import_id(import, &evaluation)
        {
            diagnostics.extend(errors);
        }
        let repetitions = match repetitions(import, &evaluation) {
            Ok(repetitions) => repetitions.unwrap_or_default(),
            Err(errors) => {
                diagnostics.extend(errors.into_iter().filter(|e| e.summary == "Invalid for_each argument"));
                continue;
            }
        };
        for repeated in repetitions {
            let Some(to) = diagnostics.absorb(target(import, &repeated)) else { break };
            if let Some(why) = block.and_then(|block| misfit(&to, &block.repetition)) {
                let summary = "Invalid import 'to' expression";
                diagnostics.push(Diagnostic::error(summary, why).at(import.to.span).within(import.span));
                break;
            }
        }
    }
    diagnostics
}

/// Why a resource cannot have such an instance.
fn misfit(to: &ResourceInstance, repetition: &Repetition) -> Option<&'static str> {
    match (&to.key, repetition) {
        (None, Repetition::Count(_)) => Some("The target resource is using count."),
        (None, Repetition::ForEach(_)) => Some("The target resource is using for_each."),
        (Some(InstanceKey::Int(_)), Repetition::Single | Repetition::ForEach(_)) => {
            Some("The target resource does not use count.")
        }
        (Some(InstanceKey::Str(_)), Repetition::Single | Repetition::Count(_)) => {
            Some("The target resource does not use for_each.")
        }
        _ => None,
    }
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
