//! What a block needs in the end: dependencies of dependencies.

use super::{Graph, Node};
use crate::address::ConfigResource;
use crate::maps::Map;

/// A set of node numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct NodeSet(Vec<u64>);

impl NodeSet {
    /// Room for `count` nodes.
    pub(in crate::engine) fn new(count: usize) -> Self {
        NodeSet(vec![0; count.div_ceil(64)])
    }

    /// Adds one; whether it is new.
    pub(in crate::engine) fn insert(&mut self, node: usize) -> bool {
        match self.0.get_mut(node / 64) {
            Some(word) => {
                let bit = 1 << (node % 64);
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
            None => false,
        }
    }

    /// Whether it is in.
    pub(in crate::engine) fn contains(&self, node: usize) -> bool {
        self.0.get(node / 64).is_some_and(|word| word & (1 << (node % 64)) != 0)
    }

    /// Numbers in it, rising.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, word)| **word != 0)
            .flat_map(|(i, word)| (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| i * 64 + bit))
    }
}

impl Graph {
    /// Everything reachable from these nodes along `needs`, themselves included.
    pub(in crate::engine) fn reach(&self, from: impl IntoIterator<Item = usize>) -> NodeSet {
        let mut seen = NodeSet::new(self.nodes.len());
        let mut stack: Vec<usize> = from.into_iter().filter(|n| seen.insert(*n)).collect();
        while let Some(node) = stack.pop() {
            stack.extend(self.needs(node).iter().copied().filter(|n| seen.insert(*n)));
        }
        seen
    }

    /// Everything that reaches these nodes, themselves included.
    pub(in crate::engine) fn reached_by(&self, from: impl IntoIterator<Item = usize>) -> NodeSet {
        let order = self.order();
        let mut seen = NodeSet::new(self.nodes.len());
        let mut stack: Vec<usize> = from.into_iter().filter(|n| seen.insert(*n)).collect();
        while let Some(node) = stack.pop() {
            stack.extend(order.dependents(node).iter().map(|n| *n as usize).filter(|n| seen.insert(*n)));
        }
        seen
    }

    /// Nodes in an order in which everything needed comes first. Nodes of a cycle come in any order.
    pub(in crate::engine) fn sorted(&self) -> Vec<usize> {
        let mut out = Vec::with_capacity(self.nodes.len());
        let mut state = vec![0u8; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut stack = vec![(start, 0usize)];
            while let Some((node, next)) = stack.pop() {
                if next == 0 {
                    match state.get_mut(node) {
                        Some(s) if *s == 0 => *s = 1,
                        _ => continue,
                    }
                }
                match self.needs(node).get(next) {
                    Some(other) => {
                        stack.push((node, next + 1));
                        if state.get(*other) == Some(&0) {
                            stack.push((*other, 0));
                        }
                    }
                    None => {
                        if let Some(s) = state.get_mut(node) {
                            *s = 2;
                        }
                        out.push(node);
                    }
                }
            }
        }
        out
    }

    /// For every resource node: the resource blocks it needs directly or not, sorted by their text.
    pub(in crate::engine) fn resource_dependencies(&self) -> Map<ConfigResource, Vec<ConfigResource>> {
        // Lists and not sets of bits: a set has room for every node, which for each of them is the square of their number.
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); self.nodes.len()];
        let mut out = Map::default();
        for node in self.sorted() {
            let mut list = Vec::new();
            for other in self.needs(node) {
                if matches!(self.nodes.get_index(*other), Some(Node::Resource(_))) {
                    list.extend(u32::try_from(*other));
                }
                list.extend(lists.get(*other).into_iter().flatten());
            }
            list.sort_unstable();
            list.dedup();
            list.shrink_to_fit();
            if let Some(Node::Resource(address)) = self.nodes.get_index(node) {
                let mut needed: Vec<ConfigResource> = list
                    .iter()
                    .filter_map(|n| match self.nodes.get_index(*n as usize) {
                        Some(Node::Resource(other)) if other != address => Some(other.clone()),
                        _ => None,
                    })
                    .collect();
                needed.sort_by_cached_key(ToString::to_string);
                out.insert(address.clone(), needed);
            }
            if let Some(slot) = lists.get_mut(node) {
                *slot = list;
            }
        }
        out
    }
}
