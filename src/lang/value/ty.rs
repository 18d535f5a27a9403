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

impl Type {
    /// The name used in messages: `list of string`, `object`, `dynamic`.
    pub fn friendly_name(&self) -> String {
        self.friendly("dynamic", "dynamic")
    }

    /// The name used in messages about what is wanted: `list of any single type`, `any type`.
    pub fn friendly_name_for_constraint(&self) -> String {
        self.friendly("any type", "any single type")
    }

    fn friendly(&self, dynamic: &str, dynamic_element: &str) -> String {
        let of = |kind: &str, element: &Type| match element {
            Type::Dynamic => format!("{kind} of {dynamic_element}"),
            _ => format!("{kind} of {}", element.friendly(dynamic, dynamic_element)),
        };
        match self {
            Type::Dynamic => dynamic.to_owned(),
            Type::String => "string".to_owned(),
            Type::Number => "number".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::List(e) => of("list", e),
            Type::Set(e) => of("set", e),
            Type::Map(e) => of("map", e),
            Type::Tuple(_) => "tuple".to_owned(),
            Type::Object(_) => "object".to_owned(),
        }
    }

    /// The type as a constraint is written, on one line: `map(object({ a = string, b = optional(number) }))`.
    pub fn constraint_text(&self) -> String {
        match self {
            Type::Dynamic => "any".to_owned(),
            Type::String | Type::Number | Type::Bool => self.friendly_name(),
            Type::List(e) => format!("list({})", e.constraint_text()),
            Type::Set(e) => format!("set({})", e.constraint_text()),
            Type::Map(e) => format!("map({})", e.constraint_text()),
            Type::Tuple(items) => {
                let items: Vec<String> = items.iter().map(Type::constraint_text).collect();
                format!("tuple([{}])", items.join(", "))
            }
            Type::Object(o) if o.attributes.is_empty() => "object({})".to_owned(),
            Type::Object(o) => {
                let attributes: Vec<String> = o
                    .attributes
                    .iter()
                    .map(|(name, ty)| match o.optional.contains(name) {
                        true => format!("{name} = optional({})", ty.constraint_text()),
                        false => format!("{name} = {}", ty.constraint_text()),
                    })
                    .collect();
                format!("object({{ {} }})", attributes.join(", "))
            }
        }
    }

    /// The type over several lines, as the console prints what `type(…)` says.
    pub fn console_text(&self) -> String {
        let mut out = String::new();
        self.write_console(&mut out, 0);
        out
    }

    fn write_console(&self, out: &mut String, depth: usize) {
        let indent = |out: &mut String, depth: usize| out.extend(std::iter::repeat_n(' ', depth * 4));
        let mut of = |kind: &str, element: &Type| {
            out.push_str(kind);
            out.push('(');
            if matches!(element, Type::Object(_) | Type::Tuple(_)) {
                out.push('\n');
                indent(out, depth + 1);
                element.write_console(out, depth + 1);
                out.push_str(",\n");
                indent(out, depth);
            } else {
                element.write_console(out, depth);
            }
            out.push(')');
        };
        match self {
            Type::Dynamic => out.push_str("dynamic"),
            Type::String | Type::Number | Type::Bool => out.push_str(&self.friendly_name()),
            Type::List(e) => of("list", e),
            Type::Set(e) => of("set", e),
            Type::Map(e) => of("map", e),
            Type::Tuple(items) if items.is_empty() => out.push_str("tuple([])"),
            Type::Tuple(items) => {
                out.push_str("tuple([\n");
                for item in items.iter() {
                    indent(out, depth + 1);
                    item.write_console(out, depth + 1);
                    out.push_str(",\n");
                }
                indent(out, depth);
                out.push_str("])");
            }
            Type::Object(o) if o.attributes.is_empty() => out.push_str("object({})"),
            Type::Object(o) => {
                out.push_str("object({\n");
                for (name, ty) in &o.attributes {
                    indent(out, depth + 1);
                    out.push_str(name);
                    out.push_str(": ");
                    ty.write_console(out, depth + 1);
                    out.push_str(",\n");
                }
                indent(out, depth);
                out.push_str("})");
            }
        }
    }

    /// The same type with no attribute optional anywhere: the type values have after conversion.
    #[must_use]
    pub fn without_optional(&self) -> Type {
        if !self.has_optional() {
            return self.clone();
        }
        match self {
            Type::List(e) => Type::list(e.without_optional()),
            Type::Set(e) => Type::set(e.without_optional()),
            Type::Map(e) => Type::map(e.without_optional()),
            Type::Tuple(items) => Type::Tuple(items.iter().map(Type::without_optional).collect()),
            Type::Object(o) => Type::object(o.attributes.iter().map(|(k, t)| (k.clone(), t.without_optional()))),
            other => other.clone(),
        }
    }

    fn has_optional(&self) -> bool {
        match self {
            Type::List(e) | Type::Set(e) | Type::Map(e) => e.has_optional(),
            Type::Tuple(items) => items.iter().any(Type::has_optional),
            Type::Object(o) => !o.optional.is_empty() || o.attributes.values().any(Type::has_optional),
            _ => false,
        }
    }

    /// Whether it is a list, set or map.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List(_) | Type::Set(_) | Type::Map(_))
    }

    /// Whether values of this type fit where `want` is wanted without conversion: equal but for `Dynamic` in `want`.
    pub fn conforms_to(&self, want: &Type) -> bool {
        match (self, want) {
            (_, Type::Dynamic) => true,
            (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
                a.conforms_to(b)
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.conforms_to(b))
            }
            (Type::Object(a), Type::Object(b)) => {
                a.attributes.len() == b.attributes.len()
                    && a.attributes
                        .iter()
                        .zip(&b.attributes)
                        .all(|((a_name, a), (b_name, b))| a_name == b_name && a.conforms_to(b))
            }
            (a, b) => a == b,
        }
    }

    /// The type in the form state files and schemas have it: `"string"`, `["list","string"]`, `["object",{…}]`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::{Value as Json, json};
        match self {
            Type::Dynamic => Json::from("dynamic"),
            Type::String | Type::Number | Type::Bool => Json::from(self.friendly_name()),
            Type::List(e) => json!(["list", e.to_json()]),
            Type::Set(e) => json!(["set", e.to_json()]),
            Type::Map(e) => json!(["map", e.to_json()]),
            Type::Tuple(items) => json!(["tuple", items.iter().map(Type::to_json).collect::<Vec<_>>()]),
            Type::Object(o) => {
                let attributes: serde_json::Map<_, _> =
                    o.attributes.iter().map(|(k, t)| (k.to_string(), t.to_json())).collect();
                if o.optional.is_empty() {
                    json!(["object", attributes])
                } else {
                    json!(["object", attributes, o.optional.iter().map(|n| n.to_string()).collect::<Vec<_>>()])
                }
            }
        }
    }

    /// Reads what [`Type::to_json`] writes; `None` when it is none.
    pub fn from_json(json: &serde_json::Value) -> Option<Type> {
        if let Some(name) = json.as_str() {
            return match name {
                "dynamic" => Some(Type::Dynamic),
                "string" => Some(Type::String),
                "number" => Some(Type::Number),
                "bool" => Some(Type::Bool),
                _ => None,
            };
        }
        let parts = json.as_array()?;
        let inner = parts.get(1)?;
        match parts.first()?.as_str()? {
            "list" => Some(Type::list(Type::from_json(inner)?)),
            "set" => Some(Type::set(Type::from_json(inner)?)),
            "map" => Some(Type::map(Type::from_json(inner)?)),
            "tuple" => Some(Type::Tuple(inner.as_array()?.iter().map(Type::from_json).collect::<Option<_>>()?)),
            "object" => {
                let attributes = inner
                    .as_object()?
                    .iter()
                    .map(|(k, t)| Some((Arc::from(k.as_str()), Type::from_json(t)?)))
                    .collect::<Option<_>>()?;
                let optional = match parts.get(2) {
                    Some(names) => {
                        names.as_array()?.iter().map(|n| n.as_str().map(Arc::from)).collect::<Option<_>>()?
                    }
                    None => BTreeSet::new(),
                };
                Some(Type::Object(Arc::new(ObjectType { attributes, optional })))
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.friendly_name())
    }
}
