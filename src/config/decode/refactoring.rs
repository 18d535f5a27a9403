//! `moved`, `removed` and `import` blocks.

use super::content::{Shape, once};
use super::{provider_ref, provisioner};
use crate::address::Mode;
use crate::config::constant::{self, Notation};
use crate::config::model::{Import, Moved, Removed};
use crate::config::reference::{self, Endpoint};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Attribute, Block, Expr};

const MOVED: Shape = Shape { attributes: &[("from", true), ("to", true)], blocks: &[] };
const REMOVED: Shape = Shape {
    attributes: &[("from", true)],
    blocks: &[("lifecycle", &[]), ("connection", &[]), ("provisioner", &["type"])],
};
const REMOVED_LIFECYCLE: Shape = Shape { attributes: &[("destroy", false)], blocks: &[] };
const IMPORT: Shape =
    Shape { attributes: &[("provider", false), ("for_each", false), ("id", true), ("to", true)], blocks: &[] };

/// An address in the text: unquoted where JSON quotes it.
fn address(attribute: &Attribute, notation: &Notation, d: &mut Diagnostics) -> Expr {
    if notation.is_json(attribute.expr.span) {
        constant::unquoted(&attribute.expr, notation, "references", d)
    } else {
        attribute.expr.clone()
    }
}

pub(crate) fn decode_moved(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Moved> {
    let content = MOVED.content(&block.body, block.header, d);
    let from = content.attribute("from").map(|a| address(a, notation, d));
    let to = content.attribute("to").map(|a| address(a, notation, d));
    let (from, to) = (from?, to?);
    let (a, b) = (endpoint(&from, d)?, endpoint(&to, d)?);
    if a.is_module() != b.is_module() {
        let detail = "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.";
        d.push(Diagnostic::error("Invalid \"moved\" addresses", detail).at(block.header));
        return None;
    }
    for (expr, e) in [(&from, &a), (&to, &b)] {
        if e.mode().is_some_and(|m| m == Mode::Data) {
            let detail = "Only managed resources and modules can be moved; data resources are read anew anyway.";
            d.push(Diagnostic::error("Invalid \"moved\" addresses", detail).at(expr.span));
            return None;
        }
    }
    Some(Moved { from, to, span: block.header })
}

fn endpoint(expr: &Expr, d: &mut Diagnostics) -> Option<Endpoint> {
    let traversal = d.absorb(constant::traversal(expr))?;
    match reference::endpoint(&traversal) {
        Ok(endpoint) => Some(endpoint),
        Err(why) => {
            d.push(invalid_address(&why, expr.span));
            None
        }
    }
}

fn invalid_address(why: &str, span: Span) -> Diagnostic {
    Diagnostic::error("Invalid address", why).at(span)
}

pub(crate) fn decode_removed(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Removed> {
    let content = REMOVED.content(&block.body, block.header, d);
    let from = address(content.attribute("from")?, notation, d);
    let target = endpoint(&from, d)?;
    if target.has_keys() {
        let detail =
            "Resource instance keys are not allowed: \"removed\" blocks remove all instances of a resource or module.";
        d.push(Diagnostic::error("Resource instance keys not allowed", detail).at(from.span));
    }
    if target.mode() == Some(Mode::Data) {
        let detail = "Data sources are not destroyed, so they cannot be targeted by \"removed\" blocks.";
        d.push(Diagnostic::error("Data source address not allowed", detail).at(from.span));
    }
    let managed = target.mode() == Some(Mode::Managed);
    let mut removed = Removed { from, destroy: true, provisioners: Vec::new(), connection: None, span: block.header };
    let mut seen_connection = None;
    for inner in &content.blocks {
        match &*inner.kind.name {
            "lifecycle" => {
                let lifecycle = REMOVED_LIFECYCLE.content(&inner.body, inner.header, d);
                if let Some(a) = lifecycle.attribute("destroy") {
                    removed.destroy = d.absorb(constant::boolean(&a.expr)).unwrap_or(true);
                }
            }
            kind if !managed => {
                let what = if kind == "connection" { "Connections are" } else { "Provisioners are" };
                let detail = format!("{what} valid only when a removed block targets a managed resource.");
                d.push(Diagnostic::error(format!("Invalid {kind} block"), detail).at(inner.header));
            }
            "connection" => {
                let detail = "A removed block can have only one connection block.";
                if once(&mut seen_connection, inner, "Duplicate connection block", detail, d) {
                    removed.connection = Some(inner.body.clone());
                }
            }
            _ => {
                let Some(found) = provisioner::decode(inner, notation, d) else { continue };
                if !found.on_destroy {
                    let detail = "Only destroy-time provisioners are valid in \"removed\" blocks.";
                    d.push(
                        Diagnostic::error("Invalid provisioner block", detail)
                            .at(inner.header)
                            .hint("Add when = destroy."),
                    );
                    continue;
                }
                removed.provisioners.push(found);
            }
        }
    }
    Some(removed)
}

pub(crate) fn decode_import(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Import> {
    let content = IMPORT.content(&block.body, block.header, d);
    let to = address(content.attribute("to")?, notation, d);
    let id = content.attribute("id")?.expr.clone();
    let target = match reference::import_target(&to) {
        Ok((module, resource)) => {
            if resource.mode != Mode::Managed {
                let detail = "Only managed resources can be imported.";
                d.push(Diagnostic::error("Invalid import address", detail).at(to.span));
                return None;
            }
            if let Some(a) = content.attribute("provider")
                && !module.is_root()
            {
                let detail = "The provider argument can only be specified in import blocks that will generate \
                              configuration, which those for resources inside modules cannot.";
                d.push(Diagnostic::error("Invalid import provider argument", detail).at(a.span));
            }
            (module, resource)
        }
        Err(why) => {
            d.push(invalid_address(&why, to.span));
            return None;
        }
    };
    Some(Import {
        to,
        target,
        id,
        for_each: content.attribute("for_each").map(|a| a.expr.clone()),
        provider: content.attribute("provider").and_then(|a| provider_ref::decode(&a.expr, "provider", notation, d)),
        span: block.header,
    })
}
