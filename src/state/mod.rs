//! Terraform's state: the version 4 model and codec, backends, locks, and the journal of intents.

pub mod backend;
pub mod codec;
pub mod edits;
pub mod errored;
pub mod journal;
pub mod lock;
pub mod model;
pub mod object;
pub mod store;

/// The version of Terraform whose state format and language this program speaks; written into state files and locks.
pub const TERRAFORM_VERSION: &str = crate::config::version::TERRAFORM_VERSION;
