//! Objects that are no longer wanted: without block, with a key that is gone, in a module that is gone, or deposed.

use super::instance::deletion;
use super::{BlockContext, Planner};
use crate::address::{AbsResource, InstanceKey, ModuleInstance, ProviderConfig, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::moves::removed_rule;
use crate::engine::objects;
use crate::engine::plan::{Action, ActionReason, PlanMode, ResourceChange};
use crate::engine::run::lock;
use crate::engine::schemas::TypeSchema;
use crate::engine::scope::Extent;
use crate::lang::value::Value;
use crate::provider::Provider;
use futures::StreamExt;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Planner<'_> {
    /// Plans the end of a resource that has no block any more.
    pub(super) async fn plan_removed(&self, address: &AbsResource) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let Some(resource) = self.state.resources.get(address) else { return diagnostics };
        let type_name = &address.resource.type_name;
        let (Some(schema), Some(provider)) = (
            self.run.schema(&resource.provider, address.resource.mode, type_name),
            self.run.provider(&resource.provider),
        ) else {
            return Diagnostic::error(
                "Unknown resource type in state",
                format!("The state holds {address}, but no provider of this program has the type {type_name}."),
            )
            .hint(format!("Remove it from the state with `state rm {address}` to leave the object as it is."))
            .address(address)
            .into();
        };
        let rule = removed_rule(self.run.config, &address.config());
        let reason = if self.moved.contains_key(&address.instance(None)) {
            ActionReason::DeleteBecauseNoMoveTarget
        } else {
            ActionReason::DeleteBecauseNoResourceConfig
        };
        let work = self.state_keys(address).into_iter().map(|key| {
            let (schema, provider) = (&schema, &provider);
            let instance = address.instance(key);
            async move {
                let mut found = self.plan_deposed_of(schema, provider, &resource.provider, &instance).await;
                found.extend(self.plan_end(schema, provider, &resource.provider, &instance, reason, rule).await);
                found
            }
        });
        let found: Vec<Diagnostics> = futures::stream::iter(work).buffered(self.run.window()).collect().await;
        diagnostics.extend(found.into_iter().flatten());
        diagnostics
    }

    /// Plans the end of instances of a block that its `count`, `for_each` or module no longer asks for.
    pub(super) async fn plan_unwanted(
        &self,
        context: &BlockContext<'_>,
        wanted: &HashMap<ModuleInstance, (Extent, HashSet<Option<InstanceKey>>)>,
    ) -> Diagnostics {
        let mut work = Vec::new();
        for address in self.by_block.get(context.config).map(Vec::as_slice).unwrap_or_default() {
            for key in self.state_keys(address) {
                let reason = match wanted.get(&address.module) {
                    None => ActionReason::DeleteBecauseNoModule,
                    Some((_, keys)) if keys.contains(&key) => continue,
                    Some((extent, _)) => match (extent, &key) {
                        (Extent::Count, Some(InstanceKey::Int(_))) => ActionReason::DeleteBecauseCountIndex,
                        (Extent::ForEach, Some(InstanceKey::Str(_))) => ActionReason::DeleteBecauseEachKey,
                        _ => ActionReason::DeleteBecauseWrongRepetition,
                    },
                };
                work.push((address.instance(key), reason));
            }
        }
        let ends = work.into_iter().map(|(instance, reason)| async move {
            let stored = self.state.resources.get(&instance.abs_resource()).map(|r| &r.provider);
            let stored = stored.unwrap_or(context.provider_address);
            let own = self.run.provider(stored);
            let (provider, address) = match &own {
                Some(provider) => (provider, stored),
                None => (&context.provider, context.provider_address),
            };
            let mut found = self.plan_deposed_of(&context.schema, provider, address, &instance).await;
            if self.selection.covers(&instance)
                && self.state.current(&instance).is_some()
                && self.run.settings.mode != PlanMode::RefreshOnly
                && let Err(refused) = self.prevent_destroy(context.block, &instance)
            {
                found.extend(refused);
            }
            found.extend(self.plan_end(&context.schema, provider, address, &instance, reason, None).await);
            found
        });
        let found: Vec<Diagnostics> = futures::stream::iter(ends).buffered(self.run.window()).collect().await;
        found.into_iter().flatten().collect()
    }

    /// Plans to destroy (or, if `rule` says so, to forget) an object.
    pub(super) async fn plan_end(
        &self,
        schema: &Arc<TypeSchema>,
        provider: &Arc<dyn Provider>,
        provider_address: &ProviderConfig,
        address: &ResourceInstance,
        reason: ActionReason,
        rule: Option<EndRule>,
    ) -> Diagnostics {
        if !self.selection.covers(address) || self.state.current(address).is_none() {
            return Diagnostics::new();
        }
        let known = match self.known(address, schema, provider.as_ref()) {
            Ok(Some(known)) => known,
            Ok(None) => return Diagnostics::new(),
            Err(found) => return self.run.placed(found, address, None),
        };
        if rule == Some(EndRule::Forget) {
            if self.run.settings.mode != PlanMode::RefreshOnly {
                let change = deletion(address, provider_address, schema, &known, Some(reason));
                self.push_change(ResourceChange {
                    action: Action::Forget,
                    previous_address: self.moved.get(address).cloned(),
                    ..change
                });
            }
            return Diagnostics::new();
        }
        let refreshed = self.refresh(address, schema, provider.as_ref(), provider_address, known).await;
        match refreshed {
            Ok((Some(known), found)) => {
                if self.run.settings.mode != PlanMode::RefreshOnly {
                    let change = deletion(address, provider_address, schema, &known, Some(reason));
                    self.push_change(ResourceChange { previous_address: self.moved.get(address).cloned(), ..change });
                }
                self.run.placed(found, address, None)
            }
            Ok((None, found)) => self.run.placed(found, address, None),
            Err(found) => self.run.placed(found, address, None),
        }
    }

    /// Plans the end of an instance's deposed objects.
    pub(super) async fn plan_deposed(&self, context: &BlockContext<'_>, address: &ResourceInstance) -> Diagnostics {
        self.plan_deposed_of(&context.schema, &context.provider, context.provider_address, address).await
    }

    pub(super) async fn plan_deposed_of(
        &self,
        schema: &Arc<TypeSchema>,
        provider: &Arc<dyn Provider>,
        provider_address: &ProviderConfig,
        address: &ResourceInstance,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let deposed = self.state.instance(address).map(|i| &i.deposed);
        let (Some(deposed), true) = (deposed, self.selection.covers(address)) else { return diagnostics };
        for (key, object) in deposed {
            let known = match objects::decode(provider.as_ref(), schema, &address.resource, object) {
                Ok(known) => known,
                Err(found) => {
                    diagnostics.extend(self.run.placed(found, address, None));
                    continue;
                }
            };
            let known = if self.run.settings.refresh {
                match self.read(address, schema, provider.as_ref(), &known).await {
                    Ok((now, found)) => {
                        diagnostics.extend(self.run.placed(found, address, None));
                        now
                    }
                    Err(found) => {
                        diagnostics.extend(self.run.placed(found, address, None));
                        continue;
                    }
                }
            } else {
                Some(known)
            };
            match known {
                None => lock(&self.prior).set_deposed(address, key, provider_address, None),
                Some(known) if self.run.settings.mode != PlanMode::RefreshOnly => {
                    let change = deletion(address, provider_address, schema, &known, None);
                    self.push_change(ResourceChange {
                        deposed: Some(key.clone()),
                        after: Value::null(schema.block.ty.clone()),
                        ..change
                    });
                }
                Some(_) => {}
            }
        }
        diagnostics
    }
}

/// What a `removed` block says about an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum EndRule {
    /// Destroy it.
    Destroy,
    /// Leave it in the world.
    Forget,
}
