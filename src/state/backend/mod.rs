//! Places that keep states: which backend a configuration asks for, and the workspaces in it.

pub mod arguments;
pub mod atomic;
mod file_lock;
mod known;
pub mod local;
pub mod migrate;
pub mod s3;
pub mod selection;
pub mod workspace;

use super::store::Backend;
use crate::diagnostics::{Diagnostic, Diagnostics};
use local::{LocalBackend, LocalPaths};
use selection::Selected;
use std::path::PathBuf;
use std::sync::Arc;

/// Backends Terraform has; a name outside this list is a mistake, one inside is just not there.
const fn known_backends() -> &'static [&'static str] {
    &["azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "local", "oci", "oss", "pg", "remote", "s3"]
}

/// What backends need beside their settings.
#[derive(Clone)]
pub struct BackendOptions {
    /// The folder of the configuration; relative paths start there.
    pub root: PathBuf,
    /// `.terraform`, or what `TF_DATA_DIR` names.
    pub data_dir: PathBuf,
    /// `-state`, `-state-out` and `-backup`; only the local backend has them.
    pub paths: LocalPaths,
    /// Makes clients for the S3 backend.
    pub connect: Arc<dyn s3::Connect>,
}

/// The selected backend; the local one without a `backend` block. Warnings about its settings come along.
///
/// # Errors
/// Wrong settings. Whether the place can be reached shows at the first use.
pub fn open(
    selected: Option<&Selected>,
    options: &BackendOptions,
) -> Result<(Arc<dyn Backend>, Diagnostics), Diagnostics> {
    let Some(selected) = selected else {
        let local = LocalBackend::new(&options.root, options.paths.clone());
        return Ok((Arc::new(local), Diagnostics::new()));
    };
    match selected.kind.as_str() {
        "local" => {
            let local = local::configure(&selected.arguments, &options.root, options.paths.clone());
            Ok((Arc::new(local), Diagnostics::new()))
        }
        "s3" => {
            let environment = |name: &str| std::env::var(name).ok();
            let (settings, warnings) = s3::Settings::new(&selected.arguments, selected.span, &environment)?;
            let s3 = s3::S3Backend::new(settings, Arc::clone(&options.connect), options.data_dir.clone());
            Ok((Arc::new(s3), warnings))
        }
        kind => Err(Diagnostic::error(
            "Backend not supported",
            format!("The folder was initialised with the backend \"{kind}\"; this program keeps state in \"local\" and \"s3\"."),
        )
        .at_opt(selected.span)
        .into()),
    }
}
