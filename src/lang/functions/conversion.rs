//! Functions that change a value's type or its marks.

use super::call::{Call, FunctionError, Outcome};
use crate::lang::value::{Marks, Type, Value, conversion_exists, convert, quote};

fn wanted(args: &[Value], want: Type) -> Result<Type, FunctionError> {
    let have = args.first().map_or(Type::Dynamic, Value::ty);
    if have == want || conversion_exists(&have, &want) {
        return Ok(want);
    }
    let message = format!("cannot convert {} to {}", have.friendly_name(), want.friendly_name_for_constraint());
    Err(FunctionError::argument(0, message))
}

pub fn string_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::String)
}

pub fn number_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::Number)
}

pub fn bool_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::Bool)
}

pub fn list_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::list(Type::Dynamic))
}

pub fn set_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::set(Type::Dynamic))
}

pub fn map_type(args: &[Value]) -> Result<Type, FunctionError> {
    wanted(args, Type::map(Type::Dynamic))
}

/// Converts to the type that the result has.
pub fn to(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    convert(value, call.ty).map_err(|_| {
        let have = value.ty();
        let want = call.ty.friendly_name_for_constraint();
        let given = || value.as_str().map_or_else(|| "string".to_owned(), quote);
        let message = if value.marks_deep().hidden() {
            format!("cannot convert this sensitive {} to {want}", have.friendly_name())
        } else {
            match (&have, call.ty) {
                (Type::String, Type::Bool) => {
                    format!("cannot convert {} to bool; only the strings \"true\" or \"false\" are allowed", given())
                }
                (Type::String, Type::Number) => format!(
                    "cannot convert {} to number; given string must be a decimal representation of a number",
                    given()
                ),
                _ => format!("cannot convert {} to {want}", have.friendly_name()),
            }
        };
        FunctionError::argument(0, message)
    })
}

pub fn sensitive(call: &Call<'_>) -> Outcome {
    Ok(call.arg(0)?.clone().sensitive())
}

pub fn nonsensitive(call: &Call<'_>) -> Outcome {
    let (value, marks) = call.arg(0)?.clone().unmark();
    Ok(value.with_marks(marks - Marks::SENSITIVE - Marks::CONCEALED))
}

pub fn issensitive(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    Ok(if value.marks().contains(Marks::SENSITIVE) {
        Value::bool(true)
    } else if value.is_known() {
        Value::bool(false)
    } else {
        Value::unknown(Type::Bool)
    })
}

/// Everything ephemeral inside becomes null.
pub fn ephemeralasnull(call: &Call<'_>) -> Outcome {
    call.arg(0)?.transform::<FunctionError>(&mut |_, value| {
        Ok(if value.marks().contains(Marks::EPHEMERAL) {
            Value::null(value.ty()).with_marks(value.marks() - Marks::EPHEMERAL)
        } else {
            value
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Marks, Type, Value};

    #[test]
    fn text_becomes_a_number_or_a_bool() {
        assert_eq!(json("tonumber", &[s("1e3")]), "1000");
        assert_eq!(
            error("tonumber", &[s("x")]),
            "cannot convert \"x\" to number; given string must be a decimal representation of a number"
        );
        assert_eq!(
            error("tobool", &[s("TRUE")]),
            "cannot convert \"TRUE\" to bool; only the strings \"true\" or \"false\" are allowed"
        );
        assert_eq!(error("tobool", &[n(1)]), "cannot convert number to bool");
        assert_eq!(error("tonumber", &[s("x").sensitive()]), "cannot convert this sensitive string to number");
    }

    #[test]
    fn collections_find_the_common_type_of_their_elements() {
        assert_eq!(json("tolist", &[t([n(1), s("a")])]), "[\"1\",\"a\"]");
        assert_eq!(json("toset", &[t([s("b"), s("a"), s("b")])]), "[\"a\",\"b\"]");
        assert_eq!(
            json("tomap", &[Value::object_of([("a", Value::null(Type::Dynamic)), ("b", s("x"))])]),
            "{\"a\":null,\"b\":\"x\"}"
        );
        assert_eq!(
            error("tolist", &[Value::object_of([("a", n(1))])]),
            "cannot convert object to list of any single type"
        );
        let lists = t([t([n(1)]), t([n(1), n(2)])]);
        assert_eq!(run("tolist", &[lists]).unwrap().ty(), Type::list(Type::list(Type::Number)));
    }

    #[test]
    fn only_the_outer_mark_is_removed() {
        let inner = t([n(1).sensitive()]);
        assert_eq!(run("nonsensitive", &[inner.clone().sensitive()]).unwrap(), inner);
        assert_eq!(run("issensitive", &[s("a").sensitive()]).unwrap(), Value::bool(true));
    }

    #[test]
    fn ephemeral_values_become_null() {
        let object = Value::object_of([("a", s("x").with_marks(Marks::EPHEMERAL)), ("b", s("y"))]);
        assert_eq!(json("ephemeralasnull", &[object]), "{\"a\":null,\"b\":\"y\"}");
    }
}
