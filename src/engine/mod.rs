//! Graph, refresh, plan, apply. Knows configuration, providers and state; never a particular cloud, and prints nothing.
//!
//! Three entry points, all of which collect as many errors as they can instead of stopping at the first:
//! [`validate`] checks a configuration alone, [`plan`](fn@plan) compares it with state and world, [`apply`] does what a plan says.

mod address_expr;
mod applying;
mod block_graph;
mod conditions;
mod create_first;
mod decode;
pub mod event;
mod expand;
mod from_state;
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
#[cfg(test)]
mod testing;
mod validating;
mod variables;
mod walk;

pub use applying::apply;
pub use block_graph::{BlockGraph, BlockKind, block_graph};
pub use planning::plan;
pub use providers::Providers;
pub use recovery::recover;
pub use settings::{ApplyOutcome, Discard, Intent, Settings, StateSink};
pub use stored::Stored;
pub use validating::validate;
