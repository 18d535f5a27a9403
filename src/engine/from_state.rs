//! Values of resources as the state has them, where nobody plans them: for providers' configurations when destroying.

use super::objects;
use super::run::Run;
use super::scope::{Extent, Referred};
use crate::address::{AbsResource, ConfigResource, InstanceKey};
use crate::lang::value::Value;
use crate::state::model::State;

/// Gives a block the values its instances have in the state; unknown where the state has none.
pub(super) fn fill(run: &Run<'_>, state: &State, address: &ConfigResource) {
    let (Some(block), Some(provider_address)) = (run.block(address), run.graph.providers.get(address)) else { return };
    let resource = &address.resource;
    let Some(schema) = run.schema(provider_address, resource.mode, &resource.type_name) else { return };
    // Decoding stored values needs no credentials, so a provider that is not configured will do.
    let Some(factory) = run.registry.get(&provider_address.source) else { return };
    let provider = factory.create();
    for scope in run.scopes(&address.module) {
        let abs = AbsResource { module: scope.address.clone(), resource: resource.clone() };
        let keys: Vec<Option<InstanceKey>> =
            state.resources.get(&abs).map(|r| r.instances.keys().cloned().collect()).unwrap_or_default();
        let extent = match keys.first() {
            Some(None) => Extent::Single,
            Some(Some(InstanceKey::Int(_))) => Extent::Count,
            Some(Some(InstanceKey::Str(_))) => Extent::ForEach,
            None if block.repetition.expr().is_none() => Extent::Single,
            None => Extent::Unknown,
        };
        scope.set_extent(resource, extent);
        let unknown = || Value::unknown(schema.block.ty.clone());
        if extent == Extent::Single && keys.is_empty() {
            scope.set_instance(resource, None, unknown());
        }
        for key in keys {
            let stored = state.current(&abs.instance(key.clone()));
            let value = stored
                .and_then(|o| objects::decode(provider.as_ref(), &schema, resource, o).ok())
                .map_or_else(unknown, |k| k.value);
            scope.set_instance(
                resource,
                key,
                Referred::of(&schema.raw.block, Some(provider.as_ref()), &resource.type_name, &value),
            );
        }
    }
}
