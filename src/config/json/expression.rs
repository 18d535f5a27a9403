//! JSON values as expressions.

use super::node::{Kind, Node};
use super::{COMMENT, DYNAMIC};
use crate::diagnostics::Diagnostics;
use crate::lang::syntax::ast::{Attribute, Block, Body, Expr, ExprKind, Ident, ObjectItem, ObjectKey};
use crate::lang::syntax::parse_template;
use crate::lang::value::{Type, Value};

/// The value as it is: strings are text.
pub(super) fn literal(node: &Node) -> Expr {
    convert(node, &mut |text, node| Expr { kind: ExprKind::Literal(Value::string_normalized(text)), span: node })
}

/// The value as an expression: strings, and names of properties, are templates.
pub(super) fn template(node: &Node, d: &mut Diagnostics) -> Expr {
    convert(node, &mut |text, span| {
        let plain = || Expr { kind: ExprKind::Literal(Value::string_normalized(text)), span };
        if !text.contains("${") && !text.contains("%{") {
            return plain();
        }
        match d.absorb(parse_template(span.file, text, span.start.saturating_add(1))) {
            Some(expr) => Expr { kind: expr.kind, span },
            None => plain(),
        }
    })
}

fn convert(node: &Node, string: &mut dyn FnMut(&str, crate::diagnostics::Span) -> Expr) -> Expr {
    let span = node.span;
    let kind = match &node.kind {
        Kind::Null => ExprKind::Literal(Value::null(Type::Dynamic)),
        Kind::Bool(b) => ExprKind::Literal(Value::bool(*b)),
        Kind::Number(n) => ExprKind::Literal(Value::number(n.clone())),
        Kind::String(text) => return string(text, span),
        Kind::Array(items) => ExprKind::Tuple(items.iter().map(|item| convert(item, string)).collect()),
        Kind::Object(members) => ExprKind::Object(
            members
                .iter()
                .map(|m| ObjectItem {
                    key: ObjectKey::Expr(string(&m.name, m.name_span)),
                    value: convert(&m.value, string),
                    once: true,
                })
                .collect(),
        ),
    };
    Expr { kind, span }
}

/// An argument's expression as blocks of its name; those of `dynamic` have a label.
pub(super) fn blocks(attribute: &Attribute) -> Vec<Block> {
    let mut found = Vec::new();
    for item in items(&attribute.expr) {
        if &*attribute.name.name != DYNAMIC {
            found.push(block(attribute, Vec::new(), item));
            continue;
        }
        for labelled in arguments(item) {
            for item in items(&labelled.expr) {
                let mut dynamic = block(attribute, vec![labelled.name.clone()], item);
                let (content, rest): (Vec<Attribute>, Vec<Attribute>) =
                    dynamic.body.attributes.into_iter().partition(|a| &*a.name.name == "content");
                dynamic.body.attributes = rest.into_iter().map(iterator).collect();
                dynamic.body.blocks = content.iter().flat_map(blocks).collect();
                found.push(dynamic);
            }
        }
    }
    found
}

/// The argument of a `dynamic` block; the text of `iterator` is a name.
pub(super) fn iterator(mut argument: Attribute) -> Attribute {
    if &*argument.name.name == "iterator"
        && let ExprKind::Literal(value) = &argument.expr.kind
        && let Some(name) = value.as_str().filter(|text| crate::lang::syntax::scan::is_identifier(text))
    {
        argument.expr.kind = ExprKind::Variable(Ident { name: name.into(), span: argument.expr.span });
    }
    argument
}

/// One for an object, several for an array, none for null.
fn items(expr: &Expr) -> &[Expr] {
    match &expr.kind {
        ExprKind::Tuple(items) => items,
        ExprKind::Literal(value) if value.is_null() => &[],
        _ => std::slice::from_ref(expr),
    }
}

/// The items of an object as arguments.
fn arguments(expr: &Expr) -> Vec<Attribute> {
    let ExprKind::Object(items) = &expr.kind else { return Vec::new() };
    items
        .iter()
        .filter_map(|item| {
            let name = match &item.key {
                ObjectKey::Name(name) => name.clone(),
                ObjectKey::Expr(key) => match &key.kind {
                    ExprKind::Literal(text) => Ident { name: text.as_str().unwrap_or_default().into(), span: key.span },
                    _ => return None,
                },
            };
            let span = name.span.to(item.value.span);
            (&*name.name != COMMENT).then(|| Attribute { name, expr: item.value.clone(), span })
        })
        .collect()
}

fn block(attribute: &Attribute, labels: Vec<Ident>, expr: &Expr) -> Block {
    let attributes = match &expr.kind {
        ExprKind::Object(_) => arguments(expr),
        // Not an object: kept as an argument under the block's own name, so that the schema reports it there.
        _ => vec![attribute.clone()],
    };
    let body = Body { attributes, blocks: Vec::new(), span: expr.span };
    Block { kind: attribute.name.clone(), labels, body, header: attribute.name.span, span: attribute.span }
}
