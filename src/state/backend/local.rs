//! The local backend: a state file in a folder, with Terraform's names, backup and lock.

use super::arguments::{Argument, ArgumentKind, Arguments};
use super::file_lock::{FileLock, LockFailure, info_path, is_held, read_info, write_in_place};
use super::known::Known;
use super::{atomic, workspace};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::codec::{self, Digest};
use crate::state::journal::{FileJournal, Journal};
use crate::state::lock::{LockInfo, held};
use crate::state::model::State;
use crate::state::store::{Backend, OnWait, Snapshot, StateStore};
use async_trait::async_trait;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Name of the state file.
pub const STATE_FILE: &str = "terraform.tfstate";
/// Folder of the workspaces' states.
pub const WORKSPACE_DIR: &str = "terraform.tfstate.d";

/// Where the command line wants files to be.
#[derive(Debug, Clone, Default)]
pub struct LocalPaths {
    /// `-state`: read here (and written, unless `out` is set).
    pub state: Option<PathBuf>,
    /// `-state-out`: written here.
    pub out: Option<PathBuf>,
    /// `-backup`
    pub backup: Backup,
}

/// Where the former state goes before the first write of a run.
#[derive(Debug, Clone, Default)]
pub enum Backup {
    /// Beside the written file, with `.backup` appended.
    #[default]
    Beside,
    /// To this file.
    At(PathBuf),
    /// Nowhere (`-backup=-`).
    Off,
}

/// The local backend.
#[derive(Debug)]
pub struct LocalBackend {
    default: PathBuf,
    workspaces: PathBuf,
    paths: LocalPaths,
}

/// The arguments of `backend "local"`.
pub(super) const ARGUMENTS: &[Argument] = &[
    Argument { name: "path", kind: ArgumentKind::String },
    Argument { name: "workspace_dir", kind: ArgumentKind::String },
];

/// A backend with the settings of its block.
pub(super) fn configure(arguments: &Arguments, root: &Path, paths: LocalPaths) -> LocalBackend {
    let mut backend = LocalBackend::new(root, paths);
    if let Some(path) = arguments.text("path") {
        backend.default = root.join(path);
    }
    if let Some(dir) = arguments.text("workspace_dir") {
        backend.workspaces = root.join(dir);
    }
    backend
}

impl LocalBackend {
    /// States in a folder.
    pub fn new(root: &Path, paths: LocalPaths) -> Self {
        LocalBackend { default: root.join(STATE_FILE), workspaces: root.join(WORKSPACE_DIR), paths }
    }

    fn path(&self, workspace: &str) -> PathBuf {
        if workspace == workspace::DEFAULT {
            self.default.clone()
        } else {
            self.workspaces.join(workspace).join(STATE_FILE)
        }
    }
}

#[async_trait(?Send)]
impl Backend for LocalBackend {
    fn kind(&self) -> &'static str {
        "local"
    }

    async fn workspaces(&self) -> Result<Vec<String>, Diagnostics> {
        let mut names = vec![workspace::DEFAULT.to_owned()];
        let entries = match std::fs::read_dir(&self.workspaces) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(names),
            Err(e) => return Err(io("Cannot list workspaces", &self.workspaces, &e).into()),
        };
        names.extend(
            entries
                .filter_map(Result::ok)
                .filter(|e| e.path().is_dir())
                .filter_map(|e| e.file_name().into_string().ok()),
        );
        if let Some(others) = names.get_mut(1..) {
            others.sort();
        }
        Ok(names)
    }

    async fn open(&self, workspace: &str) -> Result<Arc<dyn StateStore>, Diagnostics> {
        workspace::check_name(workspace)?;
        let read = self.paths.state.clone().unwrap_or_else(|| self.path(workspace));
        let write = self.paths.out.clone().unwrap_or_else(|| read.clone());
        let backup = match &self.paths.backup {
            Backup::Beside => Some(appended(&write, ".backup")),
            Backup::At(path) => Some(path.clone()),
            Backup::Off => None,
        };
        Ok(Arc::new(LocalStore::open(read, write, backup)?))
    }

    async fn create_workspace(&self, workspace: &str) -> Result<(), Diagnostics> {
        workspace::check_name(workspace)?;
        if workspace != workspace::DEFAULT {
            let dir = self.workspaces.join(workspace);
            std::fs::create_dir_all(&dir).map_err(|e| io("Cannot create the workspace", &dir, &e))?;
        }
        Ok(())
    }

    async fn delete_workspace(&self, workspace: &str) -> Result<(), Diagnostics> {
        workspace::check_name(workspace)?;
        if workspace == workspace::DEFAULT {
            let detail = "The workspace \"default\" always exists.";
            return Err(Diagnostic::error("Cannot delete the default workspace", detail).into());
        }
        let dir = self.workspaces.join(workspace);
        std::fs::remove_dir_all(&dir).map_err(|e| io("Cannot delete the workspace", &dir, &e).into())
    }
}

/// `path` with something appended to its last name.
fn appended(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn io(summary: &str, path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(summary, format!("{}: {error}.", path.display()))
}

/// A state may be large; what is no file is not waited for.
fn read_state(path: &Path) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        std::fs::read(path)
    } else {
        Err(std::io::Error::other("it is not a regular file"))
    }
}

/// A state in a file.
pub struct LocalStore {
    write_path: PathBuf,
    backup_path: Option<PathBuf>,
    journal: Arc<FileJournal>,
    inner: Mutex<Inner>,
}

struct Inner {
    /// Read from here; from the written file once something was written.
    read_path: PathBuf,
    lock: Option<FileLock>,
    /// What is stored, as last read or written; `None` before the first read.
    known: Option<Known>,
    backed_up: bool,
}

impl LocalStore {
    fn open(read_path: PathBuf, write_path: PathBuf, backup_path: Option<PathBuf>) -> Result<Self, Diagnostics> {
        let name = write_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let journal = write_path.with_file_name(format!(".{}.journal", name.trim_start_matches('.')));
        Ok(LocalStore {
            write_path,
            backup_path,
            journal: Arc::new(FileJournal::open(journal)?),
            inner: Mutex::new(Inner { read_path, lock: None, known: None, backed_up: false }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Content of a file; through the lock's handle when it is the locked one.
    fn bytes(&self, inner: &Inner, path: &Path) -> Result<Vec<u8>, Diagnostics> {
        let read = match &inner.lock {
            Some(lock) if path == self.write_path => lock.read(),
            _ => read_state(path),
        };
        match read {
            Ok(bytes) => Ok(bytes),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(io("Cannot read the state", path, &e).into()),
        }
    }

    fn read_now(&self, inner: &mut Inner) -> Result<State, Diagnostics> {
        let path = inner.read_path.clone();
        let bytes = self.bytes(inner, &path)?;
        let state = codec::read(&bytes, &path.display().to_string())?;
        inner.known = Some(Known::of(&state, &bytes));
        Ok(state)
    }

    fn write_now(
        &self,
        inner: &mut Inner,
        state: &State,
        content: Digest,
        snapshot: Snapshot,
    ) -> Result<(), Diagnostics> {
        self.back_up(inner)?;
        let (text, known) = Known::render(state, content, snapshot);
        let written = match &mut inner.lock {
            Some(lock) => lock.write(text.as_bytes()),
            None => match atomic::write(&self.write_path, text.as_bytes()) {
                Err(e) if atomic::only_in_place(&e) => std::fs::OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(&self.write_path)
                    .and_then(|file| write_in_place(&mut &file, text.as_bytes())),
                other => other,
            },
        };
        written.map_err(|e| io("Cannot write the state", &self.write_path, &e))?;
        inner.known = Some(known);
        inner.read_path.clone_from(&self.write_path);
        Ok(())
    }

    /// Before the first write of a run, what is there now goes to the backup file.
    fn back_up(&self, inner: &mut Inner) -> Result<(), Diagnostics> {
        let Some(backup) = self.backup_path.as_ref().filter(|_| !inner.backed_up) else { return Ok(()) };
        let present = self.bytes(inner, &self.write_path)?;
        if !present.is_empty() {
            atomic::write(backup, &present).map_err(|e| io("Cannot write the backup of the state", backup, &e))?;
        }
        inner.backed_up = true;
        Ok(())
    }

    fn try_lock(&self, info: &LockInfo) -> Result<FileLock, LockFailure> {
        FileLock::acquire(&self.write_path, info)
    }
}

#[async_trait(?Send)]
impl StateStore for LocalStore {
    fn location(&self) -> String {
        self.write_path.display().to_string()
    }

    async fn read(&self) -> Result<State, Diagnostics> {
        self.read_now(&mut self.inner())
    }

    async fn persist(&self, state: &State) -> Result<Snapshot, Diagnostics> {
        let mut inner = self.inner();
        if inner.known.is_none() {
            self.read_now(&mut inner)?;
        }
        let known = inner.known.clone().unwrap_or_default();
        let content = codec::digest(state);
        if known.holds(&content) && inner.read_path == self.write_path {
            return Ok(known.snapshot);
        }
        let snapshot = known.next(&content);
        self.write_now(&mut inner, state, content, snapshot.clone())?;
        Ok(snapshot)
    }

    async fn replace(&self, state: &State, force: bool) -> Result<(), Diagnostics> {
        let mut inner = self.inner();
        if !force {
            let present = self.read_now(&mut inner)?;
            crate::state::edits::check_replacement(&present, state)?;
        }
        self.write_now(&mut inner, state, codec::digest(state), Snapshot::of(state))
    }

    async fn lock(&self, operation: &str, timeout: Duration, on_wait: OnWait<'_>) -> Result<(), Diagnostics> {
        if self.inner().lock.is_some() {
            return Ok(());
        }
        let info = LockInfo::new(operation, self.write_path.display().to_string());
        let end = Instant::now() + timeout;
        let mut pause = Duration::from_millis(500);
        loop {
            match self.try_lock(&info) {
                Ok(lock) => {
                    self.inner().lock = Some(lock);
                    return Ok(());
                }
                Err(LockFailure::Io(e)) => return Err(io("Cannot lock the state", &self.write_path, &e).into()),
                Err(LockFailure::Held(by, reason)) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(held(by.as_deref(), &reason));
                    }
                    if let Some(by) = &by {
                        on_wait(by);
                    }
                    tokio::time::sleep(pause.min(left)).await;
                    pause = (pause * 2).min(Duration::from_secs(16));
                }
            }
        }
    }

    async fn unlock(&self) -> Result<(), Diagnostics> {
        self.inner().lock = None;
        Ok(())
    }

    async fn force_unlock(&self, id: &str) -> Result<(), Diagnostics> {
        let failed = |e: std::io::Error| io("Cannot remove the lock", &info_path(&self.write_path), &e);
        if is_held(&self.write_path).map_err(failed)? {
            return Err(Diagnostic::error(
                "Local state cannot be unlocked by another process",
                format!("A running process holds {}.", self.write_path.display()),
            )
            .hint("End that process; its lock goes with it.")
            .into());
        }
        match read_info(&self.write_path).map_err(failed)? {
            Some(Ok(info)) if info.id != id => {
                Err(Diagnostic::error("Wrong lock ID", format!("The lock is not \"{id}\".\n{info}")).into())
            }
            None => Err(Diagnostic::error(
                "Nothing is locked",
                format!("There is no lock on {}.", self.write_path.display()),
            )
            .into()),
            Some(_) => std::fs::remove_file(info_path(&self.write_path)).map_err(|e| failed(e).into()),
        }
    }

    async fn current_lock(&self) -> Result<Option<LockInfo>, Diagnostics> {
        let path = info_path(&self.write_path);
        match read_info(&self.write_path).map_err(|e| io("Cannot read the lock", &path, &e))? {
            None => Ok(None),
            Some(Ok(info)) => Ok(Some(info)),
            Some(Err(e)) => Err(Diagnostic::error(
                "Unreadable lock",
                format!("{} is not the lock this program or Terraform writes: {e}.", path.display()),
            )
            .hint("If no run is going on, remove it with `pipewright force-unlock`.")
            .into()),
        }
    }

    fn journal(&self) -> Arc<dyn Journal> {
        self.journal.clone()
    }
}

#[cfg(test)]
mod tests;
