//! Blocks to the entries of a module: one file per block type, and what they share.

mod check;
mod condition;
mod content;
mod depends_on;
mod lifecycle;
mod locals;
mod module_call;
mod output;
mod provider;
mod provider_ref;
mod provisioner;
mod refactoring;
mod repetition;
mod resource;
mod terraform;
#[cfg(test)]
mod tests;
mod variable;

use super::constant::Notation;
use super::model::{Module, ResourceBlock};
use super::reference;
use crate::address::Mode;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Block, Body};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

pub(super) use content::Shape;

/// The block types of the language.
pub(super) const FILE: Shape = Shape {
    attributes: &[],
    blocks: &[
        ("terraform", &[]),
        ("required_providers", &[]),
        ("provider", &["name"]),
        ("variable", &["name"]),
        ("locals", &[]),
        ("output", &["name"]),
        ("module", &["name"]),
        ("resource", &["type", "name"]),
        ("data", &["type", "name"]),
        ("ephemeral", &["type", "name"]),
        ("moved", &[]),
        ("removed", &[]),
        ("import", &[]),
        ("check", &["name"]),
    ],
};

/// The blocks of a file that are of the language; everything else is reported.
pub(super) fn file_blocks(body: Body, d: &mut Diagnostics) -> Vec<Block> {
    let known: HashSet<Span> = FILE.content(&body, body.span, d).blocks.iter().map(|block| block.span).collect();
    body.blocks.into_iter().filter(|block| known.contains(&block.span)).collect()
}

/// Makes the entries of a module from all its blocks, after overrides.
pub(super) fn module(blocks: Vec<Block>, module: &mut Module, notation: &Notation, d: &mut Diagnostics) {
    let mut seen = terraform::Seen::default();
    for block in blocks {
        match Arc::clone(&block.kind.name).as_ref() {
            "terraform" => terraform::decode(&block, module, &mut seen, notation, d),
            "required_providers" => {
                let detail = "A \"required_providers\" block must be nested inside a \"terraform\" block.";
                d.push(Diagnostic::error("Invalid required_providers block", detail).at(block.kind.span));
            }
            "provider" => add_provider(&block, module, d),
            "variable" => {
                if let Some(v) = variable::decode(&block, notation, d) {
                    let what = ("Duplicate variable declaration", "Variable names must be unique within a module.");
                    let (name, span) = (v.name.name.to_string(), v.span);
                    add(&mut module.variables, name, v, span, |v| v.span, what, d);
                }
            }
            "locals" => {
                for local in locals::decode(&block, d) {
                    let what =
                        ("Duplicate local value definition", "Local value names must be unique within a module.");
                    let (name, span) = (local.name.name.to_string(), local.name.span);
                    add(&mut module.locals, name, local, span, |l| l.name.span, what, d);
                }
            }
            "output" => {
                if let Some(o) = output::decode(&block, notation, d) {
                    let what = ("Duplicate output definition", "Output names must be unique within a module.");
                    let (name, span) = (o.name.name.to_string(), o.span);
                    add(&mut module.outputs, name, o, span, |o| o.span, what, d);
                }
            }
            "module" => {
                if let Some(call) = module_call::decode(block, notation, d) {
                    let what = ("Duplicate module call", "Module calls must have unique names within a module.");
                    let (name, span) = (call.name.name.to_string(), call.span);
                    add(&mut module.calls, name, call, span, |c| c.span, what, d);
                }
            }
            "resource" => add_resource(resource::decode(block, Mode::Managed, false, notation, d), module, d),
            "data" => add_resource(resource::decode(block, Mode::Data, false, notation, d), module, d),
            "ephemeral" => add_resource(resource::decode(block, Mode::Ephemeral, false, notation, d), module, d),
            "moved" => module.moved.extend(refactoring::decode_moved(&block, notation, d)),
            "removed" => module.removed.extend(refactoring::decode_removed(&block, notation, d)),
            "import" => add_import(&block, module, notation, d),
            _ => add_check(&block, module, notation, d),
        }
    }
    for check in module.checks.values() {
        let Some(data) = &check.data else { continue };
        if let Some(first) = module.resources.get(&data.address) {
            d.push(duplicate_resource(data, first.span));
        }
    }
}

/// Adds an entry, or reports that the name is taken and where.
fn add<T>(
    entries: &mut BTreeMap<String, T>,
    name: String,
    entry: T,
    span: Span,
    place: impl Fn(&T) -> Span,
    (summary, rule): (&str, &str),
    d: &mut Diagnostics,
) {
    match entries.get(&name) {
        Some(first) => {
            let detail = format!("\"{name}\" was already declared. {rule}");
            d.push(Diagnostic::error(summary, detail).at(span).label(place(first), "already declared here"));
        }
        None => drop(entries.insert(name, entry)),
    }
}

fn add_provider(block: &Block, module: &mut Module, d: &mut Diagnostics) {
    let Some(provider) = provider::decode(block, d) else { return };
    let key = (provider.local_name.name.to_string(), provider.alias.clone());
    let Some(first) = module.providers.get(&key) else {
        module.providers.insert(key, provider);
        return;
    };
    let detail = match &key.1 {
        None => format!(
            "A default (non-aliased) provider configuration for \"{}\" was already given. If multiple configurations are \
             required, set the \"alias\" argument for alternative configurations.",
            key.0
        ),
        Some(alias) => format!(
            "A provider configuration for \"{}\" with alias \"{alias}\" was already given. Each configuration for the same \
             provider must have a distinct alias.",
            key.0
        ),
    };
    let error = Diagnostic::error("Duplicate provider configuration", detail);
    d.push(error.at(provider.span).label(first.span, "already given here"));
}

fn add_resource(resource: Option<ResourceBlock>, module: &mut Module, d: &mut Diagnostics) {
    let Some(resource) = resource else { return };
    match module.resources.get(&resource.address) {
        Some(first) => d.push(duplicate_resource(&resource, first.span)),
        None => drop(module.resources.insert(resource.address.clone(), resource)),
    }
}

fn duplicate_resource(again: &ResourceBlock, first: Span) -> Diagnostic {
    let (kind, noun) = match again.address.mode {
        Mode::Managed => ("resource", "resource"),
        Mode::Data => ("data", "data resource"),
        Mode::Ephemeral => ("ephemeral", "ephemeral resource"),
    };
    let (type_name, name) = (&again.address.type_name, &again.address.name);
    Diagnostic::error(
        format!("Duplicate {kind} \"{type_name}\" configuration"),
        format!(
            "A {type_name} {noun} named \"{name}\" was already declared. Resource names must be unique per type in each \
             module, including within check blocks."
        ),
    )
    .at(again.span)
    .label(first, "already declared here")
}

fn add_import(block: &Block, module: &mut Module, notation: &Notation, d: &mut Diagnostics) {
    let Some(import) = refactoring::decode_import(block, notation, d) else { return };
    if let Some(to) = crate::lang::eval::traversal(&import.to) {
        let same = |other: &&super::model::Import| {
            crate::lang::eval::traversal(&other.to).is_some_and(|other| same_address(&to, &other))
        };
        if let Some(first) = module.imports.iter().find(same) {
            d.push(
                Diagnostic::error(
                    "Duplicate import configuration",
                    "A resource instance can have only one import block.",
                )
                .at(import.to.span)
                .label(first.span, "already imported here"),
            );
        }
    }
    module.imports.push(import);
}

/// Whether two references are the same, wherever they stand.
fn same_address(a: &crate::lang::syntax::ast::Traversal, b: &crate::lang::syntax::ast::Traversal) -> bool {
    use crate::lang::syntax::ast::TraversalStep::{Attr, Index};
    a.root.name == b.root.name
        && a.steps.len() == b.steps.len()
        && a.steps.iter().zip(&b.steps).all(|(a, b)| match (a, b) {
            (Attr(a), Attr(b)) => a.name == b.name,
            (Index(..), Index(..)) => reference::instance_key(a) == reference::instance_key(b),
            _ => false,
        })
}

fn add_check(block: &Block, module: &mut Module, notation: &Notation, d: &mut Diagnostics) {
    let Some(check) = check::decode(block, notation, d) else { return };
    let summary = format!("Duplicate check \"{}\" configuration", check.name.name);
    let what = (summary.as_str(), "Check blocks must be unique within each module.");
    let (name, span) = (check.name.name.to_string(), check.span);
    add(&mut module.checks, name, check, span, |c| c.span, what, d);
}
