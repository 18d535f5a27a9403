//! Whether a reference makes sense, from the configuration and schemas alone. Wording follows Terraform's.

use crate::address::{ConfigResource, Mode, ModulePath, Resource};
use crate::config::model::{Config, Module, Repetition, ResourceBlock};
use crate::config::provider_refs;
use crate::config::suggest::{closest, did_you_mean};
use crate::diagnostics::{Diagnostic, Span};
use crate::engine::references::{Reference, Subject};
use crate::engine::schemas::Schemas;
use crate::provider::Registry;
use std::sync::Arc;

/// Where an expression stands: which special names it may use.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Place {
    /// Inside a block with `for_each`.
    pub each: bool,
    /// Inside a block with `count`.
    pub count: bool,
    /// Where `self` is allowed.
    pub self_object: bool,
    /// The block it belongs to, which it may not refer to.
    pub own: Option<Arc<ConfigResource>>,
    /// A data block only known here: that of a `check`.
    pub scoped: Option<Resource>,
    /// Header of the block, for messages.
    pub header: Option<Span>,
}

impl Place {
    /// With the header of the block.
    pub(in crate::engine) fn within(mut self, header: Span) -> Self {
        self.header = Some(header);
        self
    }

    /// Adds block and address to a message.
    pub(super) fn tell(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.context = diagnostic.context.or(self.header);
        match &self.own {
            Some(own) => diagnostic.address(own),
            None => diagnostic,
        }
    }
}

pub(super) struct Checker<'c> {
    pub config: &'c Config,
    pub registry: &'c Registry,
    pub schemas: &'c Schemas,
}

type Checked = Result<(), Box<Diagnostic>>;

fn wrong(span: Span, summary: &str, detail: impl Into<String>) -> Checked {
    Err(Box::new(Diagnostic::error(summary, detail).at(span)))
}

impl Checker<'_> {
    pub(super) fn check(
        &self,
        path: &ModulePath,
        module: &Module,
        reference: &Reference<'_>,
        place: &Place,
    ) -> Checked {
        let span = reference.span;
        match &reference.subject {
            Subject::Each(_) if !place.each => wrong(
                span,
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument \
                 is set.",
            ),
            Subject::Each(name) if !matches!(&**name, "key" | "value") => wrong(
                span,
                "Invalid \"each\" attribute",
                format!(
                    "The \"each\" object does not have an attribute named \"{name}\". The supported attributes are each.key and \
                     each.value, the current key and value pair of the \"for_each\" attribute set."
                ),
            ),
            Subject::Count(_) if !place.count => wrong(
                span,
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" \
                 argument is set.",
            ),
            Subject::Count(name) if &**name != "index" => wrong(
                span,
                "Invalid \"count\" attribute",
                format!(
                    "The \"count\" object does not have an attribute named \"{name}\". The only supported attribute is \
                     count.index, which is the index of each instance of a resource block that has the \"count\" argument set."
                ),
            ),
            Subject::Path(name) if !matches!(&**name, "module" | "root" | "cwd") => wrong(
                span,
                "Invalid \"path\" attribute",
                format!(
                    "The \"path\" object does not have an attribute named \"{name}\".{}",
                    did_you_mean(name, ["module", "root", "cwd"])
                ),
            ),
            Subject::Terraform(name) if &**name == "env" => wrong(
                span,
                "Invalid \"terraform\" attribute",
                "The terraform.env attribute was removed in v0.12: the name of the workspace is terraform.workspace.",
            ),
            Subject::Terraform(name) if !matches!(&**name, "workspace" | "applying") => wrong(
                span,
                "Invalid \"terraform\" attribute",
                format!(
                    "The \"terraform\" object does not have an attribute named \"{name}\". The only supported attribute is \
                     terraform.workspace, the name of the currently-selected workspace."
                ),
            ),
            Subject::SelfObject if !place.self_object => wrong(
                span,
                "Invalid \"self\" reference",
                "The \"self\" object is not available in this context. This object can be used only in resource provisioner, \
                 connection, and postcondition blocks.",
            ),
            Subject::Resource(resource) if place.scoped.as_ref() == Some(resource) => Ok(()),
            Subject::Resource(resource)
                if place.own.as_ref().is_some_and(|o| o.resource == *resource) && !place.self_object =>
            {
                wrong(
                    span,
                    "Self-referential block",
                    format!(
                        "Configuration for {} may not refer to itself.",
                        ConfigResource { module: path.clone(), resource: resource.clone() }
                    ),
                )
            }
            Subject::Resource(resource) => {
                self.check_declared(path, module, reference)?;
                let Some(block) = module.resources.get(resource) else { return Ok(()) };
                check_key(reference, &resource.to_string(), &block.repetition)?;
                self.check_attribute(path, block, reference)
            }
            Subject::Call(name) => {
                self.check_declared(path, module, reference)?;
                if let Some(call) = module.calls.get(&**name) {
                    check_key(reference, &format!("module.{name}"), &call.repetition)?;
                }
                let (Some(child), Some(output)) = (module.children.get(&**name), reference.first_attribute()) else {
                    return Ok(());
                };
                if child.outputs.contains_key(&*output.name) {
                    return Ok(());
                }
                let guess = did_you_mean(&output.name, child.outputs.keys().map(String::as_str));
                wrong(
                    output.span,
                    "Unsupported attribute",
                    format!("This object does not have an attribute named \"{}\".{guess}", output.name),
                )
            }
            _ => self.check_declared(path, module, reference),
        }
    }

    pub(super) fn check_declared(&self, path: &ModulePath, module: &Module, reference: &Reference<'_>) -> Checked {
        let span = reference.span;
        match &reference.subject {
            Subject::Variable(name) if !module.variables.contains_key(&**name) => {
                let guess = match closest(name, module.variables.keys().map(String::as_str)) {
                    Some(close) => format!(" Did you mean \"{close}\"?"),
                    None => format!(" This variable can be declared with a variable \"{name}\" {{}} block."),
                };
                wrong(
                    span,
                    "Reference to undeclared input variable",
                    format!("An input variable with the name \"{name}\" has not been declared.{guess}"),
                )
            }
            Subject::Local(name) if !module.locals.contains_key(&**name) => {
                let guess = did_you_mean(name, module.locals.keys().map(String::as_str));
                wrong(
                    span,
                    "Reference to undeclared local value",
                    format!("A local value with the name \"{name}\" has not been declared.{guess}"),
                )
            }
            Subject::Call(name) if !module.calls.contains_key(&**name) => {
                let guess = did_you_mean(name, module.calls.keys().map(String::as_str));
                wrong(
                    span,
                    "Reference to undeclared module",
                    format!("No module call named \"{name}\" is declared in {}.{guess}", place_name(path)),
                )
            }
            Subject::Resource(resource) if !module.resources.contains_key(resource) => {
                undeclared_resource(path, module, resource, span)
            }
            _ => Ok(()),
        }
    }

    /// Whether the first attribute read of a resource exists.
    fn check_attribute(&self, path: &ModulePath, block: &ResourceBlock, reference: &Reference<'_>) -> Checked {
        let Some(attribute) = reference.first_attribute() else { return Ok(()) };
        let Ok(provider) = provider_refs::resolve(self.config, path, block) else { return Ok(()) };
        let address = &block.address;
        let Some(schema) = self.schemas.of(self.registry, &provider.source, address.mode, &address.type_name) else {
            return Ok(());
        };
        let block = &schema.block;
        if block.attributes.contains_key(&attribute.name) || block.blocks.contains_key(&attribute.name) {
            return Ok(());
        }
        let known = block.attributes.keys().chain(block.blocks.keys()).map(AsRef::as_ref);
        let guess = did_you_mean(&attribute.name, known);
        wrong(
            attribute.span,
            "Unsupported attribute",
            format!(
                "This object has no argument, nested block, or exported attribute named \"{}\".{guess}",
                attribute.name
            ),
        )
    }
}

/// Whether an instance key is there exactly when it must be.
fn check_key(reference: &Reference<'_>, address: &str, repetition: &Repetition) -> Checked {
    let (argument, example) = match repetition {
        Repetition::Single => {
            return match reference.key_span {
                Some(span) => {
                    let kind = if address.starts_with("module.") { "module" } else { "resource" };
                    wrong(
                        span,
                        &format!("Unexpected {kind} instance key"),
                        format!(
                            "Because {address} does not have \"count\" or \"for_each\" set, references to it must not include an \
                             index key. Remove the bracketed index to refer to the single instance of this {kind}."
                        ),
                    )
                }
                None => Ok(()),
            };
        }
        Repetition::Count(_) => ("count", format!("{address}[count.index]")),
        Repetition::ForEach(_) => ("for_each", format!("{address}[each.key]")),
    };
    match reference.first_attribute() {
        Some(_) if reference.key.is_none() => {
            let kind = if address.starts_with("module.") { "module" } else { "resource" };
            wrong(
                reference.span,
                &format!("Missing {kind} instance key"),
                format!(
                    "Because {address} has \"{argument}\" set, its attributes must be accessed on specific instances.\n\nFor \
                     example, to correlate with indices of a referring resource, use:\n    {example}"
                ),
            )
        }
        _ => Ok(()),
    }
}

fn undeclared_resource(path: &ModulePath, module: &Module, resource: &Resource, span: Span) -> Checked {
    if module.checks.values().any(|check| check.data.as_ref().is_some_and(|data| data.address == *resource)) {
        let detail =
            format!("{resource} stands in a check block, and only the assertions of that block may refer to it.");
        return wrong(span, "Reference to scoped resource", detail);
    }
    let place = place_name(path);
    let (kind, name) = (&resource.type_name, &resource.name);
    let (article, word) = match resource.mode {
        Mode::Managed => ("A", "managed"),
        Mode::Data => ("A", "data"),
        Mode::Ephemeral => ("An", "ephemeral"),
    };
    let mut detail = format!("{article} {word} resource \"{kind}\" \"{name}\" has not been declared in {place}.");
    let other = match resource.mode {
        Mode::Managed => Resource { mode: Mode::Data, ..resource.clone() },
        _ => Resource { mode: Mode::Managed, ..resource.clone() },
    };
    let names: Vec<String> =
        module.resources.keys().filter(|r| r.mode == resource.mode).map(ToString::to_string).collect();
    if module.resources.contains_key(&other) {
        let what = if other.mode == Mode::Data { "data" } else { "managed" };
        detail.push_str(&format!("\n\nDid you mean the {what} resource {other}?"));
    } else if let Some(close) = closest(&resource.to_string(), names.iter().map(String::as_str)) {
        detail.push_str(&format!(" Did you mean {close}?"));
    }
    wrong(span, "Reference to undeclared resource", detail)
}

fn place_name(path: &ModulePath) -> String {
    if path.is_root() { "the root module".to_owned() } else { path.to_string() }
}
