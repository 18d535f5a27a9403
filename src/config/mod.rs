//! Blocks to a typed module tree: root and child modules, variables and their files, override files, module installation.
//!
//! [`files`] says what is read; `load` (reading, override merging, child modules), [`json`] (the other syntax) and `decode/` (one
//! file per block type) turn it into the model. [`variables`], [`version`] and [`provider_refs`] stand beside them.

mod constant;
mod decode;
pub mod files;
pub mod json;
mod load;
mod merge;
pub mod model;
pub mod provider_refs;
mod reference;
pub mod suggest;
pub mod variables;
pub mod version;

pub use files::is_config_dir;
pub use load::{InstalledModule, LoadOptions, Snapshot, clean, is_local, load, load_module, manifest};
