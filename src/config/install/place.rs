//! Where packages go: a staging folder beside the installed modules, from which whole packages are moved into place.

use super::failure::{Failure, at_path};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Begins the names of staging folders, which `.terraform/modules` may have left from a run that died.
const STAGING: &str = ".staging-";

/// The modules folder while packages are installed. Another program that installs here at the same time waits.
pub(super) struct Workshop {
    modules: PathBuf,
    staging: tempfile::TempDir,
    /// Locked until it is closed.
    _lock: File,
}

impl Workshop {
    /// Makes the folder and an empty staging folder in it, and removes what dead runs left. `waiting` is called when another run
    /// works here.
    pub fn open(modules: &Path, waiting: impl FnOnce()) -> Result<Self, Failure> {
        std::fs::create_dir_all(modules).map_err(at_path(modules))?;
        let lock = File::open(modules).map_err(at_path(modules))?;
        if rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            waiting();
            // Where folders cannot be locked (some network file systems) there is nobody to wait for.
            let _ = rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive);
        }
        for entry in std::fs::read_dir(modules).map_err(at_path(modules))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(modules).map_err(at_path(modules))?;
        Ok(Workshop { modules: modules.to_path_buf(), staging, _lock: lock })
    }

    /// The staging folder.
    pub fn staging(&self) -> PathBuf {
        self.staging.path().to_path_buf()
    }

    /// Where a module's package goes.
    pub fn target(&self, key: &str) -> PathBuf {
        self.modules.join(key)
    }

    /// Moves a fetched package into place; what was there goes.
    pub fn settle(&self, package: &Path, key: &str) -> Result<(), Failure> {
        let target = self.target(key);
        if std::fs::symlink_metadata(&target).is_ok() {
            let old = self.staging.path().join(format!("old-{key}"));
            std::fs::rename(&target, &old).map_err(at_path(&target))?;
            if let Err(e) = std::fs::rename(package, &target) {
                let _ = std::fs::rename(&old, &target);
                return Err(at_path(&target)(e));
            }
            // Links are removed, not followed.
            let removed = if old.is_symlink() { std::fs::remove_file(&old) } else { std::fs::remove_dir_all(&old) };
            return removed.map_err(at_path(&old));
        }
        std::fs::rename(package, &target).map_err(at_path(&target))
    }

    /// Another copy of an installed package, to be moved into place.
    pub fn copied(&self, from: &Path, key: &str) -> Result<PathBuf, Failure> {
        let to = self.staging.path().join(format!("copy-{key}"));
        // A folder elsewhere on this machine is linked again, not copied.
        let made = match std::fs::read_link(from) {
            Ok(link) => std::os::unix::fs::symlink(link, &to),
            Err(_) => copy(from, &to),
        };
        made.map_err(at_path(&to))?;
        Ok(to)
    }
}

/// Copies a folder; links are copied as links.
pub(super) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in walkdir::WalkDir::new(from).follow_links(false) {
        let entry = entry?;
        let Ok(inside) = entry.path().strip_prefix(from) else { continue };
        let target = if inside.as_os_str().is_empty() { to.to_path_buf() } else { to.join(inside) };
        let kind = entry.file_type();
        if kind.is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
