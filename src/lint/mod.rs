//! Best practice, checked before anything is applied: a pipeline as one thing, with its stages, role, bucket, key, event rules, topics
//! and trail together.
//!
//! [`model`] makes one picture of all resources from a survey of the configuration, a plan, or live objects. A [`Rule`] is metadata,
//! two examples and a function over that picture; [`registry`] lists them all; [`run`] runs them and returns [`Finding`]s. Nothing here
//! prints, asks AWS or guesses: where a value is not known a rule says nothing, or leaves a note.

pub mod baseline;
mod comments;
pub mod configure;
pub mod finding;
mod hidden;
pub mod iam;
pub mod model;
pub mod registry;
pub mod repair;
mod rewrite;
pub mod rule;
pub mod rules;
mod runner;
pub mod settings;

pub use finding::{Edit, Finding, Fix, Level, Note};
pub use hidden::Hidden;
pub use registry::{REPAIRED, find, rules};
pub use rule::{Confidence, Family, Rule};
pub use runner::{Context, Report, Reporter, run};
pub use settings::Settings;
