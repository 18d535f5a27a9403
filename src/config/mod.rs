//! Blocks to a typed module tree: root and child modules, variables and their files, override files, module installation.

pub mod model;
pub mod provider_refs;
mod suggest;
