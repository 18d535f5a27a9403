//! Blocks of a file to the entries of a module: one file per family of block types.

mod fields;
mod provider;
mod refactoring;
mod resource;
mod variable;

use super::model::Module;
use super::suggest::did_you_mean;
use crate::address::Mode;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Block, Body};

const BLOCK_TYPES: &[&str] = &[
    "terraform",
    "variable",
    "locals",
    "output",
    "provider",
    "resource",
    "data",
    "module",
    "moved",
    "removed",
    "import",
    "check",
    "ephemeral",
    "required_providers",
];

/// Adds the blocks of one file to a module; what stands twice is reported.
pub fn file(body: &Body, module: &mut Module, problems: &mut Diagnostics) {
    for attribute in &body.attributes {
        let text = format!("An argument named \"{}\" is not expected here.", attribute.name.name);
        let error = Diagnostic::error("Unsupported argument", text).at(attribute.name.span);
        problems.push(
            error.hint("Values of input variables belong into a .tfvars file, named values into a locals block."),
        );
    }
    for block in &body.blocks {
        top_level(block, module, problems);
    }
}

fn top_level(block: &Block, module: &mut Module, problems: &mut Diagnostics) {
    match &*block.kind.name {
        "terraform" => provider::terraform(block, module, problems),
        "locals" => variable::locals(block, module, problems),
        "variable" => {
            if let Some(v) = variable::variable(block, problems) {
                let span = v.span;
                let old = module.variables.get(&*v.name.name).map(|o| o.span);
                if unique("variable", &v.name.name, old, span, problems) {
                    module.variables.insert(v.name.name.to_string(), v);
                }
            }
        }
        "output" => {
            if let Some(o) = variable::output(block, problems) {
                let old = module.outputs.get(&*o.name.name).map(|o| o.span);
                if unique("output", &o.name.name, old, o.span, problems) {
                    module.outputs.insert(o.name.name.to_string(), o);
                }
            }
        }
        "provider" => {
            if let Some(p) = provider::provider(block, problems) {
                let key = (p.local_name.name.to_string(), p.alias.clone());
                match module.providers.get(&key) {
                    Some(first) => {
                        let which = match &p.alias {
                            Some(alias) => format!("A provider configuration \"{}\" with alias \"{alias}\"", key.0),
                            None => format!("A default (non-aliased) provider configuration for \"{}\"", key.0),
                        };
                        let text = format!(
                            "{which} was already given. If multiple configurations are required, set the \"alias\" argument for alternative configurations."
                        );
                        problems.push(
                            Diagnostic::error("Duplicate provider configuration", text)
                                .at(p.span)
                                .label(first.span, "the first one"),
                        );
                    }
                    None => drop(module.providers.insert(key, p)),
                }
            }
        }
        "resource" => resource_block(block, Mode::Managed, module, problems),
        "data" => resource_block(block, Mode::Data, module, problems),
        "ephemeral" => {
            let text =
                "Ephemeral resources are not supported yet. Use a data source, or pass the value in as a variable.";
            problems.push(Diagnostic::error("Ephemeral resources are not supported", text).at(block.header));
        }
        "module" => {
            if let Some(call) = provider::module_call(block, problems) {
                let old = module.calls.get(&*call.name.name).map(|c| c.span);
                if unique("module call", &call.name.name, old, call.span, problems) {
                    module.calls.insert(call.name.name.to_string(), call);
                }
            }
        }
        "moved" => module.moved.extend(refactoring::moved(block, problems)),
        "removed" => module.removed.extend(refactoring::removed(block, problems)),
        "import" => module.imports.extend(refactoring::import(block, problems)),
        "check" => {
            if let Some(check) = refactoring::check(block, problems) {
                let old = module.checks.get(&*check.name.name).map(|c| c.span);
                if unique("check", &check.name.name, old, check.span, problems) {
                    module.checks.insert(check.name.name.to_string(), check);
                }
            }
        }
        "required_providers" => {
            let text = "A \"required_providers\" block must be nested inside a \"terraform\" block.";
            problems.push(Diagnostic::error("Invalid required_providers block", text).at(block.header));
        }
        other => {
            let hint = did_you_mean(other, BLOCK_TYPES.iter().copied());
            let text = format!("Blocks of type \"{other}\" are not expected here.{hint}");
            problems.push(Diagnostic::error("Unsupported block type", text).at(block.kind.span));
        }
    }
}

fn resource_block(block: &Block, mode: Mode, module: &mut Module, problems: &mut Diagnostics) {
    let Some(decoded) = resource::resource(block, mode, problems) else { return };
    if let Some(first) = module.resources.get(&decoded.address) {
        let kind = if mode == Mode::Data { "data" } else { "resource" };
        let (type_name, name) = (&decoded.address.type_name, &decoded.address.name);
        let text = format!(
            "A {type_name} {kind} named \"{name}\" was already declared. Resource names must be unique per type in each module."
        );
        let error = Diagnostic::error(format!("Duplicate {kind} \"{type_name}\" configuration"), text);
        problems.push(error.at(decoded.span).label(first.span, "first declared here"));
        return;
    }
    module.resources.insert(decoded.address.clone(), decoded);
}

/// Whether nothing of that name stands already; else reports it.
fn unique(what: &str, name: &str, old: Option<Span>, new: Span, problems: &mut Diagnostics) -> bool {
    let Some(old) = old else { return true };
    let text = format!(
        "A {what} named \"{name}\" was already declared. Names of the same kind must be unique within a module."
    );
    problems.push(
        Diagnostic::error(format!("Duplicate {what} declaration"), text).at(new).label(old, "first declared here"),
    );
    false
}
