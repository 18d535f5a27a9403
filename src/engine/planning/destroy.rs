//! Planning to destroy everything: read what there is, delete all of it. Data is not read; providers whose configuration needs values take
//! them from the state.

use super::Planner;
use super::instance::deletion;
use crate::address::{AbsResource, Mode};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::ephemeral;
use crate::engine::from_state;
use crate::engine::graph::Node;
use crate::engine::run::lock;
use crate::engine::walk::Visit;
use futures::StreamExt;

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
                self.run.window(),
                || self.run.go_on(),
                |number| async move {
                    if let Some(address) = number.checked_sub(first).and_then(|i| managed.get(i)) {
                        let diagnostics = self.plan_destroy(address).await;
                        return self.run.tell(number, diagnostics);
                    }
                    if !needed.contains(number) {
                        return Visit::Done;
                    }
                    match graph.nodes().get_index(number) {
                        Some(Node::Resource(address)) if address.resource.mode == Mode::Ephemeral => {
                            let diagnostics = ephemeral::open(&self.run, address, ephemeral::When::Now).await;
                            self.run.tell(number, diagnostics)
                        }
                        Some(Node::Resource(address)) => {
                            from_state::fill(&self.run, &self.state, address);
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
                        }
                        self.push_change(deletion(&instance, &resource.provider, schema, &known, None));
                    }
                    Ok((None, warnings)) => found.extend(self.run.placed(warnings, &instance, block)),
                    Err(errors) => found.extend(self.run.placed(errors, &instance, block)),
                }
                found
            }
        });
        let found: Vec<Diagnostics> = futures::stream::iter(work).buffered(self.run.window()).collect().await;
        found.into_iter().flatten().collect()
    }
}
