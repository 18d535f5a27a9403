//! The last reads of an apply. Some objects show others in their attributes: a bucket its policy, a role its inline policies. Such
//! an attribute is stored before the object it shows is made, and the next plan would report a change made outside. So objects
//! whose mirrored ones were touched in this run are read once more, and only those attributes are taken over.

use super::{Applier, ends, makes};
use crate::address::{Mode, ProviderConfig, ResourceInstance};
use crate::engine::objects::{self, Known, copy_marks};
use crate::engine::run::OperationProgress;
use crate::engine::schemas::TypeSchema;
use crate::provider::{Object, Provider, ReadHint, Silent};
use crate::state::model::ObjectState;
use futures::StreamExt;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// An object to read again.
struct Reflection {
    address: ResourceInstance,
    schema: Arc<TypeSchema>,
    known: Known,
    stored: Arc<ObjectState>,
    /// Attributes to take over.
    attributes: Vec<&'static str>,
}

impl Applier<'_> {
    /// Reads mirrors again whose originals changed. What cannot be read stays as it is: the next plan will tell.
    pub(super) async fn refresh_mirrors(&self) {
        if !self.run.go_on() || self.keeper.has_failed() {
            return;
        }
        for (address, stale) in self.stale_mirrors() {
            let Some(provider) = self.run.provider(&address) else { continue };
            let hint = |r: &Reflection| ReadHint {
                type_name: r.address.resource.type_name.clone(),
                prior: r.known.value.unmark_deep(),
            };
            provider.prefetch(&stale.iter().map(hint).collect::<Vec<_>>(), &Silent).await;
            let reads = stale.iter().map(|r| self.refresh_mirror(&*provider, &address, r));
            futures::stream::iter(reads).buffer_unordered(self.run.window()).collect::<Vec<()>>().await;
        }
    }

    fn stale_mirrors(&self) -> BTreeMap<ProviderConfig, Vec<Reflection>> {
        let mut touched: BTreeMap<&str, HashSet<String>> = BTreeMap::new();
        let changes = self.plan.changes.iter().filter(|c| c.address.resource.mode == Mode::Managed);
        for change in changes.filter(|c| makes(c) || ends(c)) {
            let needs = touched.entry(&change.address.resource.type_name).or_default();
            needs.extend(self.dependency_texts(&change.address.config()));
            let stored = self.plan.prior_state.current(&change.address);
            needs.extend(stored.iter().flat_map(|o| o.dependencies.clone()));
        }
        let mut out: BTreeMap<ProviderConfig, Vec<Reflection>> = BTreeMap::new();
        self.keeper.read(|state| {
            for (address, resource) in &state.resources {
                let type_name = &address.resource.type_name;
                let Some(provider) = self.run.provider(&resource.provider) else { continue };
                let config = address.config().to_string();
                let shown = |types: &[&str]| types.iter().any(|t| touched.get(t).is_some_and(|n| n.contains(&config)));
                let mirrors = provider.mirrors(type_name).iter().filter(|m| shown(m.of));
                let attributes: Vec<&str> = mirrors.map(|m| m.attribute).collect();
                let schema = self.run.schema(&resource.provider, address.resource.mode, type_name);
                let (Some(schema), false) = (schema, attributes.is_empty()) else { continue };
                for (key, instance) in &resource.instances {
                    let Some(stored) = &instance.current else { continue };
                    let Ok(known) = objects::decode(&*provider, &schema, &address.resource, stored) else { continue };
                    out.entry(resource.provider.clone()).or_default().push(Reflection {
                        address: address.instance(key.clone()),
                        schema: schema.clone(),
                        known,
                        stored: stored.clone(),
                        attributes: attributes.clone(),
                    });
                }
            }
        });
        out
    }

    async fn refresh_mirror(&self, provider: &dyn Provider, provider_address: &ProviderConfig, mirror: &Reflection) {
        let Reflection { address, schema, known, stored, attributes } = mirror;
        let prior = Object { value: known.value.unmark_deep(), private: known.private.clone() };
        let progress = OperationProgress::new(&self.run, address);
        let read = self.run.operate(provider.read(address, &address.resource.type_name, &prior, &progress)).await;
        let Ok((now, _)) = read else { return };
        let mut value = prior.value.clone();
        for attribute in attributes {
            if let Some(found) = now.value.get(attribute) {
                value = value.with_field(*attribute, found.clone());
            }
        }
        if value == prior.value {
            return;
        }
        let value = copy_marks(schema.mark(value), &known.value);
        if let Some(object) = objects::encode(schema, &Known { value, ..known.clone() }, Some(stored)) {
            self.keeper.edit(|state| state.set_current(address, provider_address, Some(object)));
        }
    }
}
