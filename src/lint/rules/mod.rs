//! The rules, one folder or file per family.

#[macro_use]
mod example;
pub mod artifacts;
pub mod audit;
pub mod events;
mod owners;
pub mod permissions;
pub mod practice;
pub mod structure;

pub use practice::secret_texts;

use super::rule::Rule;

/// All families in the order of their documentation.
pub static FAMILIES: &[&[Rule]] =
    &[structure::RULES, practice::RULES, permissions::RULES, artifacts::RULES, events::RULES, audit::RULES];
