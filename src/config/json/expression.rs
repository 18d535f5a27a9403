//! JSON values as expressions.

use super::COMMENT;
use super::node::{Kind, Node};
use crate::diagnostics::Diagnostics;
use crate::lang::syntax::ast::{Attribute, Block, Body, Expr, ExprKind, ObjectItem, ObjectKey};
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
                })
                .collect(),
        ),
    };
    Expr { kind, span }
}

/// An argument's expression as blocks of its name.
pub(super) fn blocks(attribute: &Attribute) -> Vec<Block> {
    let items: &[Expr] = match &attribute.expr.kind {
        ExprKind::Tuple(items) => items,
        ExprKind::Literal(value) if value.is_null() => &[],
        _ => std::slice::from_ref(&attribute.expr),
    };
    items.iter().map(|item| block(attribute, item)).collect()
}

fn block(attribute: &Attribute, expr: &Expr) -> Block {
    let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), span: expr.span };
    match &expr.kind {
        ExprKind::Object(items) => {
            for item in items {
                let name = match &item.key {
                    ObjectKey::Name(name) => name.clone(),
                    ObjectKey::Expr(key) => match &key.kind {
                        ExprKind::Literal(text) => crate::lang::syntax::ast::Ident {
                            name: text.as_str().unwrap_or_default().into(),
                            span: key.span,
                        },
                        _ => continue,
                    },
                };
                if &*name.name != COMMENT {
                    let span = name.span.to(item.value.span);
                    body.attributes.push(Attribute { name, expr: item.value.clone(), span });
                }
            }
        }
        // Not an object: kept as an argument under the block's own name, so that the schema reports it there.
        _ => body.attributes.push(attribute.clone()),
    }
    Block { kind: attribute.name.clone(), labels: Vec::new(), body, header: attribute.name.span, span: attribute.span }
}
