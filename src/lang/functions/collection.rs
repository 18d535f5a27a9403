//! Functions of lists, tuples and their elements.

use super::call::{Call, FunctionError, Outcome, whole};
use super::numeric::text_length;
use crate::lang::value::{Kind, Type, Value, convert, unify};

fn argument(index: usize, message: impl Into<String>) -> FunctionError {
    FunctionError::argument(index, message)
}

pub fn length_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Number | Type::Bool) => {
            Err("argument must be a string, a collection type, or a structural type".into())
        }
        _ => Ok(Type::Number),
    }
}

pub fn length(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    Ok(match value.ty() {
        Type::Dynamic => Value::unknown(Type::Number).with_marks(value.marks()),
        Type::Object(o) => Value::number(o.attributes.len()).with_marks(value.marks()),
        Type::String => text_length(value).with_marks(value.marks()),
        _ => value.length(),
    })
}

pub fn alltrue(call: &Call<'_>) -> Outcome {
    for item in call.arg(0)?.elements().unwrap_or_default() {
        if !item.is_known() {
            return Ok(Value::unknown(Type::Bool));
        }
        if item.as_bool() != Some(true) {
            return Ok(Value::bool(false));
        }
    }
    Ok(Value::bool(true))
}

pub fn anytrue(call: &Call<'_>) -> Outcome {
    let items = call.arg(0)?.elements().unwrap_or_default();
    if items.iter().any(|item| item.as_bool() == Some(true)) {
        return Ok(Value::bool(true));
    }
    Ok(if items.iter().all(Value::is_known) { Value::bool(false) } else { Value::unknown(Type::Bool) })
}

pub fn coalesce_type(args: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    unify(&types).ok_or_else(|| "all arguments must have the same type".into())
}

pub fn coalesce(call: &Call<'_>) -> Outcome {
    for arg in call.args {
        let Ok(arg) = convert(arg, call.ty) else { continue };
        if !arg.is_known() {
            return Ok(Value::unknown(call.ty.clone()));
        }
        if arg.is_null() || arg.as_str() == Some("") {
            continue;
        }
        return Ok(arg);
    }
    Err("no non-null, non-empty-string arguments".into())
}

pub fn coalescelist_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(first) = args.first() else { return Err("at least one argument is required".into()) };
    let mut same = true;
    for arg in args {
        if !arg.is_known() {
            return Ok(Type::Dynamic);
        }
        let ty = arg.ty();
        if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
            return Err("coalescelist arguments must be lists or tuples".into());
        }
        same &= ty == first.ty();
    }
    Ok(if same { first.ty() } else { Type::Dynamic })
}

pub fn coalescelist(call: &Call<'_>) -> Outcome {
    for arg in call.args {
        if !arg.is_known() {
            return Ok(Value::unknown(call.ty.clone()));
        }
        if arg.elements().is_some_and(|items| !items.is_empty()) {
            return Ok(arg.clone());
        }
    }
    Err("no non-null arguments".into())
}

pub fn compact(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    if list.contains_unknown() {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let kept = list.elements().unwrap_or_default().iter().filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

pub fn contains(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let Some(items) = list.elements() else { return Err("argument must be list, tuple, or set".into()) };
    let wanted = call.arg(1)?;
    let mut unknown = false;
    for item in items {
        match Value::equals(wanted, item).as_bool() {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::unknown(Type::Bool) } else { Value::bool(false) })
}

pub fn index(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let (Kind::List(_, items) | Kind::Tuple(items)) = list.kind() else {
        return Err("argument must be a list or tuple".into());
    };
    if items.is_empty() {
        return Err("cannot search an empty list".into());
    }
    for (i, item) in items.iter().enumerate() {
        match Value::equals(item, call.arg(1)?).as_bool() {
            Some(true) => return Ok(Value::number(i)),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err("item not found".into())
}

/// The same type as the first argument.
pub fn same_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(args.first().map_or(Type::Dynamic, Value::ty))
}

pub fn distinct(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    if list.contains_unknown() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let items = list.elements().unwrap_or_default();
    let mut seen = std::collections::HashMap::<String, Vec<&Value>>::new();
    let mut kept = Vec::new();
    for item in items {
        let alike = seen.entry(item.set_text()).or_default();
        if !alike.iter().any(|other| Value::equals(other, item).as_bool() == Some(true)) {
            alike.push(item);
            kept.push(item.clone());
        }
    }
    Ok(Value::list(call.ty.element().cloned().unwrap_or(Type::Dynamic), kept))
}

pub fn chunklist_type(args: &[Value]) -> Result<Type, FunctionError> {
    same_type(args).map(Type::list)
}

pub fn chunklist(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let size = whole(call.number(1)?).map_err(|e| format!("invalid size: {e}"))?;
    let marks = list.marks() | call.arg(1)?.marks();
    let Ok(size) = usize::try_from(size) else { return Err("the size argument must be positive".into()) };
    let items = list.elements().unwrap_or_default();
    let element = list.ty().element().cloned().unwrap_or(Type::Dynamic);
    let size = if size == 0 { items.len().max(1) } else { size };
    let chunks = items.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec())).collect();
    Ok(Value::list(list.ty(), chunks).with_marks(marks))
}

pub fn element_type(args: &[Value]) -> Result<Type, FunctionError> {
    let (Some(list), Some(position)) = (args.first(), args.get(1)) else { return Ok(Type::Dynamic) };
    match list.ty() {
        Type::List(element) => Ok(Type::clone(&element)),
        Type::Tuple(items) => match position.as_number() {
            None => Ok(Type::Dynamic),
            Some(position) => {
                let at = wrapped(position, items.len())?;
                if position.is_negative() {
                    return Err(argument(
                        1,
                        "must not be negative for a tuple; use tolist to count from the end of a list",
                    ));
                }
                Ok(items.get(at).cloned().unwrap_or(Type::Dynamic))
            }
        },
        other => Err(format!("cannot read elements from {}", other.friendly_name()).into()),
    }
}

fn wrapped(position: &crate::lang::value::Number, length: usize) -> Result<usize, FunctionError> {
    let position = whole(position).map_err(|e| format!("invalid index: {e}"))?;
    if length == 0 {
        return Err("cannot use element function with an empty list".into());
    }
    Ok(usize::try_from(position.rem_euclid(length as i64)).unwrap_or(0))
}

pub fn element(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let items = list.elements().unwrap_or_default();
    let at = wrapped(call.number(1)?, items.len())?;
    Ok(items.get(at).cloned().unwrap_or_else(|| Value::null(Type::Dynamic)).with_marks(list.marks()))
}

pub fn one_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::List(element) | Type::Set(element)) => return Ok(Type::clone(&element)),
        Some(Type::Tuple(items)) if items.is_empty() => return Ok(Type::Dynamic),
        Some(Type::Tuple(items)) if items.len() == 1 => return Ok(items.first().cloned().unwrap_or(Type::Dynamic)),
        _ => {}
    }
    Err(argument(0, "must be a list, set, or tuple value with either zero or one elements"))
}

pub fn one(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    if !list.length().is_known() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    match list.elements().unwrap_or_default() {
        [] => Ok(Value::null(call.ty.clone())),
        [one] => Ok(one.clone()),
        _ => Err(argument(0, "must be a list, set, or tuple value with either zero or one elements")),
    }
}

pub fn matchkeys_type(args: &[Value]) -> Result<Type, FunctionError> {
    let types: Vec<Type> = args.iter().skip(1).map(Value::ty).collect();
    match unify(&types) {
        Some(_) => same_type(args),
        None => Err("keys and searchset must be of the same type".into()),
    }
}

pub fn matchkeys(call: &Call<'_>) -> Outcome {
    let element = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    let (values, keys, search) = (call.arg(0)?, call.arg(1)?, call.arg(2)?);
    if values.elements().map(<[Value]>::len) != keys.elements().map(<[Value]>::len) {
        return Err("length of keys and values should be equal".into());
    }
    let common = unify(&[keys.ty(), search.ty()]).unwrap_or(Type::Dynamic);
    let (keys, search) = (convert(keys, &common), convert(search, &common));
    let (Ok(keys), Ok(search)) = (keys, search) else {
        return Err("keys and searchset must be of the same type".into());
    };
    let search = search.elements().unwrap_or_default();
    if search.is_empty() {
        return Ok(Value::list(element, Vec::new()));
    }
    if values.contains_unknown() || keys.contains_unknown() {
        return Ok(Value::unknown(call.ty.clone()));
    }
    let mut found = Vec::new();
    for (key, value) in keys.elements().unwrap_or_default().iter().zip(values.elements().unwrap_or_default()) {
        for wanted in search {
            match Value::equals(key, wanted).as_bool() {
                Some(true) => {
                    found.push(value.clone());
                    break;
                }
                Some(false) => {}
                None => return Ok(Value::list(element, Vec::new())),
            }
        }
    }
    Ok(Value::list(element, found))
}

pub fn reverse_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().map(Value::ty) {
        Some(Type::Tuple(items)) => Ok(Type::Tuple(items.iter().rev().cloned().collect())),
        Some(Type::List(element) | Type::Set(element)) => Ok(Type::List(element)),
        other => {
            let name = other.unwrap_or(Type::Dynamic).friendly_name();
            Err(argument(0, format!("can only reverse list or tuple values, not {name}")))
        }
    }
}

pub fn reverse(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let items = list.elements().unwrap_or_default().iter().rev().cloned().collect();
    Ok(sequence(call.ty, items).with_marks(list.marks()))
}

/// A list or a tuple, as the type says.
fn sequence(ty: &Type, items: Vec<Value>) -> Value {
    match ty {
        Type::List(element) => Value::list(Type::clone(element), items),
        _ => Value::tuple(items),
    }
}

pub fn slice_type(args: &[Value]) -> Result<Type, FunctionError> {
    let ty = same_type(args)?;
    let items = match &ty {
        Type::Set(_) => {
            return Err(argument(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the \
                 ordering of the result is not important",
            ));
        }
        Type::List(_) => None,
        Type::Tuple(items) => Some(items.clone()),
        _ => return Err(argument(0, "must be a list or tuple value")),
    };
    let bounds = slice_bounds(args)?;
    Ok(match (items, bounds) {
        (None, _) => ty,
        (Some(_), None) => Type::Dynamic,
        (Some(items), Some((start, end))) => Type::Tuple(items.get(start..end).unwrap_or_default().into()),
    })
}

/// Start and end where both are known.
fn slice_bounds(args: &[Value]) -> Result<Option<(usize, usize)>, FunctionError> {
    let length = args.first().and_then(|list| list.length().as_i64());
    let bound = |at: usize, name: &str| -> Result<Option<i64>, FunctionError> {
        let Some(number) = args.get(at).and_then(Value::as_number) else { return Ok(None) };
        let n = whole(number).map_err(|e| argument(at, format!("invalid {name} index: {e}")))?;
        if n < 0 {
            return Err(argument(at, format!("{name} index must not be less than zero")));
        }
        if length.is_some_and(|length| n > length) {
            return Err(argument(at, format!("{name} index must not be greater than the length of the list")));
        }
        Ok(Some(n))
    };
    match (bound(1, "start")?, bound(2, "end")?) {
        (Some(start), Some(end)) if start > end => Err(argument(1, "start index must not be greater than end index")),
        (Some(start), Some(end)) => Ok(Some((start as usize, end as usize))),
        _ => Ok(None),
    }
}

pub fn slice(call: &Call<'_>) -> Outcome {
    let list = call.arg(0)?;
    let Some((start, end)) = slice_bounds(call.args)? else { return Ok(Value::unknown(call.ty.clone())) };
    let items = list.elements().and_then(|items| items.get(start..end)).unwrap_or_default().to_vec();
    Ok(sequence(call.ty, items).with_marks(list.marks()))
}

pub fn concat_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.is_empty() {
        return Err("at least one argument is required".into());
    }
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    if types.iter().all(|t| matches!(t, Type::List(_)))
        && let Some(common) = unify(&types)
    {
        return Ok(common);
    }
    let mut items = Vec::new();
    for (i, (arg, ty)) in args.iter().zip(&types).enumerate() {
        match ty {
            Type::Tuple(own) => items.extend(own.iter().cloned()),
            Type::List(element) => match arg.elements() {
                Some(own) => items.extend(own.iter().map(|_| Type::clone(element))),
                None => return Ok(Type::Dynamic),
            },
            other => {
                let name = other.friendly_name();
                return Err(argument(i, format!("all arguments must be lists or tuples; got {name}")));
            }
        }
    }
    Ok(Type::Tuple(items.into()))
}

pub fn concat(call: &Call<'_>) -> Outcome {
    let mut marks = crate::lang::value::Marks::empty();
    let mut items = Vec::new();
    for (i, list) in call.args.iter().enumerate() {
        marks |= list.marks();
        let list = match call.ty {
            Type::List(_) => convert(list, call.ty).map_err(|e| argument(i, e.to_string()))?,
            _ => list.clone(),
        };
        items.extend(list.elements().unwrap_or_default().iter().cloned());
    }
    Ok(sequence(call.ty, items).with_marks(marks))
}

pub fn flatten_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(list) = args.first() else { return Ok(Type::Dynamic) };
    match list.ty() {
        Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic => Ok(Type::Dynamic),
        // Terraform looks no further while anything inside is unknown.
        _ if list.contains_unknown() => Ok(Type::Dynamic),
        _ => Err("can only flatten lists, sets and tuples".into()),
    }
}

pub fn flatten(call: &Call<'_>) -> Outcome {
    let mut flat = Flat { items: Vec::new(), marks: crate::lang::value::Marks::empty(), known: true };
    let list = call.arg(0)?;
    if list.elements().is_none() {
        return Ok(Value::unknown(Type::Dynamic).with_marks(list.marks_deep()));
    }
    flat.add(list);
    let result = if flat.known { Value::tuple(flat.items) } else { Value::unknown(Type::Dynamic) };
    Ok(result.with_marks(flat.marks))
}

struct Flat {
    items: Vec<Value>,
    marks: crate::lang::value::Marks,
    known: bool,
}

impl Flat {
    fn add(&mut self, list: &Value) {
        self.marks |= list.marks();
        if !list.length().is_known() {
            self.known = false;
            return;
        }
        for item in list.elements().unwrap_or_default() {
            match item.kind() {
                Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => self.add(item),
                Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => {
                    self.known = false;
                    self.marks |= item.marks();
                }
                _ => {
                    self.known &= item.is_known() || item.ty() != Type::Dynamic;
                    self.items.push(item.clone());
                }
            }
        }
    }
}

/// `list` and `map` are gone.
pub fn list_removed(_: &[Value]) -> Result<Type, FunctionError> {
    Err("the \"list\" function was deprecated in Terraform v0.12 and is no longer available; use tolist([ ... ]) syntax to \
         write a literal list"
        .into())
}

/// `list` and `map` are gone.
pub fn map_removed(_: &[Value]) -> Result<Type, FunctionError> {
    Err("the \"map\" function was deprecated in Terraform v0.12 and is no longer available; use tomap({ ... }) syntax to \
         write a literal map"
        .into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Type, Value};

    #[test]
    fn length_is_known_for_what_has_a_fixed_shape() {
        assert_eq!(json("length", &[s("日本")]), "2");
        let tuple = Value::unknown(Type::Tuple([Type::Bool, Type::Bool].into()));
        assert_eq!(json("length", &[tuple]), "2");
        assert!(!run("length", &[Value::unknown(Type::list(Type::Bool))]).unwrap().is_known());
        assert_eq!(error("length", &[n(1)]), "argument must be a string, a collection type, or a structural type");
    }

    #[test]
    fn coalesce_takes_the_first_that_is_there() {
        assert_eq!(json("coalesce", &[Value::null(Type::Dynamic), s(""), s("x")]), "\"x\"");
        assert_eq!(error("coalesce", &[s("")]), "no non-null, non-empty-string arguments");
        assert_eq!(error("coalesce", &[]), "all arguments must have the same type");
        assert_eq!(json("coalescelist", &[t([]), t([s("c")])]), "[\"c\"]");
    }

    #[test]
    fn search_is_by_type_and_value() {
        assert_eq!(json("contains", &[t([n(1), n(2)]), s("1")]), "false");
        assert_eq!(json("contains", &[t([n(1), s("a")]), s("a")]), "true");
        assert_eq!(json("index", &[t([s("a"), s("b")]), s("b")]), "1");
        assert_eq!(error("index", &[t([n(1)]), s("1")]), "item not found");
        assert!(!run("contains", &[t([Value::unknown(Type::String)]), s("a")]).unwrap().is_known());
    }

    #[test]
    fn elements_wrap_around() {
        assert_eq!(json("element", &[t([s("a"), s("b")]), n(5)]), "\"b\"");
        assert_eq!(error("element", &[t([]), n(0)]), "cannot use element function with an empty list");
        assert!(run("element", &[t([s("a")]), n(-1)]).is_err());
        assert_eq!(json("element", &[Value::list(Type::String, vec![s("a"), s("b")]), n(-1)]), "\"b\"");
    }

    #[test]
    fn slices_check_their_bounds() {
        assert_eq!(json("slice", &[t([n(1), s("a"), n(3)]), n(1), n(3)]), "[\"a\",3]");
        assert_eq!(
            error("slice", &[t([s("a")]), n(0), n(2)]),
            "end index must not be greater than the length of the list"
        );
        assert_eq!(error("slice", &[t([s("a")]), n(1), n(0)]), "start index must not be greater than end index");
    }

    #[test]
    fn lists_are_chunked_flattened_and_joined() {
        assert_eq!(json("chunklist", &[t([n(1), n(2), n(3)]), n(2)]), "[[1,2],[3]]");
        assert_eq!(json("flatten", &[t([t([s("a"), t([n(1)])]), n(2)])]), "[\"a\",1,2]");
        assert_eq!(json("concat", &[t([n(1)]), t([s("a")])]), "[1,\"a\"]");
        let lists = [Value::list(Type::Number, vec![n(1)]), Value::list(Type::String, vec![s("b")])];
        assert_eq!(run("concat", &lists).unwrap().ty(), Type::list(Type::String));
        assert_eq!(json("distinct", &[t([n(1), s("1"), s("a")])]), "[\"1\",\"a\"]");
        assert_eq!(json("matchkeys", &[t([s("i"), s("j")]), t([s("x"), s("y")]), t([s("x")])]), "[\"i\"]");
    }

    #[test]
    fn marks_of_elements_stay_on_them() {
        let list = t([s("a").sensitive(), s("b")]);
        assert_eq!(run("concat", std::slice::from_ref(&list)).unwrap(), list);
        assert_eq!(run("length", std::slice::from_ref(&list)).unwrap(), Value::number(2));
        assert_eq!(run("element", &[list, n(1)]).unwrap(), s("b"));
    }

    #[test]
    fn flattening_an_unknown_list_is_unknown() {
        let inner = Value::unknown(Type::list(Type::String));
        assert_eq!(run("flatten", &[t([inner])]).unwrap(), Value::unknown(Type::Dynamic));
    }
}
