//! Functions of maps and objects.

use super::call::{Call, FunctionError, Outcome, quote_unless_sensitive};
use crate::lang::value::{Fields, Kind, Marks, Type, Value, convert, quote};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn keys_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Map(_)) => Ok(Type::list(Type::String)),
        Some(Type::Object(o)) => Ok(Type::Tuple(o.attributes.keys().map(|_| Type::String).collect())),
        _ => Err(FunctionError::argument(0, "must have map or object type")),
    }
}

pub fn keys(call: &Call<'_>) -> Outcome {
    let map = call.arg(0)?;
    let result = match (map.ty(), map.fields()) {
        (Type::Object(o), _) => Value::tuple(o.attributes.keys().map(|k| Value::string(k.clone())).collect()),
        (_, Some(fields)) => Value::list(Type::String, fields.keys().map(|k| Value::string(k.clone())).collect()),
        (_, None) => Value::unknown(call.ty.clone()),
    };
    Ok(result.with_marks(map.marks()))
}

pub fn values_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Map(element)) => Ok(Type::List(element)),
        Some(Type::Object(o)) => Ok(Type::Tuple(o.attributes.values().cloned().collect())),
        _ => Err("values() requires a map as the first argument".into()),
    }
}

pub fn values(call: &Call<'_>) -> Outcome {
    let map = call.arg(0)?;
    let items = map.fields().map(|fields| fields.values().cloned().collect()).unwrap_or_default();
    let result = match call.ty {
        Type::List(element) => Value::list(Type::clone(element), items),
        _ => Value::tuple(items),
    };
    Ok(result.with_marks(map.marks()))
}

pub fn lookup_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() > 3 {
        return Err(format!("lookup() takes two or three arguments, got {}", args.len()).into());
    }
    let (Some(map), Some(key), default) = (args.first(), args.get(1), args.get(2)) else { return Ok(Type::Dynamic) };
    match map.ty() {
        Type::Object(o) => {
            let Some(key) = key.as_str() else { return Ok(Type::Dynamic) };
            match (o.attributes.get(key), default) {
                (Some(ty), _) => Ok(ty.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => {
                    Err(FunctionError::argument(0, format!("the given object has no attribute {}", quote(key))))
                }
            }
        }
        Type::Map(element) => match default.map(|default| convert(default, &element)) {
            Some(Err(_)) => {
                Err(FunctionError::argument(2, "the default value must have the same type as the map elements"))
            }
            _ => Ok(Type::clone(&element)),
        },
        _ => Err(FunctionError::argument(0, "lookup() requires a map as the first argument")),
    }
}

pub fn lookup(call: &Call<'_>) -> Outcome {
    let (map, key) = (call.arg(0)?, call.arg(1)?);
    let marks = map.marks() | key.marks();
    let (Some(fields), Some(name)) = (map.fields(), key.as_str()) else {
        return Ok(Value::unknown(call.ty.clone()).with_marks(marks));
    };
    if let Some(found) = fields.get(name) {
        return Ok(found.clone().with_marks(marks));
    }
    match call.args.get(2) {
        Some(default) => Ok(convert(default, call.ty).map_err(|e| e.to_string())?.with_marks(marks)),
        None => Err(format!("lookup failed to find key {}", quote_unless_sensitive(name, key.marks())).into()),
    }
}

pub fn merge_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut attributes = BTreeMap::<Arc<str>, Type>::new();
    let mut first: Option<Type> = None;
    let (mut alike, mut known, mut open) = (true, true, false);
    for arg in args {
        let ty = arg.ty();
        match &ty {
            Type::Dynamic => open = true,
            Type::Object(o) if !arg.is_null() => {
                attributes.extend(o.attributes.iter().map(|(k, t)| (k.clone(), t.clone())));
            }
            Type::Object(_) => {}
            Type::Map(element) => match arg.fields() {
                Some(fields) => attributes.extend(fields.keys().map(|k| (k.clone(), Type::clone(element)))),
                None => known &= arg.is_null(),
            },
            other => {
                let name = quote(&other.friendly_name());
                return Err(format!("arguments must be maps or objects, got {name}").into());
            }
        }
        match &first {
            None => first = Some(ty),
            Some(first) => alike &= *first == ty,
        }
    }
    Ok(match first {
        _ if open => Type::Dynamic,
        None => Type::object::<&str>([]),
        Some(first) if alike => first,
        _ if !known => Type::Dynamic,
        _ => Type::object(attributes),
    })
}

pub fn merge(call: &Call<'_>) -> Outcome {
    let mut out = Fields::new();
    let mut marks = Marks::empty();
    for arg in call.args {
        marks |= arg.marks();
        if let Some(fields) = arg.fields() {
            out.extend(fields.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
    }
    let result = match call.ty {
        Type::Map(element) => Value::map(Type::clone(element), out),
        _ => Value::object(out),
    };
    Ok(result.with_marks(marks))
}

pub fn zipmap_type(args: &[Value]) -> Result<Type, FunctionError> {
    let (Some(keys), Some(values)) = (args.first(), args.get(1)) else { return Ok(Type::Dynamic) };
    match values.ty() {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(items) => {
            if keys.contains_unknown() {
                return Ok(Type::Dynamic);
            }
            let names = zipmap_names(keys, items.len())?;
            Ok(Type::object(names.into_iter().zip(items.iter().cloned())))
        }
        _ => Err("values argument must be a list or tuple value".into()),
    }
}

fn zipmap_names(keys: &Value, values: usize) -> Result<Vec<Arc<str>>, FunctionError> {
    let keys = keys.elements().unwrap_or_default();
    if keys.len() != values {
        let message = format!("number of keys ({}) does not match number of values ({values})", keys.len());
        return Err(message.into());
    }
    keys.iter()
        .enumerate()
        .map(|(i, key)| match key.kind() {
            Kind::String(name) => Ok(name.clone()),
            _ => Err(format!("keys list has null value at index {i}").into()),
        })
        .collect()
}

pub fn zipmap(call: &Call<'_>) -> Outcome {
    let (keys, values) = (call.arg(0)?, call.arg(1)?);
    let marks = keys.marks_deep() | values.marks();
    if keys.contains_unknown() {
        return Ok(Value::unknown(call.ty.clone()).with_marks(marks));
    }
    let items = values.elements().unwrap_or_default();
    let fields = zipmap_names(keys, items.len())?.into_iter().zip(items.iter().cloned()).collect();
    let result = match call.ty {
        Type::Map(element) => Value::map(Type::clone(element), fields),
        _ => Value::object(fields),
    };
    Ok(result.with_marks(marks))
}

pub fn transpose(call: &Call<'_>) -> Outcome {
    let map = call.arg(0)?;
    if map.contains_unknown() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let mut out = BTreeMap::<Arc<str>, Vec<Value>>::new();
    for (name, list) in map.fields().into_iter().flatten() {
        let Some(items) = list.elements() else { return Err("input must not contain null list".into()) };
        for item in items {
            let Kind::String(key) = item.kind() else {
                return Err("input list must not contain null string".into());
            };
            // Names come in order, so the lists are sorted.
            out.entry(key.clone()).or_default().push(Value::string(name.clone()));
        }
    }
    let fields = out.into_iter().map(|(k, items)| (k, Value::list(Type::String, items))).collect();
    Ok(Value::map(Type::list(Type::String), fields))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Type, Value};

    fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::object_of(fields)
    }

    #[test]
    fn keys_of_an_unknown_object_are_known() {
        let unknown = Value::unknown(Type::object([("a", Type::Bool), ("b", Type::Bool)]));
        assert_eq!(json("keys", &[unknown]), "[\"a\",\"b\"]");
        assert_eq!(error("keys", &[t([n(1)])]), "must have map or object type");
    }

    #[test]
    fn lookup_falls_back_to_the_default() {
        assert_eq!(json("lookup", &[object([("a", n(1))]), s("a"), n(2)]), "1");
        assert_eq!(json("lookup", &[object([]), s("a"), s("d")]), "\"d\"");
        assert_eq!(error("lookup", &[object([]), s("b")]), "the given object has no attribute \"b\"");
        let map = Value::map(Type::Number, [("a".into(), n(1))].into());
        assert_eq!(
            error("lookup", &[map.clone(), s("b"), s("x")]),
            "the default value must have the same type as the map elements"
        );
        assert_eq!(error("lookup", &[map, s("b")]), "lookup failed to find key \"b\"");
    }

    #[test]
    fn merging_keeps_a_map_a_map() {
        let map = |v: Value| Value::map(v.ty(), [("a".into(), v)].into());
        assert_eq!(run("merge", &[map(n(1)), map(n(2))]).unwrap(), map(n(2)));
        assert_eq!(json("merge", &[map(n(1)), object([("b", s("x"))])]), "{\"a\":1,\"b\":\"x\"}");
        assert_eq!(json("merge", &[]), "{}");
        assert_eq!(json("merge", &[object([("a", n(1))]), Value::null(Type::object::<&str>([]))]), "{\"a\":1}");
        assert_eq!(error("merge", &[n(1)]), "arguments must be maps or objects, got \"number\"");
    }

    #[test]
    fn zipmap_needs_as_many_keys_as_values() {
        assert_eq!(json("zipmap", &[t([s("a"), s("a")]), t([n(1), n(2)])]), "{\"a\":2}");
        assert_eq!(error("zipmap", &[t([s("a")]), t([])]), "number of keys (1) does not match number of values (0)");
    }

    #[test]
    fn transposing_swaps_keys_and_values() {
        let map = object([("b", t([s("x")])), ("a", t([s("x"), s("y")]))]);
        assert_eq!(json("transpose", &[map]), "{\"x\":[\"a\",\"b\"],\"y\":[\"a\"]}");
    }

    #[test]
    fn marks_on_elements_of_a_map_stay_there() {
        let map = object([("a", s("x").sensitive()), ("b", s("y"))]);
        assert_eq!(run("lookup", &[map.clone(), s("b"), s("")]).unwrap(), s("y"));
        assert_eq!(run("values", &[map]).unwrap(), t([s("x").sensitive(), s("y")]));
    }
}
