//! Values as JSON without loss: types, unknowns with what is known of them, and marks stay.
//!
//! Strings and bools stand for themselves; everything else is an object with one letter: `n` null of a type, `u` unknown of a
//! type, `d` number, `l` list, `s` set, `m` map, `t` tuple, `o` object, `k` marks around a value.

use crate::lang::value::{Fields, Kind, Marks, Number, Refinement, Type, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value as Json, json};

/// The value as JSON.
pub fn encode(value: &Value) -> Json {
    // Nothing fails: every key is a string.
    serde_json::to_value(Encoded(value)).unwrap_or_default()
}

/// The value as JSON, made while it is written.
pub struct Encoded<'a>(pub &'a Value);

impl Serialize for Encoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        if value.marks().is_empty() {
            return Plain(value).serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("k", &value.marks().bits())?;
        map.serialize_entry("v", &Plain(value))?;
        map.end()
    }
}

/// Without its own marks.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = match self.0.kind() {
            Kind::String(text) => return serializer.serialize_str(text),
            Kind::Bool(truth) => return serializer.serialize_bool(*truth),
            _ => serializer.serialize_map(None)?,
        };
        match self.0.kind() {
            Kind::Null(ty) => map.serialize_entry("n", &ty.to_json())?,
            Kind::Unknown(ty, known) => {
                map.serialize_entry("u", &ty.to_json())?;
                if let Some(known) = known {
                    map.serialize_entry("r", &refinement(known))?;
                }
            }
            Kind::Number(number) => map.serialize_entry("d", &number.to_string())?,
            Kind::List(ty, items) => of(&mut map, "l", &Items(items), ty)?,
            Kind::Set(ty, items) => of(&mut map, "s", &Items(items), ty)?,
            Kind::Map(ty, fields) => of(&mut map, "m", &Members(fields), ty)?,
            Kind::Tuple(items) => map.serialize_entry("t", &Items(items))?,
            Kind::Object(fields) => map.serialize_entry("o", &Members(fields))?,
            Kind::String(_) | Kind::Bool(_) => {}
        }
        map.end()
    }
}

fn of<M: SerializeMap>(map: &mut M, letter: &str, inside: &impl Serialize, element: &Type) -> Result<(), M::Error> {
    map.serialize_entry(letter, inside)?;
    map.serialize_entry("e", &element.to_json())
}

struct Items<'a>(&'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Encoded))
    }
}

struct Members<'a>(&'a Fields);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (&**name, Encoded(value))))
    }
}

fn refinement(known: &Refinement) -> Json {
    let bound = |b: &Option<(Number, bool)>| b.as_ref().map(|(n, inclusive)| json!([n.to_string(), inclusive]));
    json!({
        "not_null": known.not_null,
        "prefix": known.prefix.as_deref(),
        "min_length": known.min_length,
        "max_length": known.max_length,
        "lower": bound(&known.lower),
        "upper": bound(&known.upper),
    })
}

/// The value of its JSON; `None` when it is not what [`encode`] writes.
pub fn decode(json: &Json) -> Option<Value> {
    let fields = match json {
        Json::String(text) => return Some(Value::string(text.as_str())),
        Json::Bool(truth) => return Some(Value::bool(*truth)),
        Json::Object(fields) => fields,
        _ => return None,
    };
    if let Some(bits) = fields.get("k") {
        let marks = Marks::from_bits_truncate(u8::try_from(bits.as_u64()?).ok()?);
        return Some(decode(fields.get("v")?)?.with_marks(marks));
    }
    let element = || fields.get("e").and_then(Type::from_json);
    let all = |items: &Json| items.as_array()?.iter().map(decode).collect::<Option<Vec<Value>>>();
    let each = |map: &Json| {
        map.as_object()?.iter().map(|(k, v)| Some((k.as_str().into(), decode(v)?))).collect::<Option<Fields>>()
    };
    let (letter, inner) =
        fields.iter().find(|(k, _)| matches!(k.as_str(), "n" | "u" | "d" | "l" | "s" | "m" | "t" | "o"))?;
    Some(match letter.as_str() {
        "n" => Value::null(Type::from_json(inner)?),
        "u" => match fields.get("r") {
            Some(known) => Value::unknown_refined(Type::from_json(inner)?, refined(known)?),
            None => Value::unknown(Type::from_json(inner)?),
        },
        "d" => Value::number(Number::parse(inner.as_str()?)?),
        "l" => Value::list(element()?, all(inner)?),
        "s" => Value::set(element()?, all(inner)?),
        "m" => Value::map(element()?, each(inner)?),
        "t" => Value::tuple(all(inner)?),
        _ => Value::object(each(inner)?),
    })
}

fn refined(json: &Json) -> Option<Refinement> {
    let bound = |name: &str| -> Option<(Number, bool)> {
        let pair = json.get(name)?.as_array()?;
        Some((Number::parse(pair.first()?.as_str()?)?, pair.get(1)?.as_bool()?))
    };
    Some(Refinement {
        not_null: json.get("not_null")?.as_bool()?,
        prefix: json.get("prefix").and_then(Json::as_str).map(Into::into),
        min_length: json.get("min_length").and_then(Json::as_u64),
        max_length: json.get("max_length").and_then(Json::as_u64),
        lower: bound("lower"),
        upper: bound("upper"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back_as_it_was() {
        let known = Refinement { not_null: true, prefix: Some("arn:".into()), ..Refinement::default() };
        let value = Value::object_of([
            ("a", Value::null(Type::list(Type::String))),
            ("b", Value::unknown_refined(Type::String, known)),
            ("c", Value::string("x").sensitive()),
            ("d", Value::number(Number::parse("0.1").unwrap())),
            ("e", Value::list(Type::Bool, vec![Value::bool(true)])),
            ("f", Value::set(Type::String, vec![Value::string("q"), Value::string("p")])),
            ("g", Value::map(Type::Dynamic, Fields::new())),
            ("h", Value::tuple(vec![Value::number(1), Value::unknown(Type::Dynamic)])),
        ]);
        assert_eq!(decode(&encode(&value)).unwrap(), value);
    }

    #[test]
    fn foreign_json_is_refused() {
        for text in ["null", "1", "{}", "[]", "{\"l\":[]}", "{\"d\":\"x\"}"] {
            assert!(decode(&serde_json::from_str(text).unwrap()).is_none(), "{text}");
        }
    }
}
