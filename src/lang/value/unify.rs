//! The type that several types have in common: what conditionals, list and map constructors and many functions need.
//!
//! Objects of different shape become maps, tuples of different length lists, and primitives strings, as in Terraform.

use super::Type;
use super::convert::exists;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// The type all of `types` convert to; `None` where there is none (also for no types at all).
///
/// When some of several container types is not known yet (`Dynamic`), neither is the result: it is `Dynamic`, and the
/// values concerned become unknown.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_with(types, true)
}

/// Like [`unify`] but only with conversions that cannot fail.
pub fn unify_safe(types: &[Type]) -> Option<Type> {
    unify_with(types, false)
}

fn unify_with(types: &[Type], lossy: bool) -> Option<Type> {
    // Equal types change nothing, and finding the order below takes time quadratic in their number.
    let mut seen = HashSet::new();
    let distinct: Vec<&Type> = types.iter().filter(|t| seen.insert(*t)).collect();
    unify_distinct(&distinct, lossy)
}

fn unify_owned(types: Vec<Type>, lossy: bool) -> Option<Type> {
    unify_with(&types, lossy)
}

fn unify_distinct(types: &[&Type], lossy: bool) -> Option<Type> {
    let first = *types.first()?;
    if types.len() == 1 {
        return Some(first.clone());
    }
    let count = |test: fn(&Type) -> bool| types.iter().filter(|t| test(t)).count();
    let maps = count(|t| matches!(t, Type::Map(_)));
    let lists = count(|t| matches!(t, Type::List(_)));
    let sets = count(|t| matches!(t, Type::Set(_)));
    let objects = count(|t| matches!(t, Type::Object(_)));
    let tuples = count(|t| matches!(t, Type::Tuple(_)));
    let dynamics = count(|t| *t == Type::Dynamic);
    let all = types.len();

    if maps > 0 && maps + dynamics == all {
        return collections(Type::map, types, lossy, dynamics > 0);
    }
    if maps > 0 && maps + objects + dynamics == all {
        if let Some(found) = structures_as_collections(types, lossy) {
            return Some(found);
        }
    } else if lists > 0 && lists + dynamics == all {
        return collections(Type::list, types, lossy, dynamics > 0);
    } else if lists > 0 && lists + tuples + dynamics == all {
        if let Some(found) = structures_as_collections(types, lossy) {
            return Some(found);
        }
    } else if sets > 0 && sets + dynamics == all {
        return collections(Type::set, types, lossy, dynamics > 0);
    } else if objects > 0 && objects + dynamics == all {
        return if dynamics > 0 { Some(Type::Dynamic) } else { unify_objects(types, lossy) };
    } else if tuples > 0 && tuples + dynamics == all {
        return if dynamics > 0 { Some(Type::Dynamic) } else { unify_tuples(types, lossy) };
    } else if objects > 0 && tuples > 0 {
        return None;
    }

    preference(types)
        .into_iter()
        .filter_map(|i| types.get(i).copied())
        .find(|want| types.iter().all(|t| t == want || exists(t, want, lossy)))
        .cloned()
}

fn collections(make: fn(Type) -> Type, types: &[&Type], lossy: bool, dynamic: bool) -> Option<Type> {
    if dynamic {
        return Some(Type::Dynamic);
    }
    let elements = types.iter().filter_map(|t| t.element().cloned()).collect();
    let result = make(unify_owned(elements, lossy)?);
    all_convert(types, &result, lossy).then_some(result)
}

fn all_convert(types: &[&Type], to: &Type, lossy: bool) -> bool {
    types.iter().all(|t| *t == to || exists(t, to, lossy))
}

/// Objects among maps as maps, tuples among lists as lists.
fn structures_as_collections(types: &[&Type], lossy: bool) -> Option<Type> {
    let structures: Vec<&Type> =
        types.iter().copied().filter(|t| matches!(t, Type::Object(_) | Type::Tuple(_))).collect();
    let collection = as_collection(&structures, lossy)?;
    let replaced = types
        .iter()
        .map(|t| if matches!(t, Type::Object(_) | Type::Tuple(_)) { collection.clone() } else { (*t).clone() })
        .collect();
    unify_owned(replaced, lossy).filter(|t| matches!(t, Type::Map(_) | Type::List(_)))
}

/// All objects as one map, or all tuples as one list.
fn as_collection(types: &[&Type], lossy: bool) -> Option<Type> {
    let elements: Vec<Type> = types
        .iter()
        .flat_map(|t| match t {
            Type::Object(o) => o.attributes.values().cloned().collect::<Vec<_>>(),
            Type::Tuple(items) => items.to_vec(),
            _ => Vec::new(),
        })
        .collect();
    let element = unify_owned(elements, lossy)?;
    let result = if matches!(types.first(), Some(Type::Object(_))) { Type::map(element) } else { Type::list(element) };
    all_convert(types, &result, lossy).then_some(result)
}

fn unify_objects(types: &[&Type], lossy: bool) -> Option<Type> {
    let shapes: Vec<_> =
        types.iter().filter_map(|t| if let Type::Object(o) = t { Some(&o.attributes) } else { None }).collect();
    let first = *shapes.first()?;
    if !shapes.iter().all(|s| s.keys().eq(first.keys())) {
        return as_collection(types, lossy);
    }
    let mut attributes = BTreeMap::new();
    for name in first.keys() {
        let across = shapes.iter().filter_map(|s| s.get(name).cloned()).collect();
        attributes.insert(name.clone(), unify_owned(across, lossy)?);
    }
    let result = Type::object(attributes);
    if all_convert(types, &result, lossy) { Some(result) } else { as_collection(types, lossy) }
}

fn unify_tuples(types: &[&Type], lossy: bool) -> Option<Type> {
    let shapes: Vec<_> =
        types.iter().filter_map(|t| if let Type::Tuple(items) = t { Some(items) } else { None }).collect();
    let length = shapes.first()?.len();
    if shapes.iter().any(|s| s.len() != length) {
        return as_collection(types, lossy);
    }
    let mut items = Vec::with_capacity(length);
    for i in 0..length {
        let across = shapes.iter().filter_map(|s| s.get(i).cloned()).collect();
        items.push(unify_owned(across, lossy)?);
    }
    let result = Type::Tuple(items.into());
    if all_convert(types, &result, lossy) { Some(result) } else { as_collection(types, lossy) }
}

/// Indexes of the types, more general ones first where they compare, else in the order given.
fn preference(types: &[&Type]) -> Vec<usize> {
    let n = types.len();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut waiting = vec![0usize; n];
    for (i, a) in types.iter().enumerate() {
        for (j, b) in types.iter().enumerate().skip(i + 1) {
            let (from, to) = match compare(a, b) {
                Ordering::Less => (i, j),
                Ordering::Greater => (j, i),
                Ordering::Equal => continue,
            };
            if let (Some(list), Some(count)) = (after.get_mut(from), waiting.get_mut(to)) {
                list.push(to);
                *count += 1;
            }
        }
    }
    let mut order: Vec<usize> = (0..n).filter(|i| waiting.get(*i) == Some(&0)).collect();
    let mut next = 0;
    while let Some(&i) = order.get(next) {
        next += 1;
        for &j in after.get(i).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(j) {
                *count -= 1;
                if *count == 0 {
                    order.push(j);
                }
            }
        }
    }
    order
}

/// `Less` when `a` is preferred as the more general.
fn compare(a: &Type, b: &Type) -> Ordering {
    let all = |pairs: &mut dyn Iterator<Item = (&Type, &Type)>| {
        let (mut less, mut greater) = (false, false);
        for (a, b) in pairs {
            match compare(a, b) {
                Ordering::Less => less = true,
                Ordering::Greater => greater = true,
                Ordering::Equal => {}
            }
        }
        match (less, greater) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    };
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => Ordering::Equal,
        (_, Type::Dynamic) => Ordering::Less,
        (Type::Dynamic, _) => Ordering::Greater,
        (Type::String, Type::String) => Ordering::Equal,
        (Type::String, Type::Number | Type::Bool) => Ordering::Less,
        (Type::Number | Type::Bool, Type::String) => Ordering::Greater,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => compare(a, b),
        (Type::Tuple(_) | Type::List(_), Type::Set(_)) => Ordering::Less,
        (Type::Set(_), Type::Tuple(_) | Type::List(_)) => Ordering::Greater,
        (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) => Ordering::Less,
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) => Ordering::Greater,
        (Type::Object(a), Type::Object(b)) if a.attributes.keys().eq(b.attributes.keys()) => {
            all(&mut a.attributes.values().zip(b.attributes.values()))
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => all(&mut a.iter().zip(b.iter())),
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn primitives_unify_to_string() {
        assert_eq!(unify(&[Type::Number, Type::String]), Some(Type::String));
        assert_eq!(unify(&[Type::Bool, Type::Number]), None);
        assert_eq!(unify(&[]), None);
    }

    #[test]
    fn objects_of_other_shape_unify_to_a_map() {
        let a = Type::object([("a", Type::Number)]);
        let b = Type::object([("b", Type::Number)]);
        assert_eq!(unify(&[a.clone(), b]), Some(Type::map(Type::Number)));
        assert_eq!(unify(&[a, Type::object([("a", Type::String)])]), Some(Type::object([("a", Type::String)])));
    }

    #[test]
    fn tuples_of_other_length_unify_to_a_list() {
        let one = Type::Tuple([Type::Number].into());
        let two = Type::Tuple([Type::Number, Type::String].into());
        assert_eq!(unify(&[one, two]), Some(Type::list(Type::String)));
    }

    #[test]
    fn tuples_and_objects_have_nothing_in_common() {
        assert_eq!(unify(&[Type::Tuple([].into()), Type::object::<&str>([])]), None);
    }

    #[test]
    fn a_container_and_an_unknown_type_are_dynamic() {
        assert_eq!(unify(&[Type::list(Type::String), Type::Dynamic]), Some(Type::Dynamic));
        assert_eq!(unify(&[Type::String, Type::Dynamic]), Some(Type::String));
    }
}
