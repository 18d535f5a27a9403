//! Visits the nodes of a dependency graph: each when everything it depends on is done, all that are ready at once.
//!
//! The visits of one walk share a task, so they may borrow freely; only what they wait for runs in parallel. A node that fails
//! keeps its dependents from being visited and nothing else.

use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::VecDeque;
use std::future::Future;

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
        for dependent in self.dependents(node) {
            let dependent = *dependent as usize;
            if outcome != Outcome::Done
                && let Some(b) = blocked.get_mut(dependent)
            {
                *b = true;
            }
            if let Some(w) = waits.get_mut(dependent) {
                *w = w.saturating_sub(1);
                if *w == 0 {
                    ready.push_back(dependent);
                }
            }
        }
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
