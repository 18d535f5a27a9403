//! CP: what CodePipeline refuses, or cannot run.

mod actions;
mod artifacts;
mod configuration;
mod features;
mod names;
mod region;
mod shape;
mod stores;
mod triggers;
mod variables;

use crate::lint::rule::Rule;

/// The family, by id.
pub static RULES: &[Rule] = &[
    shape::CP001,
    shape::CP002,
    shape::CP003,
    shape::CP004,
    artifacts::CP005,
    artifacts::CP006,
    artifacts::CP007,
    actions::CP008,
    configuration::CP009,
    configuration::CP010,
    configuration::CP011,
    features::CP012,
    features::CP013,
    triggers::CP014,
    stores::CP015,
    names::CP016,
    variables::CP017,
    artifacts::CP018,
    artifacts::CP019,
    artifacts::CP020,
    region::CP021,
    actions::CP022,
    names::CP023,
];
