//! Whether the conditions of a statement hold for a request.

use super::operator::{Comparison, Operator, Quantifier, matches};
use super::request::{Context, Fact};
use super::truth::Truth;
use super::variables::{Expanded, expand};
use std::collections::{BTreeMap, BTreeSet};

/// All operators and all keys must hold. `variables`: whether the document's version knows policy variables.
pub fn holds(
    conditions: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    context: &Context,
    variables: bool,
) -> Truth {
    Truth::all(conditions.iter().flat_map(|(name, keys)| {
        let operator = Operator::parse(name);
        keys.iter().map(move |(key, values)| match operator {
            Some(operator) => key_holds(operator, key, values, context, variables),
            // AWS refuses the document; what it would do with it is not for us to say.
            None => Truth::Unknown,
        })
    }))
}

fn key_holds(operator: Operator, key: &str, values: &BTreeSet<String>, context: &Context, variables: bool) -> Truth {
    let fact = context.get(key);
    if operator.comparison == Comparison::Null {
        let absent = !context.has(key);
        return Truth::any(values.iter().map(|v| match v.to_ascii_lowercase().as_str() {
            "true" => absent,
            "false" => !absent,
            _ => Truth::No,
        }));
    }
    let given = match fact {
        Fact::Unknown => return Truth::Unknown,
        Fact::Absent if operator.if_exists => return Truth::Yes,
        Fact::Absent => &[][..],
        Fact::Values(given) => given.as_slice(),
    };
    let wanted = wanted(values, context, variables);
    let one = |given: &String| {
        let found = Truth::any(wanted.iter().map(|w| match w {
            Some(text) => matches(operator.comparison, text, given),
            None => Truth::Unknown,
        }));
        if operator.negated { !found } else { found }
    };
    match operator.quantifier {
        // With no value at all, "all of them" holds and "any of them" does not.
        Quantifier::All => Truth::all(given.iter().map(one)),
        Quantifier::Any => Truth::any(given.iter().map(one)),
        // What is not there does not equal anything.
        Quantifier::Single if given.is_empty() => operator.negated.into(),
        Quantifier::Single if operator.negated => Truth::all(given.iter().map(one)),
        Quantifier::Single => Truth::any(given.iter().map(one)),
    }
}

/// The policy's values with their variables replaced; `None` is a value that is not known. A variable without value drops out.
fn wanted(values: &BTreeSet<String>, context: &Context, variables: bool) -> Vec<Option<String>> {
    let mut out = Vec::new();
    for value in values {
        match expand(value, context, variables) {
            Expanded::Texts(texts) => out.extend(texts.into_iter().map(Some)),
            Expanded::Nothing => {}
            Expanded::Unknown => out.push(None),
        }
    }
    out
}
