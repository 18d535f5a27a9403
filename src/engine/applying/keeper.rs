//! The state while it changes: edits at once in memory, snapshots to the sink as fast as that takes them, always the latest.

use crate::diagnostics::Diagnostics;
use crate::engine::run::lock;
use crate::engine::settings::{Intent, StateSink};
use crate::state::model::State;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::Notify;

pub(super) struct Keeper<'r> {
    sink: &'r dyn StateSink,
    inner: Mutex<Inner>,
    wake: Notify,
    failed: AtomicBool,
    next_intent: AtomicU64,
}

struct Inner {
    state: State,
    dirty: bool,
    closed: bool,
    /// Intents whose outcome is in the state but not stored yet.
    settled: Vec<u64>,
    errors: Diagnostics,
}

impl<'r> Keeper<'r> {
    pub(super) fn new(sink: &'r dyn StateSink, state: State) -> Self {
        Keeper {
            sink,
            inner: Mutex::new(Inner {
                state,
                dirty: true,
                closed: false,
                settled: Vec::new(),
                errors: Diagnostics::new(),
            }),
            wake: Notify::new(),
            failed: AtomicBool::new(false),
            next_intent: AtomicU64::new(0),
        }
    }

    /// Looks at the state.
    pub(super) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.inner).state)
    }

    /// Changes the state; it will be stored soon.
    pub(super) fn edit(&self, change: impl FnOnce(&mut State)) {
        let mut inner = lock(&self.inner);
        change(&mut inner.state);
        inner.dirty = true;
        drop(inner);
        self.wake.notify_one();
    }

    /// Writes down what is about to happen.
    pub(super) async fn intend(&self, make: impl FnOnce(u64) -> Intent) -> Result<u64, Diagnostics> {
        let id = self.next_intent.fetch_add(1, Ordering::Relaxed);
        self.sink.intend(&make(id)).await?;
        Ok(id)
    }

    /// The outcome of an intent is in the state; it is struck out once the state is stored.
    pub(super) fn settle(&self, id: u64) {
        let mut inner = lock(&self.inner);
        inner.settled.push(id);
        inner.dirty = true;
        drop(inner);
        self.wake.notify_one();
    }

    /// Whether storing failed: nothing new should begin.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Nothing will change any more.
    pub(super) fn close(&self) {
        lock(&self.inner).closed = true;
        self.wake.notify_one();
    }

    /// Stores snapshots until closed and everything is stored.
    pub(super) async fn run(&self) {
        loop {
            let (snapshot, settled, closed) = {
                let mut inner = lock(&self.inner);
                let snapshot = inner.dirty.then(|| inner.state.clone());
                inner.dirty = false;
                (snapshot, std::mem::take(&mut inner.settled), inner.closed)
            };
            match snapshot {
                Some(state) => {
                    let start = tokio::time::Instant::now();
                    if let Err(errors) = self.sink.store(state).await {
                        self.failed.store(true, Ordering::Relaxed);
                        let mut inner = lock(&self.inner);
                        if inner.errors.is_empty() {
                            inner.errors.extend(errors);
                        }
                        inner.settled.extend(settled);
                        if closed {
                            return;
                        }
                        continue;
                    }
                    settled.into_iter().for_each(|id| self.sink.settled(id));
                    // All of a state is written each time: at most half of a run goes into that, however large it is.
                    let pause = self.sink.interval().max(start.elapsed());
                    if !lock(&self.inner).closed {
                        self.pause(pause).await;
                    }
                }
                None if closed => return,
                None => self.wake.notified().await,
            }
        }
    }

    /// Waits, but not beyond closing.
    async fn pause(&self, time: std::time::Duration) {
        let end = tokio::time::Instant::now() + time;
        while tokio::time::timeout_at(end, self.wake.notified()).await.is_ok() {
            if lock(&self.inner).closed {
                return;
            }
        }
    }

    /// The final state and what went wrong with storing it.
    pub(super) fn finish(self) -> (State, Diagnostics) {
        let inner = self.inner.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        (inner.state, inner.errors)
    }
}
