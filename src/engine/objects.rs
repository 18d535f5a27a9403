//! Stored objects to values and back: JSON typed by the schema, sensitive paths to marks.

use super::schemas::TypeSchema;
use crate::address::{Mode, Resource};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Fields, Kind, Marks, Path, PathStep, Type, Value, from_json_state, to_json_state};
use crate::provider::Provider;
use crate::state::model::{ObjectState, ObjectStatus};
use serde_json::{Value as Json, json};

/// An object of the state with its value.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Marked where sensitive.
    pub value: Value,
    /// The provider's bytes.
    pub private: Vec<u8>,
    /// Whole or not.
    pub status: ObjectStatus,
    /// Configuration addresses.
    pub dependencies: Vec<String>,
    /// As stored.
    pub create_before_destroy: bool,
}

/// Decodes a stored object, brought to the current schema version by the provider.
pub(super) fn decode(
    provider: &dyn Provider,
    schema: &TypeSchema,
    resource: &Resource,
    object: &ObjectState,
) -> Result<Known, Diagnostics> {
    let type_name = &resource.type_name;
    if object.schema_version > schema.raw.version {
        return Err(Diagnostic::error(
            "Resource instance managed by newer provider version",
            format!(
                "The state holds an object of schema version {}, but this program knows {type_name} up to version {}. It was \
                 written by a newer provider version.",
                object.schema_version, schema.raw.version
            ),
        )
        .into());
    }
    let value = match resource.mode {
        // Data is read anew in every run: what older versions stored needs no upgrade, only to be readable.
        Mode::Data => from_json_state(&object.attributes, &schema.block.ty)
            .unwrap_or_else(|_| Value::unknown(schema.block.ty.clone())),
        _ => provider.upgrade_state(type_name, object.schema_version, &object.attributes)?,
    };
    let mut value = schema.mark(value);
    for path in object.sensitive_paths.iter().filter_map(path_from_json) {
        value = mark_at(&value, &path.0, Marks::SENSITIVE);
    }
    Ok(Known {
        value,
        private: object.private.clone(),
        status: object.status,
        dependencies: object.dependencies.clone(),
        create_before_destroy: object.create_before_destroy,
    })
}

/// Encodes an object for the state. `None` if something in it is unknown.
pub(super) fn encode(schema: &TypeSchema, known: &Known, previous: Option<&ObjectState>) -> Option<ObjectState> {
    let mut sensitive_paths: Vec<Json> =
        marked_paths(&known.value, Marks::SENSITIVE).iter().map(|p| path_to_json(&p.0)).collect();
    sensitive_paths.sort_by_cached_key(ToString::to_string);
    Some(ObjectState {
        status: known.status,
        schema_version: schema.raw.version,
        attributes: to_json_state(&schema.raw.block.without_unset_extensions(&known.value), &schema.block.ty)?,
        sensitive_paths,
        private: known.private.clone(),
        dependencies: known.dependencies.clone(),
        create_before_destroy: known.create_before_destroy,
        unknown: previous.map(|p| p.unknown.clone()).unwrap_or_default(),
    })
}

/// Attributes as JSON with null for what is unknown.
pub(super) fn encode_known_part(schema: &TypeSchema, value: &Value) -> Json {
    let known = known_part(&schema.raw.block.without_unset_extensions(value));
    to_json_state(&known, &schema.block.ty).unwrap_or(Json::Null)
}

/// The value with nulls in place of unknowns.
pub(super) fn known_part(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    let replaced = value.transform(&mut |_, v| {
        Ok::<_, std::convert::Infallible>(match v.kind() {
            Kind::Unknown(ty, _) => Value::null(ty.clone()).with_marks(v.marks()),
            _ => v,
        })
    });
    match replaced {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// Paths of the outermost values that have a mark.
pub(super) fn marked_paths(value: &Value, mark: Marks) -> Vec<Path> {
    let mut out = Vec::new();
    collect(value, mark, &mut Path::root(), &mut out);
    out
}

fn collect(value: &Value, mark: Marks, at: &mut Path, out: &mut Vec<Path>) {
    if value.marks().intersects(mark) {
        out.push(at.clone());
        return;
    }
    let mut step = |step: PathStep, inner: &Value, out: &mut Vec<Path>| {
        at.0.push(step);
        collect(inner, mark, at, out);
        at.0.pop();
    };
    match value.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            for (i, item) in items.iter().enumerate() {
                step(PathStep::index(i), item, out);
            }
        }
        Kind::Map(_, fields) => {
            for (name, item) in fields.iter() {
                step(PathStep::Index(Value::string(name.clone())), item, out);
            }
        }
        Kind::Object(fields) => {
            for (name, item) in fields.iter() {
                step(PathStep::Attr(name.clone()), item, out);
            }
        }
        _ => {}
    }
}

/// The value with marks added at a path; where the path leads nowhere, on the last value that is there, if that is unknown.
pub(super) fn mark_at(value: &Value, path: &[PathStep], marks: Marks) -> Value {
    let Some((first, rest)) = path.split_first() else { return value.clone().with_marks(marks) };
    let name = match first {
        PathStep::Attr(name) => Some(name.clone()),
        PathStep::Index(key) => key.as_str().map(Into::into),
    };
    let own = value.marks();
    match value.kind() {
        Kind::Object(fields) | Kind::Map(_, fields) => {
            let Some((name, inner)) = name.and_then(|n| fields.get(&n).map(|v| (n, v))) else { return value.clone() };
            let inner = mark_at(inner, rest, marks);
            value.with_field(name, inner)
        }
        Kind::List(ty, items) => {
            let Some(items) = mark_item(items, first, rest, marks) else { return value.clone() };
            Value::list(ty.clone(), items).with_marks(own)
        }
        Kind::Tuple(items) => {
            let Some(items) = mark_item(items, first, rest, marks) else { return value.clone() };
            Value::tuple(items).with_marks(own)
        }
        Kind::Set(..) | Kind::Unknown(..) => value.clone().with_marks(marks),
        _ => value.clone(),
    }
}

fn mark_item(items: &[Value], step: &PathStep, rest: &[PathStep], marks: Marks) -> Option<Vec<Value>> {
    let PathStep::Index(key) = step else { return None };
    let index = usize::try_from(key.as_i64()?).ok()?;
    let mut items = items.to_vec();
    let slot = items.get_mut(index)?;
    *slot = mark_at(slot, rest, marks);
    Some(items)
}

/// Marks as sensitive or concealed what is so in `from`, path by path. Ephemeral values are in no object: they went into write-only
/// attributes.
pub(super) fn copy_marks(value: Value, from: &Value) -> Value {
    let there = from.marks_deep();
    [Marks::SENSITIVE, Marks::CONCEALED]
        .into_iter()
        .filter(|mark| there.intersects(*mark))
        .fold(value, |value, mark| {
            marked_paths(from, mark).iter().fold(value, |value, path| mark_at(&value, &path.0, mark))
        })
}

/// A path as state files have it.
pub(super) fn path_to_json(path: &[PathStep]) -> Json {
    let step = |step: &PathStep| match step {
        PathStep::Attr(name) => json!({"type": "get_attr", "value": &**name}),
        PathStep::Index(key) => match (key.as_str(), key.as_i64()) {
            (Some(text), _) => json!({"type": "index", "value": {"value": text, "type": "string"}}),
            (None, number) => json!({"type": "index", "value": {"value": number, "type": "number"}}),
        },
    };
    Json::Array(path.iter().map(step).collect())
}

/// A path from a state file; `None` if it is not understood.
pub(super) fn path_from_json(json: &Json) -> Option<Path> {
    let step = |step: &Json| {
        let value = step.get("value")?;
        match step.get("type")?.as_str()? {
            "get_attr" => Some(PathStep::Attr(value.as_str()?.into())),
            "index" => {
                let key = value.get("value")?;
                match key {
                    Json::String(text) => Some(PathStep::Index(Value::string(text.as_str()))),
                    other => Some(PathStep::Index(Value::number(other.as_i64()?))),
                }
            }
            _ => None,
        }
    };
    Some(Path(json.as_array()?.iter().map(step).collect::<Option<_>>()?))
}

/// Whether a value has exactly the shape of a type; unknowns and nulls need the right type only where it is cheap to see.
pub(super) fn conforms(value: &Value, ty: &Type) -> bool {
    match (value.kind(), ty) {
        (_, Type::Dynamic) | (Kind::Null(_) | Kind::Unknown(..), _) => true,
        (Kind::String(_), Type::String) | (Kind::Number(_), Type::Number) | (Kind::Bool(_), Type::Bool) => true,
        (Kind::List(_, items), Type::List(t)) | (Kind::Set(_, items), Type::Set(t)) => {
            items.iter().all(|v| conforms(v, t))
        }
        (Kind::Tuple(items), Type::List(t)) if t.has_dynamic() => items.iter().all(|v| conforms(v, t)),
        (Kind::Map(_, fields), Type::Map(t)) => fields.values().all(|v| conforms(v, t)),
        (Kind::Object(fields), Type::Map(t)) if t.has_dynamic() => fields.values().all(|v| conforms(v, t)),
        (Kind::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len() && items.iter().zip(types.iter()).all(|(v, t)| conforms(v, t))
        }
        (Kind::Object(fields), Type::Object(o)) => same_fields(fields, o),
        _ => false,
    }
}

fn same_fields(fields: &Fields, ty: &crate::lang::value::ObjectType) -> bool {
    fields.len() == ty.attributes.len()
        && fields.iter().zip(&ty.attributes).all(|((a, v), (b, t))| a == b && conforms(v, t))
}

/// The `id` attribute of an object, if it is a known, plain text.
pub(super) fn id_of(value: &Value) -> Option<String> {
    let id = value.get("id")?;
    if id.marks().is_empty() { id.as_str().map(str::to_owned) } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn sensitive_paths_survive_the_way_through_state() {
        let value = Value::object_of([
            ("a", Value::list(Type::String, vec![Value::string("x"), Value::string("y").sensitive()])),
            ("m", Value::map(Type::String, Fields::from([("k".into(), Value::string("v").sensitive())]))),
        ]);
        let mut again = value.unmark_deep();
        for path in marked_paths(&value, Marks::SENSITIVE) {
            let path = path_from_json(&path_to_json(&path.0)).unwrap();
            again = mark_at(&again, &path.0, Marks::SENSITIVE);
        }
        assert_eq!(again, value);
    }

    #[test]
    fn unknowns_become_nulls_of_their_type() {
        let value = Value::object_of([("a", Value::unknown(Type::String))]);
        assert_eq!(known_part(&value), Value::object_of([("a", Value::null(Type::String))]));
    }
}
