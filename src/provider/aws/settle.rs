//! Brings what a read found together with what was planned or stored, so that meaningless differences (null and empty, texts that
//! mean the same) never reach the state. The rules are those of the original provider's SDK.

use super::equivalence;
use super::object::is_zero;
use super::schema::Rules;
use crate::lang::value::{Fields, Kind, Type, Value};
use crate::provider::schema::{Block, Nesting};

/// What the found object is settled against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The planned object, after a create or update.
    Planned,
    /// The stored object, at a refresh.
    Stored,
}

/// The object to store.
pub fn settle(block: &Block, rules: &Rules, found: &Value, known: &Value, against: Against) -> Value {
    let kept = keep_meaning(block, rules, found, known);
    let mut settled = merge(&kept, known, against);
    if block.blocks.get("timeouts").is_some_and(|b| b.nesting == Nesting::Single)
        && let Some(timeouts) = known.get("timeouts")
    {
        settled = settled.with_field("timeouts", timeouts.clone());
    }
    no_unknowns(&settled)
}

/// Unknowns that nothing told become null.
pub fn no_unknowns(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    let known = |v: Value| -> Result<Value, std::convert::Infallible> {
        Ok(match v.kind() {
            Kind::Unknown(ty, _) => absent_of(ty),
            _ => v,
        })
    };
    value.transform(&mut |_, v| known(v)).unwrap_or_else(|never| match never {})
}

fn absent_of(ty: &Type) -> Value {
    match ty {
        // Nested blocks are never null.
        Type::List(inner) if matches!(**inner, Type::Object(_)) => Value::list(Type::clone(inner), Vec::new()),
        Type::Set(inner) if matches!(**inner, Type::Object(_)) => Value::set(Type::clone(inner), Vec::new()),
        other => Value::null(other.clone()),
    }
}

/// Texts that mean the same as before stay as they were, unless there is none any more.
fn keep_meaning(block: &Block, rules: &Rules, found: &Value, known: &Value) -> Value {
    let (Some(fields), Some(before)) = (found.fields(), known.fields()) else { return found.clone() };
    let mut out = Fields::clone(fields);
    for (name, rule) in &rules.attributes {
        if let (Some(new), Some(old)) = (fields.get(name), before.get(name))
            && new != old
            && (rule.policy || rule.json)
            && new.as_str() != Some("")
            && equivalence::same(rule, old, new)
        {
            out.insert(name.clone(), old.clone());
        }
    }
    for (name, rule) in &rules.blocks {
        let (Some(new), Some(old), Some(nested)) = (fields.get(name), before.get(name), block.blocks.get(name)) else {
            continue;
        };
        if nested.nesting != Nesting::List {
            continue;
        }
        if let (Kind::List(ty, items), Some(old)) = (new.kind(), old.elements()) {
            let none = Value::null(ty.clone());
            let kept = items.iter().enumerate();
            let kept = kept.map(|(i, v)| keep_meaning(&nested.block, &rule.inner, v, old.get(i).unwrap_or(&none)));
            out.insert(name.clone(), Value::list(ty.clone(), kept.collect()));
        }
    }
    Value::object(out)
}

/// Equal but for null and the zero of a type, at any depth.
pub fn same_but_zero(a: &Value, b: &Value) -> bool {
    if a == b || (is_zero(a) && is_zero(b)) {
        return true;
    }
    match (a.kind(), b.kind()) {
        (Kind::Object(x), Kind::Object(y)) | (Kind::Map(_, x), Kind::Map(_, y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same_but_zero(v, w)))
        }
        (Kind::List(_, x), Kind::List(_, y)) => {
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(v, w)| same_but_zero(v, w))
        }
        (Kind::Set(_, x), Kind::Set(_, y)) => {
            x.len() == y.len() && x.iter().all(|v| y.iter().any(|w| same_but_zero(v, w)))
        }
        _ => false,
    }
}

fn merge(found: &Value, known: &Value, against: Against) -> Value {
    if !known.is_known() || !found.is_known() {
        return found.clone();
    }
    // At a refresh nothing that means nothing is told as a change made outside.
    if against == Against::Stored && !matches!(found.kind(), Kind::Object(_)) && same_but_zero(found, known) {
        return known.clone();
    }
    let is_collection = |v: &Value| matches!(v.ty(), Type::List(_) | Type::Set(_) | Type::Map(_));
    let empty = |v: &Value| {
        !v.is_null() && v.elements().is_some_and(<[Value]>::is_empty) || v.fields().is_some_and(Fields::is_empty)
    };
    if is_collection(found) && ((known.is_null() && empty(found)) || (empty(known) && found.is_null())) {
        return known.clone();
    }
    if known.is_null() {
        return found.clone();
    }
    match (found.kind(), known.kind()) {
        (Kind::Object(fields), Kind::Object(before)) => {
            let settled = fields.iter().map(|(name, value)| {
                let value = before.get(name).map_or_else(|| value.clone(), |b| merge(value, b, against));
                (name.clone(), value)
            });
            Value::object(settled.collect())
        }
        (Kind::List(ty, items), Kind::List(_, before)) if items.len() == before.len() => {
            let settled = items.iter().zip(before.iter()).map(|(value, before)| merge(value, before, against));
            Value::list(ty.clone(), settled.collect())
        }
        (Kind::Set(..), Kind::Set(..)) if against == Against::Planned && known.is_wholly_known() => known.clone(),
        (Kind::Null(_), Kind::String(text)) if text.is_empty() => known.clone(),
        (Kind::Null(_), Kind::String(_) | Kind::Number(_) | Kind::Bool(_))
            if against == Against::Planned && known.is_wholly_known() =>
        {
            known.clone()
        }
        _ => found.clone(),
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    fn tags(v: Value) -> Value {
        Value::object_of([("tags", v)])
    }

    #[test]
    fn empty_and_null_collections_are_not_a_change() {
        let none = tags(Value::null(Type::map(Type::String)));
        let empty = tags(Value::map(Type::String, Fields::new()));
        let block = Block::default();
        assert_eq!(settle(&block, &Rules::default(), &empty, &none, Against::Stored), none);
        assert_eq!(settle(&block, &Rules::default(), &none, &empty, Against::Planned), empty);
    }

    #[test]
    fn empty_and_null_are_not_a_change_inside_blocks_either() {
        let stage = |v: Value| {
            let action = Value::object_of([("input_artifacts", v)]);
            Value::object_of([("action", Value::list(action.ty(), vec![action]))])
        };
        let none = stage(Value::null(Type::list(Type::String)));
        let empty = stage(Value::list(Type::String, Vec::new()));
        assert_eq!(settle(&Block::default(), &Rules::default(), &empty, &none, Against::Planned), none);
    }

    #[test]
    fn what_stays_unknown_becomes_null() {
        let v = Value::object_of([("a", Value::unknown(Type::String))]);
        assert_eq!(no_unknowns(&v), Value::object_of([("a", Value::null(Type::String))]));
    }
}
