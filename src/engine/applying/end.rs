//! Ending one object: destroying it, or taking it out of the state.

use super::Applier;
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::Event;
use crate::engine::moves::removed_block;
use crate::engine::objects::{self, Known, id_of, known_part};
use crate::engine::plan::{Action, ResourceChange};
use crate::engine::provisioning::{Moment, provision};
use crate::engine::references::key_value;
use crate::engine::run::{OperationProgress, lock};
use crate::engine::scope::{Evaluation, Repeated};
use crate::engine::settings::Intent;
use crate::lang::value::Value;
use crate::provider::ApplyRequest;
use crate::state::model::{ObjectState, ObjectStatus};
use std::time::Instant;

impl Applier<'_> {
    pub(super) async fn end(&self, change: &ResourceChange) -> Diagnostics {
        let address = &change.address;
        let deposed = match change.action {
            Action::CreateThenDelete => match lock(&self.set_aside).get(address).cloned() {
                Some(key) => Some(key),
                None => return Diagnostics::new(),
            },
            _ => change.deposed.clone(),
        };
        if change.action == Action::Forget {
            self.keeper.edit(|state| state.set_current(address, &change.provider, None));
            self.count(|c| c.forget += 1);
            return Diagnostics::new();
        }
        let Some(stored) = self.keeper.read(|state| state.object(address, deposed.as_deref()).cloned()) else {
            return Diagnostics::new();
        };
        match self.destroy(change, address, deposed.as_deref(), &stored).await {
            Ok(diagnostics) | Err(diagnostics) => {
                self.run.placed(diagnostics, address, self.run.block(&address.config()))
            }
        }
    }

    async fn destroy(
        &self,
        change: &ResourceChange,
        address: &ResourceInstance,
        deposed: Option<&str>,
        stored: &ObjectState,
    ) -> Result<Diagnostics, Diagnostics> {
        let type_name = &address.resource.type_name;
        let (Some(provider), Some(schema)) =
            (self.run.provider(&change.provider), self.run.schema(&change.provider, address.resource.mode, type_name))
        else {
            return Err(Diagnostic::error(
                "Unknown resource type in state",
                format!("No provider of this program has the type {type_name}, so {address} cannot be destroyed."),
            )
            .into());
        };
        let known = objects::decode(provider.as_ref(), &schema, &address.resource, stored)?;
        let mut diagnostics = Diagnostics::new();
        if deposed.is_none() && known.status == ObjectStatus::Ready {
            let found = self.destroy_provisioners(address, &known.value).await;
            if found.has_errors() {
                return Err(found);
            }
            diagnostics.extend(found);
        }
        let nothing = Value::null(schema.block.ty.clone());
        let prior = known.value.unmark_deep();
        let id = id_of(&known.value);
        let intent = self
            .keeper
            .intend(|intent| Intent {
                id: intent,
                address: address.clone(),
                deposed: deposed.map(str::to_owned),
                provider: change.provider.clone(),
                action: Action::Delete,
                schema_version: schema.raw.version,
                attributes: stored.attributes.clone(),
            })
            .await?;
        let progress = OperationProgress::new(&self.run, address);
        let request = ApplyRequest {
            address,
            type_name,
            prior: &prior,
            planned: &nothing,
            config: &nothing,
            private: &known.private,
            progress: &progress,
        };
        let action = Action::Delete;
        let events = self.run.events;
        let response = self
            .run
            .operate(async {
                events.event(Event::ApplyStart {
                    address: address.clone(),
                    action,
                    id: id.clone(),
                    deposed: deposed.map(str::to_owned),
                });
                let begin = Instant::now();
                let response = self
                    .run
                    .ticking(provider.apply(request), |elapsed| Event::ApplyProgress {
                        address: address.clone(),
                        action,
                        id: id.clone(),
                        elapsed,
                    })
                    .await;
                let elapsed = begin.elapsed();
                events.event(if response.diagnostics.has_errors() {
                    Event::ApplyErrored { address: address.clone(), action, elapsed }
                } else {
                    Event::ApplyComplete { address: address.clone(), action, id: id.clone(), elapsed }
                });
                response
            })
            .await;
        let failed = response.diagnostics.has_errors();
        diagnostics.extend(response.diagnostics);
        let left = known_part(&response.object.value);
        let object = if left.is_null() {
            None
        } else {
            let value = objects::copy_marks(schema.mark(left), &known.value);
            let left = Known { value, private: response.object.private, ..known };
            objects::encode(&schema, &left, Some(stored))
        };
        if object.is_some() && !failed {
            diagnostics.push(Diagnostic::error(
                "Object still exists",
                format!(
                    "The provider said that {address} was destroyed, but still gave an object. It stays in the state."
                ),
            ));
        }
        let gone = object.is_none();
        self.keeper.edit(|state| match deposed {
            Some(key) => state.set_deposed(address, key, &change.provider, object),
            None => state.set_current(address, &change.provider, object),
        });
        self.keeper.settle(intent);
        if gone && !failed {
            self.count(|c| c.destroy += 1);
        }
        Ok(diagnostics)
    }

    /// Runs the `when = destroy` provisioners of the block, or those of the `removed` block that stands in its place.
    async fn destroy_provisioners(&self, address: &ResourceInstance, value: &Value) -> Diagnostics {
        let config_address = address.config();
        let block = self.run.block(&config_address);
        let (provisioners, connection) = match block {
            Some(block) => (block.provisioners.as_slice(), block.connection.as_ref()),
            None => match removed_block(self.run.config, &config_address) {
                Some(removed) => (removed.provisioners.as_slice(), removed.connection.as_ref()),
                None => return Diagnostics::new(),
            },
        };
        if !provisioners.iter().any(|p| p.on_destroy) {
            return Diagnostics::new();
        }
        let Some(scope) = self.run.scope(&address.module).or_else(|| self.run.root()) else {
            return Diagnostics::new();
        };
        let repeated = match &address.key {
            None => Repeated::default(),
            Some(key @ crate::address::InstanceKey::Int(_)) => {
                Repeated { count_index: Some(key_value(key)), each: None }
            }
            Some(key) => Repeated { count_index: None, each: Some((key_value(key), key_value(key))) },
        };
        let evaluation =
            Evaluation { self_value: Some(value), ..Evaluation::repeated(&self.run.globals, &scope, &repeated) };
        provision(&self.run, provisioners, connection, block, address, &evaluation, Moment::Destroy).await
    }
}
