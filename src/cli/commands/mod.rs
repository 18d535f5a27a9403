//! One file per command.

pub mod alerts;
pub mod apply;
pub mod approvals;
pub mod backend_change;
pub mod catalog;
pub mod console;
pub mod explain;
pub mod fmt;
pub mod force_unlock;
pub mod graph;
pub mod import;
pub mod import_pipeline;
pub mod init;
pub mod lint;
mod lint_fix;
pub mod metadata;
pub mod modules;
pub mod output;
pub mod pipeline_policy;
pub mod plan;
pub mod providers;
pub mod show;
pub mod state;
pub mod taint;
pub mod validate;
pub mod version;
pub mod workspace;
