//! What the state has, and what there really is.

use super::Planner;
use crate::address::{Mode, ProviderConfig, ResourceInstance};
use crate::diagnostics::Diagnostics;
use crate::engine::event::{Event, EventSink};
use crate::engine::objects::{self, Known, copy_marks, id_of};
use crate::engine::plan::{Action, ResourceChange};
use crate::engine::run::{OperationProgress, lock};
use crate::engine::schemas::TypeSchema;
use crate::lang::value::Value;
use crate::provider::{Object, Progress, Provider, ReadHint};
use crate::state::model::ObjectState;
use tokio_util::sync::CancellationToken;

impl Planner<'_> {
    /// Shows a provider everything that will be read of it.
    pub(super) async fn prefetch(&self, provider_address: &ProviderConfig) {
        if !self.run.settings.refresh {
            return;
        }
        let Some(provider) = self.run.provider(provider_address) else { return };
        let mut hints = Vec::new();
        for (address, resource) in &self.state.resources {
            if address.resource.mode != Mode::Managed || resource.provider != *provider_address {
                continue;
            }
            let type_name = &address.resource.type_name;
            let Some(schema) = self.run.schema(provider_address, Mode::Managed, type_name) else { continue };
            for (key, instance) in &resource.instances {
                let Some(current) = &instance.current else { continue };
                let address = address.instance(key.clone());
                if !self.selection.covers(&address) {
                    continue;
                }
                let decoded = objects::decode(provider.as_ref(), &schema, &address.resource, current);
                if let Ok(known) = &decoded {
                    hints.push(ReadHint { type_name: type_name.clone(), prior: known.value.unmark_deep() });
                }
                lock(&self.decoded).insert(address, decoded);
            }
        }
        if !hints.is_empty() {
            provider.prefetch(&hints, &Notes { events: self.run.events, cancel: self.run.cancel }).await;
        }
    }

    /// The current object of the state, decoded.
    pub(super) fn known(
        &self,
        address: &ResourceInstance,
        schema: &TypeSchema,
        provider: &dyn Provider,
    ) -> Result<Option<Known>, Diagnostics> {
        if let Some(found) = lock(&self.decoded).remove(address) {
            return found.map(Some);
        }
        match self.state.current(address) {
            Some(object) => objects::decode(provider, schema, &address.resource, object).map(Some),
            None => Ok(None),
        }
    }

    /// Reads an object; `None` when it is gone.
    pub(super) async fn read(
        &self,
        address: &ResourceInstance,
        schema: &TypeSchema,
        provider: &dyn Provider,
        known: &Known,
    ) -> Result<(Option<Known>, Diagnostics), Diagnostics> {
        let id = id_of(&known.value);
        let events = self.run.events;
        let prior = Object { value: known.value.unmark_deep(), private: known.private.clone() };
        let progress = OperationProgress::new(&self.run, address);
        let read = self.run.operate(async {
            events.event(Event::RefreshStart { address: address.clone(), id: id.clone() });
            let read = provider.read(address, &address.resource.type_name, &prior, &progress).await;
            events.event(Event::RefreshComplete { address: address.clone(), id });
            read
        });
        let (object, diagnostics) = read.await?;
        if object.value.is_null() {
            return Ok((None, diagnostics));
        }
        let value = copy_marks(schema.mark(object.value), &known.value);
        // What did not change is kept once.
        let value = if value == known.value { known.value.clone() } else { value };
        Ok((Some(Known { value, private: object.private, ..known.clone() }), diagnostics))
    }

    /// Reads an object unless refreshing is off, notes what changed outside, and puts the result into the refreshed state.
    pub(super) async fn refresh(
        &self,
        address: &ResourceInstance,
        schema: &std::sync::Arc<TypeSchema>,
        provider: &dyn Provider,
        provider_address: &ProviderConfig,
        known: Known,
    ) -> Result<(Option<Known>, Diagnostics), Diagnostics> {
        let stored = self.state.current(address);
        if !self.run.settings.refresh {
            self.store_refreshed(address, schema, provider_address, stored, &known, false);
            return Ok((Some(known), Diagnostics::new()));
        }
        let (now, diagnostics) = self.read(address, schema, provider, &known).await?;
        match &now {
            Some(now) => {
                let changed = now.value != known.value;
                if changed {
                    self.note_drift(address, schema, provider_address, &known.value, &now.value);
                }
                self.store_refreshed(
                    address,
                    schema,
                    provider_address,
                    stored,
                    now,
                    changed || now.private != known.private,
                );
            }
            None => {
                let gone = Value::null(schema.block.ty.clone());
                self.note_drift(address, schema, provider_address, &known.value, &gone);
                self.set_prior(address, provider_address, None);
            }
        }
        Ok((now, diagnostics))
    }

    fn store_refreshed(
        &self,
        address: &ResourceInstance,
        schema: &TypeSchema,
        provider: &ProviderConfig,
        stored: Option<&ObjectState>,
        now: &Known,
        changed: bool,
    ) {
        let upgraded = stored.is_some_and(|s| s.schema_version != schema.raw.version);
        if (changed || upgraded)
            && let Some(object) = objects::encode(schema, now, stored)
        {
            let provider = self.state.resources.get(&address.abs_resource()).map_or(provider, |r| &r.provider);
            self.set_prior(address, provider, Some(object));
        }
    }

    fn note_drift(
        &self,
        address: &ResourceInstance,
        schema: &std::sync::Arc<TypeSchema>,
        provider: &ProviderConfig,
        before: &Value,
        after: &Value,
    ) {
        lock(&self.drift).push(ResourceChange {
            address: address.clone(),
            previous_address: self.moved.get(address).cloned(),
            deposed: None,
            provider: provider.clone(),
            action: if after.is_null() { Action::Delete } else { Action::Update },
            reason: None,
            before: before.clone(),
            after: after.clone(),
            replace_paths: Vec::new(),
            importing: None,
            planned_private: Vec::new(),
            schema: schema.raw.clone(),
        });
    }
}

/// Tells what bulk reads wait for.
struct Notes<'a> {
    events: &'a dyn EventSink,
    cancel: &'a CancellationToken,
}

impl Progress for Notes<'_> {
    fn waiting(&self, reason: &str) {
        self.events.event(Event::Note(reason.to_owned()));
    }

    fn interrupted(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
