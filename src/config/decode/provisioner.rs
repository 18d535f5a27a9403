//! `provisioner` and `connection` blocks.

use super::content::{ESCAPE, Shape, escape, once, reserved};
use crate::config::constant::{self, Notation};
use crate::config::model::Provisioner;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::references;
use crate::lang::syntax::ast::{Attribute, Block, Body, Traversal, TraversalStep};

const SHAPE: Shape = Shape {
    attributes: &[("when", false), ("on_failure", false)],
    blocks: &[(ESCAPE, &[]), ("connection", &[]), ("lifecycle", &[])],
};

/// Provisioners that Terraform had once.
const REMOVED: [&str; 4] = ["chef", "habitat", "puppet", "salt-masterless"];

pub(crate) fn decode(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Provisioner> {
    let kind = block.labels.first()?.clone();
    let (named, mut body) = SHAPE.split(block.body.clone());
    let content = SHAPE.content(&named, block.header, d);
    if REMOVED.contains(&&*kind.name) {
        let summary = format!("The \"{}\" provisioner has been removed", kind.name);
        d.push(Diagnostic::error(summary, "Terraform 0.15 removed it.").at(kind.span));
        return None;
    }
    let on_destroy = keyword(content.attribute("when"), "when", ["create", "destroy"], notation, d);
    let continue_on_failure = keyword(content.attribute("on_failure"), "on_failure", ["fail", "continue"], notation, d);
    let (mut seen_connection, mut seen_escape, mut connection) = (None, None, None);
    for inner in &content.blocks {
        match &*inner.kind.name {
            "connection" => {
                let detail = "A provisioner can have only one connection block.";
                if once(&mut seen_connection, inner, "Duplicate connection block", detail, d) {
                    connection = Some(inner.body.clone());
                }
            }
            ESCAPE => escape(&mut body, &mut seen_escape, inner, d),
            _ => reserved(inner, "provisioner", d),
        }
    }
    if on_destroy {
        only_self(&body, d);
        if let Some(connection) = &connection {
            only_self(connection, d);
        }
    }
    Some(Provisioner { kind, body, on_destroy, continue_on_failure, connection, span: block.header })
}

/// Whether the argument is the second of two keywords; the first is the default.
fn keyword(
    attribute: Option<&Attribute>,
    name: &str,
    words: [&str; 2],
    notation: &Notation,
    d: &mut Diagnostics,
) -> bool {
    let Some(attribute) = attribute else { return false };
    let expr = constant::unquoted(&attribute.expr, notation, "keywords", d);
    let word = constant::keyword(&expr).unwrap_or_default();
    if !words.contains(&word) {
        let [first, second] = words;
        let detail = format!("The \"{name}\" argument requires one of the following keywords: {first} or {second}.");
        d.push(Diagnostic::error(format!("Invalid \"{name}\" keyword"), detail).at(attribute.expr.span));
    }
    words.get(1) == Some(&word)
}

/// What runs when an object is destroyed may refer to nothing but the object.
pub(crate) fn only_self(body: &Body, d: &mut Diagnostics) {
    for attribute in &body.attributes {
        if references(&attribute.expr).iter().any(|r| !allowed_at_destroy(r)) {
            d.push(
                Diagnostic::error(
                    "Invalid reference from destroy provisioner",
                    "Destroy-time provisioners and their connection configurations may only reference attributes of the \
                     related resource, via 'self', 'count.index', or 'each.key'.\n\nReferences to other resources during \
                     the destroy phase can cause dependency cycles and interact poorly with create_before_destroy.",
                )
                .at(attribute.expr.span),
            );
        }
    }
}

fn allowed_at_destroy(reference: &Traversal) -> bool {
    let only =
        |wanted: &str| matches!(reference.steps.as_slice(), [TraversalStep::Attr(name)] if &*name.name == wanted);
    match &*reference.root.name {
        "self" | "path" | "terraform" => true,
        "count" => only("index"),
        "each" => only("key"),
        _ => false,
    }
}
