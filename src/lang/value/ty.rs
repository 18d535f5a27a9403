//! Types of values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Attributes of an object type, and which of them may be left out when converting to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ObjectType {
    /// By name.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Names that may be absent; only in type constraints.
    pub optional: BTreeSet<Arc<str>>,
}

/// A type, or `Dynamic` where any type may stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Any type; of a null or unknown value: not known yet.
    Dynamic,
    /// Text.
    String,
    /// 512-bit binary float.
    Number,
    /// Truth.
    Bool,
    /// Ordered, one element type.
    List(Arc<Type>),
    /// Without order or duplicates.
    Set(Arc<Type>),
    /// By string key, one element type.
    Map(Arc<Type>),
    /// Fixed length.
    Tuple(Arc<[Type]>),
    /// Fixed names.
    Object(Arc<ObjectType>),
}

impl Type {
    /// A list of this element type.
    pub fn list(element: Type) -> Self {
        Type::List(Arc::new(element))
    }

    /// A set of this element type.
    pub fn set(element: Type) -> Self {
        Type::Set(Arc::new(element))
    }

    /// A map of this element type.
    pub fn map(element: Type) -> Self {
        Type::Map(Arc::new(element))
    }

    /// An object type without optional attributes.
    pub fn object<K: Into<Arc<str>>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Self {
        Type::Object(Arc::new(ObjectType {
            attributes: attributes.into_iter().map(|(k, t)| (k.into(), t)).collect(),
            optional: BTreeSet::new(),
        }))
    }

    /// Whether it is string, number or bool.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::String | Type::Number | Type::Bool)
    }

    /// Whether `Dynamic` stands anywhere in it.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::List(t) | Type::Set(t) | Type::Map(t) => t.has_dynamic(),
            Type::Tuple(items) => items.iter().any(Type::has_dynamic),
            Type::Object(o) => o.attributes.values().any(Type::has_dynamic),
            _ => false,
        }
    }

    /// Element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(t) | Type::Set(t) | Type::Map(t) => Some(t),
            _ => None,
        }
    }
}

/// Defaults of optional attributes inside a type constraint, applied before conversion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Default values of attributes of an object.
    pub values: BTreeMap<Arc<str>, super::Value>,
    /// Defaults inside attributes of an object, elements of a tuple (by decimal index), or elements of a collection (by `""`).
    pub children: BTreeMap<Arc<str>, Defaults>,
}
