//! Reading an object's attributes without ceremony.

use crate::lang::value::{Kind, Value};
use std::collections::BTreeMap;

/// An object of a type, or a nested block of it. Null and unknown read as absent.
#[derive(Debug, Clone, Copy)]
pub struct Obj<'a>(&'a Value);

impl<'a> Obj<'a> {
    /// Of a value; anything but an object has no attributes.
    pub fn new(value: &'a Value) -> Self {
        Obj(value)
    }

    /// The value it reads.
    pub fn as_value(&self) -> &'a Value {
        self.0
    }

    /// Whether there is no object.
    pub fn is_null(&self) -> bool {
        self.0.is_null()
    }

    /// An attribute's value.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Whether an attribute is wholly known (null counts as known).
    pub fn known(&self, name: &str) -> bool {
        self.value(name).is_none_or(Value::is_wholly_known)
    }

    /// Whether an attribute is set: neither null nor unknown nor an empty collection.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|v| {
            v.is_known()
                && !v.is_null()
                && v.elements().is_none_or(|e| !e.is_empty())
                && v.fields().is_none_or(|f| !f.is_empty())
        })
    }

    /// A text; empty when absent.
    pub fn str(&self, name: &str) -> &'a str {
        self.value(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text that is neither absent nor empty.
    pub fn opt(&self, name: &str) -> Option<&'a str> {
        Some(self.str(name)).filter(|s| !s.is_empty())
    }

    /// The same, owned, as SDK builders want it.
    pub fn string(&self, name: &str) -> Option<String> {
        self.opt(name).map(str::to_owned)
    }

    /// A bool; false when absent.
    pub fn bool(&self, name: &str) -> bool {
        self.opt_bool(name).unwrap_or_default()
    }

    /// A bool that is set.
    pub fn opt_bool(&self, name: &str) -> Option<bool> {
        self.value(name).and_then(Value::as_bool)
    }

    /// A whole number that is set (zero counts as set).
    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name).and_then(Value::as_i64)
    }

    /// The same for SDK fields of 32 bits; absent when it does not fit.
    pub fn int32(&self, name: &str) -> Option<i32> {
        self.int(name).and_then(|n| i32::try_from(n).ok())
    }

    /// The texts of a list or set; nulls and unknowns are left out.
    pub fn strings(&self, name: &str) -> Vec<String> {
        let items = self.value(name).and_then(Value::elements).unwrap_or_default();
        items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }

    /// The texts of a map; nulls and unknowns are left out.
    pub fn string_map(&self, name: &str) -> BTreeMap<String, String> {
        let Some(fields) = self.value(name).and_then(Value::fields) else { return BTreeMap::new() };
        fields.iter().filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned()))).collect()
    }

    /// Every text attribute that is set, by name.
    pub fn string_map_of_attributes(&self) -> BTreeMap<String, String> {
        let Some(fields) = self.0.fields() else { return BTreeMap::new() };
        let set = |v: &Value| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned);
        fields.iter().filter_map(|(k, v)| Some((k.to_string(), set(v)?))).collect()
    }

    /// The blocks of a list or set, or a single block.
    pub fn blocks(&self, name: &str) -> Vec<Obj<'a>> {
        match self.value(name) {
            Some(v) if matches!(v.kind(), Kind::Object(_)) => vec![Obj(v)],
            Some(v) => v.elements().unwrap_or_default().iter().map(Obj).collect(),
            None => Vec::new(),
        }
    }

    /// The first block, for those that stand at most once.
    pub fn block(&self, name: &str) -> Option<Obj<'a>> {
        self.blocks(name).into_iter().next()
    }

    /// Whether an attribute differs from another object's: null, absent and the zero of its type are the same.
    pub fn differs(&self, other: &Obj<'_>, name: &str) -> bool {
        match (self.value(name), other.value(name)) {
            (Some(a), Some(b)) => a != b && !(is_zero(a) && is_zero(b)),
            (Some(a), None) | (None, Some(a)) => !is_zero(a),
            (None, None) => false,
        }
    }

    /// Whether any of these differs.
    pub fn differs_any(&self, other: &Obj<'_>, names: &[&str]) -> bool {
        names.iter().any(|name| self.differs(other, name))
    }
}

/// Whether a value is what an unset attribute reads as: null, the empty text, zero, false, an empty collection.
pub fn is_zero(value: &Value) -> bool {
    match value.kind() {
        Kind::Null(_) => true,
        Kind::String(s) => s.is_empty(),
        Kind::Number(n) => n.to_i64() == Some(0),
        Kind::Bool(b) => !b,
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.is_empty(),
        Kind::Map(_, fields) => fields.is_empty(),
        Kind::Object(_) | Kind::Unknown(..) => false,
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
    use crate::lang::value::Type;

    #[test]
    fn the_zero_of_a_type_and_null_do_not_differ() {
        let a = Value::object_of([("d", Value::null(Type::String)), ("n", Value::number(1))]);
        let b = Value::object_of([("d", Value::string("")), ("n", Value::number(2))]);
        assert!(!Obj::new(&a).differs(&Obj::new(&b), "d"));
        assert!(Obj::new(&a).differs(&Obj::new(&b), "n"));
    }

    #[test]
    fn unknown_reads_as_absent() {
        let a = Value::object_of([("d", Value::unknown(Type::String))]);
        assert_eq!(Obj::new(&a).opt("d"), None);
        assert!(!Obj::new(&a).known("d"));
    }
}
