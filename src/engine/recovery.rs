//! Completes what a run that died left in the journal, before the next one plans: an object that was being created and exists is taken
//! into the state instead of being created twice.
//!
//! Changes and deletions need nothing but to be struck out: their objects are in the state, and a refresh tells what became of them.

use super::event::EventSink;
use super::plan::PlanMode;
use super::settings::Settings;
use crate::address::{ResourceInstance, Target};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::provider::Registry;
use crate::state::journal::{Intent, IntentAction};
use crate::state::model::State;
use crate::state::store::StateStore;
use tokio_util::sync::CancellationToken;

/// Recovers into `state`, which was read from `store` while its lock is held, and stores the result. Returns the state to go on with,
/// and warnings about what could not be recovered. On errors the journal keeps what is not settled.
pub async fn recover(
    config: &Config,
    store: &dyn StateStore,
    state: State,
    registry: &Registry,
    settings: &Settings,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> Result<(State, Diagnostics), Diagnostics> {
    let journal = store.journal();
    let pending = journal.pending();
    let mut diagnostics = Diagnostics::new();
    let mut lost = Vec::new();
    let mut start = state.clone();
    let mut aside = Vec::new();
    for (_, intent) in &pending {
        let Some(replaces) = is_lost(intent, &state) else { continue };
        let block =
            config.module(&intent.address.module.path()).and_then(|m| m.resources.get(&intent.address.resource));
        if block.is_none() {
            diagnostics.push(not_configured(intent));
            continue;
        }
        if replaces && let Some(object) = start.current(&intent.address).cloned() {
            // Its replacement was being created first: the old object makes room, as it would have in that run.
            let mut key = uuid::Uuid::new_v4().simple().to_string();
            key.truncate(8);
            start.set_deposed(&intent.address, &key, &intent.provider, Some(object));
            start.set_current(&intent.address, &intent.provider, None);
            aside.push((intent, key));
        }
        lost.push((intent.address.clone(), intent.planned.clone()));
    }
    let mut recovered = state;
    if !lost.is_empty() {
        let looking = Settings {
            mode: PlanMode::RefreshOnly,
            refresh: true,
            targets: lost.iter().map(|(address, _)| Target::Instance(address.clone())).collect(),
            excludes: Vec::new(),
            force_replace: Vec::new(),
            imports: Vec::new(),
            interrupted: lost,
            ..settings.clone()
        };
        let (plan, found) = super::plan(config, &start, registry, &looking, events, cancel).await;
        let ((), found) = found.into_result(())?;
        // That this plan was limited to some objects is nobody's concern.
        diagnostics.extend(found.into_iter().filter(|d| looking.interrupted.iter().any(|(a, _)| about(d, a))));
        let mut after = plan.prior_state;
        for (intent, key) in aside {
            if after.current(&intent.address).is_some() {
                continue;
            }
            // The replacement was not created: the old object stays in use.
            let old = after.object(&intent.address, Some(&key)).cloned();
            after.set_deposed(&intent.address, &key, &intent.provider, None);
            after.set_current(&intent.address, &intent.provider, old);
        }
        store.persist(&after).await?;
        recovered = store.read().await?;
    }
    for (id, _) in pending {
        journal.finish(id)?;
    }
    Ok((recovered, diagnostics))
}

fn about(diagnostic: &Diagnostic, address: &ResourceInstance) -> bool {
    diagnostic.address.as_deref() == Some(address.to_string().as_str())
}

/// Whether the state does not have what an intent was creating, and if so whether it has an older object in its place.
fn is_lost(intent: &Intent, state: &State) -> Option<bool> {
    // Builtin objects exist nowhere but in the state.
    if intent.action != IntentAction::Create || intent.provider.source.is_builtin() {
        return None;
    }
    let Some(current) = state.current(&intent.address) else { return Some(false) };
    let id = intent.planned.get("id").and_then(|v| v.as_str());
    (id.is_some() && current.attributes.get("id").and_then(|v| v.as_str()) != id).then_some(true)
}

fn not_configured(intent: &Intent) -> Diagnostic {
    let id = intent.planned.get("id").and_then(|v| v.as_str()).map(|id| format!(" [id={id}]")).unwrap_or_default();
    let text = format!(
        "A run that was interrupted after {} was creating {}{id}, which the configuration does not have any more. If the object exists, \
         no state knows it.",
        intent.started, intent.address
    );
    Diagnostic::warning("An object may have been left behind", text)
        .hint("Look for it, and delete it if it is not needed.")
}
