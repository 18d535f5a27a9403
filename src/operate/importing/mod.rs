//! Configuration for a whole pipeline that exists: names for what was discovered, references between the blocks, files.
//!
//! What a block says comes from [`crate::engine::generating`]; here blocks are made into a configuration that people would write.

mod files;
mod names;
mod references;

pub use files::{FILE_NAMES, Written, files};
pub use names::{named, to_import};
pub use references::{Reference, connect, own_identity};

use crate::address::ResourceInstance;
use crate::provider::discovery::Found;

/// A discovered object with the address it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What was found.
    pub found: Found,
    /// Where it will be managed.
    pub address: ResourceInstance,
}
