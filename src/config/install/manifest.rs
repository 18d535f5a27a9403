//! `modules.json`: which module is installed where, in Terraform's format.

use crate::config::version::Version;
use crate::config::{LoadOptions, bounded};
use crate::diagnostics::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An entry of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModule {
    /// Source address in its normal form.
    pub source: String,
    /// Selected version of a registry module.
    pub version: Option<String>,
    /// Its folder, relative to the working directory.
    pub dir: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(rename = "Modules", default)]
    modules: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    key: String,
    #[serde(default)]
    source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    version: String,
    dir: String,
}

/// The folder modules are installed to.
pub(super) fn modules_dir(options: &LoadOptions) -> PathBuf {
    options.data_dir.join("modules")
}

fn path(options: &LoadOptions) -> PathBuf {
    modules_dir(options).join("modules.json")
}

/// Installed modules by key (call names joined by dots; empty for the root); empty when nothing is installed.
///
/// # Errors
/// When the file cannot be read or is not what Terraform and this program write.
pub fn manifest(options: &LoadOptions) -> Result<BTreeMap<String, InstalledModule>, Box<Diagnostic>> {
    if let Some(snapshot) = &options.snapshot {
        return Ok(snapshot.modules.clone());
    }
    let path = path(options);
    let bad = |reason: String| {
        let text = format!("{}: {reason}.", path.display());
        Box::new(
            Diagnostic::error("Cannot read the list of installed modules", text)
                .hint("Run `pipewright init` to write it anew."),
        )
    };
    let text = match bounded::read_file(&path) {
        Ok(text) if text.is_empty() => return Ok(BTreeMap::new()),
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(bad(e.to_string())),
    };
    read(&text).map_err(bad)
}

/// Reads the text of a manifest. The error is a sentence without its full stop.
///
/// # Errors
/// Anything but a list of modules with one entry per key.
pub fn read(text: &[u8]) -> Result<BTreeMap<String, InstalledModule>, String> {
    let document: Document = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    let mut modules = BTreeMap::new();
    for record in document.modules {
        if !record.version.is_empty() && record.version.parse::<Version>().is_err() {
            return Err(format!("the module \"{}\" has the invalid version \"{}\"", record.key, record.version));
        }
        let installed = InstalledModule {
            source: record.source,
            version: Some(record.version).filter(|v| !v.is_empty()),
            dir: PathBuf::from(record.dir),
        };
        let key = record.key.clone();
        if modules.insert(record.key, installed).is_some() {
            return Err(format!("it has two entries for the module \"{key}\""));
        }
    }
    Ok(modules)
}

/// Writes the manifest, whole or not at all.
pub(super) fn write(options: &LoadOptions, installed: &BTreeMap<String, InstalledModule>) -> std::io::Result<()> {
    let modules = installed
        .iter()
        .map(|(key, module)| Record {
            key: key.clone(),
            source: module.source.clone(),
            version: module.version.clone().unwrap_or_default(),
            dir: slashed(&module.dir),
        })
        .collect();
    let dir = modules_dir(options);
    std::fs::create_dir_all(&dir)?;
    let mut file = tempfile::Builder::new().prefix(".modules").permissions(permissions()).tempfile_in(&dir)?;
    std::io::Write::write_all(&mut file, &serde_json::to_vec(&Document { modules })?)?;
    file.persist(path(options)).map(drop).map_err(|e| e.error)
}

#[cfg(unix)]
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
