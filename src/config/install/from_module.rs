//! `init -from-module`: a package's content becomes the beginning of a new configuration.

use super::failure::{Failure, at_path};
use super::fetcher::Fetcher;
use super::place::{Workshop, copy};
use super::{InstallOptions, glob, manifest};
use crate::address::ModulePath;
use crate::config::load::{clean, load_module};
use crate::config::source::{self, ModuleSource};
use crate::diagnostics::{Diagnostic, Diagnostics};
use std::path::{Path, PathBuf};

/// Copies the module at a source to an empty folder (`.terraform` and other hidden files may be there). Its own modules are installed by
/// [`super::install`] afterwards.
///
/// # Errors
/// A folder that is not empty, a source that is not one or cannot be fetched, a module that needs what is beside its folder. Nothing
/// is then left in the folder.
pub fn begin_from(source: &str, dir: &Path, options: &InstallOptions, told: &dyn Fn(&str)) -> Result<(), Diagnostics> {
    let whole = |failure: Failure| {
        let mut diagnostic = Diagnostic::error(failure.summary, failure.detail);
        diagnostic.hint = failure.hint;
        Diagnostics::from(diagnostic)
    };
    let entries = std::fs::read_dir(dir).map_err(at_path(dir)).map_err(&whole)?;
    let taken = entries.flatten().find(|e| !e.file_name().to_string_lossy().starts_with('.'));
    if let Some(taken) = taken {
        let detail = format!(
            "The working directory already contains files ({} is one). -from-module copies a module into an empty directory.",
            taken.file_name().display()
        );
        return Err(Diagnostic::error("Can't populate non-empty directory", detail)
            .hint("Use a new directory.")
            .into());
    }
    let (workshop, fetcher, mut warnings) = open(options, told).map_err(&whole)?;
    let module = fetch(source, dir, &workshop, &fetcher).map_err(&whole)?;
    let (found, _) = load_module(&module, ModulePath::root(), &options.load);
    for call in found.iter().flat_map(|m| m.calls.values()).filter(|call| call.source.starts_with("../")) {
        warnings.push(
            Diagnostic::error(
                "Root module references parent directory",
                format!("The module \"{source}\" calls \"{}\", which is not copied with it.", call.source),
            )
            .hint("Use that module by a module block of your own, with its remote address as source."),
        );
    }
    if warnings.has_errors() {
        return Err(warnings);
    }
    let staged = workshop.staging().join("new");
    copy_visible(&module, &staged).map_err(at_path(&staged)).map_err(&whole)?;
    move_into(&staged, dir).map_err(&whole)
}

fn open(options: &InstallOptions, told: &dyn Fn(&str)) -> Result<(Workshop, Fetcher, Diagnostics), Failure> {
    let modules = manifest::modules_dir(&options.load);
    let workshop = Workshop::open(&modules, || told("Waiting for another run that installs modules here..."))?;
    let (fetcher, warnings) = Fetcher::new(options.network.clone(), workshop.staging());
    Ok((workshop, fetcher, warnings))
}

/// The folder of the module: a local one where it is, others in the staging folder.
fn fetch(text: &str, dir: &Path, workshop: &Workshop, fetcher: &Fetcher) -> Result<PathBuf, Failure> {
    let invalid = |why: String| Failure::download(why).titled("Invalid module source address");
    let local = |path: PathBuf| {
        let path = clean(&path);
        if path.is_dir() { Ok(path) } else { Err(invalid(format!("There is no folder {}.", path.display()))) }
    };
    let (remote, subdir) = match source::parse(text, false).map_err(invalid)? {
        ModuleSource::Local(path) => return local(dir.join(path)),
        ModuleSource::Remote(remote)
            if remote.getter == "file" && Path::new(remote.url.trim_start_matches("file://")).is_dir() =>
        {
            return local(Path::new(remote.url.trim_start_matches("file://")).join(&remote.subdir));
        }
        ModuleSource::Remote(remote) => (remote.clone(), remote.subdir),
        ModuleSource::Registry { package, subdir } => {
            let found = fetcher.find(&package, None)?.source;
            let parts = [found.subdir.clone(), subdir];
            let subdir = parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join("/");
            (found, subdir)
        }
    };
    debug_assert!(workshop.staging().is_dir());
    glob::folder(&fetcher.package(&remote)?, &subdir)
}

/// Copies a module without hidden files such as `.git`.
fn copy_visible(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Moves all of a folder's entries; when one cannot be moved, those that were are removed again.
fn move_into(from: &Path, to: &Path) -> Result<(), Failure> {
    let mut moved: Vec<PathBuf> = Vec::new();
    let entries = std::fs::read_dir(from).map_err(at_path(from))?;
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        if let Err(e) = std::fs::rename(entry.path(), &target) {
            for path in moved {
                let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            }
            return Err(at_path(&target)(e));
        }
        moved.push(target);
    }
    Ok(())
}
