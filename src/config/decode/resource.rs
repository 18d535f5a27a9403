//! `resource` and `data` blocks: meta-arguments, `lifecycle`, provisioners; the rest is left for the provider's schema.

use super::fields::{Fields, identifier, labels};
use super::provider::provider_ref;
use super::variable::{condition, depends_on};
use crate::address::{Mode, Resource};
use crate::config::model::{IgnoreChanges, Lifecycle, Provisioner, Repetition, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::eval::{keyword, traversal};
use crate::lang::syntax::ast::{Block, Expr, ExprKind, Ident, Traversal};

/// A `resource` or `data` block.
pub fn resource(block: &Block, mode: Mode, problems: &mut Diagnostics) -> Option<ResourceBlock> {
    let [type_name, name] = labels(block, ["type", "name"], problems)?;
    let valid = [identifier(block, 0, "resource type", problems), identifier(block, 1, "resource", problems)];
    if valid.contains(&false) {
        return None;
    }
    let address = Resource { mode, type_name: type_name.to_owned(), name: name.to_owned() };
    decode(block, address, problems)
}

fn decode(block: &Block, address: Resource, problems: &mut Diagnostics) -> Option<ResourceBlock> {
    let managed = address.mode == Mode::Managed;
    let mut fields = Fields::new(&block.body, block.header);
    let repetition = repetition(&mut fields, problems);
    let depends_on = fields.expr("depends_on").map(|e| depends_on(e, problems)).unwrap_or_default();
    let provider = fields.expr("provider").and_then(|e| provider_ref(e, problems));
    let lifecycle = fields.block("lifecycle").map(|b| lifecycle(b, address.mode, problems)).unwrap_or_default();
    let (mut provisioners, mut connection) = (Vec::new(), None);
    if managed {
        connection = fields.block("connection").map(|b| b.body.clone());
        provisioners = fields.blocks("provisioner").into_iter().filter_map(|b| provisioner(b, problems)).collect();
    }
    for reserved in ["locals"] {
        for nested in fields.blocks(reserved) {
            let text =
                format!("The block type name \"{reserved}\" is reserved for use by Terraform in a future version.");
            problems.push(
                Diagnostic::error("Reserved block type name in resource block", text)
                    .at(nested.kind.span)
                    .within(block.header),
            );
        }
    }
    let (mut body, more) = fields.remaining();
    problems.extend(more);
    escaped(&mut body, problems);
    Some(ResourceBlock {
        address,
        body,
        repetition,
        depends_on,
        provider,
        lifecycle,
        provisioners,
        connection,
        span: block.header,
        type_span: block.labels.first()?.span,
    })
}

/// A `_` block holds arguments whose names would be taken for meta-arguments.
fn escaped(body: &mut crate::lang::syntax::ast::Body, problems: &mut Diagnostics) {
    let (inner, rest): (Vec<Block>, Vec<Block>) =
        std::mem::take(&mut body.blocks).into_iter().partition(|b| &*b.kind.name == "_");
    body.blocks = rest;
    for block in inner {
        if labels(&block, [], problems).is_some() {
            body.attributes.extend(block.body.attributes);
            body.blocks.extend(block.body.blocks);
        }
    }
}

/// `count` and `for_each`, of which at most one may be set.
pub fn repetition(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Repetition {
    let (count, for_each) = (fields.optional("count"), fields.optional("for_each"));
    match (count, for_each) {
        (Some(count), Some(for_each)) => {
            let text = "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.";
            let error = Diagnostic::error("Invalid combination of \"count\" and \"for_each\"", text);
            problems
                .push(error.at(for_each.name.span).label(count.name.span, "count is set here").within(fields.header));
            Repetition::ForEach(for_each.expr.clone())
        }
        (Some(count), None) => Repetition::Count(count.expr.clone()),
        (None, Some(for_each)) => Repetition::ForEach(for_each.expr.clone()),
        (None, None) => Repetition::Single,
    }
}

fn lifecycle(block: &Block, mode: Mode, problems: &mut Diagnostics) -> Lifecycle {
    let mut out = Lifecycle::default();
    labels(block, [], problems);
    let mut fields = Fields::new(&block.body, block.header);
    if mode == Mode::Managed {
        out.create_before_destroy = fields.bool("create_before_destroy");
        out.prevent_destroy_span = fields.optional("prevent_destroy").map(|a| a.span);
        out.prevent_destroy = fields.bool("prevent_destroy").unwrap_or(false);
        out.ignore_changes = fields.expr("ignore_changes").map(|e| ignore_changes(e, problems)).unwrap_or_default();
        out.replace_triggered_by =
            fields.expr("replace_triggered_by").map(|e| triggers(e, problems)).unwrap_or_default();
    }
    out.preconditions = fields.blocks("precondition").into_iter().filter_map(|b| condition(b, problems)).collect();
    out.postconditions = fields.blocks("postcondition").into_iter().filter_map(|b| condition(b, problems)).collect();
    if mode != Mode::Managed {
        for name in ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"] {
            if let Some(attribute) = fields.optional(name) {
                let text = format!(
                    "The lifecycle argument \"{name}\" is defined only for managed resources (\"resource\" blocks), and is not valid for data resources."
                );
                problems.push(
                    Diagnostic::error("Invalid data resource lifecycle argument", text)
                        .at(attribute.name.span)
                        .within(block.header),
                );
            }
        }
    }
    problems.extend(fields.finish());
    out
}

fn ignore_changes(expr: &Expr, problems: &mut Diagnostics) -> IgnoreChanges {
    if keyword(expr) == Some("all") {
        return IgnoreChanges::All;
    }
    let ExprKind::Tuple(items) = &expr.kind else {
        let text = "ignore_changes is a list of attribute names, or the keyword all.";
        problems.push(Diagnostic::error("Invalid ignore_changes", text).at(expr.span));
        return IgnoreChanges::None;
    };
    let mut paths = Vec::new();
    for item in items {
        match relative(item) {
            Some(path) if &*path.root.name == "*" => return IgnoreChanges::All,
            Some(path) => paths.push(path),
            None => {
                let text = "Each element is an attribute of this resource, such as tags or tags[\"Owner\"].";
                problems.push(Diagnostic::error("Invalid ignore_changes", text).at(item.span));
            }
        }
    }
    IgnoreChanges::Paths(paths)
}

/// A relative reference; quoted ones of old are taken as their text.
fn relative(expr: &Expr) -> Option<Traversal> {
    if let ExprKind::Literal(value) = &expr.kind {
        let text = value.as_str()?;
        let plain = text == "*" || text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let name = Ident { name: text.into(), span: expr.span };
        return plain.then_some(Traversal { root: name, steps: Vec::new(), span: expr.span });
    }
    traversal(expr)
}

fn triggers(expr: &Expr, problems: &mut Diagnostics) -> Vec<Expr> {
    match &expr.kind {
        ExprKind::Tuple(items) => items.clone(),
        _ => {
            let text = "replace_triggered_by is a list of references to resources or their attributes.";
            problems.push(Diagnostic::error("Invalid replace_triggered_by expression", text).at(expr.span));
            Vec::new()
        }
    }
}

/// A bare word out of a few; `"create"` in quotes is read too.
fn word<'a>(expr: &'a Expr, allowed: &[&str], name: &str, span: Span, problems: &mut Diagnostics) -> Option<&'a str> {
    let found = keyword(expr).or_else(|| match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    });
    if found.is_none_or(|w| !allowed.contains(&w)) {
        let text = format!("The \"{name}\" argument requires one of the following keywords: {}.", allowed.join(" or "));
        problems.push(Diagnostic::error(format!("Invalid \"{name}\" keyword"), text).at(expr.span).within(span));
        return None;
    }
    found
}

fn provisioner(block: &Block, problems: &mut Diagnostics) -> Option<Provisioner> {
    labels(block, ["type"], problems)?;
    let kind = block.labels.first()?.clone();
    if matches!(&*kind.name, "chef" | "habitat" | "puppet" | "salt-masterless") {
        let text = format!("The \"{}\" provisioner was removed in Terraform 0.15.0 after being deprecated.", kind.name);
        problems.push(
            Diagnostic::error(format!("The \"{}\" provisioner has been removed", kind.name), text)
                .at(kind.span)
                .within(block.header),
        );
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let when = fields.expr("when").and_then(|e| word(e, &["create", "destroy"], "when", block.header, problems));
    let on_failure =
        fields.expr("on_failure").and_then(|e| word(e, &["continue", "fail"], "on_failure", block.header, problems));
    let connection = fields.block("connection").map(|b| b.body.clone());
    let (body, more) = fields.remaining();
    problems.extend(more);
    Some(Provisioner {
        kind,
        body,
        on_destroy: when == Some("destroy"),
        continue_on_failure: on_failure == Some("continue"),
        connection,
        span: block.header,
    })
}

/// A `check` block's scoped data resource.
pub fn scoped_data(block: &Block, problems: &mut Diagnostics) -> Option<ResourceBlock> {
    resource(block, Mode::Data, problems)
}
