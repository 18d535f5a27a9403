//! Which replacements are created before the old object goes: those that ask for it, and everything they need, because what an object
//! needs cannot go before it.

use crate::address::{ConfigResource, Mode};
use crate::config::model::Config;
use crate::maps::Map;
use std::collections::HashSet;

/// Blocks with the effective setting.
pub(super) fn effective(
    config: &Config,
    dependencies: &Map<ConfigResource, Vec<ConfigResource>>,
) -> HashSet<ConfigResource> {
    let mut out = HashSet::new();
    for (address, needs) in dependencies {
        let block = config.module(&address.module).and_then(|m| m.resources.get(&address.resource));
        if block.is_some_and(|b| b.lifecycle.create_before_destroy == Some(true)) {
            out.insert(address.clone());
            out.extend(needs.iter().filter(|n| n.resource.mode == Mode::Managed).cloned());
        }
    }
    out
}
