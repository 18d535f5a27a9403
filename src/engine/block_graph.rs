//! The configuration's graph as data, for whoever draws it.

use super::graph::{Graph, Node};
use super::schemas::Schemas;
use crate::config::model::Config;
use crate::diagnostics::Diagnostics;
use crate::provider::Registry;

/// What a block is, for drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BlockKind {
    Module,
    Variable,
    Local,
    Provider,
    Resource,
    Output,
    Check,
}

/// Blocks and which needs which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockGraph {
    /// Names as in error messages, such as `module.m.aws_iam_role.r`, with what they are.
    pub nodes: Vec<(String, BlockKind)>,
    /// Positions in `nodes`: the first needs the second.
    pub edges: Vec<(usize, usize)>,
}

/// The graph of a configuration; wrong references and cycles are told beside it.
pub fn block_graph(config: &Config, registry: &Registry) -> (BlockGraph, Diagnostics) {
    let (graph, diagnostics) = Graph::build(config, registry, &Schemas::default());
    let kind = |node: &Node| match node {
        Node::Expand(_) | Node::Close(_) => BlockKind::Module,
        Node::Variable(..) => BlockKind::Variable,
        Node::Local(..) => BlockKind::Local,
        Node::Provider(_) => BlockKind::Provider,
        Node::Resource(_) => BlockKind::Resource,
        Node::Output(..) => BlockKind::Output,
        Node::Check(..) => BlockKind::Check,
    };
    let nodes = graph.nodes().iter().map(|n| (n.to_string(), kind(n))).collect();
    let edges = (0..graph.nodes().len()).flat_map(|n| graph.needs(n).iter().map(move |other| (n, *other))).collect();
    (BlockGraph { nodes, edges }, diagnostics)
}
