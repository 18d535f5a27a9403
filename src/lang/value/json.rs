//! Values as JSON: plain, in the form of state files, and with types inferred.

use super::{ConvertError, Fields, Kind, Number, Path, PathStep, Type, Value, convert};
use serde_json::Value as Json;
use std::sync::Arc;

/// The value as JSON, without marks; `None` if anything in it is unknown, or an infinite number. Keys are in order.
pub fn to_json(value: &Value) -> Option<Json> {
    Some(match value.kind() {
        Kind::Null(_) => Json::Null,
        Kind::Unknown(..) => return None,
        Kind::String(s) => Json::from(&**s),
        Kind::Number(n) => number_to_json(n)?,
        Kind::Bool(b) => Json::from(*b),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(to_json).collect::<Option<_>>()?)
        }
        Kind::Map(_, fields) | Kind::Object(fields) => {
            Json::Object(fields.iter().map(|(k, v)| Some((k.to_string(), to_json(v)?))).collect::<Option<_>>()?)
        }
    })
}

fn number_to_json(n: &Number) -> Option<Json> {
    if n.is_infinite() {
        return None;
    }
    if let Some(n) = n.to_i64()
        && n != 0
    {
        return Some(Json::from(n));
    }
    n.to_string().parse::<serde_json::Number>().ok().map(Json::Number)
}

/// The value as JSON where its place has type `ty`: where that is `Dynamic`, as `{"value": …, "type": …}`. `None` as in [`to_json`].
pub fn to_json_state(value: &Value, ty: &Type) -> Option<Json> {
    if *ty == Type::Dynamic && (value.ty() != Type::Dynamic) {
        let own = value.ty();
        let mut wrapper = serde_json::Map::new();
        wrapper.insert("value".into(), to_json_state(value, &own)?);
        wrapper.insert("type".into(), own.to_json());
        return Some(Json::Object(wrapper));
    }
    if !ty.has_dynamic() {
        return to_json(value);
    }
    let element = |i: usize| match ty {
        Type::Tuple(items) => items.get(i),
        other => other.element(),
    };
    Some(match value.kind() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Json::Array(
            items
                .iter()
                .enumerate()
                .map(|(i, v)| to_json_state(v, element(i).unwrap_or(&v.ty())))
                .collect::<Option<_>>()?,
        ),
        Kind::Map(_, fields) | Kind::Object(fields) => {
            let field = |name: &str| match ty {
                Type::Object(o) => o.attributes.get(name),
                other => other.element(),
            };
            Json::Object(
                fields
                    .iter()
                    .map(|(k, v)| Some((k.to_string(), to_json_state(v, field(k).unwrap_or(&v.ty()))?)))
                    .collect::<Option<_>>()?,
            )
        }
        _ => to_json(value)?,
    })
}

/// The JSON as a value of this type, in the form of state files: where the type is `Dynamic`, a `{"value": …, "type": …}` pair.
/// Object attributes that are absent become null; others than the type's are an error.
pub fn from_json_state(json: &Json, ty: &Type) -> Result<Value, ConvertError> {
    read(json, ty, Dynamics::Wrapped, &mut Path::root())
}

/// Like [`from_json_state`], but where the type is `Dynamic` the type is inferred from the JSON.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, ConvertError> {
    read(json, ty, Dynamics::Implied, &mut Path::root())
}

/// The JSON with its types inferred as `jsondecode` does: objects and tuples.
pub fn from_json_implied(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => number_from_json(n),
        Json::String(s) => Value::string_normalized(s),
        Json::Array(items) => Value::tuple(items.iter().map(from_json_implied).collect()),
        Json::Object(fields) => Value::object(fields.iter().map(|(k, v)| (key(k), from_json_implied(v))).collect()),
    }
}

/// Field names are normalised like all text.
fn key(name: &str) -> Arc<str> {
    match Value::string_normalized(name).into_kind() {
        Kind::String(s) => s,
        _ => Arc::from(name),
    }
}

fn number_from_json(n: &serde_json::Number) -> Value {
    // Text of a JSON number is always one of ours; only its exponent may be beyond any bound.
    Value::number(Number::parse(n.as_str()).unwrap_or(Number::INFINITY))
}

#[derive(Clone, Copy, PartialEq)]
enum Dynamics {
    Wrapped,
    Implied,
}

fn read(json: &Json, ty: &Type, dynamics: Dynamics, path: &mut Path) -> Result<Value, ConvertError> {
    let wrong = |path: &Path, message: &str| Err(ConvertError::new(path, message));
    if json.is_null() {
        return Ok(Value::null(ty.without_optional()));
    }
    match ty {
        Type::Dynamic if dynamics == Dynamics::Implied => Ok(from_json_implied(json)),
        Type::Dynamic => {
            let Some(own) = json.get("type").and_then(Type::from_json) else {
                return wrong(path, "a value of any type needs a \"type\" and a \"value\"");
            };
            match json.get("value") {
                Some(inner) => read(inner, &own, dynamics, path),
                None => wrong(path, "a value of any type needs a \"type\" and a \"value\""),
            }
        }
        Type::Bool => match json {
            Json::Bool(b) => Ok(Value::bool(*b)),
            Json::String(s) => at(path, convert(&Value::string(s.as_str()), ty)),
            _ => wrong(path, "bool is required"),
        },
        Type::Number => match json {
            Json::Number(n) => Ok(number_from_json(n)),
            Json::String(s) => at(path, convert(&Value::string(s.as_str()), ty)),
            _ => wrong(path, "number is required"),
        },
        Type::String => match json {
            Json::String(s) => Ok(Value::string_normalized(s)),
            Json::Number(n) => Ok(Value::string(n.as_str())),
            Json::Bool(b) => Ok(Value::string(if *b { "true" } else { "false" })),
            _ => wrong(path, "string is required"),
        },
        Type::List(element) | Type::Set(element) => {
            let Json::Array(items) = json else { return wrong(path, "a list is required") };
            let mut out = Vec::with_capacity(items.len());
            for (i, item) in items.iter().enumerate() {
                out.push(step(item, element, dynamics, path, PathStep::index(i))?);
            }
            let element = own_type(element, out.iter());
            Ok(if matches!(ty, Type::List(_)) { Value::list(element, out) } else { Value::set(element, out) })
        }
        Type::Map(element) => {
            let Json::Object(fields) = json else { return wrong(path, "an object is required") };
            let mut out = Fields::new();
            for (name, value) in fields {
                let name = key(name);
                let at = PathStep::Index(Value::string(name.clone()));
                out.insert(name, step(value, element, dynamics, path, at)?);
            }
            Ok(Value::map(own_type(element, out.values()), out))
        }
        Type::Tuple(types) => {
            let Json::Array(items) = json else { return wrong(path, "a tuple is required") };
            if items.len() != types.len() {
                let few = if items.len() < types.len() { "not enough" } else { "too many" };
                return wrong(path, &format!("{few} tuple elements (need {})", types.len()));
            }
            let mut out = Vec::with_capacity(items.len());
            for (i, (item, ty)) in items.iter().zip(types.iter()).enumerate() {
                out.push(step(item, ty, dynamics, path, PathStep::index(i))?);
            }
            Ok(Value::tuple(out))
        }
        Type::Object(o) => {
            let Json::Object(fields) = json else { return wrong(path, "an object is required") };
            if let Some(name) = fields.keys().find(|k| !o.attributes.contains_key(k.as_str())) {
                return wrong(path, &format!("unsupported attribute {}", super::quote(name)));
            }
            let mut out = Fields::new();
            for (name, ty) in &o.attributes {
                let value = match fields.get(&**name) {
                    Some(value) => step(value, ty, dynamics, path, PathStep::Attr(name.clone()))?,
                    None => Value::null(ty.without_optional()),
                };
                out.insert(name.clone(), value);
            }
            Ok(Value::object(out))
        }
    }
}

fn step(json: &Json, ty: &Type, dynamics: Dynamics, path: &mut Path, at: PathStep) -> Result<Value, ConvertError> {
    path.0.push(at);
    let value = read(json, ty, dynamics, path);
    path.0.pop();
    value
}

fn at(path: &Path, result: Result<Value, ConvertError>) -> Result<Value, ConvertError> {
    result.map_err(|e| ConvertError::new(path, e.message))
}

/// The element type with `Dynamic` replaced by the type the elements really have.
fn own_type<'a>(element: &Type, mut values: impl Iterator<Item = &'a Value>) -> Type {
    if !element.has_dynamic() {
        return element.without_optional();
    }
    values.find(|v| v.ty() != Type::Dynamic).map_or_else(|| element.without_optional(), Value::ty)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_keep_all_their_digits() {
        let text = "[12345678901234567890123456789.5,0.1,1e3,-0]";
        let json: Json = serde_json::from_str(text).unwrap();
        let value = from_json_implied(&json);
        assert_eq!(to_json(&value).unwrap().to_string(), "[12345678901234567890123456789.5,0.1,1000,-0]");
    }

    #[test]
    fn dynamic_places_carry_their_type_in_state() {
        let ty = Type::object([("input", Type::Dynamic)]);
        let value = Value::object_of([("input", Value::list(Type::Number, vec![Value::number(1)]))]);
        let stored = to_json_state(&value, &ty).unwrap();
        assert_eq!(stored, json!({"input": {"value": [1], "type": ["list", "number"]}}));
        assert_eq!(from_json_state(&stored, &ty).unwrap(), value);
    }

    #[test]
    fn types_round_trip_as_json() {
        let json = json!(["object", {"a": ["map", "dynamic"], "b": ["tuple", ["bool", ["set", "string"]]]}, ["a"]]);
        assert_eq!(Type::from_json(&json).unwrap().to_json(), json);
    }

    #[test]
    fn absent_attributes_are_null_and_unknown_ones_an_error() {
        let ty = Type::object([("a", Type::String)]);
        assert_eq!(from_json_state(&json!({}), &ty).unwrap().get("a"), Some(&Value::null(Type::String)));
        assert_eq!(from_json_state(&json!({"b": 1}), &ty).unwrap_err().to_string(), "unsupported attribute \"b\"");
    }

    #[test]
    fn what_is_unknown_has_no_json() {
        assert_eq!(to_json(&Value::tuple(vec![Value::unknown(Type::Bool)])), None);
    }
}
