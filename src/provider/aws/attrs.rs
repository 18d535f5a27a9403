//! Writing down what a read found, without types: [`Attrs`] takes plain Rust values, and [`Attrs::shape`] gives them the schema's types.
//!
//! Attributes not named stay what they were planned or stored as. Attributes named with `None` become the zero of their type
//! (the empty text, 0, false, an empty collection), as the original provider's SDK stores them; so do texts, numbers and bools of
//! nested blocks that are not named, while collections there become null. Types made with its newer framework store null instead.

use crate::lang::value::{Fields, Number, Type, Value};
use crate::provider::schema::{Block, NestedBlock, Nesting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a value that is not there is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// As the zero of its type.
    Zero,
    /// As null.
    Null,
}

#[derive(Debug, Clone)]
enum Raw {
    Absent,
    Null,
    String(String),
    Int(i64),
    Bool(bool),
    Strings(Vec<String>),
    Map(BTreeMap<String, String>),
    Blocks(Vec<Attrs>),
    Value(Value),
}

/// Attributes and blocks by name.
#[derive(Debug, Clone, Default)]
pub struct Attrs(BTreeMap<&'static str, Raw>);

impl Attrs {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(mut self, name: &'static str, raw: Raw) -> Self {
        self.0.insert(name, raw);
        self
    }

    /// A text.
    #[must_use]
    pub fn str(self, name: &'static str, text: impl Into<String>) -> Self {
        self.put(name, Raw::String(text.into()))
    }

    /// A text that may be absent.
    #[must_use]
    pub fn opt<S: Into<String>>(self, name: &'static str, text: Option<S>) -> Self {
        self.put(name, text.map_or(Raw::Absent, |t| Raw::String(t.into())))
    }

    /// A bool.
    #[must_use]
    pub fn bool(self, name: &'static str, truth: impl Into<Option<bool>>) -> Self {
        self.put(name, truth.into().map_or(Raw::Absent, Raw::Bool))
    }

    /// A whole number.
    #[must_use]
    pub fn int<N: Into<i64>>(self, name: &'static str, number: Option<N>) -> Self {
        self.put(name, number.map_or(Raw::Absent, |n| Raw::Int(n.into())))
    }

    /// A list or set of texts.
    #[must_use]
    pub fn strings<S: Into<String>>(self, name: &'static str, texts: impl IntoIterator<Item = S>) -> Self {
        self.put(name, Raw::Strings(texts.into_iter().map(Into::into).collect()))
    }

    /// A map of texts.
    #[must_use]
    pub fn map<K: Into<String>, V: Into<String>>(
        self,
        name: &'static str,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.put(name, Raw::Map(entries.into_iter().map(|(k, v)| (k.into(), v.into())).collect()))
    }

    /// Nested blocks.
    #[must_use]
    pub fn blocks(self, name: &'static str, blocks: impl IntoIterator<Item = Attrs>) -> Self {
        self.put(name, Raw::Blocks(blocks.into_iter().collect()))
    }

    /// A nested block that stands at most once.
    #[must_use]
    pub fn block(self, name: &'static str, block: Option<Attrs>) -> Self {
        self.blocks(name, block)
    }

    /// Explicitly null.
    #[must_use]
    pub fn null(self, name: &'static str) -> Self {
        self.put(name, Raw::Null)
    }

    /// A value that already has its type.
    #[must_use]
    pub fn value(self, name: &'static str, value: Value) -> Self {
        self.put(name, Raw::Value(value))
    }

    /// The attributes of both; the other's win.
    #[must_use]
    pub fn with(mut self, other: Attrs) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A text put before.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Raw::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The object of the schema's type: what is named here over `base`, which must be an object of that type or null.
    pub fn shape(self, block: &Block, base: &Value, absent: Absent) -> Value {
        let mut raws = self.0;
        let none = block.empty_value();
        let base = if base.fields().is_some() { base } else { &none };
        let kept = |name: &str, ty: Type| base.get(name).cloned().unwrap_or_else(|| Value::null(ty));
        let mut out = Fields::new();
        for (name, attribute) in &block.attributes {
            let value = match raws.remove(name.as_ref()) {
                Some(raw) => shape_attribute(raw, &attribute.ty, absent),
                None => kept(name, attribute.ty.clone()),
            };
            out.insert(name.clone(), value);
        }
        for (name, nested) in &block.blocks {
            let value = match raws.remove(name.as_ref()) {
                Some(raw) => shape_nested(raw, nested, absent),
                None => kept(name, nested.implied_type()),
            };
            out.insert(name.clone(), value);
        }
        Value::object(out)
    }

    fn shape_inner(self, block: &Block, absent: Absent) -> Value {
        let mut raws = self.0;
        let mut out = Fields::new();
        for (name, attribute) in &block.attributes {
            let value = match raws.remove(name.as_ref()) {
                // The SDK leaves collections inside blocks null unless they are set.
                None if !attribute.ty.is_primitive() => Value::null(attribute.ty.clone()),
                raw => shape_attribute(raw.unwrap_or(Raw::Absent), &attribute.ty, absent),
            };
            out.insert(name.clone(), value);
        }
        for (name, nested) in &block.blocks {
            let raw = raws.remove(name.as_ref()).unwrap_or(Raw::Absent);
            out.insert(name.clone(), shape_nested(raw, nested, absent));
        }
        Value::object(out)
    }
}

fn shape_nested(raw: Raw, nested: &NestedBlock, absent: Absent) -> Value {
    let ty = nested.block.implied_type();
    let blocks = match raw {
        Raw::Blocks(blocks) => blocks,
        Raw::Value(value) => return value,
        _ => return nested.empty_value(),
    };
    let mut items: Vec<Value> = blocks.into_iter().map(|b| b.shape_inner(&nested.block, absent)).collect();
    match nested.nesting {
        Nesting::List => Value::list(ty, items),
        Nesting::Set => Value::set(ty, items),
        Nesting::Single | Nesting::Group => items.pop().unwrap_or_else(|| nested.empty_value()),
        Nesting::Map => nested.empty_value(),
    }
}

fn shape_attribute(raw: Raw, ty: &Type, absent: Absent) -> Value {
    match (raw, ty) {
        (Raw::Value(value), _) => value,
        (Raw::Absent, _) if absent == Absent::Zero => zero(ty),
        (Raw::String(text), Type::String) => Value::string_normalized(&text),
        (Raw::String(text), Type::Bool) => Value::bool(text == "true"),
        (Raw::String(text), Type::Number) => text.parse().map_or_else(|_| Value::null(Type::Number), int),
        (Raw::Int(n), Type::Number) => int(n),
        (Raw::Int(n), Type::String) => Value::string(n.to_string()),
        (Raw::Bool(truth), Type::Bool) => Value::bool(truth),
        (Raw::Bool(truth), Type::String) => Value::string(truth.to_string()),
        (Raw::Strings(texts), Type::List(inner)) => Value::list(Type::clone(inner), scalars(texts, inner)),
        (Raw::Strings(texts), Type::Set(inner)) => Value::set(Type::clone(inner), scalars(texts, inner)),
        (Raw::Map(entries), Type::Map(inner)) => {
            let fields = entries.into_iter().map(|(k, v)| (Arc::from(k), Value::string_normalized(&v)));
            Value::map(Type::clone(inner), fields.collect())
        }
        (Raw::Blocks(blocks), Type::List(inner)) => Value::list(Type::clone(inner), objects(blocks, inner, absent)),
        (Raw::Blocks(blocks), Type::Set(inner)) => Value::set(Type::clone(inner), objects(blocks, inner, absent)),
        (_, ty) => Value::null(ty.clone()),
    }
}

fn scalars(texts: Vec<String>, ty: &Type) -> Vec<Value> {
    texts.into_iter().map(|t| shape_attribute(Raw::String(t), ty, Absent::Zero)).collect()
}

fn objects(blocks: Vec<Attrs>, ty: &Type, absent: Absent) -> Vec<Value> {
    let Type::Object(object) = ty else { return Vec::new() };
    let one = |b: Attrs| {
        let mut raws = b.0;
        let fields = object.attributes.iter().map(|(name, ty)| {
            let raw = raws.remove(name.as_ref()).unwrap_or(Raw::Absent);
            (name.clone(), shape_attribute(raw, ty, absent))
        });
        Value::object(fields.collect())
    };
    blocks.into_iter().map(one).collect()
}

/// The zero of a type: the empty text, 0, false, an empty collection; null for an object.
pub fn zero(ty: &Type) -> Value {
    match ty {
        Type::String => Value::string(""),
        Type::Number => Value::number(0),
        Type::Bool => Value::bool(false),
        Type::List(inner) => Value::list(Type::clone(inner), Vec::new()),
        Type::Set(inner) => Value::set(Type::clone(inner), Vec::new()),
        Type::Map(inner) => Value::map(Type::clone(inner), Fields::new()),
        other => Value::null(other.clone()),
    }
}

fn int(n: i64) -> Value {
    Value::number(Number::from(n))
}
