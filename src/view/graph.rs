//! Dependency graphs as text: Terraform's two forms in the DOT language, and Mermaid's.

use crate::engine::{Block, BlockGraph, BlockKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a detailed graph is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Planning.
    Plan,
    /// Applying.
    Apply,
    /// Planning to destroy everything.
    Destroy,
}

/// Resources and which needs which, as clusters by module. The order is that of the modules and names.
pub fn resources(graph: &BlockGraph) -> String {
    let (order, edges) = only_resources(graph);
    let mut out = String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    if order.is_empty() {
        out.push_str("  /* This configuration does not contain any resources.         */\n");
        out.push_str("  /* For a more detailed graph, try: pipewright graph -type=plan */\n");
    }
    let mut current = "";
    for node in &order {
        if node.module != current {
            if !current.is_empty() {
                out.push_str("  }\n");
            }
            current = &node.module;
            let _ = writeln!(
                out,
                "  subgraph \"cluster_{current}\" {{\n    label = {}\n    fontname = \"sans-serif\"",
                quoted(current)
            );
        }
        let indent = if current.is_empty() { "  " } else { "    " };
        let _ = writeln!(out, "{indent}{} [label={}];", quoted(&node.address), quoted(local(node)));
    }
    if !current.is_empty() {
        out.push_str("  }\n");
    }
    for (from, to) in edges {
        if let (Some(from), Some(to)) = (order.get(from), order.get(to)) {
            let _ = writeln!(out, "  {} -> {};", quoted(&from.address), quoted(&to.address));
        }
    }
    out + "}\n"
}

/// Resources and which needs which, for Mermaid.
pub fn mermaid(graph: &BlockGraph) -> String {
    let (order, edges) = only_resources(graph);
    let mut out = String::from("flowchart RL\n");
    let mut current = "";
    for (number, node) in order.iter().enumerate() {
        if node.module != current {
            if !current.is_empty() {
                out.push_str("  end\n");
            }
            current = &node.module;
            let _ = writeln!(out, "  subgraph m{number}[\"{current}\"]");
        }
        let indent = if current.is_empty() { "  " } else { "    " };
        let (open, close) = if node.kind == BlockKind::Data { ("([", "])") } else { ("[", "]") };
        let _ = writeln!(out, "{indent}n{number}{open}\"{}\"{close}", local(node).replace('"', "#quot;"));
    }
    if !current.is_empty() {
        out.push_str("  end\n");
    }
    for (from, to) in edges {
        let _ = writeln!(out, "  n{from} --> n{to}");
    }
    out
}

/// Everything that is evaluated, in the form of Terraform's `-type` graphs. With `cycles`, edges of cycles are red.
pub fn detailed(graph: &BlockGraph, detail: Detail, cycles: bool) -> String {
    let full = Full::of(graph, detail);
    let mut out = String::from("digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n");
    let shapes: BTreeSet<_> = full.shapes.iter().collect();
    for (name, label, shape) in shapes {
        let _ = writeln!(out, "\t\t{} [label = {}, shape = \"{shape}\"]", named(name), quoted(label));
    }
    let (kept, red) = reduced(full.names.len(), &full.edges);
    let text = |(from, to): (usize, usize)| {
        let name = |at: usize| full.names.get(at).map(|n| named(n)).unwrap_or_default();
        format!("{} -> {}", name(from), name(to))
    };
    let lines: BTreeSet<String> = kept.into_iter().map(text).collect();
    for line in lines {
        let _ = writeln!(out, "\t\t{line}");
    }
    if cycles {
        for line in red.into_iter().map(text).collect::<BTreeSet<_>>() {
            let _ = writeln!(out, "\t\t{line} [color = \"red\", penwidth = \"2.0\"]");
        }
    }
    out + "\t}\n}\n"
}

fn named(name: &str) -> String {
    quoted(&format!("[root] {name}"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn local(node: &Block) -> &str {
    node.address.strip_prefix(node.module.as_str()).map_or(&node.address, |rest| rest.trim_start_matches('.'))
}

/// Resource blocks in order, and which needs which directly or through blocks of other kinds.
fn only_resources(graph: &BlockGraph) -> (Vec<&Block>, BTreeSet<(usize, usize)>) {
    let is_resource = |node: &Block| matches!(node.kind, BlockKind::Resource | BlockKind::Data);
    let key = |number: usize| {
        graph.nodes.get(number).map(|n| (n.module.as_str(), n.kind != BlockKind::Data, resource_name(n)))
    };
    let mut order: Vec<usize> =
        graph.nodes.iter().enumerate().filter(|(_, n)| is_resource(n)).map(|(number, _)| number).collect();
    order.sort_by_key(|number| key(*number));
    let position: BTreeMap<usize, usize> = order.iter().enumerate().map(|(at, number)| (*number, at)).collect();
    let needs = adjacency(graph.nodes.len(), &reduced(graph.nodes.len(), &graph.edges).0);
    let needed = |number: usize| needs.get(number).map(Vec::as_slice).unwrap_or_default();
    let mut edges = BTreeSet::new();
    for (number, at) in &position {
        let mut seen = BTreeSet::new();
        let mut open = needed(*number).to_vec();
        while let Some(other) = open.pop() {
            if !seen.insert(other) {
                continue;
            }
            match position.get(&other) {
                Some(to) if to != at => drop(edges.insert((*at, *to))),
                Some(_) => {}
                None => open.extend(needed(other)),
            }
        }
    }
    (order.into_iter().filter_map(|number| graph.nodes.get(number)).collect(), edges)
}

/// Type and name, by which resources are ordered.
fn resource_name(node: &Block) -> (&str, &str) {
    let name = local(node);
    name.strip_prefix("data.").unwrap_or(name).split_once('.').unwrap_or((name, ""))
}

/// A graph with the nodes that Terraform adds: closed providers, the root.
struct Full {
    names: Vec<String>,
    edges: Vec<(usize, usize)>,
    /// Nodes that are drawn with a shape: name, label, shape.
    shapes: Vec<(String, String, &'static str)>,
}

impl Full {
    fn of(graph: &BlockGraph, detail: Detail) -> Self {
        let mut full = Full { names: Vec::new(), edges: graph.edges.clone(), shapes: Vec::new() };
        for node in &graph.nodes {
            let address = &node.address;
            let in_root = node.module.is_empty();
            let name = match node.kind {
                BlockKind::Resource if detail == Detail::Destroy => format!("{address} (destroy)"),
                BlockKind::ModuleClose => format!("{address} (close)"),
                BlockKind::Provider | BlockKind::Instance => address.clone(),
                BlockKind::Variable if in_root => address.clone(),
                _ => format!("{address} (expand)"),
            };
            let label = address.split_once('[').map_or(address.as_str(), |(block, _)| block);
            match node.kind {
                BlockKind::Resource | BlockKind::Data => full.shapes.push((name.clone(), address.clone(), "box")),
                BlockKind::Instance => full.shapes.push((name.clone(), label.to_owned(), "box")),
                BlockKind::Provider => full.shapes.push((name.clone(), address.clone(), "diamond")),
                BlockKind::Variable if in_root => full.shapes.push((name.clone(), address.clone(), "note")),
                _ => {}
            }
            full.names.push(name);
        }
        for (number, node) in graph.nodes.iter().enumerate() {
            match node.kind {
                BlockKind::Provider => {
                    let users: Vec<usize> =
                        graph.edges.iter().filter(|(_, needed)| *needed == number).map(|(user, _)| *user).collect();
                    let close = full.add(format!("{} (close)", node.address));
                    full.edges.extend(users.into_iter().chain([number]).map(|needed| (close, needed)));
                }
                BlockKind::Check if detail == Detail::Plan => {
                    let report = full.add(format!("{} (report)", node.address));
                    full.edges.push((number, report));
                }
                _ => {}
            }
        }
        let root = full.add("root".into());
        full.edges.extend((0..root).map(|node| (root, node)));
        full
    }

    fn add(&mut self, name: String) -> usize {
        self.names.push(name);
        self.names.len() - 1
    }
}

fn adjacency(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut needs = vec![Vec::new(); nodes];
    for (from, to) in edges {
        if let Some(list) = needs.get_mut(*from)
            && from != to
        {
            list.push(*to);
        }
    }
    for list in &mut needs {
        list.sort_unstable();
        list.dedup();
    }
    needs
}

/// Pairs of nodes: the first needs the second.
type Edges = Vec<(usize, usize)>;

/// The edges that no longer way around replaces, and the edges that lie on cycles (which are always kept).
fn reduced(nodes: usize, edges: &[(usize, usize)]) -> (Edges, Edges) {
    let needs = adjacency(nodes, edges);
    let needed = |number: usize| needs.get(number).map(Vec::as_slice).unwrap_or_default();
    // What everything needs comes first. Nodes on or above cycles are left over.
    let mut dependents = vec![Vec::new(); nodes];
    let mut waits: Vec<usize> = needs.iter().map(Vec::len).collect();
    for (node, list) in needs.iter().enumerate() {
        for other in list {
            if let Some(list) = dependents.get_mut(*other) {
                list.push(node);
            }
        }
    }
    let mut ready: Vec<usize> = (0..nodes).filter(|n| needed(*n).is_empty()).collect();
    let mut rank = vec![usize::MAX; nodes];
    let mut next = 0;
    while let Some(node) = ready.pop() {
        if let Some(slot) = rank.get_mut(node) {
            *slot = next;
            next += 1;
        }
        for other in dependents.get(node).map(Vec::as_slice).unwrap_or_default() {
            if let Some(wait) = waits.get_mut(*other) {
                *wait -= 1;
                if *wait == 0 {
                    ready.push(*other);
                }
            }
        }
    }
    let rank_of = |node: usize| rank.get(node).copied().unwrap_or(usize::MAX);
    let mut reached = vec![usize::MAX; nodes];
    let (mut kept, mut cyclic) = (Vec::new(), Vec::new());
    for node in 0..nodes {
        if rank_of(node) == usize::MAX {
            let looped = |other: &usize| rank_of(*other) == usize::MAX && leads_to(&needs, *other, node);
            cyclic.extend(needed(node).iter().copied().filter(looped).map(|other| (node, other)));
            kept.extend(needed(node).iter().map(|other| (node, *other)));
            continue;
        }
        let mut direct = needed(node).to_vec();
        direct.sort_by_key(|other| std::cmp::Reverse(rank_of(*other)));
        let lowest = direct.last().map_or(0, |other| rank_of(*other));
        for other in direct {
            if reached.get(other) == Some(&node) {
                continue;
            }
            kept.push((node, other));
            let mut open = vec![other];
            while let Some(at) = open.pop() {
                for further in needed(at).iter().filter(|f| rank_of(**f) >= lowest) {
                    if let Some(mark) = reached.get_mut(*further)
                        && *mark != node
                    {
                        *mark = node;
                        open.push(*further);
                    }
                }
            }
        }
    }
    (kept, cyclic)
}

fn leads_to(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(needs.get(at).map(Vec::as_slice).unwrap_or_default());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(address: &str, module: &str, kind: BlockKind) -> Block {
        Block { address: address.into(), module: module.into(), kind }
    }

    fn graph() -> BlockGraph {
        let nodes = vec![
            block("x.a", "", BlockKind::Resource),
            block("local.l", "", BlockKind::Local),
            block("module.m.data.x.b", "module.m", BlockKind::Data),
            block("x.c", "", BlockKind::Resource),
        ];
        // The edge from c to a says nothing new.
        BlockGraph { nodes, edges: vec![(1, 0), (2, 1), (3, 2), (3, 0)] }
    }

    #[test]
    fn resources_are_joined_through_what_lies_between() {
        let text = resources(&graph());
        assert!(text.contains("  subgraph \"cluster_module.m\" {\n    label = \"module.m\"\n"));
        assert!(
            text.ends_with("  \"x.c\" -> \"module.m.data.x.b\";\n  \"module.m.data.x.b\" -> \"x.a\";\n}\n"),
            "{text}"
        );
        let text = mermaid(&graph());
        assert_eq!(
            text,
            "flowchart RL\n  n0[\"x.a\"]\n  n1[\"x.c\"]\n  subgraph m2[\"module.m\"]\n    n2([\"data.x.b\"])\n  end\n  n1 --> n2\n  n2 --> n0\n"
        );
    }

    #[test]
    fn cycles_are_red_and_end_the_reduction() {
        let mut looped = graph();
        looped.edges.push((0, 3));
        let text = detailed(&looped, Detail::Plan, true);
        assert!(
            text.contains("\"[root] x.a (expand)\" -> \"[root] x.c (expand)\" [color = \"red\", penwidth = \"2.0\"]"),
            "{text}"
        );
    }
}
