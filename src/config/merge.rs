//! Override files: their blocks change those of the other files argument by argument, as Terraform merges them.

use super::model::{IgnoreChanges, Lifecycle, Module, Repetition, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Attribute, Block, Body};

/// Arguments a block must have, which an override may leave out because the overridden block has them.
const REQUIRED: &[(&str, &str)] = &[("output", "value"), ("module", "source")];

/// The override file's body with required arguments taken over from the blocks it changes, so that it decodes by the same rules.
pub fn completed(body: &Body, base: &Module) -> Body {
    let mut out = body.clone();
    for block in &mut out.blocks {
        let Some((_, argument)) = REQUIRED.iter().find(|(kind, _)| *kind == &*block.kind.name) else { continue };
        if block.body.attribute(argument).is_some() {
            continue;
        }
        let Some(name) = block.labels.first().map(|l| l.name.to_string()) else { continue };
        let expr = match *argument {
            "value" => base.outputs.get(&name).map(|o| o.value.clone()),
            _ => base.calls.get(&name).map(|c| crate::lang::syntax::ast::Expr {
                kind: crate::lang::syntax::ast::ExprKind::Literal(crate::lang::value::Value::string(c.source.as_str())),
                span: c.source_span,
            }),
        };
        if let Some(expr) = expr {
            let ident = crate::lang::syntax::ast::Ident { name: (*argument).into(), span: expr.span };
            block.body.attributes.push(Attribute { span: expr.span, name: ident, expr });
        }
    }
    out
}

/// Changes `base` by what an override file declares. `body` is the file as written: only what stands there overrides.
pub fn apply(base: &mut Module, over: Module, body: &Body, problems: &mut Diagnostics) {
    let set = |kind: &str, name: &str, argument: &str| {
        body.blocks_of(kind)
            .any(|b| b.labels.first().is_some_and(|l| &*l.name == name) && b.body.attribute(argument).is_some())
    };
    base.locals.extend(over.locals);
    for (name, v) in over.variables {
        match base.variables.get_mut(&name) {
            None => problems.push(missing("variable", &name, v.span)),
            Some(old) => {
                if set("variable", &name, "type") {
                    (old.ty, old.defaults) = (v.ty, v.defaults);
                }
                old.default = v.default.or(old.default.take());
                old.description = v.description.or(old.description.take());
                old.sensitive = if set("variable", &name, "sensitive") { v.sensitive } else { old.sensitive };
                old.ephemeral = if set("variable", &name, "ephemeral") { v.ephemeral } else { old.ephemeral };
                old.nullable = if set("variable", &name, "nullable") { v.nullable } else { old.nullable };
                old.validations.extend(v.validations);
                if let Some(default) = &old.default
                    && let Ok(converted) = crate::lang::value::convert(default, &old.ty)
                {
                    old.default = Some(converted);
                }
            }
        }
    }
    for (name, o) in over.outputs {
        match base.outputs.get_mut(&name) {
            None => problems.push(missing("output", &name, o.span)),
            Some(old) => {
                if set("output", &name, "depends_on") {
                    problems.push(
                        Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.")
                            .at(o.span),
                    );
                }
                old.value = o.value;
                old.description = o.description.or(old.description.take());
                old.sensitive = if set("output", &name, "sensitive") { o.sensitive } else { old.sensitive };
                old.preconditions.extend(o.preconditions);
            }
        }
    }
    for (key, p) in over.providers {
        match base.providers.get_mut(&key) {
            Some(old) => merge_body(&mut old.body, p.body),
            None => drop(base.providers.insert(key, p)),
        }
    }
    base.required_providers.extend(over.required_providers);
    if !over.required_versions.is_empty() {
        base.required_versions = over.required_versions;
    }
    base.backend = over.backend.or(base.backend.take());
    for (name, call) in over.calls {
        match base.calls.get_mut(&name) {
            None => problems.push(missing("module", &name, call.span)),
            Some(old) => {
                if !call.depends_on.is_empty() {
                    problems.push(
                        Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.")
                            .at(call.span),
                    );
                }
                (old.source, old.source_span) = (call.source, call.source_span);
                old.version = call.version.or(old.version.take());
                merge_body(&mut old.body, call.body);
                old.repetition = over_repetition(call.repetition, &old.repetition);
                if !call.providers.is_empty() {
                    old.providers = call.providers;
                }
            }
        }
    }
    for (address, block) in over.resources {
        match base.resources.get_mut(&address) {
            None => problems.push(missing("resource", &address.to_string(), block.span)),
            Some(old) => resource(old, block, problems),
        }
    }
    for (kind, span) in [
        ("moved", over.moved.first().map(|m| m.span)),
        ("import", over.imports.first().map(|i| i.span)),
        ("removed", over.removed.first().map(|r| r.span)),
    ] {
        if let Some(span) = span {
            let text = format!("A \"{kind}\" block cannot be overridden: put it into an ordinary file.");
            problems.push(Diagnostic::error(format!("Cannot override '{kind}' blocks"), text).at(span));
        }
    }
    base.checks.extend(over.checks);
}

fn resource(old: &mut ResourceBlock, new: ResourceBlock, problems: &mut Diagnostics) {
    if !new.depends_on.is_empty() {
        problems.push(
            Diagnostic::error("Unsupported override", "The depends_on argument may not be overridden.").at(new.span),
        );
    }
    merge_body(&mut old.body, new.body);
    old.repetition = over_repetition(new.repetition, &old.repetition);
    old.provider = new.provider.or(old.provider.take());
    lifecycle(&mut old.lifecycle, new.lifecycle);
    if !new.provisioners.is_empty() {
        old.provisioners = new.provisioners;
    }
    old.connection = new.connection.or(old.connection.take());
}

fn lifecycle(old: &mut Lifecycle, new: Lifecycle) {
    old.create_before_destroy = new.create_before_destroy.or(old.create_before_destroy);
    if new.prevent_destroy_span.is_some() {
        (old.prevent_destroy, old.prevent_destroy_span) = (new.prevent_destroy, new.prevent_destroy_span);
    }
    if !matches!(new.ignore_changes, IgnoreChanges::None) {
        old.ignore_changes = new.ignore_changes;
    }
    if !new.replace_triggered_by.is_empty() {
        old.replace_triggered_by = new.replace_triggered_by;
    }
    old.preconditions.extend(new.preconditions);
    old.postconditions.extend(new.postconditions);
}

fn over_repetition(new: Repetition, old: &Repetition) -> Repetition {
    if matches!(new, Repetition::Single) { old.clone() } else { new }
}

/// Arguments replace those of the same name; blocks of a type replace all blocks of that type (also written `dynamic`).
fn merge_body(old: &mut Body, new: Body) {
    for attribute in new.attributes {
        match old.attributes.iter_mut().find(|a| a.name.name == attribute.name.name) {
            Some(slot) => *slot = attribute,
            None => old.attributes.push(attribute),
        }
    }
    let kind = |b: &Block| match (&*b.kind.name, b.labels.first()) {
        ("dynamic", Some(label)) => label.name.to_string(),
        (name, _) => name.to_owned(),
    };
    let replaced: Vec<String> = new.blocks.iter().map(kind).collect();
    old.blocks.retain(|b| !replaced.contains(&kind(b)));
    old.blocks.extend(new.blocks);
}

fn missing(kind: &str, name: &str, span: Span) -> Diagnostic {
    let text = format!(
        "There is no {kind} named {name:?}. An override file can only override something that was already defined in a primary configuration file."
    );
    Diagnostic::error(format!("Missing base {kind} definition to override"), text).at(span)
}
