//! A backend's state store as the engine's sink: snapshots go to the store, intents to its journal.

use super::plan::Action;
use super::settings::{Intent, StateSink};
use crate::diagnostics::Diagnostics;
use crate::state::journal::{self, IntentAction, IntentId, Journal};
use crate::state::model::State;
use crate::state::store::StateStore;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A [`StateSink`] over a [`StateStore`].
pub struct Stored {
    store: Arc<dyn StateStore>,
    journal: Arc<dyn Journal>,
    open: Mutex<HashMap<u64, IntentId>>,
}

impl Stored {
    /// Over a store that has been read and locked.
    pub fn new(store: Arc<dyn StateStore>) -> Self {
        let journal = store.journal();
        Stored { store, journal, open: Mutex::default() }
    }
}

#[async_trait]
impl StateSink for Stored {
    async fn store(&self, state: State) -> Result<(), Diagnostics> {
        self.store.persist(&state).await.map(|_| ())
    }

    fn interval(&self) -> Duration {
        self.store.persist_interval()
    }

    fn intend(&self, intent: &Intent) -> Result<(), Diagnostics> {
        let action = match intent.action {
            Action::Create => IntentAction::Create,
            Action::Delete => IntentAction::Delete,
            _ => IntentAction::Update,
        };
        let id = self.journal.begin(journal::Intent {
            address: intent.address.clone(),
            provider: intent.provider.clone(),
            action,
            deposed: intent.deposed.clone(),
            schema_version: intent.schema_version,
            planned: intent.attributes.clone(),
            started: jiff::Timestamp::now().to_string(),
        })?;
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
