//! The lock of a state in S3: an object beside it, made only where none is, as Terraform's `use_lockfile` has it.

use super::bucket::{Bucket, Condition, Put};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::lock::{LockInfo, held};
use crate::state::store::OnWait;
use std::time::{Duration, Instant};

/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// The place of a lock.
pub(super) struct Lock<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) key: &'a str,
}

/// A lock that stands.
pub(super) struct Standing {
    /// Who holds it, or what is wrong with it.
    pub(super) info: Result<LockInfo, String>,
    etag: Option<String>,
    size: usize,
    modified: String,
}

impl Lock<'_> {
    fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket.settings.bucket, self.key)
    }

    /// The lock that stands now.
    pub(super) async fn standing(&self) -> Result<Option<Standing>, Diagnostics> {
        let Some(object) = self.bucket.get(self.key, "reading the state lock").await? else { return Ok(None) };
        let info = serde_json::from_slice::<LockInfo>(&object.bytes).map_err(|e| e.to_string());
        Ok(Some(Standing { info, etag: object.etag, size: object.bytes.len(), modified: object.modified }))
    }

    /// Takes the lock, trying for `timeout` while someone else holds it.
    pub(super) async fn take(
        &self,
        info: &LockInfo,
        timeout: Duration,
        on_wait: OnWait<'_>,
    ) -> Result<(), Diagnostics> {
        let end = Instant::now() + timeout;
        let mut pause = Duration::from_millis(500);
        loop {
            let body = info.to_json();
            match self.bucket.put(self.key, body.as_bytes(), &Condition::Free, "taking the state lock").await? {
                Put::Stored(_) => return Ok(()),
                Put::Unconditional => return Err(self.impossible().into()),
                Put::Refused => {}
            }
            let standing = self.standing().await?;
            // A put whose answer was lost is repeated, and refused because of itself.
            if let Some(Standing { info: Ok(found), .. }) = &standing
                && found.id == info.id
            {
                return Ok(());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self.held(standing.as_ref()));
            }
            if let Some(Standing { info: Ok(found), .. }) = &standing {
                on_wait(found);
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn held(&self, standing: Option<&Standing>) -> Diagnostics {
        match standing {
            Some(Standing { info: Ok(info), .. }) => {
                held(Some(info), &format!("{} exists already (PreconditionFailed)", self.url()))
            }
            Some(unreadable) => held(None, &self.describe(unreadable))
                .into_iter()
                .map(|d| d.hint("If no run is going on, remove it with `pipewright force-unlock unreadable`."))
                .collect(),
            None => held(None, &format!("{} was taken and released by others just now", self.url())),
        }
    }

    fn describe(&self, lock: &Standing) -> String {
        let problem = lock.info.as_ref().err().map_or("", String::as_str);
        format!(
            "{} exists and is no lock that can be read ({problem}): {} bytes, last modified {}",
            self.url(),
            lock.size,
            lock.modified
        )
    }

    /// What is told of a lock that cannot be read.
    pub(super) fn unreadable(&self, lock: &Standing) -> Diagnostic {
        Diagnostic::error("Unreadable state lock", format!("{}.", self.describe(lock)))
            .hint("If no run is going on, remove it with `pipewright force-unlock unreadable`.")
    }

    fn impossible(&self) -> Diagnostic {
        Diagnostic::error(
            "This storage cannot lock",
            format!(
                "`use_lockfile = true` needs a server that honours If-None-Match when {} is written; this one answers that it does \
                 not implement it.",
                self.url()
            ),
        )
        .hint("Use a storage that does, or remove `use_lockfile` and make sure in another way that runs do not overlap.")
    }

    /// Releases the lock with this id.
    pub(super) async fn release(&self, id: &str) -> Result<(), Diagnostics> {
        let failed = |detail: String| Diagnostics::from(Diagnostic::error("Error releasing the state lock", detail));
        let Some(standing) = self.standing().await? else {
            return Err(failed(format!(
                "{} is gone: someone removed the lock while this run held it. Another run may have written the state meanwhile.",
                self.url()
            )));
        };
        match &standing.info {
            Ok(info) if info.id == id => {}
            Ok(info) => {
                return Err(failed(format!(
                    "lock ID \"{id}\" does not match existing lock (\"{}\"): someone removed this run's lock and took their own.\n{info}",
                    info.id
                )));
            }
            Err(_) => return Err(failed(format!("{}.", self.describe(&standing)))),
        }
        self.remove(&standing).await
    }

    /// Removes a lock someone else left behind. A lock that cannot be read has no id to compare.
    pub(super) async fn force(&self, id: &str) -> Result<(), Diagnostics> {
        let Some(standing) = self.standing().await? else {
            let detail = format!("There is no lock at {}.", self.url());
            return Err(Diagnostic::error("Nothing is locked", detail).into());
        };
        if let Ok(info) = &standing.info
            && info.id != id
        {
            let detail = format!("lock ID \"{id}\" does not match existing lock (\"{}\").\n{info}", info.id);
            return Err(Diagnostic::error("Failed to unlock state", detail).into());
        }
        self.remove(&standing).await
    }

    async fn remove(&self, standing: &Standing) -> Result<(), Diagnostics> {
        if self.bucket.delete(self.key, standing.etag.as_deref(), "releasing the state lock").await? {
            return Ok(());
        }
        let detail = format!("{} changed while it was being removed; it is someone else's now.", self.url());
        Err(Diagnostic::error("Error releasing the state lock", detail).into())
    }
}
