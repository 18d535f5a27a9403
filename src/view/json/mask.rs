//! Values as the plan and the state show them to programs: content, and beside it which parts are unknown or sensitive.

use crate::lang::value::{Fields, Kind, Type, Value};
use serde_json::{Map, Value as Json, json};

/// The content without what is unknown: unknown attributes are left out, unknown elements of lists are null.
pub fn known(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => Json::Null,
        Kind::String(text) => json!(&**text),
        Kind::Bool(truth) => json!(truth),
        Kind::Number(number) => {
            number.to_string().parse::<serde_json::Number>().map(Json::Number).unwrap_or(Json::Null)
        }
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(known).collect())
        }
        Kind::Map(_, fields) | Kind::Object(fields) => {
            Json::Object(fields.iter().filter(|(_, v)| v.is_known()).map(|(k, v)| (k.to_string(), known(v))).collect())
        }
    }
}

/// Which parts are unknown: `true` for an unknown; known attributes are left out of objects, elements keep their places. `{}` when
/// nothing is.
pub fn unknown(value: &Value) -> Json {
    if value.is_wholly_known() { json!({}) } else { shape(value, &|v| !v.is_known()) }
}

/// Which parts are sensitive: `true` for a sensitive value; other leaves are left out of objects, containers are kept, unknown ones
/// as empty.
pub fn sensitive(value: &Value) -> Json {
    shape(value, &|v| v.marks().hidden())
}

/// Marks what is hit; a leaf that is not is `false`, which objects leave out and lists keep.
fn shape(value: &Value, hit: &dyn Fn(&Value) -> bool) -> Json {
    if hit(value) {
        return json!(true);
    }
    let fields = |fields: &Fields| -> Json {
        let mut out = Map::new();
        for (name, v) in fields {
            let inner = shape(v, hit);
            if inner != json!(false) {
                out.insert(name.to_string(), inner);
            }
        }
        Json::Object(out)
    };
    match value.kind() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(|v| shape(v, hit)).collect())
        }
        Kind::Map(_, f) | Kind::Object(f) => fields(f),
        Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => json!([]),
        Kind::Unknown(Type::Map(_) | Type::Object(_), _) => json!({}),
        _ => json!(false),
    }
}
