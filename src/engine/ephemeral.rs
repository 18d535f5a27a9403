//! `ephemeral` blocks: objects that are opened for the length of a run, used, and closed again. Their values reach neither plan nor state.
//!
//! Each run opens what it needs: a plan to evaluate with, an apply again. While planning, an object whose configuration is not known yet,
//! or which looks at something that is still to be changed, is left for apply, and its value is unknown.

use super::conditions::{Subject, evaluate_all};
use super::decode::decode;
use super::event::{EphemeralOperation, Event};
use super::objects::{conforms, marked_paths};
use super::plan::CheckKind;
use super::run::{OperationProgress, Phase, Run, lock, unknown_object, unsupported_type};
use super::schemas::TypeSchema;
use super::scope::{Evaluation, Extent};
use crate::address::{ConfigResource, ResourceInstance};
use crate::config::model::{Condition, ResourceBlock};
use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics, Severity};
use crate::lang::value::{Marks, Path, PathStep, Value};
use crate::provider::{Provider, Silent};
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

/// Errors for ephemeral values where plan or state would keep them: everywhere but in write-only attributes.
pub(super) fn refuse(schema: &TypeSchema, config: &Value) -> Diagnostics {
    let kept = |path: &Path| match path.0.first() {
        Some(PathStep::Attr(name)) => {
            let write_only = schema.block.attributes.get(name).is_some_and(|a| a.write_only);
            (!write_only).then(|| name.to_string())
        }
        _ => None,
    };
    let mut names: Vec<String> = marked_paths(config, Marks::EPHEMERAL).iter().filter_map(kept).collect();
    names.dedup();
    let refused = names.into_iter().map(|name| {
        Diagnostic::error(
            "Invalid use of ephemeral value",
            format!(
                "Ephemeral values are not valid for \"{name}\", because it is not a write-only attribute and must be persisted to \
                 state."
            ),
        )
        .attribute(vec![AttributeStep::Name(name)])
    });
    refused.collect()
}

/// An object that is open.
pub(super) struct Opened {
    address: ResourceInstance,
    provider: Arc<dyn Provider>,
    private: Vec<u8>,
}

/// Whether an object is opened now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// If everything in its configuration is known.
    Now,
    /// Not before apply.
    Later,
}

/// Opens all instances of a block; their values are there for whatever refers to them.
pub(super) async fn open(run: &Run<'_>, address: &ConfigResource, when: When) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let (Some(block), Some(provider_address)) = (run.block(address), run.graph.providers.get(address)) else {
        return diagnostics;
    };
    let resource = &address.resource;
    let (Some(schema), Some(provider)) =
        (run.schema(provider_address, resource.mode, &resource.type_name), run.provider(provider_address))
    else {
        return unsupported_type(run.registry, provider_address, block);
    };
    for scope in run.scopes(&address.module) {
        let Some(expansion) = diagnostics.absorb(run.expand_resource(block, &scope)) else { continue };
        scope.set_extent(resource, expansion.extent);
        for (key, repeated) in expansion.instances {
            let instance =
                ResourceInstance { module: scope.address.clone(), resource: resource.clone(), key: key.clone() };
            let evaluation = Evaluation::repeated(&run.globals, &scope, &repeated);
            let opening = Opening { run, block, schema: &schema, provider: &provider, address: &instance };
            if let Some((value, found)) = diagnostics.absorb(opening.open(address, evaluation, when).await) {
                diagnostics.extend(found);
                scope.set_instance(resource, key, value);
            }
        }
    }
    diagnostics
}

struct Opening<'a, 'r> {
    run: &'a Run<'r>,
    block: &'a ResourceBlock,
    schema: &'a TypeSchema,
    provider: &'a Arc<dyn Provider>,
    address: &'a ResourceInstance,
}

impl Opening<'_, '_> {
    async fn open(
        &self,
        config_address: &ConfigResource,
        evaluation: Evaluation<'_, '_>,
        when: When,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let lifecycle = &self.block.lifecycle;
        let check = |list: &[Condition], failed, evaluation: &Evaluation<'_, '_>| {
            let (config, object) = (config_address.to_string(), self.address.to_string());
            let subject = Subject { kind: CheckKind::Resource, config, object, failed, severity: Severity::Error };
            evaluate_all(list, &subject, evaluation, &self.run.checks)
        };
        let before = check(&lifecycle.preconditions, "Resource precondition failed", &evaluation);
        let ((), mut diagnostics) = before.into_result(())?;
        let (config, found) = decode(&self.block.body, &self.schema.block, &evaluation, self.block.span);
        let (config, found) = self.placed(found).into_result(config)?;
        diagnostics.extend(found);
        let plain = config.unmark_deep();
        let unknown = plain.contains_unknown();
        if unknown && self.run.phase == Phase::Apply {
            let detail = format!(
                "Something {} refers to is still not known although everything it depends on is done.",
                self.address
            );
            return Err(self.placed(Diagnostic::error("Configuration contains unknown value", detail).into()));
        }
        let value = if unknown || when == When::Later {
            unknown_object(&self.schema.block.ty, Extent::Single)
        } else {
            let (value, found) = self.ask(&plain).await?;
            diagnostics.extend(found);
            value
        };
        let value = self.schema.mark(value).with_marks(Marks::EPHEMERAL);
        let evaluation = Evaluation { self_value: Some(&value), ..evaluation };
        diagnostics.extend(check(&lifecycle.postconditions, "Resource postcondition failed", &evaluation));
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok((value, diagnostics)),
        }
    }

    async fn ask(&self, config: &Value) -> Result<(Value, Diagnostics), Diagnostics> {
        let type_name = &self.address.resource.type_name;
        let found = self.placed(self.provider.validate_ephemeral(type_name, config));
        let ((), mut diagnostics) = found.into_result(())?;
        let progress = OperationProgress::new(self.run, self.address);
        let open = self.provider.open_ephemeral(self.address, type_name, config, &progress);
        let answer = timed(self.run, self.address, EphemeralOperation::Open, open).await;
        let (object, found) = answer.map_err(|errors| self.placed(errors))?;
        diagnostics.extend(self.placed(found));
        lock(&self.run.opened).push(Opened {
            address: self.address.clone(),
            provider: Arc::clone(self.provider),
            private: object.private,
        });
        if !conforms(&object.value, &self.schema.block.ty) || object.value.contains_unknown() {
            let detail = format!(
                "What was opened for {} does not have the shape of its schema. This is a bug in the provider.",
                self.address
            );
            return Err(self.placed(Diagnostic::error("Provider produced invalid object", detail).into()));
        }
        Ok((object.value, diagnostics))
    }

    fn placed(&self, diagnostics: Diagnostics) -> Diagnostics {
        self.run.placed(diagnostics, self.address, Some(self.block))
    }
}

/// Closes everything that is open, last opened first. What cannot be closed is told as a warning: the run is over.
pub(super) async fn close_all(run: &Run<'_>) -> Diagnostics {
    let mut opened = std::mem::take(&mut *lock(&run.opened));
    let mut diagnostics = Diagnostics::new();
    while let Some(Opened { address, provider, private }) = opened.pop() {
        let type_name = &address.resource.type_name;
        let close = async {
            let found = provider.close_ephemeral(type_name, &private, &Silent).await;
            if found.has_errors() { Err(found) } else { Ok(found) }
        };
        let (Ok(found) | Err(found)) = timed(run, &address, EphemeralOperation::Close, close).await;
        diagnostics.extend(run.placed(found, &address, run.block(&address.config())).into_iter().map(|mut d| {
            d.severity = Severity::Warning;
            d
        }));
    }
    diagnostics
}

/// Runs an operation between its events, in one of the places that `-parallelism` allows.
async fn timed<T>(
    run: &Run<'_>,
    address: &ResourceInstance,
    operation: EphemeralOperation,
    work: impl Future<Output = Result<T, Diagnostics>>,
) -> Result<T, Diagnostics> {
    run.operate(async {
        run.events.event(Event::EphemeralStart { address: address.clone(), operation });
        let begin = Instant::now();
        let result = run
            .ticking(work, |elapsed| Event::EphemeralProgress { address: address.clone(), operation, elapsed })
            .await;
        let elapsed = begin.elapsed();
        let address = address.clone();
        run.events.event(match result.is_ok() {
            true => Event::EphemeralComplete { address, operation, elapsed },
            false => Event::EphemeralErrored { address, operation, elapsed },
        });
        result
    })
    .await
}
