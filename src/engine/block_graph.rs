//! The configuration's graph as data, for whoever draws it.

use super::graph::{Graph, Node};
use super::schemas::Schemas;
use crate::address::{ConfigResource, Mode, ProviderConfig, ResourceInstance};
use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::provider::Registry;
use crate::state::model::State;
use std::collections::{BTreeMap, BTreeSet};

/// What a block is, for drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A module's opening: how many instances it has.
    ModuleOpen,
    /// A module's end: everything inside is done.
    ModuleClose,
    /// `variable`
    Variable,
    /// An entry of `locals`.
    Local,
    /// A provider configuration.
    Provider,
    /// `resource`
    Resource,
    /// `data`
    Data,
    /// `output`
    Output,
    /// `check`
    Check,
    /// One instance that a plan changes.
    Instance,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it stands, such as `module.m.aws_iam_role.r`.
    pub address: String,
    /// Its module; empty for the root.
    pub module: String,
    /// What it is.
    pub kind: BlockKind,
}

/// Blocks and which needs which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockGraph {
    /// The blocks.
    pub nodes: Vec<Block>,
    /// Positions in `nodes`: the first needs the second.
    pub edges: Vec<(usize, usize)>,
}

impl BlockGraph {
    fn add(&mut self, address: String, module: String, kind: BlockKind) -> usize {
        self.nodes.push(Block { address, module, kind });
        self.nodes.len() - 1
    }
}

/// The graph of a configuration; wrong references and cycles are told beside it.
pub fn block_graph(config: &Config, registry: &Registry) -> (BlockGraph, Diagnostics) {
    let (graph, diagnostics) = Graph::build(config, registry, &Schemas::default());
    let nodes = graph.nodes().iter().map(block).collect();
    let edges = (0..graph.nodes().len()).flat_map(|n| graph.needs(n).iter().map(move |other| (n, *other))).collect();
    (BlockGraph { nodes, edges }, diagnostics)
}

fn block(node: &Node) -> Block {
    let kind = match node {
        Node::Expand(_) => BlockKind::ModuleOpen,
        Node::Close(_) => BlockKind::ModuleClose,
        Node::Variable(..) => BlockKind::Variable,
        Node::Local(..) => BlockKind::Local,
        Node::Provider(_) => BlockKind::Provider,
        Node::Resource(r) if r.resource.mode == Mode::Data => BlockKind::Data,
        Node::Resource(_) => BlockKind::Resource,
        Node::Output(..) => BlockKind::Output,
        Node::Check(..) => BlockKind::Check,
    };
    let name = node.to_string();
    let address = name.strip_suffix(" (expand)").or(name.strip_suffix(" (close)")).unwrap_or(&name).to_owned();
    let module = if node.module().is_root() { String::new() } else { node.module().to_string() };
    Block { address, module, kind }
}

/// Adds the instances that a plan changes: each needs its block, and what needs the block needs them.
pub fn with_instances<'a>(mut graph: BlockGraph, changed: impl Iterator<Item = &'a ResourceInstance>) -> BlockGraph {
    let blocks: BTreeMap<String, usize> = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, n)| matches!(n.kind, BlockKind::Resource | BlockKind::Data))
        .map(|(i, n)| (n.address.clone(), i))
        .collect();
    let edges = graph.edges.clone();
    for address in changed {
        let Some(block) = blocks.get(&address.config().to_string()).copied() else { continue };
        let module = graph.nodes.get(block).map(|n| n.module.clone()).unwrap_or_default();
        let instance = graph.add(address.to_string(), module, BlockKind::Instance);
        graph.edges.push((instance, block));
        graph.edges.extend(edges.iter().filter(|(_, needed)| *needed == block).map(|(node, _)| (*node, instance)));
    }
    graph
}

/// What destroying everything in a state goes through: each object waits for those that need it.
pub fn destroy_graph(config: &Config, state: &State, registry: &Registry) -> (BlockGraph, Diagnostics) {
    let (graph, diagnostics) = Graph::build(config, registry, &Schemas::default());
    let configured = graph.resource_dependencies();
    let mut objects: BTreeMap<ConfigResource, (usize, BTreeSet<ProviderConfig>)> = BTreeMap::new();
    let mut needs: Vec<(ConfigResource, String)> = Vec::new();
    let mut out = BlockGraph::default();
    for (address, resource) in &state.resources {
        if address.resource.mode != Mode::Managed {
            continue;
        }
        let block = address.config();
        let module = if block.module.is_root() { String::new() } else { block.module.to_string() };
        let entry = objects
            .entry(block.clone())
            .or_insert_with(|| (out.add(block.to_string(), module, BlockKind::Resource), BTreeSet::new()));
        entry.1.insert(resource.provider.clone());
        let stored = resource.instances.values().filter_map(|i| i.current.as_ref()).flat_map(|o| &o.dependencies);
        needs.extend(stored.map(|other| (block.clone(), other.to_string())));
        let known = configured.get(&block).map(Vec::as_slice).unwrap_or_default();
        needs.extend(known.iter().map(|other| (block.clone(), other.to_string())));
    }
    let by_name: BTreeMap<String, usize> =
        objects.iter().map(|(block, (node, _))| (block.to_string(), *node)).collect();
    for (block, other) in needs {
        if let (Some((node, _)), Some(other)) = (objects.get(&block), by_name.get(&other))
            && node != other
        {
            out.edges.push((*other, *node));
        }
    }
    let mut providers: BTreeMap<ProviderConfig, usize> = BTreeMap::new();
    for (node, used) in objects.values() {
        for address in used {
            let module = if address.module.is_root() { String::new() } else { address.module.to_string() };
            let provider = *providers
                .entry(address.clone())
                .or_insert_with(|| out.add(address.to_string(), module, BlockKind::Provider));
            out.edges.push((*node, provider));
        }
    }
    for name in config.root.outputs.keys() {
        out.add(format!("output.{name}"), String::new(), BlockKind::Output);
    }
    (out, diagnostics)
}
