//! Intents: what a run is about to do to the world, written down before it does it. A run that dies leaves its intents behind,
//! and the next one finds and adopts what the dead run created.
//!
//! The file is JSON lines beside the state, one `begin` or `finish` per line, readable by its owner only; it vanishes when
//! no intent is pending. A torn last line (the machine died while writing it) is ignored: the effect had not begun.

use crate::address::{ProviderConfig, ResourceInstance};
use crate::config::bounded;
use crate::diagnostics::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What an intent is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntentAction {
    /// Make a new object.
    Create,
    /// Change one.
    Update,
    /// Remove one.
    Delete,
}

/// One effect that is about to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The object.
    pub address: ResourceInstance,
    /// Who does it.
    pub provider: ProviderConfig,
    /// What.
    pub action: IntentAction,
    /// Key of the deposed object it is about.
    pub deposed: Option<String>,
    /// Version of the schema the attributes follow.
    pub schema_version: u64,
    /// Attributes as planned; unknown ones are left out. Names and identifying attributes in here find the object again.
    pub planned: serde_json::Value,
    /// When, RFC 3339.
    pub started: String,
}

/// Names an intent of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(u64);

/// Keeps intents. Safe to call from many tasks at once.
pub trait Journal: Send + Sync {
    /// Writes an intent down, durably. Call it directly before the effect.
    fn begin(&self, intent: Intent) -> Result<IntentId, Diagnostics>;

    /// Strikes an intent out. Call it when the outcome is in the persisted state.
    fn finish(&self, id: IntentId) -> Result<(), Diagnostics>;

    /// Intents without an outcome, oldest first: those of a run that died, and this run's own.
    fn pending(&self) -> Vec<(IntentId, Intent)>;
}

/// A journal that forgets; for states that are not worth one, and for tests.
#[derive(Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn begin(&self, _: Intent) -> Result<IntentId, Diagnostics> {
        Ok(IntentId(0))
    }

    fn finish(&self, _: IntentId) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn pending(&self) -> Vec<(IntentId, Intent)> {
        Vec::new()
    }
}

/// A journal in a file.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    file: Option<Arc<File>>,
    next: u64,
    pending: BTreeMap<IntentId, Intent>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    Begin {
        id: u64,
        address: String,
        provider: String,
        action: IntentAction,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        deposed: Option<String>,
        schema_version: u64,
        planned: serde_json::Value,
        started: String,
    },
    Finish {
        id: u64,
    },
}

impl FileJournal {
    /// Opens the journal at a path and reads what a former run left; nothing is created until the first intent.
    ///
    /// # Errors
    /// When the file exists and cannot be read, or a line other than the last is not what this program writes.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Diagnostics> {
        let path = path.into();
        let text = match bounded::read_file(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
            Err(e) => return Err(failed(&path, "read", &e).into()),
        };
        let mut inner = Inner::default();
        let complete = text.ends_with('\n');
        let count = text.lines().count();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() {
                continue;
            }
            match read_line(line) {
                Ok(Entry::Begin(id, intent)) => {
                    inner.next = inner.next.max(id.0 + 1);
                    inner.pending.insert(id, *intent);
                }
                Ok(Entry::Finish(id)) => {
                    inner.pending.remove(&id);
                }
                Err(_) if number + 1 == count && !complete => {}
                Err(problem) => {
                    return Err(Diagnostic::error(
                        "Unreadable journal",
                        format!(
                            "Line {} of {} is not a journal entry: {problem}. The journal tells what an interrupted run was \
                             doing; nothing was changed.",
                            number + 1,
                            path.display()
                        ),
                    )
                    .hint("Compare the file with what exists, then move it away.")
                    .into());
                }
            }
        }
        Ok(FileJournal { path, inner: Mutex::new(inner) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a line; it is safe on disk once the file returned has been synced.
    fn append(&self, inner: &mut Inner, line: &Line) -> std::io::Result<Arc<File>> {
        let file = match &inner.file {
            Some(file) => file.clone(),
            None => inner.file.insert(Arc::new(open_private(&self.path)?)).clone(),
        };
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        (&*file).write_all(&text)?;
        Ok(file)
    }
}

impl Journal for FileJournal {
    fn begin(&self, intent: Intent) -> Result<IntentId, Diagnostics> {
        let mut inner = self.inner();
        let id = IntentId(inner.next);
        let line = Line::Begin {
            id: id.0,
            address: intent.address.to_string(),
            provider: intent.provider.to_string(),
            action: intent.action,
            deposed: intent.deposed.clone(),
            schema_version: intent.schema_version,
            planned: intent.planned.clone(),
            started: intent.started.clone(),
        };
        let file = self.append(&mut inner, &line).map_err(|e| failed(&self.path, "write", &e))?;
        inner.next += 1;
        inner.pending.insert(id, intent);
        drop(inner);
        // Without the lock, so that intents of several tasks reach the disk together.
        file.sync_data().map_err(|e| failed(&self.path, "write", &e))?;
        Ok(id)
    }

    fn finish(&self, id: IntentId) -> Result<(), Diagnostics> {
        let mut inner = self.inner();
        if inner.pending.remove(&id).is_none() {
            return Ok(());
        }
        let done = if inner.pending.is_empty() {
            inner.file = None;
            match std::fs::remove_file(&self.path) {
                Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
                _ => Ok(()),
            }
        } else {
            // Not synced: an entry too many is found to be done by the next run.
            self.append(&mut inner, &Line::Finish { id: id.0 }).map(|_| ())
        };
        done.map_err(|e| failed(&self.path, "write", &e).into())
    }

    fn pending(&self) -> Vec<(IntentId, Intent)> {
        let mut inner = self.inner();
        // Until this process writes, the file is the truth: whoever held the lock before may have gone on since it was opened.
        if inner.file.is_none()
            && let Ok(again) = Self::open(&self.path)
        {
            let again = again.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
            inner.next = inner.next.max(again.next);
            inner.pending = again.pending;
        }
        inner.pending.iter().map(|(id, intent)| (*id, intent.clone())).collect()
    }
}

enum Entry {
    Begin(IntentId, Box<Intent>),
    Finish(IntentId),
}

fn read_line(line: &str) -> Result<Entry, String> {
    match serde_json::from_str(line).map_err(|e| e.to_string())? {
        Line::Finish { id } => Ok(Entry::Finish(IntentId(id))),
        Line::Begin { id, address, provider, action, deposed, schema_version, planned, started } => {
            let intent = Intent {
                address: address.parse().map_err(|e: crate::address::AddressError| e.0)?,
                provider: provider.parse().map_err(|e: crate::address::AddressError| e.0)?,
                action,
                deposed,
                schema_version,
                planned,
                started,
            };
            Ok(Entry::Begin(IntentId(id), Box::new(intent)))
        }
    }
}

/// Opens for appending; a torn last line is ended first, so that the next entry stands on its own line.
fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let torn = std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|b| *b != b'\n'));
    if torn {
        let bytes = std::fs::read(path)?;
        let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        OpenOptions::new().write(true).open(path)?.set_len(end as u64)?;
    }
    options.open(path)
}

fn failed(path: &Path, what: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(
        format!("Cannot {what} the journal"),
        format!("{}: {error}. Without it, an interrupted run could lose track of what it created.", path.display()),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn intent(name: &str) -> Intent {
        Intent {
            address: format!("aws_iam_role.{name}").parse().unwrap(),
            provider: "provider[\"registry.terraform.io/hashicorp/aws\"]".parse().unwrap(),
            action: IntentAction::Create,
            deposed: None,
            schema_version: 0,
            planned: serde_json::json!({"name": name}),
            started: "2026-01-02T03:04:05Z".into(),
        }
    }

    #[test]
    fn an_unfinished_intent_survives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".terraform.tfstate.journal");
        let journal = FileJournal::open(&path).unwrap();
        let a = journal.begin(intent("a")).unwrap();
        journal.begin(intent("b")).unwrap();
        journal.finish(a).unwrap();
        drop(journal);
        let again = FileJournal::open(&path).unwrap();
        let left: Vec<Intent> = again.pending().into_iter().map(|(_, i)| i).collect();
        assert_eq!(left, [intent("b")]);
    }

    #[test]
    fn the_file_vanishes_with_its_last_intent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let journal = FileJournal::open(&path).unwrap();
        assert!(!path.exists());
        let a = journal.begin(intent("a")).unwrap();
        assert!(path.exists());
        journal.finish(a).unwrap();
        assert!(!path.exists());
        let b = journal.begin(intent("b")).unwrap();
        assert!(path.exists());
        journal.finish(b).unwrap();
    }

    #[test]
    fn a_torn_last_line_is_ignored_and_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        let journal = FileJournal::open(&path).unwrap();
        journal.begin(intent("a")).unwrap();
        drop(journal);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"event\":\"begin\",\"id\":1,\"addr");
        std::fs::write(&path, text).unwrap();
        let again = FileJournal::open(&path).unwrap();
        assert_eq!(again.pending().len(), 1);
        again.begin(intent("c")).unwrap();
        drop(again);
        assert_eq!(FileJournal::open(&path).unwrap().pending().len(), 2);
    }

    #[test]
    fn a_broken_line_in_the_middle_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, "nonsense\n{\"event\":\"finish\",\"id\":1}\n").unwrap();
        let error = FileJournal::open(&path).unwrap_err();
        assert!(error.iter().next().unwrap().detail.contains("Line 1"), "{error:?}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        FileJournal::open(&path).unwrap().begin(intent("a")).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
