//! Fetches a module package with the `hg` program.

use super::failure::Failure;
use super::fetcher::Network;
use crate::config::source::RemoteSource;
use std::path::Path;
use std::process::{Command, Stdio};

/// Clones the repository of a source to a folder that does not exist yet, at the wanted `rev`.
pub(super) fn fetch(source: &RemoteSource, into: &Path, network: &Network) -> Result<(), Failure> {
    let revision = source.decoded("rev");
    let mut command = Command::new("hg");
    command.arg("clone");
    if let Some(revision) = &revision {
        command.arg(format!("--updaterev={revision}"));
    }
    command.arg("--").arg(source.url_without(&["rev"])).arg(into);
    let output = command.env("HGPLAIN", "1").stdin(Stdio::null()).output().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::download("The hg program is needed and was not found on the PATH.").hint("Install Mercurial.")
        }
        _ => Failure::download(format!("hg could not be started: {e}.")),
    })?;
    if output.status.success() {
        return Ok(());
    }
    if network.is_cancelled() {
        return Err(Failure::interrupted());
    }
    let said = network.without_secrets(String::from_utf8_lossy(&output.stderr).trim());
    Err(Failure::download(format!(
        "Could not download module from {}: hg clone failed ({}): {said}",
        source.shown(),
        output.status
    )))
}
