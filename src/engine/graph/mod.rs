//! The static graph of a configuration: which block needs which. Instances share their block's node, so the graph's size follows
//! the text, not what `count` and `for_each` make of it.

mod build;
mod check;
mod closure;
mod companions;
mod cycle;
mod node;
mod standalone;

pub(super) use build::{call_arguments, provider_needs};
pub(super) use closure::NodeSet;
pub(super) use node::Node;
pub(super) use standalone::check_references;

use super::walk::Order;
use crate::address::{ConfigResource, ModulePath, ProviderConfig};
use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::maps::{Map, Set};
use crate::provider::Registry;
use indexmap::set::Slice;

/// Blocks and what they need.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    nodes: Set<Node>,
    /// Per node, sorted, without duplicates.
    needs: Vec<Vec<usize>>,
    /// The nodes of each module.
    members: Map<ModulePath, Vec<usize>>,
    /// Provider configuration of each resource block.
    pub providers: Map<ConfigResource, ProviderConfig>,
    /// Configuration blocks named by a resource's own or its modules' `depends_on`, where there are such.
    pub explicit: Map<ConfigResource, Vec<ConfigResource>>,
}

impl Graph {
    /// Builds the graph and checks every reference on the way: errors are undeclared names, wrong forms, self-references and cycles.
    pub(super) fn build(
        config: &Config,
        registry: &Registry,
        schemas: &super::schemas::Schemas,
    ) -> (Self, Diagnostics) {
        let mut builder = build::Builder::new(config, registry, schemas);
        builder.add_module(&ModulePath::root(), &config.root);
        builder.add_imports();
        let (mut graph, mut diagnostics) = builder.finish();
        graph.normalize();
        diagnostics.extend(cycle::cycles(&graph, config));
        (graph, diagnostics)
    }

    /// Which node waits for which other when objects are made, though it does not need it. Of a graph without errors.
    pub(super) fn waits(&self, config: &Config, registry: &Registry) -> Vec<(usize, usize)> {
        companions::waits(self, config, registry)
    }

    /// All nodes; positions are node numbers.
    pub(super) fn nodes(&self) -> &Slice<Node> {
        self.nodes.as_slice()
    }

    /// The number of a node.
    pub(super) fn number(&self, node: &Node) -> Option<usize> {
        self.nodes.get_index_of(node)
    }

    /// What a node needs directly.
    pub(super) fn needs(&self, number: usize) -> &[usize] {
        self.needs.get(number).map_or(&[], Vec::as_slice)
    }

    /// Makes room for this many resource blocks more.
    fn reserve(&mut self, count: usize) {
        self.nodes.reserve(count);
        self.needs.reserve(count);
        self.providers.reserve(count);
    }

    /// Adds a node if it is new; returns its number.
    pub(super) fn add(&mut self, node: Node) -> usize {
        let (number, is_new) = self.nodes.insert_full(node);
        if is_new && let Some(node) = self.nodes.get_index(number) {
            match self.members.get_mut(node.module()) {
                Some(members) => members.push(number),
                None => drop(self.members.insert(node.module().clone(), vec![number])),
            }
            self.needs.push(Vec::new());
        }
        number
    }

    /// The nodes that stand in a module.
    fn members(&self, module: &ModulePath) -> &[usize] {
        self.members.get(module).map_or(&[], Vec::as_slice)
    }

    /// `node` needs `other`.
    pub(super) fn connect(&mut self, node: usize, other: usize) {
        if node != other
            && let Some(list) = self.needs.get_mut(node)
        {
            list.push(other);
        }
    }

    fn normalize(&mut self) {
        for list in &mut self.needs {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// The order to walk all nodes in.
    pub(super) fn order(&self) -> Order {
        let mut order = Order::new(self.nodes.len());
        for (node, needs) in self.needs.iter().enumerate() {
            for other in needs {
                order.edge(node, *other);
            }
        }
        order
    }
}
