//! Conversion of values to a wanted type, with Terraform's rules and wording.

use super::unify::unify;
use super::{Fields, Kind, Number, Path, PathStep, Refinement, Type, Value};
use std::fmt;
use std::sync::Arc;

/// Why a value does not convert, and where inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvertError {
    /// The place of the trouble inside the value.
    pub path: Path,
    /// What is wanted there: `a number is required`. No capital, no full stop.
    pub message: String,
}

impl ConvertError {
    /// An error at a place.
    pub fn new(path: &Path, message: impl Into<String>) -> Self {
        ConvertError { path: path.clone(), message: message.into() }
    }
}

/// `.a["b"][0]: message`, or only the message at the root.
impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.path.0.first() {
            let dot = if matches!(first, PathStep::Attr(_)) { "." } else { "" };
            write!(f, "{dot}{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConvertError {}

/// The value as a value of type `want`. Marks stay where they are, unknowns keep what is known of them, attributes of objects
/// that are not wanted are dropped, and optional ones that are absent become null.
pub fn convert(value: &Value, want: &Type) -> Result<Value, ConvertError> {
    if *want == Type::Dynamic {
        return Ok(value.clone());
    }
    let have = value.ty();
    if have == want.without_optional() {
        return Ok(value.clone());
    }
    if !exists(&have, want, true) {
        return Err(ConvertError::new(&Path::root(), mismatch(&have, want)));
    }
    convert_at(value, want, &mut Path::root())
}

/// Whether some values of type `from` convert to `to`.
pub fn conversion_exists(from: &Type, to: &Type) -> bool {
    exists(from, to, true)
}

/// With `lossy`, also conversions that fail for some values.
pub(super) fn exists(from: &Type, to: &Type, lossy: bool) -> bool {
    match (from, to) {
        (_, Type::Dynamic) => true,
        (a, b) if a == b => true,
        (Type::Dynamic, _) => lossy,
        (Type::Number | Type::Bool, Type::String) => true,
        (Type::String, Type::Number | Type::Bool) => lossy,
        (Type::Object(from), Type::Object(to)) => {
            to.attributes.iter().all(|(name, to_type)| match from.attributes.get(name) {
                Some(from_type) => from_type == to_type || exists(from_type, to_type, lossy),
                None => to.optional.contains(name),
            })
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(f, t)| f == t || exists(f, t, lossy))
        }
        (Type::List(from), Type::Set(to)) => lossy && exists(from, to, lossy),
        (Type::List(from) | Type::Set(from), Type::List(to))
        | (Type::Set(from), Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => exists(from, to, lossy),
        (Type::Tuple(items), Type::List(element) | Type::Set(element)) => {
            each_exists(items.iter(), element, lossy, true)
        }
        (Type::Object(o), Type::Map(element)) => each_exists(o.attributes.values(), element, lossy, false),
        (Type::Map(element), Type::Object(to)) => {
            lossy && to.attributes.iter().all(|(name, t)| exists(element, t, lossy) || to.optional.contains(name))
        }
        _ => false,
    }
}

fn each_exists<'a>(
    types: impl ExactSizeIterator<Item = &'a Type> + Clone,
    element: &Type,
    lossy: bool,
    sequence: bool,
) -> bool {
    if types.len() == 0 {
        return true;
    }
    if *element != Type::Dynamic {
        return types.into_iter().all(|t| exists(t, element, lossy));
    }
    let list: Vec<Type> = types.clone().cloned().collect();
    let Some(common) = (if lossy { unify(&list) } else { super::unify::unify_safe(&list) }) else { return false };
    if sequence && common == Type::Dynamic && list.iter().any(|t| *t != Type::Dynamic) {
        return false;
    }
    list.iter().all(|t| exists(t, &common, lossy))
}

fn convert_at(value: &Value, want: &Type, path: &mut Path) -> Result<Value, ConvertError> {
    if *want == Type::Dynamic {
        return Ok(value.clone());
    }
    let marks = value.marks();
    let converted = match value.kind() {
        Kind::Unknown(have, refinement) => {
            unknown_as(have, refinement.as_deref(), dynamic_replace(have, &want.without_optional()))
        }
        Kind::Null(have) => Value::null(dynamic_replace(have, &want.without_optional())),
        Kind::String(text) => from_string(text, want, path)?,
        Kind::Number(n) if *want == Type::String => Value::string(n.to_string()),
        Kind::Bool(b) if *want == Type::String => Value::string(if *b { "true" } else { "false" }),
        Kind::Number(_) if *want == Type::Number => value.clone(),
        Kind::Bool(_) if *want == Type::Bool => value.clone(),
        Kind::List(have, items) | Kind::Set(have, items) => match want {
            Type::List(element) => {
                let element_type = dynamic_replace(have, &element.without_optional());
                if matches!(value.kind(), Kind::Set(..)) && items.len() > 1 && value.contains_unknown() {
                    // How many of the elements are different is not known.
                    Value::unknown(Type::list(element_type))
                } else {
                    sequence(items, element, element_type, path, Value::list, "list")?
                }
            }
            Type::Set(element) => {
                let element_type = dynamic_replace(have, &element.without_optional());
                sequence(items, element, element_type, path, Value::set, "set")?
            }
            _ => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
        },
        Kind::Tuple(items) => match want {
            Type::List(element) => tuple_elements(items, element, path, Value::list, "list")?,
            Type::Set(element) => tuple_elements(items, element, path, Value::set, "set")?,
            Type::Tuple(wanted) if wanted.len() == items.len() => {
                let mut out = Vec::with_capacity(items.len());
                for (i, (item, want)) in items.iter().zip(wanted.iter()).enumerate() {
                    out.push(step(item, want, path, || PathStep::index(i))?);
                }
                Value::tuple(out)
            }
            _ => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
        },
        Kind::Map(have, fields) => match want {
            Type::Map(element) => {
                let element_type = dynamic_replace(have, &element.without_optional());
                map_elements(fields, element, element_type, path)?
            }
            Type::Object(o) => {
                let mut out = Fields::new();
                for (name, value) in fields.iter() {
                    let Some(want) = o.attributes.get(name) else { continue };
                    let have = value.ty();
                    if !exists(&have, want, true) {
                        let message = format!(
                            "map element type is incompatible with attribute {}: {}",
                            super::quote(name),
                            mismatch(&have, want)
                        );
                        return Err(ConvertError::new(path, message));
                    }
                    let value = step(value, want, path, || PathStep::Index(Value::string(name.clone())))?;
                    out.insert(name.clone(), value);
                }
                for (name, ty) in &o.attributes {
                    if out.contains_key(name) {
                        continue;
                    }
                    if !o.optional.contains(name) {
                        let message = format!("map has no element for required attribute {}", super::quote(name));
                        return Err(ConvertError::new(path, message));
                    }
                    out.insert(name.clone(), Value::null(ty.without_optional()));
                }
                Value::object(out)
            }
            _ => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
        },
        Kind::Object(fields) => match want {
            Type::Object(o) => {
                let mut out = Fields::new();
                for (name, want) in &o.attributes {
                    let value = match fields.get(name) {
                        Some(value) => step(value, want, path, || PathStep::Attr(name.clone()))?,
                        None if o.optional.contains(name) => Value::null(want.without_optional()),
                        None => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
                    };
                    out.insert(name.clone(), value);
                }
                Value::object(out)
            }
            Type::Map(element) => {
                let element_type = common_element(fields.values(), element);
                let element = if **element == Type::Dynamic { &element_type } else { element };
                map_elements(fields, element, element_type.without_optional(), path)?
            }
            _ => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
        },
        Kind::Number(_) | Kind::Bool(_) => return Err(ConvertError::new(path, mismatch(&value.ty(), want))),
    };
    Ok(converted.with_marks(marks))
}

fn step(value: &Value, want: &Type, path: &mut Path, at: impl Fn() -> PathStep) -> Result<Value, ConvertError> {
    path.0.push(at());
    let result = convert_at(value, want, path);
    path.0.pop();
    result
}

/// `Dynamic` replaced by what the elements have in common.
fn common_element<'a>(values: impl Iterator<Item = &'a Value>, element: &Type) -> Type {
    if *element != Type::Dynamic {
        return element.clone();
    }
    let types: Vec<Type> = values.map(Value::ty).collect();
    unify(&types).unwrap_or(Type::Dynamic)
}

fn sequence(
    items: &[Value],
    want: &Type,
    empty_type: Type,
    path: &mut Path,
    make: fn(Type, Vec<Value>) -> Value,
    noun: &str,
) -> Result<Value, ConvertError> {
    let mut out = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        out.push(step(item, want, path, || PathStep::index(i))?);
    }
    if !want.has_dynamic() || out.is_empty() {
        return Ok(make(empty_type, out));
    }
    match same_type(out.iter()) {
        Some(ty) => Ok(make(ty, out)),
        None => Err(ConvertError::new(path, format!("element types must all match for conversion to {noun}"))),
    }
}

fn tuple_elements(
    items: &[Value],
    want: &Type,
    path: &mut Path,
    make: fn(Type, Vec<Value>) -> Value,
    noun: &str,
) -> Result<Value, ConvertError> {
    if items.is_empty() {
        return Ok(make(want.without_optional(), Vec::new()));
    }
    let want = &common_element(items.iter(), want);
    if !want.has_dynamic() {
        return sequence(items, want, want.without_optional(), path, make, noun);
    }
    let mut out = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        out.push(step(item, want, path, || PathStep::index(i))?);
    }
    let types: Vec<Type> = out.iter().map(Value::ty).collect();
    let Some(common) = unify(&types) else {
        return Err(ConvertError::new(path, "cannot find a common base type for all elements"));
    };
    let unified = out.iter().enumerate().map(|(i, v)| step(v, &common, path, || PathStep::index(i)));
    let out = unified.collect::<Result<Vec<_>, _>>()?;
    match same_type(out.iter()) {
        Some(ty) => Ok(make(ty, out)),
        None => Err(ConvertError::new(path, format!("element types must all match for conversion to {noun}"))),
    }
}

fn map_elements(fields: &Fields, want: &Type, empty_type: Type, path: &mut Path) -> Result<Value, ConvertError> {
    let mut out = Fields::new();
    for (name, value) in fields {
        out.insert(name.clone(), step(value, want, path, || PathStep::Index(Value::string(name.clone())))?);
    }
    if !want.has_dynamic() || out.is_empty() {
        return Ok(Value::map(empty_type, out));
    }
    if want.is_collection() || matches!(want, Type::Object(_)) {
        let types: Vec<Type> = out.values().map(Value::ty).collect();
        let Some(common) = unify(&types) else {
            return Err(ConvertError::new(path, "cannot find a common base type for all elements"));
        };
        for (name, value) in &mut out {
            *value = step(value, &common, path, || PathStep::Index(Value::string(name.clone())))?;
        }
    }
    match same_type(out.values()) {
        Some(ty) => Ok(Value::map(ty, out)),
        None => Err(ConvertError::new(path, "element types must all match for conversion to map")),
    }
}

/// The one type of the values, those not known yet aside.
fn same_type<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Type> {
    let mut found = Type::Dynamic;
    for value in values {
        let ty = value.ty();
        if found == Type::Dynamic {
            found = ty;
        } else if ty != Type::Dynamic && ty != found {
            return None;
        }
    }
    Some(found)
}

fn from_string(text: &Arc<str>, want: &Type, path: &Path) -> Result<Value, ConvertError> {
    let wrong = |message: &str| Err(ConvertError::new(path, message));
    match want {
        Type::String => Ok(Value::string(text.clone())),
        Type::Number => match Number::parse(text) {
            Some(n) => Ok(Value::number(n)),
            None => wrong("a number is required"),
        },
        Type::Bool => match &**text {
            "true" | "1" => Ok(Value::bool(true)),
            "false" | "0" => Ok(Value::bool(false)),
            other => match other.to_lowercase().as_str() {
                "true" => wrong("a bool is required; to convert from string, use lowercase \"true\""),
                "false" => wrong("a bool is required; to convert from string, use lowercase \"false\""),
                _ => wrong("a bool is required"),
            },
        },
        _ => wrong(&mismatch(&Type::String, want)),
    }
}

/// An unknown of another type, with what still holds of it.
fn unknown_as(have: &Type, refinement: Option<&Refinement>, want: Type) -> Value {
    let old = refinement.cloned().unwrap_or_default();
    let mut new = Refinement { not_null: old.not_null, ..Refinement::default() };
    let mut between = |low: u64, high: u64| {
        new.min_length = Some(low);
        new.max_length = Some(high);
    };
    match (have, &want) {
        (Type::Object(o), Type::Map(_)) => between(o.attributes.len() as u64, o.attributes.len() as u64),
        (Type::Tuple(items), Type::List(_)) => between(items.len() as u64, items.len() as u64),
        (Type::Tuple(items), Type::Set(_)) => between(items.len().min(1) as u64, items.len() as u64),
        (a, b) if a.is_collection() && b.is_collection() => {
            new.min_length = match b {
                Type::Set(_) => old.min_length.map(|n| n.min(1)),
                _ => old.min_length,
            };
            new.max_length = old.max_length;
        }
        (a, b) if a == b => new = old,
        _ => {}
    }
    Value::unknown_refined(want, new)
}

/// `want` with `Dynamic` replaced by what `have` has there.
fn dynamic_replace(have: &Type, want: &Type) -> Type {
    if *have == Type::Dynamic {
        return want.clone();
    }
    if !want.has_dynamic() {
        return want.clone();
    }
    let common = |types: Vec<Type>, element: &Type| match unify(&types) {
        Some(ty) => dynamic_replace(&ty, element),
        None => element.clone(),
    };
    match (want, have) {
        (Type::Dynamic, _) => have.clone(),
        (Type::Map(e), Type::Map(h)) => Type::map(dynamic_replace(h, e)),
        (Type::Map(e), Type::Object(o)) => Type::map(common(o.attributes.values().cloned().collect(), e)),
        (Type::Set(e), Type::Set(h) | Type::List(h)) => Type::set(dynamic_replace(h, e)),
        (Type::Set(e), Type::Tuple(items)) => Type::set(common(items.to_vec(), e)),
        (Type::List(e), Type::Set(h) | Type::List(h)) => Type::list(dynamic_replace(h, e)),
        (Type::List(e), Type::Tuple(items)) => Type::list(common(items.to_vec(), e)),
        (Type::Object(o), Type::Map(h)) => {
            Type::object(o.attributes.iter().map(|(k, t)| (k.clone(), dynamic_replace(h, t))))
        }
        (Type::Object(o), Type::Object(h)) => Type::object(
            o.attributes
                .iter()
                .map(|(k, t)| (k.clone(), h.attributes.get(k).map_or_else(|| t.clone(), |h| dynamic_replace(h, t)))),
        ),
        (Type::Tuple(items), Type::Tuple(h)) => {
            Type::Tuple(items.iter().zip(h.iter()).map(|(t, h)| dynamic_replace(h, t)).collect())
        }
        _ => want.clone(),
    }
}

/// What is wanted instead, when no conversion exists between the types.
pub fn mismatch(have: &Type, want: &Type) -> String {
    let quote = super::quote;
    match (have, want) {
        (Type::Object(h), Type::Object(w)) => {
            let missing: Vec<String> = w
                .attributes
                .keys()
                .filter(|name| !h.attributes.contains_key(*name) && !w.optional.contains(*name))
                .map(|name| quote(name))
                .collect();
            match missing.as_slice() {
                [] => {}
                [one] => return format!("attribute {one} is required"),
                [one, two] => return format!("attributes {one} and {two} are required"),
                [most @ .., last] => return format!("attributes {}, and {last} are required", most.join(", ")),
            }
            let wrong = |lossy: bool| {
                w.attributes.iter().find_map(|(name, want)| {
                    let have = h.attributes.get(name)?;
                    (have != want && !exists(have, want, lossy))
                        .then(|| format!("attribute {}: {}", quote(name), mismatch(have, want)))
                })
            };
            wrong(true).or_else(|| wrong(false)).unwrap_or_else(|| "incorrect object attributes".to_owned())
        }
        (Type::Tuple(_), Type::List(e)) if **e == Type::Dynamic => {
            "all list elements must have the same type".to_owned()
        }
        (Type::Tuple(_), Type::Set(e)) if **e == Type::Dynamic => "all set elements must have the same type".to_owned(),
        (Type::Object(_), Type::Map(e)) if **e == Type::Dynamic => {
            "all map elements must have the same type".to_owned()
        }
        (Type::Tuple(items), Type::List(e) | Type::Set(e)) => items
            .iter()
            .enumerate()
            .find(|(_, t)| !exists(t, e, true))
            .map(|(i, t)| format!("element {i}: {}", mismatch(t, e)))
            .unwrap_or_else(|| format!("all elements must be {}", e.friendly_name_for_constraint())),
        (Type::Object(o), Type::Map(e)) => o
            .attributes
            .iter()
            .find(|(_, t)| !exists(t, e, true))
            .map(|(name, t)| format!("element {}: {}", quote(name), mismatch(t, e)))
            .unwrap_or_else(|| format!("all elements must be {}", e.friendly_name_for_constraint())),
        (Type::List(h) | Type::Set(h), Type::List(w)) => format!("incorrect list element type: {}", mismatch(h, w)),
        (Type::List(h) | Type::Set(h), Type::Set(w)) => format!("incorrect set element type: {}", mismatch(h, w)),
        (Type::Map(h), Type::Map(w)) => format!("incorrect map element type: {}", mismatch(h, w)),
        _ => format!("{} required", want.friendly_name_for_constraint()),
    }
}
