//! Installs the modules a configuration calls: what is not beside the caller is fetched to `.terraform/modules`, and
//! `modules.json` tells where everything is. The only part of this room that uses the network.
//!
//! | file | what it is for |
//! |---|---|
//! | `fetcher` | a package, by its address, each once in a run |
//! | `git`, `mercurial`, `http`, `page`, `s3`, `archive`, `checksum` | the ways packages come |
//! | `registry`, `credentials`, `cli_config`, `netrc` | registries, and what the person set up for them |
//! | `place`, `manifest` | what is installed |
//! | `from_module` | a package as the beginning of a new configuration |
//!
//! Packages are fetched side by side into a staging folder and moved into place whole. A module's entry in `modules.json` goes before
//! its folder is replaced and comes back after it: a run that dies leaves modules installed or not installed.

mod archive;
mod checksum;
mod cli_config;
mod credentials;
mod failure;
mod fetcher;
mod from_module;
mod git;
mod glob;
mod http;
mod manifest;
mod mercurial;
mod netrc;
mod once;
mod page;
mod place;
mod registry;
mod s3;
#[cfg(test)]
mod tests;

pub use fetcher::Network;
pub use from_module::begin_from;
pub use manifest::{InstalledModule, manifest, read as read_manifest};
pub use s3::{Objects, S3Place};

use super::load::{self, Resolver};
use super::model::ModuleCall;
use super::snapshot::LoadOptions;
use super::source::{self, ModuleSource, RemoteSource};
use super::version::{Constraints, Version};
use crate::address::ModulePath;
use crate::diagnostics::{Diagnostic, Diagnostics};
use failure::Failure;
use fetcher::Fetcher;
use place::Workshop;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What is asked for.
#[derive(Clone)]
pub struct InstallOptions {
    /// How the configuration is loaded, and where modules go.
    pub load: LoadOptions,
    /// Fetch also what is installed already.
    pub upgrade: bool,
    /// What may be used of the outside world.
    pub network: Network,
}

/// How many packages are fetched at once.
const PARALLEL: usize = 8;

/// Installs all modules of the configuration in a folder, and theirs. `told` gets a line for each step, such as
/// `- m in modules/m`. What cannot be installed is reported; the rest is installed all the same. Without anything to fetch,
/// nothing but the disk is used.
pub fn install(dir: &Path, options: &InstallOptions, told: &dyn Fn(&str)) -> Diagnostics {
    // A list that cannot be read is written anew.
    let listed = manifest(&options.load);
    let unreadable = listed.is_err();
    let before = listed.unwrap_or_default();
    let root = InstalledModule { source: String::new(), version: None, dir: load::clean(dir) };
    let queue = Queue::default();
    let mut installer = Installer {
        options,
        told,
        queue: &queue,
        before,
        unreadable,
        installed: BTreeMap::from([(String::new(), root)]),
        workshop: None,
        packages: Vec::new(),
        problems: Diagnostics::new(),
    };
    let (_, found) = std::thread::scope(|scope| {
        for _ in 0..PARALLEL {
            scope.spawn(|| queue.work());
        }
        let loaded = load::load_with(dir, &options.load, &mut installer);
        queue.close();
        loaded
    });
    let mut problems = std::mem::take(&mut installer.problems);
    problems.extend(found);
    if let Err(e) = installer.record() {
        let detail = format!("{}: {e}.", manifest::modules_dir(&options.load).display());
        problems.push(Diagnostic::error("Failed to update module manifest", detail));
    }
    problems
}

/// Packages that will be needed: fetched by a few threads while the configuration is walked.
#[derive(Default)]
struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    wanted: VecDeque<(Arc<Fetcher>, Wanted)>,
    closed: bool,
}

/// A module that is not installed.
#[derive(Debug, Clone)]
enum Wanted {
    Remote(RemoteSource),
    Registry { package: String, constraint: Option<String> },
}

impl Queue {
    fn add(&self, fetcher: &Arc<Fetcher>, wanted: Wanted) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.wanted.push_back((Arc::clone(fetcher), wanted));
        self.changed.notify_one();
    }

    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }

    fn work(&self) {
        while let Some((fetcher, wanted)) = self.take() {
            // Whoever needs the package asks for it again, and gets the result or the failure.
            let _ = match wanted {
                Wanted::Remote(source) => fetcher.package(&source),
                Wanted::Registry { package, constraint } => {
                    fetcher.find(&package, constraint.as_deref()).and_then(|found| fetcher.package(&found.source))
                }
            };
        }
    }

    fn take(&self) -> Option<(Arc<Fetcher>, Wanted)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed {
                return None;
            }
            if let Some(next) = state.wanted.pop_front() {
                return Some(next);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Installer<'a> {
    options: &'a InstallOptions,
    told: &'a dyn Fn(&str),
    queue: &'a Queue,
    /// What `modules.json` says.
    before: BTreeMap<String, InstalledModule>,
    /// Whether that could not be read.
    unreadable: bool,
    /// What it will say.
    installed: BTreeMap<String, InstalledModule>,
    /// Made when the first package is needed.
    workshop: Option<(Workshop, Arc<Fetcher>)>,
    /// Packages fetched in this run, and where they are now.
    packages: Vec<(RemoteSource, PathBuf)>,
    problems: Diagnostics,
}

impl Resolver for Installer<'_> {
    fn prepare(&mut self, path: &ModulePath, calls: &[&ModuleCall]) {
        for call in calls {
            let key = path.child(&call.name.name).0.join(".");
            let Ok(source) = source::parse(&call.source, call.version.is_some()) else { continue };
            if self.present(&key, &source, call).is_some() {
                continue;
            }
            let wanted = match source {
                ModuleSource::Local(_) => continue,
                ModuleSource::Remote(remote) => Wanted::Remote(remote),
                ModuleSource::Registry { package, .. } => {
                    Wanted::Registry { package, constraint: call.version.clone() }
                }
            };
            // Whatever is wrong is told when the module's turn comes.
            if let Ok((_, fetcher)) = self.workshop() {
                let fetcher = Arc::clone(fetcher);
                self.queue.add(&fetcher, wanted);
            }
        }
    }

    fn folder(&mut self, caller: &Path, path: &ModulePath, call: &ModuleCall) -> Result<PathBuf, Box<Diagnostic>> {
        let key = path.0.join(".");
        let error = |summary: &str, detail: String| {
            Box::new(Diagnostic::error(summary, detail).at(call.source_span).within(call.span))
        };
        let source = source::parse(&call.source, call.version.is_some())
            .map_err(|why| error("Invalid module source address", why))?;
        let installed = match (self.present(&key, &source, call), &source) {
            (Some(installed), _) => installed,
            (None, ModuleSource::Local(local)) => {
                let dir = load::real(&caller.join(local));
                if !dir.is_dir() {
                    return Err(self.no_folder(path, call, &dir));
                }
                InstalledModule { source: source.to_string(), version: None, dir }
            }
            (None, _) => match self.fetched(&key, &source, call) {
                Ok(installed) => installed,
                Err(failure) => {
                    self.keep(&key);
                    return Err(failure.at(call));
                }
            },
        };
        (self.told)(&format!("- {key} in {}", installed.dir.display()));
        let dir = installed.dir.clone();
        self.installed.insert(key, installed);
        Ok(dir)
    }
}

impl Installer<'_> {
    /// A module that is installed as it is wanted, and shall not be fetched again.
    fn present(&self, key: &str, source: &ModuleSource, call: &ModuleCall) -> Option<InstalledModule> {
        if self.options.upgrade || matches!(source, ModuleSource::Local(_)) {
            return None;
        }
        let found = self.before.get(key).filter(|found| found.dir.is_dir())?;
        let recorded = source::parse(&found.source, found.version.is_some()).ok()?;
        let allowed = match (&call.version, &found.version) {
            (Some(wanted), Some(have)) => wanted.parse::<Constraints>().ok()?.allow(&have.parse::<Version>().ok()?),
            (wanted, _) => wanted.is_none(),
        };
        (recorded == *source && allowed).then(|| InstalledModule { source: source.to_string(), ..found.clone() })
    }

    fn workshop(&mut self) -> Result<&(Workshop, Arc<Fetcher>), Failure> {
        if self.workshop.is_none() {
            let modules = manifest::modules_dir(&self.options.load);
            let waiting = || (self.told)("Waiting for another run that installs modules here...");
            let workshop = Workshop::open(&modules, waiting)?;
            let (fetcher, problems) = Fetcher::new(self.options.network.clone(), workshop.staging());
            self.problems.extend(problems);
            self.workshop = Some((workshop, Arc::new(fetcher)));
        }
        self.workshop.as_ref().ok_or_else(|| Failure::download("The folder for modules is not there."))
    }

    fn fetched(&mut self, key: &str, source: &ModuleSource, call: &ModuleCall) -> Result<InstalledModule, Failure> {
        let told = self.told;
        let fetcher = Arc::clone(&self.workshop()?.1);
        let (remote, subdir, version) = match source {
            ModuleSource::Remote(remote) => {
                if !self.packages.iter().any(|(known, _)| *known == remote.package()) {
                    told(&format!("Downloading {} for {key}...", remote.package().shown()));
                }
                (remote.clone(), remote.subdir.clone(), None)
            }
            ModuleSource::Registry { package, subdir } => {
                let found = fetcher.find(package, call.version.as_deref())?;
                if !self.packages.iter().any(|(known, _)| *known == found.source.package()) {
                    told(&format!("Downloading {package} {} for {key}...", found.version));
                }
                let parts = [found.source.subdir.as_str(), subdir.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                (found.source.clone(), parts.join("/"), Some(found.version.to_string()))
            }
            ModuleSource::Local(_) => return Err(Failure::download("A local module is not fetched.")),
        };
        let root = self.settled(&fetcher, &remote.package(), key)?;
        let dir = glob::folder(&root, &subdir)?;
        Ok(InstalledModule { source: source.to_string(), version, dir: load::clean(&dir) })
    }

    /// Puts the package into the module's folder.
    fn settled(&mut self, fetcher: &Fetcher, package: &RemoteSource, key: &str) -> Result<PathBuf, Failure> {
        let known = self.packages.iter().find(|(known, _)| known == package).map(|(_, at)| at.clone());
        let fetched = match &known {
            Some(_) => None,
            None => Some(fetcher.package(package)?),
        };
        self.forget(key)?;
        let (workshop, _) = self.workshop()?;
        let target = workshop.target(key);
        let package_at = match (known, fetched) {
            (Some(at), _) => workshop.copied(&at, key)?,
            (None, Some(at)) => at,
            (None, None) => return Err(Failure::download("The package is not there.")),
        };
        workshop.settle(&package_at, key)?;
        if !self.packages.iter().any(|(known, _)| known == package) {
            self.packages.push((package.clone(), target.clone()));
        }
        Ok(target)
    }

    /// Strikes a module, and those it calls, out of the list on the disk, before its folder is replaced.
    fn forget(&mut self, key: &str) -> Result<(), Failure> {
        if !self.before.contains_key(key) {
            return Ok(());
        }
        let inside = format!("{key}.");
        self.before.retain(|other, _| other != key && !other.starts_with(&inside));
        let modules = manifest::modules_dir(&self.options.load);
        manifest::write(&self.options.load, &self.before).map_err(failure::at_path(&modules))
    }

    /// What was installed before and could not be installed anew stays.
    fn keep(&mut self, key: &str) {
        let inside = format!("{key}.");
        let kept = self.before.iter().filter(|(other, _)| *other == key || other.starts_with(&inside));
        self.installed.extend(kept.map(|(key, module)| (key.clone(), module.clone())));
    }

    /// Writes `modules.json`, unless there is nothing to say.
    fn record(&self) -> std::io::Result<()> {
        let worth = self.unreadable || self.installed.len() > 1 || !self.before.is_empty();
        if worth && self.installed != self.before {
            return manifest::write(&self.options.load, &self.installed);
        }
        Ok(())
    }

    /// A local module that is not there; inside a fetched package the reason may be that its path leads out of it.
    fn no_folder(&self, path: &ModulePath, call: &ModuleCall, dir: &Path) -> Box<Diagnostic> {
        let error = |summary: &str, detail: String| {
            Box::new(Diagnostic::error(summary, detail).at(call.source_span).within(call.span))
        };
        let mut caller = path.parent();
        while let Some(path) = caller.filter(|path| !path.is_root()) {
            let key = path.0.join(".");
            let fetched = self.installed.get(&key).is_some_and(|module| !source::is_local(&module.source));
            if fetched {
                let package = load::clean(&manifest::modules_dir(&self.options.load).join(&key));
                if !load::clean(dir).starts_with(&package) {
                    let detail =
                        format!("The path {} leads out of the package its caller was fetched with.", call.source);
                    return error("Local module path escapes module package", detail);
                }
                break;
            }
            caller = path.parent();
        }
        let detail = format!("There is no folder {} for module \"{}\".", dir.display(), call.name.name);
        error("Unreadable module directory", detail)
    }
}
