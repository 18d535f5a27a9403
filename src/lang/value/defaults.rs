//! Defaults of optional object attributes in type constraints: `optional(number, 5)`.

use super::{Fields, Kind, Type, Value, convert, unify};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Defaults of optional attributes inside a type constraint, applied before conversion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Default values of attributes of an object.
    pub values: BTreeMap<Arc<str>, Value>,
    /// Defaults inside attributes of an object, elements of a tuple (by decimal index), or elements of a collection (by `""`).
    pub children: BTreeMap<Arc<str>, Defaults>,
}

impl Defaults {
    /// The value with defaults in place of attributes that are absent or null. What does not fit the type stays as it is: the
    /// conversion that follows reports it.
    pub fn apply(&self, value: Value) -> Value {
        if !value.is_known() || value.is_null() || self.values.is_empty() && self.children.is_empty() {
            return value;
        }
        let (value, marks) = value.unmark();
        let result = match value.kind() {
            Kind::List(ty, items) => match self.unified(self.items(items)) {
                Ok((common, items)) => Value::list(common.unwrap_or_else(|| ty.clone()), items),
                Err(items) => Value::tuple(items),
            },
            Kind::Set(ty, items) => match self.unified(self.items(items)) {
                Ok((common, items)) => Value::set(common.unwrap_or_else(|| ty.clone()), items),
                Err(items) => Value::tuple(items),
            },
            Kind::Tuple(items) => Value::tuple(self.items(items)),
            Kind::Map(ty, fields) => {
                let fields = self.fields(fields);
                let names: Vec<Arc<str>> = fields.keys().cloned().collect();
                match self.unified(fields.into_values().collect()) {
                    Ok((common, values)) => {
                        Value::map(common.unwrap_or_else(|| ty.clone()), names.into_iter().zip(values).collect())
                    }
                    Err(values) => Value::object(names.into_iter().zip(values).collect()),
                }
            }
            Kind::Object(fields) => Value::object(self.fields(fields)),
            _ => value,
        };
        result.with_marks(marks)
    }

    fn items(&self, items: &[Value]) -> Vec<Value> {
        items.iter().enumerate().map(|(i, item)| self.within(&i.to_string(), item)).collect()
    }

    fn fields(&self, fields: &Fields) -> Fields {
        let mut out: Fields = fields.iter().map(|(k, v)| (k.clone(), self.within(k, v))).collect();
        for (name, default) in &self.values {
            if out.get(name).is_none_or(Value::is_null) {
                out.insert(name.clone(), self.within(name, default));
            } else if default.range().not_null
                && let Some(value) = out.get_mut(name)
            {
                *value = value.refine_not_null();
            }
        }
        out
    }

    fn within(&self, name: &str, value: &Value) -> Value {
        match self.children.get(name).or_else(|| self.children.get("")) {
            Some(child) => child.apply(value.clone()),
            None => value.clone(),
        }
    }

    /// The values with their common type (`None` without values), or back as they are where there is none.
    fn unified(&self, values: Vec<Value>) -> Result<(Option<Type>, Vec<Value>), Vec<Value>> {
        if values.is_empty() {
            return Ok((None, values));
        }
        let types: Vec<Type> = values.iter().map(Value::ty).collect();
        let Some(common) = unify(&types) else { return Err(values) };
        match values.iter().map(|v| convert(v, &common)).collect::<Result<Vec<_>, _>>() {
            Ok(values) => Ok((Some(common), values)),
            Err(_) => Err(values),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::lang::value::ObjectType;

    fn sized() -> (Type, Defaults) {
        let ty = Type::Object(Arc::new(ObjectType {
            attributes: [("name".into(), Type::String), ("size".into(), Type::Number)].into(),
            optional: ["size".into()].into(),
        }));
        let defaults = Defaults { values: [("size".into(), Value::number(10))].into(), children: BTreeMap::new() };
        (ty, defaults)
    }

    #[test]
    fn absent_and_null_attributes_get_their_default() {
        let (_, defaults) = sized();
        let value = defaults.apply(Value::object_of([("name", Value::string("a"))]));
        assert_eq!(value.get("size"), Some(&Value::number(10)));
        let value = defaults.apply(Value::object_of([("size", Value::null(Type::Dynamic))]));
        assert_eq!(value.get("size"), Some(&Value::number(10)));
    }

    #[test]
    fn defaults_reach_into_collections() {
        let (ty, inner) = sized();
        let list = Type::list(ty);
        let defaults = Defaults { values: BTreeMap::new(), children: [("".into(), inner)].into() };
        let given = Value::tuple(vec![
            Value::object_of([("name", Value::string("a"))]),
            Value::object_of([("name", Value::string("b")), ("size", Value::string("20"))]),
        ]);
        let value = convert(&defaults.apply(given), &list).unwrap();
        assert_eq!(value.at(0).unwrap().get("size"), Some(&Value::number(10)));
        assert_eq!(value.at(1).unwrap().get("size"), Some(&Value::number(20)));
    }
}
