//! Visits the nodes of a dependency graph: each when everything it depends on is done, all that are ready at once.
//!
//! The visits of one walk share a task, so they may borrow freely; only what they wait for runs in parallel. A node that fails
//! keeps its dependents from being visited and nothing else. Where visits wait for nothing but the processor, [`Order::compute`]
//! shares them out among threads.

use crate::parallel;
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visit {
    /// Dependents may go on.
    Done,
    /// Dependents are skipped.
    Failed,
}

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Visited well.
    Done,
    /// Visited, and failed.
    Failed,
    /// Not visited: something it depends on failed or was skipped.
    Skipped,
    /// Not visited because the walk was stopped, or because it is part of a cycle.
    Left,
}

/// Who depends on whom, by node number.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    dependents: Vec<Vec<u32>>,
    waits: Vec<u32>,
}

impl Order {
    /// `count` nodes without dependencies.
    pub(super) fn new(count: usize) -> Self {
        Order { dependents: vec![Vec::new(); count], waits: vec![0; count] }
    }

    /// Another node; returns its number.
    pub(super) fn add(&mut self) -> usize {
        self.dependents.push(Vec::new());
        self.waits.push(0);
        self.waits.len() - 1
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.waits.len()
    }

    /// `node` waits for `dependency`. Numbers out of range and a node waiting for itself are ignored.
    pub(super) fn edge(&mut self, node: usize, dependency: usize) {
        if node == dependency || node >= self.len() {
            return;
        }
        if let Some(list) = self.dependents.get_mut(dependency) {
            list.push(node as u32);
            if let Some(waits) = self.waits.get_mut(node) {
                *waits += 1;
            }
        }
    }

    /// Nodes that wait for `node`.
    pub(super) fn dependents(&self, node: usize) -> &[u32] {
        self.dependents.get(node).map_or(&[], Vec::as_slice)
    }

    /// Visits every node, at most `window` at once; `go_on` is asked before each and stops new visits once it says no.
    pub(super) async fn walk<F, Fut>(&self, window: usize, go_on: impl Fn() -> bool, visit: F) -> Vec<Outcome>
    where
        F: Fn(usize) -> Fut,
        Fut: Future<Output = Visit>,
    {
        let mut waits = self.waits.clone();
        let mut blocked = vec![false; self.len()];
        let mut outcomes = vec![Outcome::Left; self.len()];
        let mut ready: VecDeque<usize> = (0..self.len()).filter(|n| waits.get(*n) == Some(&0)).collect();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < window.max(1) {
                let Some(node) = ready.pop_front() else { break };
                if blocked.get(node) == Some(&true) {
                    self.finish(node, Outcome::Skipped, &mut outcomes, &mut waits, &mut blocked, &mut ready);
                } else if go_on() {
                    let visit = visit(node);
                    running.push(async move { (node, visit.await) });
                }
            }
            match running.next().await {
                Some((node, Visit::Done)) => {
                    self.finish(node, Outcome::Done, &mut outcomes, &mut waits, &mut blocked, &mut ready);
                }
                Some((node, Visit::Failed)) => {
                    self.finish(node, Outcome::Failed, &mut outcomes, &mut waits, &mut blocked, &mut ready);
                }
                None => return outcomes,
            }
        }
    }

    /// Visits every node that is in no cycle, each after everything it depends on, on as many threads as there are processors and work.
    /// `visit` is to compute, not to wait.
    pub(super) fn compute(&self, visit: impl Fn(usize) + Sync) {
        let ready = (0..self.len()).filter(|n| self.waits.get(*n) == Some(&0)).collect();
        let work = Work {
            order: self,
            queue: Mutex::new(Queue { waits: self.waits.clone(), ready, running: 0 }),
            changed: Condvar::new(),
        };
        // What a visit may yet wait for, the timers and connections of the runtime, is the same on all threads.
        let runtime = Handle::try_current().ok();
        parallel::on_threads(parallel::threads(self.len(), PER_THREAD), || {
            let _context = runtime.as_ref().map(Handle::enter);
            work.run(&visit);
        });
    }

    /// `node` is over: what waits for it waits for one less, and is ready when that was the last.
    fn release(&self, node: usize, waits: &mut [u32], ready: &mut VecDeque<usize>) {
        for dependent in self.dependents(node) {
            let dependent = *dependent as usize;
            if let Some(w) = waits.get_mut(dependent) {
                *w = w.saturating_sub(1);
                if *w == 0 {
                    ready.push_back(dependent);
                }
            }
        }
    }

    fn finish(
        &self,
        node: usize,
        outcome: Outcome,
        outcomes: &mut [Outcome],
        waits: &mut [u32],
        blocked: &mut [bool],
        ready: &mut VecDeque<usize>,
    ) {
        if let Some(slot) = outcomes.get_mut(node) {
            *slot = outcome;
        }
        for dependent in self.dependents(node).iter().filter(|_| outcome != Outcome::Done) {
            if let Some(b) = blocked.get_mut(*dependent as usize) {
                *b = true;
            }
        }
        self.release(node, waits, ready);
    }
}

/// A further thread is worth its start from this number of nodes on.
const PER_THREAD: usize = 200;

/// Most nodes that a thread takes at once.
const SHARE: usize = 16;

/// A walk that threads share.
struct Work<'o> {
    order: &'o Order,
    queue: Mutex<Queue>,
    /// Nodes have become ready, or the last one is done.
    changed: Condvar,
}

struct Queue {
    waits: Vec<u32>,
    ready: VecDeque<usize>,
    /// How many were taken and are not done.
    running: usize,
}

/// Nodes that a thread has taken: they count as done when it lets go of them, be it by a panic.
struct Taken<'w, 'o> {
    work: &'w Work<'o>,
    nodes: Vec<usize>,
}

impl Work<'_> {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, visit: &impl Fn(usize)) {
        while let Some(taken) = self.take() {
            taken.nodes.iter().copied().for_each(visit);
        }
    }

    /// The next nodes; none when all are done.
    fn take(&self) -> Option<Taken<'_, '_>> {
        let mut queue = self.queue();
        while queue.ready.is_empty() {
            if queue.running == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        // Half of what there is at most, so that the others find something too.
        let share = queue.ready.len().div_ceil(2).min(SHARE);
        let nodes: Vec<usize> = queue.ready.drain(..share).collect();
        queue.running += nodes.len();
        Some(Taken { work: self, nodes })
    }
}

impl Drop for Taken<'_, '_> {
    fn drop(&mut self) {
        let mut queue = self.work.queue();
        let queue = &mut *queue;
        queue.running -= self.nodes.len();
        for node in &self.nodes {
            self.work.order.release(*node, &mut queue.waits, &mut queue.ready);
        }
        self.work.changed.notify_all();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn chain() -> Order {
        let mut order = Order::new(4);
        order.edge(1, 0);
        order.edge(2, 1);
        order
    }

    #[tokio::test]
    async fn dependencies_are_visited_first() {
        let seen = Mutex::new(Vec::new());
        let outcomes = chain()
            .walk(
                8,
                || true,
                |n| {
                    seen.lock().unwrap().push(n);
                    async { Visit::Done }
                },
            )
            .await;
        assert_eq!(*seen.lock().unwrap(), [0, 3, 1, 2]);
        assert!(outcomes.iter().all(|o| *o == Outcome::Done));
    }

    #[test]
    fn threads_share_the_nodes_and_keep_the_order() {
        let count = 3_000;
        let mut order = Order::new(count);
        for node in 0..count {
            // Chains of ten, each ending in the last node; and two that wait for each other.
            if node % 10 != 0 {
                order.edge(node, node - 1);
            } else if node > 0 {
                order.edge(count - 1, node - 1);
            }
        }
        let (a, b) = (order.add(), order.add());
        order.edge(a, b);
        order.edge(b, a);
        let seen = Mutex::new(Vec::new());
        order.compute(|node| seen.lock().unwrap().push(node));
        let seen = seen.into_inner().unwrap();
        assert_eq!(seen.len(), count, "each once, those of the cycle never");
        assert_eq!(seen.last(), Some(&(count - 1)));
        let place = |node: usize| seen.iter().position(|s| *s == node).unwrap();
        assert!((0..count).filter(|n| n % 10 != 0).all(|n| place(n - 1) < place(n)));
    }

    #[test]
    #[should_panic(expected = "a visit that panics")]
    fn a_panic_ends_the_walk_of_all_threads() {
        Order::new(1_000).compute(|node| assert!(node != 700, "a visit that panics"));
    }

    #[tokio::test]
    async fn a_failure_skips_dependents_only() {
        let outcomes =
            chain().walk(8, || true, |n| async move { if n == 0 { Visit::Failed } else { Visit::Done } }).await;
        assert_eq!(outcomes, [Outcome::Failed, Outcome::Skipped, Outcome::Skipped, Outcome::Done]);
    }

    #[tokio::test]
    async fn a_stopped_walk_leaves_the_rest() {
        let count = Mutex::new(0);
        let outcomes = chain()
            .walk(
                8,
                || *count.lock().unwrap() < 1,
                |_| {
                    *count.lock().unwrap() += 1;
                    async { Visit::Done }
                },
            )
            .await;
        assert_eq!(outcomes[0], Outcome::Done);
        assert_eq!(outcomes[1], Outcome::Left);
    }
}
