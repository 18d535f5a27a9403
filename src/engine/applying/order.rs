//! In which order objects are made and ended.
//!
//! * An object is made after everything its block refers to.
//! * An object ends after the ends of all that depended on it, as the state tells.
//! * A replacement is made after its predecessor's end; created first, the other way round: the predecessor ends after the
//!   replacement is made and everything that refers to it has been changed over.
//! * What used to depend on an object that goes for good is changed after that end, unless the object was to be created first: then before it.

use super::{ends, makes};
use crate::address::ConfigResource;
use crate::engine::graph::{Node, NodeSet};
use crate::engine::plan::{Action, Plan, ResourceChange};
use crate::engine::run::Run;
use crate::engine::walk::Order;
use crate::maps::Map;
use std::collections::{HashMap, HashSet};

/// What a node of the walk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A node of the configuration graph; of a resource block, its opening.
    Node(usize),
    /// All objects of a block are made.
    Close,
    /// Makes the object of a change.
    Make(usize),
    /// Ends the object of a change.
    End(usize),
}

/// All work of an apply and its order.
pub(super) struct Steps {
    pub order: Order,
    pub work: Vec<Work>,
    /// Nodes that providers' configurations need.
    pub for_providers: NodeSet,
}

impl Steps {
    pub(super) fn new(run: &Run<'_>, plan: &Plan, dependencies: &Map<ConfigResource, Vec<ConfigResource>>) -> Self {
        let graph = &run.graph;
        let count = graph.nodes().len();
        let mut work: Vec<Work> = (0..count).map(Work::Node).collect();
        let mut order = Order::new(count);
        let mut add = |order: &mut Order, item: Work| {
            work.push(item);
            order.add()
        };

        // Whoever needs a block waits for its closing.
        let mut closings: HashMap<usize, usize> = HashMap::new();
        let mut openings: HashMap<ConfigResource, (usize, usize)> = HashMap::new();
        for (number, node) in graph.nodes().iter().enumerate() {
            if let Node::Resource(address) = node {
                let close = add(&mut order, Work::Close);
                order.edge(close, number);
                closings.insert(number, close);
                openings.insert(address.clone(), (number, close));
            }
        }
        for number in 0..count {
            for other in graph.needs(number) {
                order.edge(number, closings.get(other).copied().unwrap_or(*other));
            }
        }
        for (waiting, other) in graph.waits(run.config, run.registry) {
            order.edge(waiting, closings.get(&other).copied().unwrap_or(other));
        }

        let mut make = HashMap::new();
        let mut end = HashMap::new();
        let mut makes_of: HashMap<ConfigResource, Vec<usize>> = HashMap::new();
        let mut ends_of: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, change) in plan.changes.iter().enumerate() {
            let block = change.address.config();
            if makes(change) {
                let number = add(&mut order, Work::Make(index));
                if let Some((open, close)) = openings.get(&block) {
                    order.edge(number, *open);
                    order.edge(*close, number);
                }
                make.insert(index, number);
                makes_of.entry(block.clone()).or_default().push(index);
            }
            if ends(change) {
                let number = add(&mut order, Work::End(index));
                if let Some(provider) = graph.number(&Node::Provider(change.provider.clone())) {
                    order.edge(number, provider);
                }
                end.insert(index, number);
                ends_of.entry(block.to_string()).or_default().push(index);
            }
        }

        let stored: Vec<Vec<&str>> = plan.changes.iter().map(|c| stored_dependencies(plan, c)).collect();
        let needs_of = |index: usize| stored.get(index).map(Vec::as_slice).unwrap_or_default();
        // Ends that wait for changes of what depended on the object, instead of the other way round.
        let mut late: HashSet<usize> = HashSet::new();
        for (index, change) in plan.changes.iter().enumerate() {
            let Some(own) = end.get(&index) else { continue };
            if change.action == Action::Delete && stored_create_first(plan, change) {
                late.insert(index);
            }
            // What this object depended on ends after it.
            for needed in needs_of(index) {
                for other in ends_of.get(*needed).into_iter().flatten() {
                    if let Some(number) = end.get(other) {
                        order.edge(*number, *own);
                    }
                    if change.action == Action::CreateThenDelete {
                        late.insert(*other);
                    }
                }
            }
        }
        for (index, change) in plan.changes.iter().enumerate() {
            let Some(own) = make.get(&index) else { continue };
            match change.action {
                Action::DeleteThenCreate => {
                    if let Some(end) = end.get(&index) {
                        order.edge(*own, *end);
                    }
                }
                Action::CreateThenDelete => {
                    if let Some(end) = end.get(&index) {
                        order.edge(*end, *own);
                    }
                }
                _ => {}
            }
            let block = change.address.config();
            // The configuration says what must be changed over before a predecessor goes.
            for needed in dependencies.get(&block).into_iter().flatten() {
                for other in ends_of.get(&needed.to_string()).into_iter().flatten() {
                    let replaced_first = plan.changes.get(*other).is_some_and(|c| c.action == Action::CreateThenDelete);
                    if replaced_first && let Some(end) = end.get(other) {
                        order.edge(*end, *own);
                    }
                }
            }
            // The state says what used to be needed.
            for needed in needs_of(index) {
                for other in ends_of.get(*needed).into_iter().flatten() {
                    let Some(other_change) = plan.changes.get(*other) else { continue };
                    let Some(other_end) = end.get(other) else { continue };
                    if other_change.action == Action::CreateThenDelete || late.contains(other) {
                        order.edge(*other_end, *own);
                    } else if change.action != Action::CreateThenDelete {
                        order.edge(*own, *other_end);
                    }
                }
            }
        }

        let providers: Vec<usize> = graph
            .nodes()
            .iter()
            .enumerate()
            .filter(|(_, node)| matches!(node, Node::Provider(p) if plan.changes.iter().any(|c| c.provider == *p)))
            .map(|(n, _)| n)
            .collect();
        Steps { order, work, for_providers: graph.reach(providers) }
    }
}

/// Dependencies of the object a change is about, as the state has them.
fn stored_dependencies<'p>(plan: &'p Plan, change: &ResourceChange) -> Vec<&'p str> {
    stored_object(plan, change).map(|o| o.dependencies.iter().map(String::as_str).collect()).unwrap_or_default()
}

fn stored_create_first(plan: &Plan, change: &ResourceChange) -> bool {
    stored_object(plan, change).is_some_and(|o| o.create_before_destroy)
}

fn stored_object<'p>(plan: &'p Plan, change: &ResourceChange) -> Option<&'p crate::state::model::ObjectState> {
    plan.prior_state.object(&change.address, change.deposed.as_deref())
}
