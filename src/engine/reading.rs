//! Reading one data object, in plan and apply alike.

use super::event::Event;
use super::objects::{conforms, copy_marks, id_of};
use super::plan::Action;
use super::run::{OperationProgress, Run};
use super::schemas::TypeSchema;
use crate::address::ResourceInstance;
use crate::config::model::ResourceBlock;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::Provider;
use std::time::Instant;

/// Validates the configuration and reads. The result is marked as schema and configuration say.
pub(super) async fn read_data(
    run: &Run<'_>,
    provider: &dyn Provider,
    schema: &TypeSchema,
    address: &ResourceInstance,
    config: &Value,
    block: &ResourceBlock,
) -> Result<(Value, Diagnostics), Diagnostics> {
    let plain = config.unmark_deep();
    let type_name = &address.resource.type_name;
    let place = |found| run.placed(found, address, Some(block));
    let ((), mut diagnostics) = provider.validate_data(type_name, &plain).into_result(()).map_err(place)?;
    let progress = OperationProgress::new(run, address);
    run.events.event(Event::ApplyStart { address: address.clone(), action: Action::Read, id: None, deposed: None });
    let begin = Instant::now();
    let read = run
        .operate(run.ticking(provider.read_data(address, type_name, &plain, &progress), |elapsed| {
            Event::ApplyProgress { address: address.clone(), action: Action::Read, id: None, elapsed }
        }))
        .await;
    match read {
        Ok((value, found)) => {
            run.events.event(Event::ApplyComplete {
                address: address.clone(),
                action: Action::Read,
                id: id_of(&value),
                elapsed: begin.elapsed(),
            });
            if !conforms(&value, &schema.block.ty) || value.contains_unknown() {
                return Err(place(
                    Diagnostic::error(
                        "Provider produced invalid object",
                        format!("What was read for {address} does not have the shape of its schema. This is a bug in the provider."),
                    )
                    .into(),
                ));
            }
            diagnostics.extend(found);
            Ok((copy_marks(schema.mark(value), config), place(diagnostics)))
        }
        Err(errors) => {
            run.events.event(Event::ApplyErrored {
                address: address.clone(),
                action: Action::Read,
                elapsed: begin.elapsed(),
            });
            Err(place(errors))
        }
    }
}
