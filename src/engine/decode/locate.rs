//! From a path into a value back to the place in the source that gave it.

use crate::diagnostics::{AttributeStep, Span};
use crate::lang::syntax::ast::{Block, Body, Expr, ExprKind, ObjectKey};
use crate::lang::value::PathStep;

/// The place of an attribute in a body; as far in as the source shows. `None` when not even its first step stands there.
pub(in crate::engine) fn locate(body: &Body, path: &[AttributeStep]) -> Option<Span> {
    let (AttributeStep::Name(name), rest) = path.split_first()? else { return None };
    if let Some(attribute) = body.attribute(name) {
        let steps: Vec<PathStep> = rest.iter().map(step).collect();
        return Some(if rest.is_empty() { attribute.expr.span } else { inside(&attribute.expr, &steps) });
    }
    let blocks: Vec<&Block> = body.blocks.iter().filter(|b| *b.produces().name == **name).collect();
    let (block, rest) = match rest.split_first() {
        Some((AttributeStep::Index(index), rest)) => {
            (usize::try_from(*index).ok().and_then(|i| blocks.get(i)).or(blocks.first())?, rest)
        }
        Some((AttributeStep::Key(key), rest)) => {
            let labelled = blocks.iter().find(|b| b.labels.first().is_some_and(|l| *l.name == **key));
            (labelled.or(blocks.first())?, rest)
        }
        _ => (blocks.first()?, rest),
    };
    let inner = if block.dynamic().is_some() { &block.body.blocks_of("content").next()?.body } else { &block.body };
    Some(locate(inner, rest).unwrap_or(block.header))
}

fn step(step: &AttributeStep) -> PathStep {
    match step {
        AttributeStep::Name(name) => PathStep::Attr(name.as_str().into()),
        AttributeStep::Index(index) => PathStep::index(usize::try_from(*index).unwrap_or(usize::MAX)),
        AttributeStep::Key(key) => PathStep::Index(crate::lang::value::Value::string(key.as_str())),
    }
}

/// The place inside an expression: through literal objects and lists, no further.
pub(super) fn inside(expr: &Expr, path: &[PathStep]) -> Span {
    let Some((first, rest)) = path.split_first() else { return expr.span };
    let inner = match (&expr.kind, first) {
        (ExprKind::Parens(inner), _) => return inside(inner, path),
        (ExprKind::Tuple(items), PathStep::Index(key)) => {
            key.as_i64().and_then(|i| usize::try_from(i).ok()).and_then(|i| items.get(i))
        }
        (ExprKind::Object(items), first) => {
            let wanted = match first {
                PathStep::Attr(name) => Some(&**name),
                PathStep::Index(key) => key.as_str(),
            };
            items.iter().rev().find(|item| key_text(&item.key) == wanted).map(|item| &item.value)
        }
        _ => None,
    };
    inner.map_or(expr.span, |inner| inside(inner, rest))
}

fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Name(name) => Some(&name.name),
        ObjectKey::Expr(expr) => match &expr.kind {
            ExprKind::Literal(value) => value.as_str(),
            _ => None,
        },
    }
}
