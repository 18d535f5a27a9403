//! Graph, refresh, plan, apply. Knows configuration, providers and state; never a particular cloud, and prints nothing.
//!
//! Four entry points, all of which collect as many errors as they can instead of stopping at the first:
//! [`validate`] checks a configuration alone, [`survey`](fn@survey) tells what it would make without asking anybody, [`plan`](fn@plan) compares it with state and world, [`apply`] does what a plan says.

mod address_expr;
mod applying;
mod block_graph;
mod conditions;
mod configured;
mod console;
mod create_first;
mod decode;
mod deprecated;
mod ephemeral;
pub mod event;
mod expand;
mod from_state;
pub mod generating;
mod graph;
mod moves;
mod objects;
pub mod plan;
pub mod planfile;
mod planning;
mod proposal;
mod providers;
mod provisioning;
mod reading;
mod recovery;
mod references;
mod run;
mod schemas;
mod scope;
mod settings;
mod stored;
mod survey;
#[cfg(test)]
mod testing;
mod unused;
mod validating;
mod variables;
mod walk;

pub use applying::apply;
pub use block_graph::{Block, BlockGraph, BlockKind, block_graph, destroy_graph, with_instances};
pub use configured::configured_provider;
pub use console::{Console, Known};
pub use planning::plan;
pub use providers::Providers;
pub use recovery::recover;
pub use settings::{ApplyOutcome, Discard, Intent, Settings, StateSink};
pub use stored::Stored;
pub use survey::{Survey, Surveyed, provider_label, survey};
pub use validating::validate;

/// The place in the source of an attribute of a block; as far in as the source shows, `None` when not even its first step stands there.
pub fn attribute_span(
    block: &crate::config::model::ResourceBlock,
    path: &[crate::diagnostics::AttributeStep],
) -> Option<crate::diagnostics::Span> {
    decode::locate(&block.body, path)
}
