//! States of other configurations, for the data source `terraform_remote_state`: the same backends as for one's own.

use super::aws::BackendClients;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Fields, Value};
use crate::provider::builtin::ReadState;
use crate::state::backend::local::{Backup, LocalPaths};
use crate::state::backend::selection::Selected;
use crate::state::backend::{self, BackendOptions};
use crate::state::store::Backend;
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads them.
pub struct OtherStates {
    /// `.terraform`, or what `TF_DATA_DIR` names.
    pub data_dir: PathBuf,
}

impl OtherStates {
    fn open(&self, backend: &str, settings: &Value) -> Result<Arc<dyn Backend>, Diagnostics> {
        let selected = Selected::of_values(backend, settings)?;
        let options = BackendOptions {
            root: PathBuf::from("."),
            data_dir: self.data_dir.clone(),
            paths: LocalPaths { state: None, out: None, backup: Backup::Off },
            connect: Arc::new(BackendClients),
        };
        backend::open(Some(&selected), &options).map(|(backend, _)| backend)
    }
}

#[async_trait(?Send)]
impl ReadState for OtherStates {
    fn check(&self, backend: &str, settings: &Value) -> Diagnostics {
        if settings.contains_unknown() {
            return Diagnostics::new();
        }
        match Selected::of_values(backend, settings) {
            Ok(_) => Diagnostics::new(),
            Err(errors) => errors,
        }
    }

    async fn outputs(&self, backend: &str, settings: &Value, workspace: &str) -> Result<Option<Fields>, Diagnostics> {
        let place = self.open(backend, settings)?;
        if !place.workspaces().await?.iter().any(|name| name == workspace) {
            let detail = format!("There is no workspace \"{workspace}\" in the {backend} backend with these settings.");
            return Err(Diagnostic::error("Unable to find remote state", detail).into());
        }
        let state = place.open(workspace).await?.read().await?;
        if state.lineage.is_empty() && state.is_empty() {
            return Ok(None);
        }
        Ok(Some(state.outputs.into_iter().map(|(name, output)| (name.into(), output.value)).collect()))
    }
}
