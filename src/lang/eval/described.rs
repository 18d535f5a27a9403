//! What the references of a failing expression were: `var.name` `is "x"`.

use super::references::references;
use super::{Evaluator, Scope, get_attr, index};
use crate::diagnostics::ReferencedValue;
use crate::lang::syntax::ast::{Expr, Traversal, TraversalStep};
use crate::lang::value::{Kind, Marks, Type, Value};
use std::fmt::Write;

/// What is to blame for the failure; only then such values are mentioned, because they mislead otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Causes {
    /// That something is not known yet.
    pub unknown: bool,
    /// That something is sensitive or ephemeral.
    pub sensitive: bool,
}

/// The values of the references in `expr`, in order of their names. References that do not resolve are left out.
pub fn describe_values(expr: &Expr, scope: &dyn Scope, causes: Causes) -> Vec<ReferencedValue> {
    Evaluator { scope, names: None, quiet: true }.values_of(expr, causes)
}

impl Evaluator<'_> {
    pub(super) fn values_of(&self, expr: &Expr, causes: Causes) -> Vec<ReferencedValue> {
        let mut values: Vec<ReferencedValue> = Vec::new();
        for mut reference in references(expr) {
            // What fails further in may still say something further out.
            while !reference.steps.is_empty() {
                if let Some(value) = self.resolve_whole(&reference) {
                    let described = statement(&value, causes)
                        .map(|statement| ReferencedValue { traversal: text(&reference), statement });
                    values.extend(described.filter(|v| !values.contains(v)));
                    break;
                }
                reference.steps.pop();
            }
        }
        values.sort_by(|a, b| a.traversal.cmp(&b.traversal));
        values
    }

    fn resolve_whole(&self, reference: &Traversal) -> Option<Value> {
        let (mut value, consumed) = match self.names.and_then(|names| names.get(&reference.root.name)) {
            Some(value) => (value.clone(), 0),
            None => {
                let resolved = self.scope.resolve(reference).ok()?;
                (resolved.value, resolved.consumed)
            }
        };
        for step in reference.steps.iter().skip(consumed) {
            value = match step {
                TraversalStep::Attr(name) => get_attr(&value, &name.name),
                TraversalStep::Index(key, _) => index(&value, key),
            }
            .ok()?;
        }
        Some(value)
    }
}

/// The reference as written: `aws_iam_role.x["k"].arn`.
fn text(reference: &Traversal) -> String {
    let mut out = reference.root.name.to_string();
    for step in &reference.steps {
        let _ = match step {
            TraversalStep::Attr(name) => write!(out, ".{}", name.name),
            TraversalStep::Index(key, _) => match (key.as_str(), key.as_number()) {
                (Some(text), _) => write!(out, "[{}]", crate::address::quote(text)),
                (_, Some(number)) => write!(out, "[{number}]"),
                _ => write!(out, "[...]"),
            },
        };
    }
    out
}

fn statement(value: &Value, causes: Causes) -> Option<String> {
    if value.marks().hidden() {
        return causes.sensitive.then(|| "has a sensitive value".to_owned());
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        return causes.sensitive.then(|| "has an ephemeral value".to_owned());
    }
    match value.kind() {
        Kind::Unknown(Type::Dynamic, _) => causes.unknown.then(|| "will be known only after apply".to_owned()),
        Kind::Unknown(ty, _) if !causes.unknown => Some(format!("is a {}", ty.friendly_name())),
        Kind::Unknown(ty, _) => {
            let range = value.range();
            let name = ty.friendly_name();
            Some(match (range.min_length, range.max_length) {
                (least, most) if ty.is_collection() && least == most => {
                    format!("is a {name} of length {least}, known only after apply")
                }
                (least, most) if ty.is_collection() && least > 0 && most <= 1024 => {
                    format!("is a {name} with between {least} and {most} elements, known only after apply")
                }
                (least, most) if ty.is_collection() && least > 0 && most > 1024 => {
                    format!("is a {name} with at least {least} elements, known only after apply")
                }
                (_, most) if ty.is_collection() && most <= 1024 => {
                    format!("is a {name} with up to {most} elements, known only after apply")
                }
                _ => format!("is a {name}, known only after apply"),
            })
        }
        _ => Some(format!("is {}", compact(value))),
    }
}

/// The value in a few words; nothing of it when it is sensitive.
fn compact(value: &Value) -> String {
    if !value.marks().is_empty() {
        return "(sensitive value)".into();
    }
    let counted = |noun: &str, count: usize| match count {
        0 => format!("empty {noun}"),
        1 => format!("{noun} with 1 element"),
        count => format!("{noun} with {count} elements"),
    };
    match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => "(not yet known)".into(),
        Kind::String(text) => crate::address::quote(text),
        Kind::Number(number) => number.to_string(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::List(_, items) | Kind::Set(_, items) => counted(&value.ty().friendly_name(), items.len()),
        Kind::Map(_, fields) => counted(&value.ty().friendly_name(), fields.len()),
        Kind::Tuple(items) => counted("tuple", items.len()),
        Kind::Object(fields) => match fields.len() {
            0 => "object with no attributes".into(),
            1 => {
                let name = fields.keys().next().map(|k| k.to_string()).unwrap_or_default();
                format!("object with 1 attribute {}", crate::address::quote(&name))
            }
            count => format!("object with {count} attributes"),
        },
    }
}
