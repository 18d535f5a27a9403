//! Planning to destroy everything: read what there is, delete all of it. Data is not read; providers whose configuration needs values take
//! them from the state.

use super::Planner;
use super::instance::deletion;
use crate::address::{AbsResource, ConfigResource, InstanceKey, Mode};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::graph::Node;
use crate::engine::objects;
use crate::engine::run::lock;
use crate::engine::scope::Extent;
use crate::engine::walk::Visit;
use crate::lang::value::Value;

impl Planner<'_> {
    pub(super) async fn walk_destroy(&self) {
        let graph = &self.run.graph;
        let managed: Vec<&AbsResource> =
            self.state.resources.keys().filter(|a| a.resource.mode == Mode::Managed).collect();
        let providers: Vec<usize> = graph
            .nodes()
            .iter()
            .enumerate()
            .filter(|(_, node)| match node {
                Node::Provider(p) => {
                    managed.iter().any(|a| self.state.resources.get(*a).is_some_and(|r| r.provider == *p))
                }
                _ => false,
            })
            .map(|(n, _)| n)
            .collect();
        let needed = graph.reach(providers.iter().copied());
        let mut order = graph.order();
        let first = order.len();
        for address in &managed {
            let number = order.add();
            if let Some(resource) = self.state.resources.get(*address)
                && let Some(provider) = graph.number(&Node::Provider(resource.provider.clone()))
            {
                order.edge(number, provider);
            }
        }
        let (managed, needed) = (&managed, &needed);
        order
            .walk(
                || self.run.go_on(),
                |number| async move {
                    if let Some(address) = number.checked_sub(first).and_then(|i| managed.get(i)) {
                        let diagnostics = self.plan_destroy(address).await;
                        return self.run.tell(number, diagnostics);
                    }
                    if !needed.contains(number) {
                        return Visit::Done;
                    }
                    match graph.nodes().get(number) {
                        Some(Node::Resource(address)) => {
                            self.values_from_state(address);
                            Visit::Done
                        }
                        Some(Node::Provider(address)) => {
                            let visit = self.run.visit(number).await;
                            if visit == Visit::Done {
                                self.prefetch(address).await;
                            }
                            visit
                        }
                        _ => self.run.visit(number).await,
                    }
                },
            )
            .await;
        let mut prior = lock(&self.prior);
        let data: Vec<AbsResource> =
            prior.resources.keys().filter(|a| a.resource.mode == Mode::Data).cloned().collect();
        if self.selection.is_everything() {
            for address in data {
                prior.resources.remove(&address);
            }
        }
    }

    async fn plan_destroy(&self, address: &AbsResource) -> Diagnostics {
        let Some(resource) = self.state.resources.get(address) else { return Diagnostics::new() };
        let type_name = &address.resource.type_name;
        let (Some(schema), Some(provider)) =
            (self.run.schema(&resource.provider, Mode::Managed, type_name), self.run.provider(&resource.provider))
        else {
            return Diagnostic::error(
                "Unknown resource type in state",
                format!("The state holds {address}, but no provider of this program has the type {type_name}."),
            )
            .hint(format!("Remove it from the state with `state rm {address}` to leave the object as it is."))
            .address(address)
            .into();
        };
        let block = self.run.block(&address.config());
        let work = self.state_keys(address).into_iter().map(|key| {
            let instance = address.instance(key);
            let (schema, provider) = (&schema, &provider);
            async move {
                let mut found = self.plan_deposed_of(schema, provider, &resource.provider, &instance).await;
                if !self.selection.covers(&instance) || self.state.current(&instance).is_none() {
                    return found;
                }
                let known = match self.known(&instance, schema, provider.as_ref()) {
                    Ok(Some(known)) => known,
                    Ok(None) => return found,
                    Err(errors) => {
                        found.extend(self.run.placed(errors, &instance, block));
                        return found;
                    }
                };
                let now = self.refresh(&instance, schema, provider.as_ref(), &resource.provider, known).await;
                match now {
                    Ok((Some(known), warnings)) => {
                        found.extend(self.run.placed(warnings, &instance, block));
                        if let Some(block) = block
                            && let Err(refused) = self.prevent_destroy(block, &instance)
                        {
                            found.extend(refused);
                            return found;
                        }
                        self.push_change(deletion(&instance, &resource.provider, schema, &known, None));
                    }
                    Ok((None, warnings)) => found.extend(self.run.placed(warnings, &instance, block)),
                    Err(errors) => found.extend(self.run.placed(errors, &instance, block)),
                }
                found
            }
        });
        futures::future::join_all(work).await.into_iter().flatten().collect()
    }

    /// Gives a block the values its instances have in the state, for provider configurations that refer to it.
    fn values_from_state(&self, address: &ConfigResource) {
        let Some(block) = self.run.block(address) else { return };
        let Some(provider_address) = self.run.graph.providers.get(address) else { return };
        let resource = &address.resource;
        let Some(schema) = self.run.schema(provider_address, resource.mode, &resource.type_name) else { return };
        // Reading stored values needs no credentials, so a provider that is not configured yet will do.
        let Some(factory) = self.run.registry.get(&provider_address.source) else { return };
        let provider = factory.create();
        for scope in self.run.scopes(&address.module) {
            let abs = AbsResource { module: scope.address.clone(), resource: resource.clone() };
            let keys = self.state_keys(&abs);
            let extent = match keys.first() {
                Some(None) => Extent::Single,
                Some(Some(InstanceKey::Int(_))) => Extent::Count,
                Some(Some(InstanceKey::Str(_))) => Extent::ForEach,
                None if block.repetition.expr().is_none() => Extent::Single,
                None => Extent::Unknown,
            };
            scope.set_extent(resource, extent);
            if extent == Extent::Single && keys.is_empty() {
                scope.set_instance(resource, None, Value::unknown(schema.block.ty.clone()));
            }
            for key in keys {
                let value = match self.state.current(&abs.instance(key.clone())) {
                    Some(object) => objects::decode(provider.as_ref(), &schema, &resource.type_name, object)
                        .map(|k| k.value)
                        .unwrap_or_else(|_| Value::unknown(schema.block.ty.clone())),
                    None => Value::unknown(schema.block.ty.clone()),
                };
                scope.set_instance(resource, key, value);
            }
        }
    }
}
