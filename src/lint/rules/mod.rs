//! The rules, one folder or file per family.

pub mod permissions;
pub mod structure;

use super::rule::Rule;

/// All families in the order of their documentation.
pub static FAMILIES: &[&[Rule]] = &[structure::RULES, permissions::RULES];
