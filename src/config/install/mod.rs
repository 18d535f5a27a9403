//! Installs the modules a configuration calls: what is not beside the caller is fetched to `.terraform/modules`, and
//! `modules.json` tells where everything is. The only part of this room that may use the network (through `git`).

mod git;
mod manifest;
#[cfg(test)]
mod tests;

pub use manifest::{InstalledModule, manifest};

use super::load::{self, Resolver};
use super::model::ModuleCall;
use super::snapshot::LoadOptions;
use super::source::{self, ModuleSource, RemoteSource};
use crate::address::ModulePath;
use crate::diagnostics::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct InstallOptions {
    /// How the configuration is loaded, and where modules go.
    pub load: LoadOptions,
    /// Fetch also what is installed already.
    pub upgrade: bool,
}

/// Installs all modules of the configuration in a folder, and theirs. `told` gets a line for each step, such as `m in modules/m`.
/// What cannot be installed is reported; the rest is installed all the same.
pub fn install(dir: &Path, options: &InstallOptions, told: &dyn Fn(&str)) -> Diagnostics {
    let (before, mut problems) = match manifest(&options.load) {
        Ok(before) => (before, Diagnostics::new()),
        // It is written anew anyway.
        Err(_) => (BTreeMap::new(), Diagnostics::new()),
    };
    let root = InstalledModule { source: String::new(), version: None, dir: load::clean(dir) };
    let mut installer = Installer {
        options,
        told,
        before,
        installed: BTreeMap::from([(String::new(), root)]),
        packages: Vec::new(),
        roots: BTreeMap::new(),
    };
    let (_, found) = load::load_with(dir, &options.load, &mut installer);
    let any = installer.installed.len() > 1;
    problems.extend(found);
    if (any || !installer.before.is_empty())
        && let Err(e) = manifest::write(&options.load, &installer.installed)
    {
        let detail = format!("{}: {e}.", manifest::modules_dir(&options.load).display());
        problems.push(Diagnostic::error("Failed to update module manifest", detail));
    }
    problems
}

struct Installer<'a> {
    options: &'a InstallOptions,
    told: &'a dyn Fn(&str),
    before: BTreeMap<String, InstalledModule>,
    installed: BTreeMap<String, InstalledModule>,
    /// Packages fetched in this run, and where.
    packages: Vec<(RemoteSource, PathBuf)>,
    /// Per module key: the package folder a fetched module stands in, which local sources inside must not leave.
    roots: BTreeMap<String, PathBuf>,
}

impl Resolver for Installer<'_> {
    fn folder(&mut self, caller: &Path, path: &ModulePath, call: &ModuleCall) -> Result<PathBuf, Box<Diagnostic>> {
        let key = path.0.join(".");
        let error = |summary: &str, detail: String| {
            Box::new(Diagnostic::error(summary, detail).at(call.source_span).within(call.span))
        };
        let source = source::parse(&call.source, call.version.is_some())
            .map_err(|why| error("Invalid module source address", why))?;
        let installed = match &source {
            ModuleSource::Local(local) => {
                let dir = load::clean(&caller.join(local));
                self.check_inside(path, &key, &dir, call)?;
                InstalledModule { source: source.to_string(), version: None, dir }
            }
            ModuleSource::Registry { package, .. } => {
                return Err(Box::new(
                    error(
                        "Module registries are not supported yet",
                        format!("Module \"{}\" comes from the registry module {package}.", call.name.name),
                    )
                    .hint("Use its git repository as source: git::https://…?ref=VERSION."),
                ));
            }
            ModuleSource::Remote(remote) => self.remote(remote, &key, call)?,
        };
        if !installed.dir.is_dir() {
            let detail = format!("There is no folder {} for module \"{}\".", installed.dir.display(), call.name.name);
            return Err(error("Unreadable module directory", detail));
        }
        (self.told)(&format!("{key} in {}", installed.dir.display()));
        let dir = installed.dir.clone();
        self.installed.insert(key, installed);
        Ok(dir)
    }
}

impl Installer<'_> {
    /// A module inside a fetched package cannot refer to what is outside of it: that would be something else elsewhere.
    fn check_inside(
        &mut self,
        path: &ModulePath,
        key: &str,
        dir: &Path,
        call: &ModuleCall,
    ) -> Result<(), Box<Diagnostic>> {
        let parent = path.parent().unwrap_or_default().0.join(".");
        let Some(root) = self.roots.get(&parent).cloned() else { return Ok(()) };
        let real = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        let real_root = std::fs::canonicalize(&root).unwrap_or_else(|_| root.clone());
        if !real.starts_with(&real_root) {
            let detail = format!("The path {} leads out of the package its caller was fetched with.", call.source);
            let error = Diagnostic::error("Local module path escapes module package", detail);
            return Err(Box::new(error.at(call.source_span).within(call.span)));
        }
        self.roots.insert(key.to_owned(), root);
        Ok(())
    }

    fn remote(
        &mut self,
        remote: &RemoteSource,
        key: &str,
        call: &ModuleCall,
    ) -> Result<InstalledModule, Box<Diagnostic>> {
        let root = manifest::modules_dir(&self.options.load).join(key);
        let dir = load::clean(&root.join(&remote.subdir));
        let source = remote.to_string();
        let present = self.before.get(key).is_some_and(|b| b.source == source && b.dir.is_dir());
        self.roots.insert(key.to_owned(), root.clone());
        if present && !self.options.upgrade {
            let dir = self.before.get(key).map_or(dir, |b| b.dir.clone());
            return Ok(InstalledModule { source, version: None, dir });
        }
        let error = |detail: String| {
            Box::new(Diagnostic::error("Failed to download module", detail).at(call.source_span).within(call.span))
        };
        if root.exists() {
            std::fs::remove_dir_all(&root).map_err(|e| error(format!("{}: {e}.", root.display())))?;
        }
        if let Some(parent) = root.parent() {
            std::fs::create_dir_all(parent).map_err(|e| error(format!("{}: {e}.", parent.display())))?;
        }
        let package = remote.package();
        if let Some((_, from)) = self.packages.iter().find(|(p, _)| *p == package) {
            copy(from, &root).map_err(|e| error(format!("{}: {e}.", root.display())))?;
        } else {
            (self.told)(&format!("Downloading {source} for {key}..."));
            match remote.getter.as_str() {
                "git" => git::fetch(&package, &root, call.source_span)?,
                getter => {
                    let detail = format!(
                        "Module \"{}\" would be fetched by \"{getter}\" from {}; only git repositories and local folders can be \
                         installed so far.",
                        call.name.name, remote.url
                    );
                    let unsupported = Diagnostic::error("Module source not supported yet", detail);
                    return Err(Box::new(unsupported.at(call.source_span).within(call.span)));
                }
            }
            self.packages.push((package, root));
        }
        if !dir.is_dir() {
            let detail = format!("The package has no folder \"{}\".", remote.subdir);
            return Err(error(detail));
        }
        Ok(InstalledModule { source, version: None, dir })
    }
}

/// Copies a folder; links are copied as links.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in walkdir::WalkDir::new(from).follow_links(false) {
        let entry = entry?;
        let Ok(inside) = entry.path().strip_prefix(from) else { continue };
        let target = to.join(inside);
        let kind = entry.file_type();
        if kind.is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
