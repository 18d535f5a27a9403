//! Compares configuration, state and world, and says what has to be done.

use super::event::EventSink;
use super::plan::Plan;
use super::settings::Settings;
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::provider::Registry;
use crate::state::model::State;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Makes a plan. The plan is complete even when it has errors (`errored` is set then, and it must not be applied); the
/// diagnostics are the plan's own, given separately for convenience. Cancelling ends the walk early, with an error.
pub async fn plan(
    config: &Config,
    state: &State,
    registry: &Registry,
    settings: &Settings,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> (Plan, Diagnostics) {
    let _ = (registry, events, cancel);
    let mut diagnostics = Diagnostics::new();
    if !config.root.resources.is_empty() {
        diagnostics
            .push(Diagnostic::error("Resources cannot be planned", "This build only plans empty configurations."));
    }
    let plan = Plan {
        mode: settings.mode,
        changes: Vec::new(),
        drift: Vec::new(),
        outputs: BTreeMap::new(),
        prior_state: state.clone(),
        previous_state: state.clone(),
        variables: settings.variables.clone(),
        checks: Vec::new(),
        relevant_attributes: Vec::new(),
        timestamp: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        targets: settings.targets.clone(),
        excludes: settings.excludes.clone(),
        force_replace: settings.force_replace.clone(),
        errored: diagnostics.has_errors(),
        diagnostics: diagnostics.clone(),
    };
    (plan, diagnostics)
}
