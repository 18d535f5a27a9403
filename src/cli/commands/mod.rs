//! One file per command.

pub mod apply;
pub mod backend_change;
pub mod force_unlock;
pub mod import;
pub mod init;
pub mod output;
pub mod plan;
pub mod providers;
pub mod show;
pub mod state;
pub mod taint;
pub mod validate;
pub mod version;
pub mod workspace;
