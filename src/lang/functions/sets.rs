//! Functions of sets.

use super::call::{Call, FunctionError, Outcome};
use crate::lang::value::{Marks, Refinement, Type, Value, convert, unify};
use std::collections::HashMap;

/// A set of what the elements of all sets have in common; empty sets of unknown element type do not count.
pub fn common_type(args: &[Value]) -> Result<Type, FunctionError> {
    let mut elements = Vec::new();
    for arg in args {
        let element = arg.ty().element().cloned().unwrap_or(Type::Dynamic);
        let empty = arg.elements().is_some_and(<[Value]>::is_empty);
        if !(empty && element == Type::Dynamic) {
            elements.push(element);
        }
    }
    if elements.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    let mixed = elements.len() > 1 && elements.contains(&Type::Dynamic) && elements.iter().any(|e| *e != Type::Dynamic);
    let common = unify(&elements).filter(|common| !(mixed && *common == Type::Dynamic));
    common.map(Type::set).ok_or_else(|| "given sets must all have compatible element types".into())
}

/// Elements by the text that equal ones share.
struct Members<'a>(HashMap<String, Vec<&'a Value>>);

impl<'a> Members<'a> {
    fn of(items: &'a [Value]) -> Self {
        let mut members = HashMap::<String, Vec<&Value>>::new();
        for item in items {
            members.entry(item.set_text()).or_default().push(item);
        }
        Members(members)
    }

    fn has(&self, item: &Value) -> bool {
        let same = |other: &&Value| Value::equals(other, item).as_bool() == Some(true);
        self.0.get(&item.set_text()).is_some_and(|alike| alike.iter().any(same))
    }
}

fn combine(call: &Call<'_>, unknowns: bool, step: fn(Vec<Value>, &[Value]) -> Vec<Value>) -> Outcome {
    let mut result: Option<Vec<Value>> = None;
    for (i, arg) in call.args.iter().enumerate() {
        let set = convert(arg, call.ty).map_err(|e| FunctionError::argument(i, e.to_string()))?;
        if !unknowns && set.contains_unknown() {
            return Ok(Value::unknown(call.ty.clone()));
        }
        let items = set.elements().unwrap_or_default();
        result = Some(match result {
            None => items.to_vec(),
            Some(so_far) => step(so_far, items),
        });
    }
    let element = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    Ok(Value::set(element, result.unwrap_or_default()))
}

pub fn union(call: &Call<'_>) -> Outcome {
    combine(call, true, |mut all, more| {
        all.extend(more.iter().cloned());
        all
    })
}

pub fn intersection(call: &Call<'_>) -> Outcome {
    combine(call, false, |mut kept, other| {
        let members = Members::of(other);
        kept.retain(|item| members.has(item));
        kept
    })
}

pub fn subtract(call: &Call<'_>) -> Outcome {
    combine(call, false, |mut kept, other| {
        let members = Members::of(other);
        kept.retain(|item| !members.has(item));
        kept
    })
}

pub fn product_type(args: &[Value]) -> Result<Type, FunctionError> {
    if args.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut elements = Vec::with_capacity(args.len());
    let mut ordered = true;
    for (i, arg) in args.iter().enumerate() {
        elements.push(match arg.ty() {
            Type::Set(element) => {
                ordered = false;
                Type::clone(&element)
            }
            Type::List(element) => Type::clone(&element),
            Type::Tuple(items) if items.is_empty() => Type::Dynamic,
            Type::Tuple(items) => {
                unify(&items).ok_or_else(|| FunctionError::argument(i, "all elements must be of the same type"))?
            }
            _ => return Err(FunctionError::argument(i, "a set or a list is required")),
        });
    }
    let tuple = Type::Tuple(elements.into());
    Ok(if ordered { Type::list(tuple) } else { Type::set(tuple) })
}

/// More combinations are a mistake.
const MOST: usize = 10_000_000;

pub fn product(call: &Call<'_>) -> Outcome {
    let marks = call.args.iter().fold(Marks::empty(), |m, arg| m | arg.marks());
    let element = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    if call.args.iter().any(|arg| !arg.is_known() || !arg.length().is_known()) {
        return Ok(unknown_product(call).with_marks(marks));
    }
    let Type::Tuple(types) = &element else { return Err("a set or a list is required".into()) };
    let mut columns = Vec::with_capacity(call.args.len());
    let mut total = 1usize;
    for (i, (arg, ty)) in call.args.iter().zip(types.iter()).enumerate() {
        let column = arg.elements().unwrap_or_default().iter().map(|v| convert(v, ty));
        let column = column.collect::<Result<Vec<_>, _>>().map_err(|e| FunctionError::argument(i, e.to_string()))?;
        total = total.saturating_mul(column.len());
        columns.push(column);
    }
    if total > MOST {
        return Err(format!("the product has {total} elements, more than {MOST}").into());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for column in &columns {
        rows = rows
            .into_iter()
            .flat_map(|row| {
                column.iter().map(move |value| {
                    let mut row = row.clone();
                    row.push(value.clone());
                    row
                })
            })
            .collect();
    }
    let rows = rows.into_iter().map(Value::tuple).collect();
    let result = if matches!(call.ty, Type::List(_)) { Value::list(element, rows) } else { Value::set(element, rows) };
    Ok(result.with_marks(marks))
}

/// How many combinations there can be is known where all lengths have small bounds.
fn unknown_product(call: &Call<'_>) -> Value {
    let mut most = 1u64;
    for arg in call.args {
        let length = match arg.ty() {
            Type::Tuple(items) => items.len() as u64,
            _ => arg.range().max_length,
        };
        most = most.saturating_mul(length);
        if length > 1024 || most > 2048 {
            return Value::unknown(call.ty.clone());
        }
    }
    let bounds =
        Refinement { not_null: true, min_length: Some(most.min(1)), max_length: Some(most), ..Refinement::default() };
    Value::unknown_refined(call.ty.clone(), bounds)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Type, Value};

    #[test]
    fn set_operations() {
        let (ab, bc) = (t([s("a"), s("b")]), t([s("b"), s("c")]));
        assert_eq!(json("setunion", &[ab.clone(), bc.clone()]), "[\"a\",\"b\",\"c\"]");
        assert_eq!(json("setintersection", &[ab.clone(), bc.clone()]), "[\"b\"]");
        assert_eq!(json("setsubtract", &[ab, bc]), "[\"a\"]");
        assert_eq!(json("setunion", &[t([n(1)]), t([s("a")])]), "[\"1\",\"a\"]");
        assert_eq!(run("setunion", &[t([]), t([])]).unwrap().ty(), Type::set(Type::Dynamic));
    }

    #[test]
    fn products_of_lists_keep_their_order() {
        assert_eq!(json("setproduct", &[t([n(2), n(1)]), t([s("b")])]), "[[2,\"b\"],[1,\"b\"]]");
        let set = Value::set(Type::Number, vec![n(2), n(1)]);
        assert_eq!(json("setproduct", &[set, t([s("b")])]), "[[1,\"b\"],[2,\"b\"]]");
        assert_eq!(error("setproduct", &[s("a"), t([])]), "a set or a list is required");
    }

    #[test]
    fn a_union_with_an_unknown_element_keeps_it() {
        let unknown = Value::set(Type::String, vec![Value::unknown(Type::String)]);
        let union = run("setunion", &[unknown, t([s("a")])]).unwrap();
        assert_eq!(union.elements().unwrap().len(), 2);
    }
}
