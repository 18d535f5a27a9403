//! How a configuration is loaded: from the disk, or from what was read once and went into a saved plan.

use super::install::{InstalledModule, manifest};
use super::load::clean;
use super::model::{Config, Module};
use super::source::is_local;
use super::{bounded, files};
use crate::diagnostics::Sources;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to load.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Where texts are kept.
    pub sources: Sources,
    /// `.terraform`, or what `TF_DATA_DIR` names: holds `modules/modules.json`.
    pub data_dir: PathBuf,
    /// When set, texts and the list of installed modules are taken from here instead of the disk.
    pub snapshot: Option<Arc<Snapshot>>,
}

/// A configuration as it was read once: what a saved plan carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Texts by path, as [`clean`] gives it.
    pub files: BTreeMap<PathBuf, String>,
    /// Installed modules by key.
    pub modules: BTreeMap<String, InstalledModule>,
}

impl LoadOptions {
    /// From the disk.
    pub fn disk(sources: Sources, data_dir: impl Into<PathBuf>) -> Self {
        LoadOptions { sources, data_dir: data_dir.into(), snapshot: None }
    }

    pub(super) fn list(&self, dir: &Path) -> std::io::Result<files::ConfigFiles> {
        let Some(snapshot) = &self.snapshot else { return files::list(dir) };
        let dir = clean(dir);
        let names = snapshot.files.keys().filter(|p| clean(p.parent().unwrap_or(Path::new("."))) == dir);
        Ok(files::sorted(&dir, &names.filter_map(|p| Some(p.file_name()?.to_str()?.to_owned())).collect()))
    }

    pub(super) fn is_dir(&self, dir: &Path) -> bool {
        match &self.snapshot {
            Some(snapshot) => snapshot.files.keys().any(|p| clean(p.parent().unwrap_or(Path::new("."))) == clean(dir)),
            None => dir.is_dir(),
        }
    }

    pub(super) fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match &self.snapshot {
            Some(snapshot) => match snapshot.files.get(&clean(path)) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => Err(std::io::ErrorKind::NotFound.into()),
            },
            None => bounded::read_file(path),
        }
    }
}

impl Config {
    /// What was read to load this configuration.
    pub fn snapshot(&self, options: &LoadOptions) -> Snapshot {
        let mut dirs = Vec::new();
        folders(&self.root, &mut dirs);
        let read = self.sources.files();
        let texts = read.iter().map(|file| (PathBuf::from(&file.name), file.text.to_string()));
        let files = texts.filter(|(path, _)| dirs.contains(&clean(path.parent().unwrap_or(Path::new("."))))).collect();
        let mut modules = manifest(options).unwrap_or_default();
        local_modules(&self.root, &mut modules);
        Snapshot { files, modules }
    }
}

/// Where local modules are, links followed, whether or not `modules.json` has them.
fn local_modules(module: &Module, out: &mut BTreeMap<String, InstalledModule>) {
    for (name, child) in &module.children {
        let call = module.calls.values().find(|call| *call.name.name == **name);
        if let Some(call) = call.filter(|call| is_local(&call.source)) {
            let dir = clean(&child.dir);
            out.insert(child.path.0.join("."), InstalledModule { source: call.source.clone(), version: None, dir });
        }
        local_modules(child, out);
    }
}

fn folders(module: &Module, out: &mut Vec<PathBuf>) {
    out.push(clean(&module.dir));
    module.children.values().for_each(|child| folders(child, out));
}
