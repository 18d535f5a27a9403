//! Hints at declarations that nothing refers to: variables, local values and data blocks.

use super::graph::{Graph, Node};
use super::references::{Reference, Subject};
use crate::address::{Mode, ModulePath};
use crate::config::model::{Config, Module};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::eval::body_references;
use std::collections::HashSet;

/// One hint per unused declaration, in the root module and in modules of the same repository: others are not the person's to change.
pub(super) fn declarations(graph: &Graph, config: &Config) -> Diagnostics {
    let order = graph.order();
    let used = |number: usize| {
        let mut dependents = order.dependents(number).iter().filter_map(|n| graph.nodes().get_index(*n as usize));
        // A module's end waits for everything in it.
        dependents.any(|node| !matches!(node, Node::Close(_)))
    };
    let mut seen: HashSet<Span> = HashSet::new();
    let mut hints = Diagnostics::new();
    for (number, node) in graph.nodes().iter().enumerate() {
        if !is_own(config, node.module()) || used(number) {
            continue;
        }
        let Some(module) = config.module(node.module()) else { continue };
        let Some((what, span)) = declaration(module, node).filter(|_| !used_by_provider(module, node)) else {
            continue;
        };
        // A module that is called twice is one text.
        if seen.insert(span) {
            hints.push(Diagnostic::hint_of(format!("Unused {what}"), "Nothing in this module refers to it.").at(span));
        }
    }
    hints
}

fn declaration(module: &Module, node: &Node) -> Option<(String, Span)> {
    match node {
        Node::Variable(_, name) => {
            let variable = module.variables.get(&**name)?;
            Some((format!("input variable \"{name}\""), variable.span))
        }
        Node::Local(_, name) => Some((format!("local value \"{name}\""), module.locals.get(&**name)?.name.span)),
        Node::Resource(address) if address.resource.mode == Mode::Data => {
            let block = module.resources.get(&address.resource)?;
            // Its conditions may be all it is there for.
            let checks = !block.lifecycle.preconditions.is_empty() || !block.lifecycle.postconditions.is_empty();
            (!checks).then(|| (format!("data source {}", address.resource), block.span))
        }
        _ => None,
    }
}

/// Whether a provider block names it: one that no resource needs is no node of the graph.
fn used_by_provider(module: &Module, node: &Node) -> bool {
    let references = module.providers.values().flat_map(|provider| body_references(&provider.body));
    references.into_iter().any(|traversal| {
        let Ok(reference) = Reference::parse(&traversal) else { return false };
        match (node, reference.subject) {
            (Node::Variable(_, name), Subject::Variable(named)) | (Node::Local(_, name), Subject::Local(named)) => {
                *name == named
            }
            (Node::Resource(address), Subject::Resource(named)) => address.resource == named,
            _ => false,
        }
    })
}

/// Whether a module and all modules that call it are read from local folders.
fn is_own(config: &Config, path: &ModulePath) -> bool {
    let mut module = &config.root;
    for name in &path.0 {
        let local = module.calls.get(name).is_some_and(|call| call.source.starts_with('.'));
        match module.children.get(name) {
            Some(child) if local => module = child,
            _ => return false,
        }
    }
    true
}
