//! Places that keep states: which backend a configuration asks for, and the workspaces in it.

pub mod atomic;
mod file_lock;
pub mod local;
pub mod workspace;

use super::store::Backend;
use crate::config::model;
use crate::diagnostics::{Diagnostic, Diagnostics};
use local::{LocalBackend, LocalPaths};
use std::path::Path;
use std::sync::Arc;

/// Backends Terraform has; a name outside this list is a mistake, one inside is just not there.
const KNOWN: [&str; 13] =
    ["azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "local", "oci", "oss", "pg", "remote", "s3"];

/// The backend a configuration asks for; the local one without a `backend` block. `settings` are those of `-backend-config`,
/// which win over the block's. `paths` are the command line's `-state`, `-state-out` and `-backup`; only the local backend has them.
///
/// # Errors
/// Unknown and unsupported backends, and settings the backend does not have.
pub fn configure(
    block: Option<&model::Backend>,
    settings: &[(String, String)],
    root: &Path,
    paths: LocalPaths,
) -> Result<Arc<dyn Backend>, Diagnostics> {
    let Some(block) = block else {
        return Ok(Arc::new(LocalBackend::new(root, paths)));
    };
    match &*block.kind.name {
        "local" => Ok(Arc::new(local::configure(block, settings, root, paths)?)),
        kind if KNOWN.contains(&kind) => Err(Diagnostic::error(
            "Backend not supported",
            format!(
                "The backend \"{kind}\" is not supported yet; this version keeps state with the backend \"local\"."
            ),
        )
        .at(block.kind.span)
        .within(block.span)
        .into()),
        kind => {
            let mut unknown =
                Diagnostic::error("Unsupported backend type", format!("There is no backend type named \"{kind}\"."))
                    .at(block.kind.span)
                    .within(block.span);
            if let Some(close) = crate::lang::eval::did_you_mean(kind, KNOWN) {
                unknown = unknown.hint(format!("Did you mean \"{close}\"?"));
            }
            Err(unknown.into())
        }
    }
}
