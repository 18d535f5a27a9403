//! Equality as the language has it (`==`, which may be unknown), and the order and identity of set elements.

use super::{Kind, Notation, Type, Value};
use std::cmp::Ordering;

impl Value {
    /// Whether the two are equal: a bool, unknown where that depends on what is not known yet. The result has the marks of both.
    pub fn equals(a: &Value, b: &Value) -> Value {
        let marks = a.marks_deep() | b.marks_deep();
        match equal(&a.unmark_deep(), &b.unmark_deep()) {
            Some(truth) => Value::bool(truth),
            None => Value::unknown_not_null(Type::Bool),
        }
        .with_marks(marks)
    }

    /// Order of set elements, Terraform's: known, unknown, null; false before true; numbers by value; strings by bytes; containers by
    /// their [`Value::set_text`].
    pub fn set_order(&self, other: &Value) -> Ordering {
        let rank = |v: &Value| match v.kind() {
            Kind::Null(_) => 2,
            Kind::Unknown(..) => 1,
            _ => 0,
        };
        match (self.kind(), other.kind()) {
            (Kind::String(a), Kind::String(b)) => a.cmp(b),
            (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
            (Kind::Bool(a), Kind::Bool(b)) => a.cmp(b),
            _ => rank(self)
                .cmp(&rank(other))
                .then_with(|| if rank(self) == 0 { self.set_text().cmp(&other.set_text()) } else { Ordering::Equal }),
        }
    }

    /// The text that containers inside sets are ordered by; equal values have equal texts.
    pub fn set_text(&self) -> String {
        let mut out = String::new();
        self.write_set_text(&mut out);
        out
    }

    fn write_set_text(&self, out: &mut String) {
        match self.kind() {
            Kind::Null(_) => out.push('~'),
            Kind::Unknown(..) => out.push('?'),
            Kind::String(s) => out.push_str(&super::quote(s)),
            Kind::Number(n) => out.push_str(&n.text(Notation::General, Some(10))),
            Kind::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
            Kind::List(_, items) | Kind::Set(_, items) => {
                out.push('[');
                for item in items.iter() {
                    item.write_set_text(out);
                    out.push(';');
                }
                out.push(']');
            }
            Kind::Map(_, fields) => {
                out.push('{');
                for (name, value) in fields.iter() {
                    out.push_str(&super::quote(name));
                    out.push(':');
                    value.write_set_text(out);
                    out.push(';');
                }
                out.push('}');
            }
            Kind::Object(fields) => {
                out.push('<');
                for value in fields.values() {
                    value.write_set_text(out);
                    out.push(';');
                }
                out.push('>');
            }
            Kind::Tuple(items) => {
                out.push('<');
                for item in items.iter() {
                    item.write_set_text(out);
                    out.push(';');
                }
                out.push('>');
            }
        }
    }
}

/// Puts set elements in order and drops duplicates; elements that are not wholly known may turn out different, so they stay.
pub(super) fn sort_set(elements: &mut Vec<Value>) {
    if elements.iter().all(|e| matches!(e.kind(), Kind::String(_) | Kind::Number(_) | Kind::Bool(_))) {
        elements.sort_by(|a, b| a.set_order(b));
        elements.dedup();
        return;
    }
    let mut keyed: Vec<(String, Value)> = std::mem::take(elements)
        .into_iter()
        .map(|e| {
            let primitive = matches!(e.kind(), Kind::String(_) | Kind::Number(_) | Kind::Bool(_));
            (if primitive { String::new() } else { e.set_text() }, e)
        })
        .collect();
    let rank = |v: &Value| match v.kind() {
        Kind::Null(_) => 2,
        Kind::Unknown(..) => 1,
        _ => 0,
    };
    keyed.sort_by(|(a_text, a), (b_text, b)| match (a.kind(), b.kind()) {
        (Kind::String(_), Kind::String(_)) | (Kind::Number(_), Kind::Number(_)) | (Kind::Bool(_), Kind::Bool(_)) => {
            a.set_order(b)
        }
        _ => rank(a).cmp(&rank(b)).then_with(|| a_text.cmp(b_text)),
    });
    // Texts shorten numbers: elements with the same text may still differ, and equal ones need not be neighbours.
    let mut run = 0;
    let mut last = String::new();
    for (text, element) in keyed {
        if text != last {
            run = elements.len();
            last = text;
        }
        let same = |other: &Value| equal(other, &element) == Some(true);
        if element.contains_unknown() || elements.get(run..).is_none_or(|others| !others.iter().any(same)) {
            elements.push(element);
        }
    }
}

/// `None` where it depends on what is unknown. Marks are taken as removed.
fn equal(a: &Value, b: &Value) -> Option<bool> {
    let not_null = |v: &Value| v.range().not_null;
    if a.is_null() && not_null(b) || b.is_null() && not_null(a) {
        return Some(false);
    }
    match (a.is_known(), b.is_known()) {
        (false, false) => return None,
        (true, false) => return unknown_equal(a, b),
        (false, true) => return unknown_equal(b, a),
        (true, true) => {}
    }
    if a.is_null() || b.is_null() {
        return Some(a.is_null() && b.is_null());
    }
    let same_types = |x: &Type, y: &Type| {
        if type_settled(a) && type_settled(b) { Some(x == y) } else { may_be_same(x, y) }
    };
    match (a.kind(), b.kind()) {
        (Kind::String(a), Kind::String(b)) => Some(a == b),
        (Kind::Number(a), Kind::Number(b)) => Some(a == b),
        (Kind::Bool(a), Kind::Bool(b)) => Some(a == b),
        (Kind::List(a_type, a), Kind::List(b_type, b)) => {
            if !same_types(a_type, b_type)? || a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().zip(b.iter()))
        }
        (Kind::Tuple(x), Kind::Tuple(y)) => {
            if !same_types(&a.ty(), &b.ty())? {
                return Some(false);
            }
            all_equal(x.iter().zip(y.iter()))
        }
        (Kind::Set(a_type, a), Kind::Set(b_type, b)) => {
            if !same_types(a_type, b_type)? {
                return Some(false);
            }
            if a.iter().chain(b.iter()).any(|v| !v.is_known()) {
                return None;
            }
            let within = |x: &Value, others: &[Value]| others.iter().any(|y| equal(x, y) == Some(true));
            if a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| equal(x, y) == Some(true)) {
                return Some(true);
            }
            Some(a.iter().all(|x| within(x, b)) && b.iter().all(|x| within(x, a)))
        }
        (Kind::Map(a_type, a), Kind::Map(b_type, b)) => {
            if !same_types(a_type, b_type)? || !a.keys().eq(b.keys()) {
                return Some(false);
            }
            all_equal(a.values().zip(b.values()))
        }
        (Kind::Object(x), Kind::Object(y)) => {
            if !same_types(&a.ty(), &b.ty())? {
                return Some(false);
            }
            all_equal(x.values().zip(y.values()))
        }
        _ => Some(false),
    }
}

/// Whether nothing that is still unknown can change the type. The missing element type of an empty collection stays missing.
fn type_settled(value: &Value) -> bool {
    match value.kind() {
        Kind::Unknown(ty, _) => !ty.has_dynamic(),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.iter().all(type_settled),
        Kind::Map(_, fields) | Kind::Object(fields) => fields.values().all(type_settled),
        _ => true,
    }
}

/// Whether the types are equal; unknown while one has a part that is not known yet and could be the other.
fn may_be_same(a: &Type, b: &Type) -> Option<bool> {
    if a == b && !a.has_dynamic() {
        return Some(true);
    }
    if (a.has_dynamic() || b.has_dynamic()) && (a.conforms_to(b) || b.conforms_to(a)) {
        return None;
    }
    Some(a == b)
}

/// The first pair that is not plainly equal decides.
fn all_equal<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    for (a, b) in pairs {
        match equal(a, b) {
            Some(true) => {}
            other => return other,
        }
    }
    Some(true)
}

fn unknown_equal(known: &Value, unknown: &Value) -> Option<bool> {
    let unknown_type = unknown.ty();
    if !unknown.range().may_be(known) {
        return Some(false);
    }
    if known.is_null() || unknown_type.has_dynamic() || known.ty() == unknown_type {
        return None;
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::value::Refinement;

    #[test]
    fn equality_with_an_unknown_is_unknown_unless_its_refinement_excludes_it() {
        let unknown = Value::unknown(Type::String);
        assert!(!Value::equals(&unknown, &Value::string("a")).is_known());
        let refined = Value::unknown_refined(
            Type::String,
            Refinement { not_null: true, prefix: Some("arn:".into()), ..Refinement::default() },
        );
        assert_eq!(Value::equals(&refined, &Value::string("x")), Value::bool(false));
        assert_eq!(Value::equals(&refined, &Value::null(Type::String)), Value::bool(false));
        assert!(!Value::equals(&refined, &Value::string("arn:x")).is_known());
    }

    #[test]
    fn values_of_different_types_are_not_equal() {
        assert_eq!(Value::equals(&Value::string("1"), &Value::number(1)), Value::bool(false));
        let list = Value::list(Type::String, vec![]);
        assert_eq!(Value::equals(&list, &Value::tuple(vec![])), Value::bool(false));
    }

    #[test]
    fn sets_are_ordered_and_without_duplicates() {
        let set = Value::set(Type::Number, [3, 1, 2, 1].map(Value::number).to_vec());
        assert_eq!(set.elements().map(<[Value]>::len), Some(3));
        assert_eq!(set.at(0), Some(&Value::number(1)));
        let object = |n: i64| Value::object_of([("id", Value::string("x")), ("n", Value::number(n))]);
        let ty = object(1).ty();
        let set = Value::set(ty, vec![object(2), object(1), object(2)]);
        assert_eq!(set.elements(), Some(&[object(1), object(2)][..]));
    }

    #[test]
    fn comparison_of_sensitive_values_is_sensitive() {
        let secret = Value::string("a").sensitive();
        assert_eq!(Value::equals(&secret, &Value::string("a")), Value::bool(true).sensitive());
    }
}
