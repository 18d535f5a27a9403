//! The embedded schemas, one file per type, and what a schema alone does not say: [`Rules`].
//!
//! A file holds `version` and `block` as the original provider declares them, `behaviour` (by dotted attribute path: defaults,
//! force-new, checks) and `relations` (conflicts and the like). Each is parsed once, when the provider's schemas are first asked for.

mod parse;
mod rules;

pub use parse::{Parsed, parse};
pub use rules::{BlockRule, Normalize, Relations, Rule, Rules};

/// The provider block.
pub const PROVIDER: &str = include_str!("_provider.json");
