//! The lock on a state file: Terraform's own, so that the two programs keep each other out.
//!
//! Who holds the POSIX record lock on the state file holds the state; `.NAME.lock.info` beside it only tells who that is. The lock
//! belongs to the process and goes when *any* handle of the file is closed, so the file must be read and written through
//! the handle kept here while the lock is held.

use super::atomic;
use crate::config::bounded;
use crate::state::lock::LockInfo;
use rustix::fs::FlockOperation;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A held lock. Released when dropped.
pub(super) struct FileLock {
    path: PathBuf,
    info_path: PathBuf,
    /// The state file as it is now, last; before it those that were replaced while the lock was held. They stay locked, because
    /// another program may have opened one of them just before it was replaced.
    handles: Vec<File>,
    created: bool,
}

/// Why a lock was not had.
pub(super) enum LockFailure {
    /// Someone holds it; the info if it can be read, and the system's words.
    Held(Option<Box<LockInfo>>, String),
    /// It cannot be tried.
    Io(io::Error),
}

impl From<io::Error> for LockFailure {
    fn from(error: io::Error) -> Self {
        LockFailure::Io(error)
    }
}

/// `.terraform.tfstate.lock.info` for `terraform.tfstate`.
pub(super) fn info_path(state: &Path) -> PathBuf {
    let name = state.file_name().unwrap_or_default().to_string_lossy();
    state.with_file_name(format!(".{}.lock.info", name.strip_prefix('.').unwrap_or(&name)))
}

/// The info beside a state file; `None` when there is no such file, an inner error when it cannot be understood.
pub(super) fn read_info(state: &Path) -> io::Result<Option<Result<LockInfo, String>>> {
    match bounded::read_file(&info_path(state)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).map_err(|e| e.to_string()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether a living process holds the lock now.
pub(super) fn is_held(state: &Path) -> io::Result<bool> {
    match OpenOptions::new().read(true).write(true).open(state) {
        Ok(file) => match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(false),
            Err(e) if busy(e) => Ok(true),
            Err(e) => Err(e.into()),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn busy(error: rustix::io::Errno) -> bool {
    matches!(error, rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS)
}

impl FileLock {
    /// Tries once.
    pub(super) fn acquire(path: &Path, info: &LockInfo) -> Result<FileLock, LockFailure> {
        let target = atomic::follow(path)?;
        if std::fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("it is not a regular file").into());
        }
        if let Some(dir) = target.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let (file, created) = loop {
            let created = !target.exists();
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&target)?;
            if let Err(e) = rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
                if !busy(e) {
                    return Err(io::Error::from(e).into());
                }
                let held_by = read_info(path)?.and_then(Result::ok).map(Box::new);
                return Err(LockFailure::Held(held_by, "resource temporarily unavailable".into()));
            }
            // The file may have been replaced between opening and locking; then it is not the state any more.
            if same_file(&file, &target)? {
                break (file, created);
            }
        };
        let lock = FileLock { path: target, info_path: info_path(path), handles: vec![file], created };
        write_info(&lock.info_path, info)?;
        Ok(lock)
    }

    /// The content of the state file.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        if let Some(mut file) = self.handles.last() {
            file.seek(SeekFrom::Start(0))?;
            file.read_to_end(&mut content)?;
        }
        Ok(content)
    }

    /// Replaces the content of the state file; the lock goes over to the new file.
    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        let replaced = atomic::stage(&self.path, content).and_then(|staged| {
            rustix::fs::fcntl_lock(&staged.file, FlockOperation::NonBlockingLockExclusive)?;
            staged.put()
        });
        match replaced {
            Ok(file) => {
                // The first and the newest suffice: those between were visible for a moment only.
                self.handles.truncate(1);
                self.handles.push(file);
                Ok(())
            }
            Err(e) if atomic::only_in_place(&e) => {
                let Some(mut file) = self.handles.last() else { return Err(e) };
                write_in_place(&mut file, content)
            }
            Err(e) => Err(e),
        }
    }
}

/// For folders in which no file can be made or replaced.
pub(super) fn write_in_place(file: &mut &File, content: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    file.write_all(content)?;
    file.sync_all()
}

fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok(open.dev() == named.dev() && open.ino() == named.ino()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn write_info(path: &Path, info: &LockInfo) -> io::Result<()> {
    std::fs::write(path, info.to_json())
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.info_path);
        // A file that taking the lock made and nothing was written to would look like an empty state.
        let empty = std::fs::metadata(&self.path).is_ok_and(|m| m.len() == 0);
        if self.created && empty {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
