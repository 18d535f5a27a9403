//! Cycles among blocks, reported with every address on them.

use super::{Graph, Node};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// One error per cycle; blocks that need themselves too.
pub(super) fn cycles(graph: &Graph, config: &Config) -> Diagnostics {
    let mut directed: DiGraph<usize, ()> = DiGraph::with_capacity(graph.nodes.len(), 0);
    let indexes: Vec<_> = (0..graph.nodes.len()).map(|n| directed.add_node(n)).collect();
    for (node, needs) in graph.needs.iter().enumerate() {
        for other in needs {
            if let (Some(a), Some(b)) = (indexes.get(node), indexes.get(*other)) {
                directed.add_edge(*a, *b, ());
            }
        }
    }
    tarjan_scc(&directed)
        .into_iter()
        .filter(|group| group.len() > 1)
        .map(|group| {
            let numbers: Vec<usize> = group.into_iter().filter_map(|i| directed.node_weight(i).copied()).collect();
            report(graph, config, &numbers)
        })
        .collect()
}

fn report(graph: &Graph, config: &Config, numbers: &[usize]) -> Diagnostic {
    let path = around(graph, numbers);
    let mut nodes: Vec<&Node> = numbers.iter().filter_map(|n| graph.nodes.get_index(*n)).collect();
    nodes.sort_by_cached_key(|n| n.to_string());
    let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    let mut steps: Vec<String> =
        path.iter().filter_map(|n| graph.nodes.get_index(*n)).map(ToString::to_string).collect();
    steps.extend(steps.first().cloned());
    let mut diagnostic = Diagnostic::error(
        format!("Cycle: {}", names.join(", ")),
        format!("Each of these needs the next one: {}.", steps.join(" → ")),
    )
    .hint("Remove one of the references, or move what both sides need into a third block.");
    for node in path.iter().filter_map(|n| graph.nodes.get_index(*n)) {
        if let Some(span) = place(config, node) {
            if diagnostic.span.is_none() {
                diagnostic.span = Some(span);
            } else {
                diagnostic = diagnostic.label(span, "part of the cycle");
            }
        }
    }
    diagnostic
}

/// One way around, starting at the first node: the shortest path back to it.
fn around(graph: &Graph, numbers: &[usize]) -> Vec<usize> {
    let Some(start) = numbers.iter().copied().min() else { return Vec::new() };
    let mut came_from = std::collections::HashMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for other in graph.needs(node) {
            if *other == start {
                let mut path = vec![node];
                let mut at = node;
                while let Some(before) = came_from.get(&at) {
                    path.push(*before);
                    at = *before;
                }
                path.reverse();
                return path;
            }
            if numbers.contains(other) && !came_from.contains_key(other) {
                came_from.insert(*other, node);
                queue.push_back(*other);
            }
        }
    }
    numbers.to_vec()
}

/// Where a node is written.
fn place(config: &Config, node: &Node) -> Option<Span> {
    let module = config.module(node.module())?;
    match node {
        Node::Variable(_, name) => Some(module.variables.get(&**name)?.span),
        Node::Local(_, name) => Some(module.locals.get(&**name)?.name.span),
        Node::Output(_, name) => Some(module.outputs.get(&**name)?.span),
        Node::Resource(r) => Some(module.resources.get(&r.resource)?.span),
        Node::Check(_, name) => Some(module.checks.get(&**name)?.span),
        Node::Expand(path) | Node::Close(path) => {
            let (name, _) = path.0.split_last()?;
            Some(config.module(&path.parent()?)?.calls.get(name)?.span)
        }
        Node::Provider(p) => Some(crate::config::provider_refs::provider_block(config, p)?.span),
    }
}
