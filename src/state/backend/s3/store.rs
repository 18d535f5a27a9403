//! One workspace's state in a bucket.
//!
//! Beyond what Terraform does, every write is conditional on the object being the one that was read, where the server knows
//! conditions: a run that was not locked out never overwrites another's work.

use super::bucket::{Bucket, Condition, Put};
use super::layout;
use super::lock::{Lock, Standing};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::backend::known::Known;
use crate::state::codec;
use crate::state::edits::check_replacement;
use crate::state::journal::{FileJournal, Journal};
use crate::state::lock::LockInfo;
use crate::state::model::State;
use crate::state::store::{OnWait, Snapshot, StateStore};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Pause between persists while a run goes on; `TF_STATE_PERSIST_INTERVAL` (seconds) can only raise it.
const PERSIST_INTERVAL: Duration = Duration::from_secs(20);

/// A state in a bucket.
pub(super) struct S3Store {
    bucket: Bucket,
    key: String,
    lock_key: String,
    interval: Duration,
    journal: Arc<FileJournal>,
    inner: Mutex<Inner>,
}

struct Inner {
    /// `None` before the first read.
    known: Option<Known>,
    /// What must hold for the next write.
    condition: Condition,
    /// Whether the server turned out not to know conditions.
    unconditional: bool,
    lock: Option<LockInfo>,
}

impl S3Store {
    /// The state with this key; its journal is kept in `data_dir`.
    pub(super) fn open(bucket: Bucket, key: String, data_dir: &Path) -> Result<Self, Diagnostics> {
        let name = Sha256::digest(format!("{}/{key}", bucket.settings.bucket));
        let name: String = name.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let journal = FileJournal::open(data_dir.join(format!("s3-{name}.journal")))?;
        Ok(S3Store {
            lock_key: layout::lock(&key),
            interval: interval(std::env::var("TF_STATE_PERSIST_INTERVAL").ok().as_deref()),
            journal: Arc::new(journal),
            inner: Mutex::new(Inner { known: None, condition: Condition::None, unconditional: false, lock: None }),
            bucket,
            key,
        })
    }

    fn lock_object(&self) -> Lock<'_> {
        Lock { bucket: &self.bucket, key: &self.lock_key }
    }

    async fn read_now(&self, inner: &mut Inner) -> Result<State, Diagnostics> {
        let (bytes, condition) = self.fetch().await?;
        inner.condition = condition;
        let state = codec::read(&bytes, &self.location())?;
        inner.known = Some(Known::of(&state, &bytes));
        Ok(state)
    }

    /// The object's bytes (none when there is no object), and what the next write must find.
    async fn fetch(&self) -> Result<(Vec<u8>, Condition), Diagnostics> {
        Ok(match self.bucket.get(&self.key, "reading the state").await? {
            None => (Vec::new(), Condition::Free),
            Some(object) => (object.bytes, object.etag.map_or(Condition::None, Condition::Unchanged)),
        })
    }

    async fn write_now(
        &self,
        inner: &mut Inner,
        state: &State,
        content: codec::Digest,
        snapshot: Snapshot,
    ) -> Result<Snapshot, Diagnostics> {
        let (text, known) = Known::render(state, content, snapshot.clone());
        let doing = "writing the state";
        let mut condition = inner.condition.clone();
        if inner.unconditional && condition != Condition::None {
            self.compare(&condition, text.as_bytes()).await?;
            condition = Condition::None;
        }
        let mut put = self.bucket.put(&self.key, text.as_bytes(), &condition, doing).await?;
        if put == Put::Unconditional {
            tracing::warn!("{} does not know conditional writes; comparing before each write instead", self.location());
            inner.unconditional = true;
            self.compare(&condition, text.as_bytes()).await?;
            put = self.bucket.put(&self.key, text.as_bytes(), &Condition::None, doing).await?;
        }
        inner.condition = match put {
            Put::Stored(etag) => etag.map_or(Condition::None, Condition::Unchanged),
            Put::Refused | Put::Unconditional => self.compare(&Condition::None, text.as_bytes()).await?,
        };
        inner.known = Some(known);
        Ok(snapshot)
    }

    /// Whether the object is as `expected` says, or is what was to be written (a put whose answer was lost).
    async fn compare(&self, expected: &Condition, wanted: &[u8]) -> Result<Condition, Diagnostics> {
        let (bytes, found) = self.fetch().await?;
        if bytes == wanted || (found == *expected && found != Condition::None) {
            return Ok(found);
        }
        let theirs = match codec::read(&bytes, &self.location()) {
            Ok(state) if !bytes.is_empty() => {
                format!("It now has serial {} and lineage \"{}\".", state.serial, state.lineage)
            }
            Ok(_) => "It was deleted.".to_owned(),
            Err(_) => "It cannot be read any more.".to_owned(),
        };
        let advice = if self.bucket.settings.lock {
            "Find out who wrote it in spite of the lock"
        } else {
            "Set `use_lockfile = true` in the backend block, so that runs wait for each other"
        };
        Err(Diagnostic::error(
            "The state was changed by someone else",
            format!("{} is not the one this run started from. {theirs} Nothing was overwritten.", self.location()),
        )
        .hint(format!("{advice}; then repeat the command."))
        .into())
    }
}

/// The pause between persists, given `TF_STATE_PERSIST_INTERVAL`.
fn interval(seconds: Option<&str>) -> Duration {
    let asked = seconds.and_then(|s| s.parse().ok()).map(Duration::from_secs);
    asked.map_or(PERSIST_INTERVAL, |d| d.max(PERSIST_INTERVAL))
}

#[async_trait(?Send)]
impl StateStore for S3Store {
    fn location(&self) -> String {
        format!("s3://{}/{}", self.bucket.settings.bucket, self.key)
    }

    async fn read(&self) -> Result<State, Diagnostics> {
        self.read_now(&mut *self.inner.lock().await).await
    }

    async fn persist(&self, state: &State) -> Result<Snapshot, Diagnostics> {
        let mut inner = self.inner.lock().await;
        if inner.known.is_none() {
            self.read_now(&mut inner).await?;
        }
        let known = inner.known.clone().unwrap_or_default();
        let content = codec::digest(state);
        if known.holds(&content) {
            return Ok(known.snapshot);
        }
        self.write_now(&mut inner, state, content, known.next(&content)).await
    }

    async fn replace(&self, state: &State, force: bool) -> Result<(), Diagnostics> {
        let mut inner = self.inner.lock().await;
        let (bytes, condition) = self.fetch().await?;
        inner.condition = condition;
        if !force {
            check_replacement(&codec::read(&bytes, &self.location())?, state)?;
        }
        self.write_now(&mut inner, state, codec::digest(state), Snapshot::of(state)).await.map(drop)
    }

    fn persist_interval(&self) -> Duration {
        self.interval
    }

    async fn lock(&self, operation: &str, timeout: Duration, on_wait: OnWait<'_>) -> Result<(), Diagnostics> {
        let mut inner = self.inner.lock().await;
        if !self.bucket.settings.lock || inner.lock.is_some() {
            return Ok(());
        }
        let info = LockInfo::new(operation, format!("{}/{}", self.bucket.settings.bucket, self.key));
        self.lock_object().take(&info, timeout, on_wait).await?;
        inner.lock = Some(info);
        Ok(())
    }

    async fn unlock(&self) -> Result<(), Diagnostics> {
        let taken = self.inner.lock().await.lock.take();
        match taken {
            Some(info) => self.lock_object().release(&info.id).await,
            None => Ok(()),
        }
    }

    async fn force_unlock(&self, id: &str) -> Result<(), Diagnostics> {
        self.lock_object().force(id).await
    }

    async fn current_lock(&self) -> Result<Option<LockInfo>, Diagnostics> {
        let lock = self.lock_object();
        match lock.standing().await? {
            None => Ok(None),
            Some(Standing { info: Ok(info), .. }) => Ok(Some(info)),
            Some(unreadable) => Err(lock.unreadable(&unreadable).into()),
        }
    }

    fn journal(&self) -> Arc<dyn Journal> {
        self.journal.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_persist_interval_can_only_be_raised() {
        assert_eq!(interval(None), Duration::from_secs(20));
        assert_eq!(interval(Some("5")), Duration::from_secs(20));
        assert_eq!(interval(Some("90")), Duration::from_secs(90));
        assert_eq!(interval(Some("soon")), Duration::from_secs(20));
    }
}
