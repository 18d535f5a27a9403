//! `resource`, `data` and `ephemeral` blocks.

use super::content::{Content, ESCAPE, Shape, escape, once, reserved};
use super::{depends_on, lifecycle, provider_ref, provisioner, repetition};
use crate::address::{Mode, Resource};
use crate::config::constant::{self, Notation};
use crate::config::model::{Lifecycle, Repetition, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

const META: &[(&str, bool)] = &[("count", false), ("for_each", false), ("provider", false), ("depends_on", false)];

const RESOURCE: Shape = Shape {
    attributes: META,
    blocks: &[("locals", &[]), ("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"]), (ESCAPE, &[])],
};

const OTHER: Shape = Shape { attributes: META, blocks: &[("locals", &[]), ("lifecycle", &[]), (ESCAPE, &[])] };

/// Reads a block; `nested` for the data block inside a `check`.
pub(crate) fn decode(
    block: Block,
    mode: Mode,
    nested: bool,
    notation: &Notation,
    d: &mut Diagnostics,
) -> Option<ResourceBlock> {
    let (type_name, name) = (block.labels.first()?, block.labels.get(1)?);
    let (shape, place, type_summary, name_summary) = match mode {
        Mode::Managed => (RESOURCE, "resource", "Invalid resource type name", "Invalid resource name"),
        Mode::Data => (OTHER, "data", "Invalid data source name", "Invalid data resource name"),
        Mode::Ephemeral => (OTHER, "ephemeral", "Invalid ephemeral resource type", "Invalid ephemeral resource name"),
    };
    let (named, mut body) = shape.split(block.body);
    let content = shape.content(&named, block.header, d);
    let valid = constant::check_name(type_name, type_summary, d) & constant::check_name(name, name_summary, d);
    let address = Resource { mode, type_name: type_name.name.to_string(), name: name.name.to_string() };
    let repetition = if nested { not_repeated(&content, d) } else { repetition::decode(&content, d) };
    let (mut seen_lifecycle, mut seen_connection, mut seen_escape) = (None, None, None);
    let mut lifecycle = Lifecycle::default();
    let (mut provisioners, mut connection) = (Vec::new(), None);
    for inner in &content.blocks {
        match &*inner.kind.name {
            "lifecycle" if nested => d.push(
                Diagnostic::error(
                    "Invalid lifecycle block",
                    "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the containing \
                     block.",
                )
                .at(inner.header),
            ),
            "lifecycle" => {
                let detail = "A resource can have only one lifecycle block.";
                if once(&mut seen_lifecycle, inner, "Duplicate lifecycle block", detail, d) {
                    lifecycle = lifecycle::decode(inner, &address, notation, d);
                }
            }
            "connection" => {
                let detail = "A resource can have only one connection block.";
                if once(&mut seen_connection, inner, "Duplicate connection block", detail, d) {
                    connection = Some(inner.body.clone());
                }
            }
            "provisioner" => provisioners.extend(provisioner::decode(inner, notation, d)),
            ESCAPE => escape(&mut body, &mut seen_escape, inner, d),
            _ => reserved(inner, place, d),
        }
    }
    if let Some(connection) = connection.as_ref().filter(|_| provisioners.iter().any(|p| p.on_destroy)) {
        provisioner::only_self(connection, d);
    }
    let provider = content.attribute("provider").and_then(|a| provider_ref::decode(&a.expr, "provider", notation, d));
    let depends_on = depends_on::decode(content.attribute("depends_on"), notation, d);
    valid.then(|| ResourceBlock {
        address,
        body,
        repetition,
        depends_on,
        provider,
        lifecycle,
        provisioners,
        connection,
        span: block.header,
        type_span: type_name.span,
    })
}

fn not_repeated(content: &Content<'_>, d: &mut Diagnostics) -> Repetition {
    for name in ["count", "for_each"] {
        if let Some(attribute) = content.attribute(name) {
            let detail = "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.";
            d.push(Diagnostic::error(format!("Invalid \"{name}\" attribute"), detail).at(attribute.name.span));
        }
    }
    Repetition::Single
}
