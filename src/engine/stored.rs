//! A backend's state store as the engine's sink: snapshots go to the store, intents to its journal.

use super::plan::Action;
use super::settings::{Intent, StateSink};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::errored;
use crate::state::journal::{self, IntentAction, IntentId, Journal};
use crate::state::model::State;
use crate::state::store::{Snapshot, StateStore};
use async_trait::async_trait;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// A [`StateSink`] over a [`StateStore`].
pub struct Stored {
    store: Arc<dyn StateStore>,
    journal: Arc<dyn Journal>,
    open: Mutex<HashMap<u64, IntentId>>,
    /// What was last stored.
    last: Mutex<Snapshot>,
}

impl Stored {
    /// Over a store that has been read and locked; `read` is what was read.
    pub fn new(store: Arc<dyn StateStore>, read: Snapshot) -> Self {
        let journal = store.journal();
        Stored { store, journal, open: Mutex::default(), last: Mutex::new(read) }
    }

    /// Makes sure that the final state is kept: stored where it belongs (once more, if that failed before), else in
    /// `errored.tfstate` in `dir`.
    ///
    /// # Errors
    /// What to do with `errored.tfstate`.
    pub async fn secure(&self, state: &State, dir: &Path) -> Result<(), Diagnostics> {
        let Err(cause) = self.store(state.clone()).await else { return Ok(()) };
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Err(errored::save(dir, state, &last, &cause).into())
    }
}

#[async_trait(?Send)]
impl StateSink for Stored {
    async fn store(&self, state: State) -> Result<(), Diagnostics> {
        // Serialising and writing a large state takes long enough to hold up the changes that go on meanwhile.
        let store = self.store.clone();
        let stored = aside(move |runtime| runtime.block_on(store.persist(&state))).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = stored;
        Ok(())
    }

    fn interval(&self) -> Duration {
        self.store.persist_interval()
    }

    async fn intend(&self, intent: &Intent) -> Result<(), Diagnostics> {
        let action = match intent.action {
            Action::Create => IntentAction::Create,
            Action::Delete => IntentAction::Delete,
            _ => IntentAction::Update,
        };
        let journal = self.journal.clone();
        let entry = journal::Intent {
            address: intent.address.clone(),
            provider: intent.provider.clone(),
            action,
            deposed: intent.deposed.clone(),
            schema_version: intent.schema_version,
            planned: intent.attributes.clone(),
            started: jiff::Timestamp::now().to_string(),
        };
        // Reaching the disk takes long; several changes wait for it at once.
        let id = aside(move |_| journal.begin(entry)).await?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(intent.id, id);
        Ok(())
    }

    fn settled(&self, id: u64) {
        let found = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(found) = found
            && let Err(error) = self.journal.finish(found)
        {
            // The entry is left over; the next run finds the object in the state and strikes it out.
            tracing::warn!(?error, "journal entry could not be struck out");
        }
    }
}

/// Runs something that blocks where it holds up nobody.
async fn aside<T: Send + 'static>(
    work: impl FnOnce(Handle) -> Result<T, Diagnostics> + Send + 'static,
) -> Result<T, Diagnostics> {
    let runtime = Handle::current();
    match tokio::task::spawn_blocking(move || work(runtime)).await {
        Ok(result) => result,
        Err(error) => {
            Err(Diagnostic::error("State could not be stored", format!("The task that stores it failed: {error}."))
                .into())
        }
    }
}
