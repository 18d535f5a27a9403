//! CP: what CodePipeline refuses, or cannot run.

mod shape;

use crate::lint::rule::Rule;

/// The family.
pub static RULES: &[Rule] = &[shape::CP001];
