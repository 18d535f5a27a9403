//! Configured providers of a run: one per provider configuration, made on first need and shared by plan and apply.

use crate::address::ProviderConfig;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::{Provider, Registry};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A shared pool; clones are the same pool.
#[derive(Clone, Default)]
pub struct Providers(Arc<Mutex<HashMap<ProviderConfig, Configured>>>);

#[derive(Clone)]
struct Configured {
    provider: Arc<dyn Provider>,
    config: Value,
}

impl Providers {
    /// The provider for this configuration: the one in the pool if it was configured with equal values, else a new one, which is
    /// configured and kept. Errors are those of the provider, or that there is no such provider.
    pub async fn configured(
        &self,
        registry: &Registry,
        address: &ProviderConfig,
        config: &Value,
    ) -> Result<(Arc<dyn Provider>, Diagnostics), Diagnostics> {
        if let Some(found) = self.find(address)
            && found.config == *config
        {
            return Ok((found.provider, Diagnostics::new()));
        }
        let factory = registry.get(&address.source).ok_or_else(|| unknown_provider(registry, address))?;
        let provider = factory.create();
        let config = config.clone();
        let unmarked = config.unmark_deep();
        let mut diagnostics = provider.validate_config(&unmarked);
        if !diagnostics.has_errors() {
            diagnostics.extend(provider.configure(&unmarked).await);
        }
        let ((), diagnostics) = diagnostics.into_result(())?;
        let kept = Configured { provider: provider.clone(), config };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), kept);
        Ok((provider, diagnostics))
    }

    fn find(&self, address: &ProviderConfig) -> Option<Configured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }
}

/// The error for a provider the program does not have.
pub(super) fn unknown_provider(registry: &Registry, address: &ProviderConfig) -> Diagnostics {
    let have: Vec<String> = registry.factories().map(|f| f.source().to_string()).collect();
    Diagnostic::error(
        "Provider not available",
        format!("{address} is needed, but this program has no provider {}.", address.source),
    )
    .hint(format!("Available: {}.", have.join(", ")))
    .into()
}
