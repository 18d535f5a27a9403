//! Blocks to a typed module tree: root and child modules, variables and their files, override files, module installation.
//!
//! [`files`] says what is read; `load` (reading, override merging, child modules), [`json`] (the other syntax) and `decode/` (one
//! file per block type) turn it into the model, and `check` looks at the tree as a whole. [`variables`], [`version`],
//! [`provider_refs`] and [`install`] stand beside them.

pub mod bounded;
mod check;
mod constant;
mod decode;
pub mod files;
pub mod install;
pub mod json;
mod load;
mod merge;
pub mod model;
pub mod provider_refs;
mod reference;
mod snapshot;
mod source;
pub mod suggest;
pub mod variables;
pub mod version;

pub use files::is_config_dir;
pub use install::{InstalledModule, manifest};
pub use load::{clean, load, load_module};
pub use snapshot::{LoadOptions, Snapshot};
pub use source::is_local;
