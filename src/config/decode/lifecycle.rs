//! `lifecycle` blocks.

use super::condition;
use super::content::Shape;
use crate::address::{Mode, Resource};
use crate::config::constant::{self, Notation};
use crate::config::model::{IgnoreChanges, Lifecycle};
use crate::config::reference;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::references;
use crate::lang::syntax::ast::{Attribute, Block, Expr, TraversalStep};

const SHAPE: Shape = Shape {
    attributes: &[
        ("create_before_destroy", false),
        ("prevent_destroy", false),
        ("ignore_changes", false),
        ("replace_triggered_by", false),
    ],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

pub(crate) fn decode(block: &Block, own: &Resource, notation: &Notation, d: &mut Diagnostics) -> Lifecycle {
    let content = SHAPE.content(&block.body, block.header, d);
    let mut lifecycle = Lifecycle::default();
    if own.mode == Mode::Managed {
        let flag = |name: &str, d: &mut Diagnostics| {
            content.attribute(name).and_then(|a| d.absorb(constant::boolean(&a.expr)))
        };
        lifecycle.create_before_destroy = flag("create_before_destroy", d);
        lifecycle.prevent_destroy = flag("prevent_destroy", d).unwrap_or(false);
        lifecycle.prevent_destroy_span = content.attribute("prevent_destroy").map(|a| a.span);
        if let Some(a) = content.attribute("ignore_changes") {
            lifecycle.ignore_changes = ignore_changes(a, notation, d);
        }
        if let Some(a) = content.attribute("replace_triggered_by") {
            lifecycle.replace_triggered_by = replace_triggered_by(a, notation, d);
        }
    } else {
        let (summary, kind) = match own.mode {
            Mode::Ephemeral => ("Invalid ephemeral resource lifecycle argument", "ephemeral resources"),
            _ => ("Invalid data resource lifecycle argument", "data resources"),
        };
        for attribute in content.attributes() {
            let detail = format!(
                "The lifecycle argument \"{}\" is defined only for managed resources (\"resource\" blocks), and is not \
                 valid for {kind}.",
                attribute.name.name
            );
            d.push(Diagnostic::error(summary, detail).at(attribute.name.span).within(block.header));
        }
    }
    for inner in &content.blocks {
        let Some(condition) = condition::decode(inner, d) else { continue };
        condition::check_self(inner, &condition, own, d);
        if &*inner.kind.name == "precondition" {
            lifecycle.preconditions.push(condition);
        } else {
            lifecycle.postconditions.push(condition);
        }
    }
    lifecycle
}

fn ignore_changes(attribute: &Attribute, notation: &Notation, d: &mut Diagnostics) -> IgnoreChanges {
    let expr = &attribute.expr;
    let json_all = notation.is_json(expr.span) && constant::quoted(expr) == Some("all");
    if constant::keyword(expr) == Some("all") || json_all {
        return IgnoreChanges::All;
    }
    let Some(items) = d.absorb(constant::list(expr)) else { return IgnoreChanges::None };
    let mut paths = Vec::new();
    for item in items {
        if constant::quoted(item) == Some("*") {
            d.push(
                Diagnostic::error("Invalid ignore_changes wildcard", "The [\"*\"] form of ignore_changes is invalid.")
                    .at(expr.span)
                    .hint("Write ignore_changes = all to ignore changes to all attributes."),
            );
            continue;
        }
        let item = constant::unquoted(item, notation, "references", d);
        paths.extend(d.absorb(constant::traversal(&item)));
    }
    if paths.is_empty() { IgnoreChanges::None } else { IgnoreChanges::Paths(paths) }
}

fn replace_triggered_by(attribute: &Attribute, notation: &Notation, d: &mut Diagnostics) -> Vec<Expr> {
    let Some(items) = d.absorb(constant::list(&attribute.expr)) else { return Vec::new() };
    let mut exprs = Vec::new();
    for item in items {
        let expr = if notation.is_json(item.span) {
            constant::unquoted(item, notation, "references", d)
        } else {
            item.clone()
        };
        check_trigger(&expr, d);
        exprs.push(expr);
    }
    exprs
}

/// A trigger is one resource, whose keys may be `count.index` and `each.key`.
fn check_trigger(expr: &Expr, d: &mut Diagnostics) {
    let mut resources = 0;
    for found in references(expr) {
        let step = match found.steps.first() {
            Some(TraversalStep::Attr(name)) => &*name.name,
            _ => "",
        };
        let problem = match &*found.root.name {
            "each" if step == "key" => None,
            "each" => Some((
                "Invalid each reference in replace_triggered_by expression",
                "Only each.key may be used in replace_triggered_by.",
            )),
            "count" if step == "index" => None,
            "count" => Some((
                "Invalid count reference in replace_triggered_by expression",
                "Only count.index may be used in replace_triggered_by.",
            )),
            _ if reference::resource_of(&found).is_some_and(|(r, _)| r.mode != Mode::Ephemeral) => {
                resources += 1;
                None
            }
            _ => Some((
                "Invalid reference in replace_triggered_by expression",
                "Only resources, count.index, and each.key may be used in replace_triggered_by.",
            )),
        };
        if let Some((summary, detail)) = problem {
            d.push(Diagnostic::error(summary, detail).at(expr.span));
            return;
        }
    }
    let detail = match resources {
        1 => return,
        0 => "Missing resource reference in replace_triggered_by expression.",
        _ => "Multiple resource references in replace_triggered_by expression.",
    };
    d.push(Diagnostic::error("Invalid replace_triggered_by expression", detail).at(expr.span));
}
