//! The embedded schemas, one file per type, and what a schema alone does not say: [`Rules`].
//!
//! A file holds `version` and `block` as the original provider declares them, `behaviour` (by dotted attribute path: defaults,
//! force-new, checks) and `relations` (conflicts and the like). Each is parsed once, when the provider's schemas are first asked for.

mod parse;
mod rules;

use crate::provider::schema::Deprecation;
use std::collections::BTreeMap;

pub use parse::{Parsed, parse};
pub use rules::{BlockRule, Normalize, Relations, Rule, Rules};

/// Every type the original provider has, one a line: resources as they are, `data.` and `ephemeral.` before the others.
pub const NAMES: &str = include_str!("names.txt");

/// What the original provider warns of, in its words: by type and dotted path, title and detail.
///
/// # Errors
/// When the embedded file does not parse.
pub fn deprecations() -> Result<BTreeMap<String, Deprecation>, String> {
    let raw: BTreeMap<String, (String, String)> =
        serde_json::from_str(include_str!("deprecated.json")).map_err(|e| e.to_string())?;
    Ok(raw.into_iter().map(|(path, (summary, detail))| (path, Deprecation { summary, detail })).collect())
}

/// The provider block.
pub const PROVIDER: &str = include_str!("_provider.json");
