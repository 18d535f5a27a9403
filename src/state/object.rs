//! One stored object as a value and back: attributes by schema, sensitivity as paths.

use super::model::{ObjectState, ObjectStatus};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Kind, Marks, Path, PathStep, Type, Value, from_json_state, to_json_state};
use crate::provider::schema::Schema;
use serde_json::{Value as Json, json};

impl ObjectState {
    /// The attributes as a value of the schema's type, marked sensitive where the file or the schema says so. The object must
    /// be of the schema's version (older ones go through the provider's `upgrade_state`).
    ///
    /// # Errors
    /// When the attributes do not fit the type.
    pub fn decode(&self, schema: &Schema) -> Result<Value, Diagnostics> {
        let value = from_json_state(&self.attributes, &schema.block.implied_type()).map_err(|e| {
            Diagnostic::error(
                "Stored object does not fit its schema",
                format!("The state holds other attributes: {e}."),
            )
        })?;
        Ok(schema.block.mark_sensitive(&self.mark(&value)))
    }

    /// Marks a value sensitive at the paths stored with this object. Paths that lead nowhere are ignored.
    #[must_use]
    pub fn mark(&self, value: &Value) -> Value {
        self.sensitive_paths.iter().filter_map(path_from_json).fold(value.clone(), |v, path| mark_at(&v, &path.0))
    }

    /// A ready object with this value. Unknown parts and write-only attributes become null; sensitive are the marked paths and
    /// what the schema calls so, in order. Dependencies and `create_before_destroy` are the caller's to set.
    ///
    /// # Errors
    /// When the value is no object of the schema.
    pub fn encode(value: &Value, schema: &Schema, private: Vec<u8>) -> Result<ObjectState, Diagnostics> {
        let value = schema.block.map_fields(value, &|attribute, v| {
            if attribute.write_only { Value::null(attribute.ty.clone()) } else { v }
        });
        let value = without_unknowns(&value);
        let marked = schema.block.mark_sensitive(&value);
        let mut sensitive_paths = Vec::new();
        collect_sensitive(&marked, &mut Path::root(), &mut sensitive_paths);
        let attributes = to_json_state(&value.unmark_deep(), &schema.block.implied_type())
            .filter(Json::is_object)
            .ok_or_else(|| Diagnostic::error("Object cannot be stored", "It is not an object of known values."))?;
        Ok(ObjectState {
            status: ObjectStatus::Ready,
            schema_version: schema.version,
            attributes,
            sensitive_paths,
            private,
            ..ObjectState::default()
        })
    }

    /// Whether two objects differ in nothing but the order of sensitive paths.
    pub fn same_as(&self, other: &ObjectState) -> bool {
        let sorted = |paths: &[Json]| {
            let mut keys: Vec<String> = paths.iter().map(Json::to_string).collect();
            keys.sort();
            keys.dedup();
            keys
        };
        let plain = |o: &ObjectState| ObjectState { sensitive_paths: Vec::new(), ..o.clone() };
        sorted(&self.sensitive_paths) == sorted(&other.sensitive_paths) && plain(self) == plain(other)
    }
}

/// The value with every unknown part null.
pub fn without_unknowns(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    let nulled: Result<Value, std::convert::Infallible> = value.transform(&mut |_, v| {
        Ok(match v.kind() {
            Kind::Unknown(ty, _) => Value::null(ty.clone()).with_marks(v.marks()),
            _ => v,
        })
    });
    match nulled {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn collect_sensitive(value: &Value, path: &mut Path, out: &mut Vec<Json>) {
    if value.marks().contains(Marks::SENSITIVE) {
        out.push(path_to_json(path));
    }
    let mut inside = |step: PathStep, value: &Value| {
        path.0.push(step);
        collect_sensitive(value, path, out);
        path.0.pop();
    };
    match value.kind() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            for (i, item) in items.iter().enumerate() {
                inside(PathStep::index(i), item);
            }
        }
        Kind::Map(_, fields) => {
            for (key, field) in fields.iter() {
                inside(PathStep::Index(Value::string(key.clone())), field);
            }
        }
        Kind::Object(fields) => {
            for (name, field) in fields.iter() {
                inside(PathStep::Attr(name.clone()), field);
            }
        }
        _ => {}
    }
}

/// A path in the form of `sensitive_attributes`.
pub fn path_to_json(path: &Path) -> Json {
    let step = |step: &PathStep| match step {
        PathStep::Attr(name) => json!({"type": "get_attr", "value": &**name}),
        PathStep::Index(key) => {
            json!({"type": "index", "value": to_json_state(key, &Type::Dynamic).unwrap_or(Json::Null)})
        }
    };
    Json::Array(path.0.iter().map(step).collect())
}

/// Reads what [`path_to_json`] writes; `None` when it is no path.
pub fn path_from_json(json: &Json) -> Option<Path> {
    let step = |step: &Json| {
        let value = step.get("value")?;
        match step.get("type")?.as_str()? {
            "get_attr" => Some(PathStep::Attr(value.as_str()?.into())),
            "index" => Some(PathStep::Index(from_json_state(value, &Type::Dynamic).ok()?)),
            _ => None,
        }
    };
    json.as_array()?.iter().map(step).collect::<Option<Vec<_>>>().map(Path)
}

fn mark_at(value: &Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else { return value.clone().sensitive() };
    let put = |name: &str| match value.get(name) {
        Some(inner) => value.with_field(name, mark_at(inner, rest)),
        None => value.clone(),
    };
    let marks = value.marks();
    match step {
        PathStep::Attr(name) => put(name),
        PathStep::Index(key) => match (key.as_str(), value.kind()) {
            (Some(name), _) => put(name),
            // A set carries the marks of its elements itself.
            (None, Kind::Set(..)) => value.clone().sensitive(),
            (None, Kind::List(ty, items)) => Value::list(ty.clone(), mark_element(items, key, rest)).with_marks(marks),
            (None, Kind::Tuple(items)) => Value::tuple(mark_element(items, key, rest)).with_marks(marks),
            _ => value.clone(),
        },
    }
}

fn mark_element(items: &[Value], key: &Value, rest: &[PathStep]) -> Vec<Value> {
    let wanted = key.as_i64().and_then(|i| usize::try_from(i).ok());
    items.iter().enumerate().map(|(i, v)| if Some(i) == wanted { mark_at(v, rest) } else { v.clone() }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting};

    fn attribute(ty: Type) -> Attribute {
        Attribute {
            ty,
            required: false,
            optional: true,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
        }
    }

    fn schema() -> Schema {
        let token = Attribute { sensitive: true, ..attribute(Type::String) };
        let secret_wo = Attribute { write_only: true, ..attribute(Type::String) };
        let action = Block { attributes: [("token".into(), token)].into(), ..Block::default() };
        let nested = NestedBlock { nesting: Nesting::List, block: action, min_items: 0, max_items: 0 };
        Schema {
            version: 2,
            block: Block {
                attributes: [
                    ("name".into(), attribute(Type::String)),
                    ("input".into(), attribute(Type::Dynamic)),
                    ("tags".into(), attribute(Type::map(Type::String))),
                    ("secret_wo".into(), secret_wo),
                ]
                .into(),
                blocks: [("action".into(), nested)].into(),
                ..Block::default()
            },
        }
    }

    fn value() -> Value {
        let action = Value::object_of([("token", Value::string("t"))]);
        Value::object_of([
            ("name", Value::unknown(Type::String)),
            ("input", Value::tuple(vec![Value::number(1)])),
            ("tags", Value::map(Type::String, [("k".into(), Value::string("v").sensitive())].into_iter().collect())),
            ("secret_wo", Value::string("never")),
            ("action", Value::list(action.ty(), vec![action])),
        ])
    }

    #[test]
    fn attributes_are_written_in_order_without_unknowns_and_write_only_values() {
        let object = ObjectState::encode(&value(), &schema(), b"null".to_vec()).unwrap();
        assert_eq!(
            object.attributes.to_string(),
            r#"{"action":[{"token":"t"}],"input":{"value":[1],"type":["tuple",["number"]]},"name":null,"secret_wo":null,"tags":{"k":"v"}}"#
        );
        assert_eq!(object.schema_version, 2);
    }

    #[test]
    fn sensitive_paths_are_those_of_marks_and_of_the_schema() {
        let object = ObjectState::encode(&value(), &schema(), Vec::new()).unwrap();
        let paths: Vec<String> = object.sensitive_paths.iter().map(Json::to_string).collect();
        assert_eq!(
            paths,
            [
                r#"[{"type":"get_attr","value":"action"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"token"}]"#,
                r#"[{"type":"get_attr","value":"tags"},{"type":"index","value":{"value":"k","type":"string"}}]"#,
            ]
        );
    }

    #[test]
    fn what_was_encoded_decodes_with_its_marks() {
        let object = ObjectState::encode(&value(), &schema(), Vec::new()).unwrap();
        let back = object.decode(&schema()).unwrap();
        assert!(back.get("tags").unwrap().get("k").unwrap().marks().contains(Marks::SENSITIVE));
        assert!(back.get("tags").unwrap().marks().is_empty());
        let token = back.get("action").unwrap().at(0).unwrap().get("token").unwrap();
        assert!(token.marks().contains(Marks::SENSITIVE));
        assert_eq!(back.get("input"), Some(&Value::tuple(vec![Value::number(1)])));
    }

    #[test]
    fn attributes_of_another_shape_are_refused() {
        let object = ObjectState { attributes: json!({"name": {"a": 1}}), ..ObjectState::default() };
        assert!(object.decode(&schema()).is_err());
    }

    #[test]
    fn the_order_of_paths_is_no_difference() {
        let mut a = ObjectState::encode(&value(), &schema(), Vec::new()).unwrap();
        let b = a.clone();
        a.sensitive_paths.reverse();
        assert!(a.same_as(&b));
        a.schema_version = 3;
        assert!(!a.same_as(&b));
    }
}
