//! A block's opening: how many instances it has, and the values of those that are not touched.

use super::{Applier, makes};
use crate::address::{ConfigResource, ResourceInstance};
use crate::config::model::ResourceBlock;
use crate::diagnostics::{Diagnostics, Severity};
use crate::engine::conditions::{Subject, evaluate_all};
use crate::engine::objects;
use crate::engine::plan::{CheckKind, ResourceChange};
use crate::engine::run::{lock, unsupported_type};
use crate::engine::scope::{Evaluation, ModuleScope, Referred, Repeated};
use crate::lang::value::Value;

/// Which conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

impl Applier<'_> {
    pub(super) fn open(&self, address: &ConfigResource) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let (Some(block), Some(provider_address)) = (self.run.block(address), self.run.graph.providers.get(address))
        else {
            return diagnostics;
        };
        let resource = &address.resource;
        let Some(schema) = self.run.schema(provider_address, resource.mode, &resource.type_name) else {
            return unsupported_type(self.run.registry, provider_address, block);
        };
        let provider = self.run.provider(provider_address);
        for scope in self.run.scopes(&address.module) {
            let Some(expansion) = diagnostics.absorb(self.run.expand_resource(block, &scope)) else { continue };
            scope.set_extent(resource, expansion.extent);
            for (key, repeated) in expansion.instances {
                let instance =
                    ResourceInstance { module: scope.address.clone(), resource: resource.clone(), key: key.clone() };
                let change = self.by_address.get(&instance).and_then(|i| self.plan.changes.get(*i));
                let stored = self.plan.prior_state.current(&instance);
                let value = match (change, &provider, stored) {
                    (Some(change), ..) => change.after.clone(),
                    (None, _, None) if !self.selection.covers(&instance) => {
                        scope.leave_out(resource, key);
                        continue;
                    }
                    (None, Some(provider), Some(stored)) => {
                        let known = objects::decode(provider.as_ref(), &schema, resource, stored);
                        let known = diagnostics.absorb(known);
                        known.map_or_else(|| Value::unknown(schema.block.ty.clone()), |known| known.value)
                    }
                    (None, ..) => Value::unknown(schema.block.ty.clone()),
                };
                if let Some(change) = change {
                    if makes(change) {
                        lock(&self.repeated).insert(instance, repeated.clone());
                    } else {
                        diagnostics.extend(self.unchanged(address, block, &scope, &repeated, change));
                    }
                }
                let referred = Referred::of(&schema.raw.block, provider.as_deref(), &resource.type_name, &value);
                scope.set_instance(resource, key, referred);
            }
        }
        diagnostics
    }

    /// An object that stays: its place in the dependency order may have changed, and its conditions may be known only now.
    fn unchanged(
        &self,
        address: &ConfigResource,
        block: &ResourceBlock,
        scope: &ModuleScope<'_>,
        repeated: &Repeated,
        change: &ResourceChange,
    ) -> Diagnostics {
        let dependencies = self.dependency_texts(address);
        let create_first = self.create_first.contains(address);
        let differs = self.keeper.read(|state| {
            let resource = state.resources.get(&change.address.abs_resource());
            resource.is_some_and(|r| r.provider != change.provider)
                || state
                    .current(&change.address)
                    .is_some_and(|o| o.dependencies != dependencies || o.create_before_destroy != create_first)
        });
        if differs {
            self.keeper.edit(|state| {
                let object = state.current(&change.address).cloned().map(|mut object| {
                    object.dependencies = dependencies;
                    object.create_before_destroy = create_first;
                    object
                });
                state.set_current(&change.address, &change.provider, object);
            });
        }
        if change.importing.is_some() {
            self.count(|c| c.import += 1);
        }
        let provider = self.run.provider(&change.provider);
        let type_name = &address.resource.type_name;
        let own = Referred::of(&change.schema.block, provider.as_deref(), type_name, &change.after).whole();
        let evaluation =
            Evaluation { self_value: Some(&own), ..Evaluation::repeated(&self.run.globals, scope, repeated) };
        let mut diagnostics = self.conditions(address, block, &change.address, &evaluation, When::Before);
        diagnostics.extend(self.conditions(address, block, &change.address, &evaluation, When::After));
        diagnostics
    }

    pub(super) fn conditions(
        &self,
        config: &ConfigResource,
        block: &ResourceBlock,
        address: &ResourceInstance,
        evaluation: &Evaluation<'_, '_>,
        when: When,
    ) -> Diagnostics {
        let (list, failed) = match when {
            When::Before => (&block.lifecycle.preconditions, "Resource precondition failed"),
            When::After => (&block.lifecycle.postconditions, "Resource postcondition failed"),
        };
        if list.is_empty() {
            return Diagnostics::new();
        }
        let subject = Subject {
            kind: CheckKind::Resource,
            config: config.to_string(),
            object: address.to_string(),
            failed,
            severity: Severity::Error,
        };
        evaluate_all(list, &subject, evaluation, &self.run.checks)
    }
}
