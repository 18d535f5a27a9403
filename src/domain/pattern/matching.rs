//! Events against patterns.

use super::operator::Matcher;
use super::verdict::Verdict;
use super::{Field, Want};
use serde_json::Value as Json;

/// Whether an object (or one element of an array of objects) fulfils all conditions.
pub(super) fn object(fields: &[Field], event: &Json) -> Verdict {
    match event {
        // All conditions under one array must hold for the same element.
        Json::Array(items) => items.iter().fold(Verdict::No, |v, item| v.or(object(fields, item))),
        _ => fields.iter().fold(Verdict::Yes, |v, field| v.and(one(field, event))),
    }
}

fn one(field: &Field, event: &Json) -> Verdict {
    match field {
        Field::AnyOf(choices) => choices.iter().fold(Verdict::No, |v, choice| v.or(object(choice, event))),
        Field::Named { name, want } => match (event.get(name), want) {
            (Some(inner @ (Json::Object(_) | Json::Array(_))), Want::Object(fields)) => object(fields, inner),
            // Nothing is inside: only conditions of absence can hold.
            (_, Want::Object(fields)) => absent(fields),
            (found, Want::Leaf(matchers)) => leaf(matchers, found),
        },
    }
}

fn absent(fields: &[Field]) -> Verdict {
    fields.iter().fold(Verdict::Yes, |v, field| {
        v.and(match field {
            Field::AnyOf(choices) => choices.iter().fold(Verdict::No, |v, choice| v.or(absent(choice))),
            Field::Named { want: Want::Object(inner), .. } => absent(inner),
            Field::Named { want: Want::Leaf(matchers), .. } => leaf(matchers, None),
        })
    })
}

fn leaf(matchers: &[Matcher], found: Option<&Json>) -> Verdict {
    let scalars = scalars(found);
    matchers.iter().fold(Verdict::No, |v, matcher| {
        v.or(match matcher {
            Matcher::Exists(wanted) => Verdict::of(*wanted != scalars.is_empty()),
            _ => scalars.iter().fold(Verdict::No, |v, value| v.or(matcher.fits(value))),
        })
    })
}

/// The values of a leaf: one, or the scalars of an array. An object has none: it is no leaf.
fn scalars(found: Option<&Json>) -> Vec<&Json> {
    match found {
        None | Some(Json::Object(_)) => Vec::new(),
        Some(Json::Array(items)) => items.iter().flat_map(|item| scalars(Some(item))).collect(),
        Some(value) => vec![value],
    }
}
