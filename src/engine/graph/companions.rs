//! Waits that no expression says: what a provider's [`Companion`]s name together is made in order. A wait never closes a circle; where
//! something needs what would wait for it, the wait is left out.

use super::{Graph, Node};
use crate::address::{ConfigResource, Mode, ModulePath};
use crate::config::model::{Config, Module, ResourceBlock};
use crate::engine::references::{Reference, Subject};
use crate::lang::eval::references;
use crate::provider::{Companion, Registry};
use std::collections::{BTreeSet, HashMap};

/// A managed resource block and its node.
struct Place<'c> {
    number: usize,
    path: ModulePath,
    block: &'c ResourceBlock,
}

/// Which node waits for which other, beside what the graph says.
pub(super) fn waits(graph: &Graph, config: &Config, registry: &Registry) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    collect(graph, &ModulePath::root(), &config.root, &mut places);
    let mut waits = Waits { graph, more: Vec::new() };
    let known = |place: &Place<'_>| -> &[Companion] {
        let source = config.module(&place.path).map(|m| m.provider_source(place.block.provider_local_name()));
        source.and_then(|source| registry.get(&source)).map(|f| f.companions()).unwrap_or_default()
    };
    // Who names a shared object, by its node.
    let mut by_shared: HashMap<usize, BTreeSet<(usize, &str)>> = HashMap::new();
    for place in &places {
        let type_name = place.block.address.type_name.as_str();
        for companion in known(place) {
            for (_, attribute) in companion.waits_for.iter().filter(|(ty, _)| *ty == type_name) {
                for shared in waits.named(place, attribute, companion.shared) {
                    by_shared.entry(shared).or_default().insert((place.number, type_name));
                }
            }
        }
    }
    for place in &places {
        for companion in known(place).iter().filter(|c| c.type_name == place.block.address.type_name) {
            for shared in waits.named(place, companion.attribute, companion.shared) {
                for (other, type_name) in by_shared.get(&shared).into_iter().flatten() {
                    if companion.waits_for.iter().any(|(ty, _)| ty == type_name) {
                        waits.add(place.number, *other);
                    }
                }
            }
        }
    }
    waits.more
}

fn collect<'c>(graph: &Graph, path: &ModulePath, module: &'c Module, out: &mut Vec<Place<'c>>) {
    for (address, block) in module.resources.iter().filter(|(a, _)| a.mode == Mode::Managed) {
        let node = Node::Resource(ConfigResource { module: path.clone(), resource: address.clone() });
        if let Some(number) = graph.number(&node) {
            out.push(Place { number, path: path.clone(), block });
        }
    }
    for (name, child) in &module.children {
        collect(graph, &path.child(name), child, out);
    }
}

struct Waits<'g> {
    graph: &'g Graph,
    more: Vec<(usize, usize)>,
}

impl Waits<'_> {
    fn add(&mut self, waiting: usize, other: usize) {
        if waiting != other && !self.more.contains(&(waiting, other)) && !self.needs(other, waiting) {
            self.more.push((waiting, other));
        }
    }

    /// The objects of a type that an attribute names, itself or through locals, variables and outputs.
    fn named(&self, place: &Place<'_>, attribute: &str, type_name: &str) -> BTreeSet<usize> {
        let Some(attribute) = place.block.body.attribute(attribute) else { return BTreeSet::new() };
        let traversals = references(&attribute.expr);
        let mut left: Vec<usize> = traversals
            .iter()
            .filter_map(|t| Reference::parse(t).ok())
            .filter_map(|reference| self.graph.number(&node(&place.path, &reference)?))
            .collect();
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        while let Some(number) = left.pop() {
            if !seen.insert(number) {
                continue;
            }
            match self.graph.nodes().get_index(number) {
                Some(Node::Resource(r)) if r.resource.mode == Mode::Managed && r.resource.type_name == type_name => {
                    found.insert(number);
                }
                Some(Node::Variable(..) | Node::Local(..) | Node::Output(..)) => {
                    left.extend(self.graph.needs(number));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether a node needs or waits for another, directly or not.
    fn needs(&self, from: usize, other: usize) -> bool {
        let (mut left, mut seen) = (vec![from], BTreeSet::new());
        while let Some(number) = left.pop() {
            if number == other {
                return true;
            }
            if seen.insert(number) {
                left.extend(self.graph.needs(number));
                left.extend(self.more.iter().filter(|(waiting, _)| *waiting == number).map(|(_, on)| on));
            }
        }
        false
    }
}

fn node(path: &ModulePath, reference: &Reference<'_>) -> Option<Node> {
    Some(match &reference.subject {
        Subject::Variable(name) => Node::Variable(path.clone(), name.clone()),
        Subject::Local(name) => Node::Local(path.clone(), name.clone()),
        Subject::Resource(resource) => {
            Node::Resource(ConfigResource { module: path.clone(), resource: resource.clone() })
        }
        Subject::Call(name) => Node::Output(path.child(name), reference.first_attribute()?.name.clone()),
        _ => return None,
    })
}
