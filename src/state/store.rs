//! What the engine and the commands need of a place that keeps a state: read, persist, lock; and of a backend: workspaces.

use super::journal::Journal;
use super::lock::LockInfo;
use super::model::State;
use crate::diagnostics::Diagnostics;
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// Identifies a stored snapshot; a saved plan is stale when it differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Empty when nothing was ever stored.
    pub lineage: String,
    /// 0 when nothing was ever stored.
    pub serial: u64,
}

impl Snapshot {
    /// Of a state as read.
    pub fn of(state: &State) -> Self {
        Snapshot { lineage: state.lineage.clone(), serial: state.serial }
    }
}

/// Told while a lock held by someone else is waited for.
pub type OnWait<'a> = &'a (dyn Fn(&LockInfo) + Send + Sync);

/// One workspace's state in one backend. Safe to share between tasks.
///
/// The order of a run: [`lock`](Self::lock), [`read`](Self::read), any number of [`persist`](Self::persist),
/// [`unlock`](Self::unlock). Dropping an unlocked or locked store releases what it holds where that is possible without waiting.
#[async_trait(?Send)]
pub trait StateStore: Send + Sync {
    /// Where it is, for messages: a path or URL.
    fn location(&self) -> String;

    /// The newest snapshot; an empty state (serial 0, no lineage) when there is none.
    async fn read(&self) -> Result<State, Diagnostics>;

    /// Stores a snapshot. Serial and lineage of `state` are ignored: the store keeps those it read, raises the serial by one
    /// when the content differs from the stored one and makes a lineage for a new state; equal content writes nothing.
    ///
    /// On failure nothing is lost: the former snapshot is still in place.
    async fn persist(&self, state: &State) -> Result<Snapshot, Diagnostics>;

    /// Stores a snapshot with its own serial and lineage, as `state push` does. Unless `force`, a different lineage, a
    /// smaller serial, and an equal serial with other content are refused.
    async fn replace(&self, state: &State, force: bool) -> Result<(), Diagnostics>;

    /// Shortest pause between two persists while a run goes on; zero when every one is cheap.
    fn persist_interval(&self) -> Duration {
        Duration::ZERO
    }

    /// Takes the lock, trying for `timeout` while someone else holds it. `operation` is kept in the lock:
    /// `OperationTypePlan`, `OperationTypeApply`, `state-mv`.
    async fn lock(&self, operation: &str, timeout: Duration, on_wait: OnWait<'_>) -> Result<(), Diagnostics>;

    /// Releases the lock this store took; nothing happens when it holds none.
    async fn unlock(&self) -> Result<(), Diagnostics>;

    /// Removes a lock someone else left behind; `id` must be the lock's, except when the lock cannot be read.
    async fn force_unlock(&self, id: &str) -> Result<(), Diagnostics>;

    /// The lock that stands now, if any: its info when readable, else `Err` with what is wrong with it.
    async fn current_lock(&self) -> Result<Option<LockInfo>, Diagnostics>;

    /// Where intents are written before effects.
    fn journal(&self) -> Arc<dyn Journal>;
}

/// A kind of place that keeps the states of workspaces.
#[async_trait(?Send)]
pub trait Backend: Send + Sync {
    /// `local`, `s3`
    fn kind(&self) -> &'static str;

    /// Existing workspaces; `default` first, then by name. `default` is always there.
    async fn workspaces(&self) -> Result<Vec<String>, Diagnostics>;

    /// The store of a workspace, which need not exist yet.
    async fn open(&self, workspace: &str) -> Result<Arc<dyn StateStore>, Diagnostics>;

    /// Creates a workspace.
    async fn create_workspace(&self, workspace: &str) -> Result<(), Diagnostics>;

    /// Deletes a workspace and its state; refused for `default`.
    async fn delete_workspace(&self, workspace: &str) -> Result<(), Diagnostics>;
}
