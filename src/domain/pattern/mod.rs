//! The EventBridge event pattern language: parsing with its errors, and matching.
//!
//! Semantics are those of the EventBridge User Guide (event patterns, operators, arrays, null values) and of aws/event-ruler, whose
//! matching it is: every field named must be in the event, a field's list is a disjunction, fields under one array of objects must be
//! found in the same element. Texts of pattern and event may have parts that are known only later
//! ([`crate::lang::value::symbol`]); then the verdict may be [`Verdict::Maybe`].

mod matching;
mod operator;
mod parse;
#[cfg(test)]
mod tests;
pub mod transform;
mod verdict;

pub use operator::{Bound, Fold, Matcher, Not, Numeric, OPEN_NUMBER};
pub use parse::PatternError;
pub use verdict::Verdict;

use crate::lang::value::symbol;
use serde_json::Value as Json;

/// Most characters of a rule's pattern (adjustable quota).
pub const MAX_CHARACTERS: usize = 2048;
/// Most combinations that the `$or`s of a pattern may make.
pub const MAX_OR_COMBINATIONS: usize = 1000;

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub(super) fields: Vec<Field>,
}

/// One condition on an object: all of them must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A field of the event.
    Named {
        /// Its name.
        name: String,
        /// What it must be.
        want: Want,
    },
    /// `$or`: one of these sets of conditions.
    AnyOf(Vec<Vec<Field>>),
}

/// What a field must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// An object with these fields.
    Object(Vec<Field>),
    /// One of these.
    Leaf(Vec<Matcher>),
}

impl Pattern {
    /// Parses a pattern. All errors are returned, each with the path of the field it is about.
    pub fn parse(text: &str) -> Result<Self, Vec<PatternError>> {
        parse::parse(text)
    }

    /// Whether an event matches.
    pub fn matches(&self, event: &Json) -> Verdict {
        matching::object(&self.fields, event)
    }

    /// The conditions.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// How many combinations its `$or`s make: the product of their sizes.
    pub fn or_combinations(&self) -> usize {
        combinations(&self.fields)
    }

    /// Every leaf with its path; those inside `$or` too.
    pub fn leaves(&self) -> Vec<(Vec<&str>, &[Matcher])> {
        let mut out = Vec::new();
        collect(&self.fields, &mut Vec::new(), &mut out);
        out
    }

    /// The texts that a field is compared with, where it is compared with known texts and nothing else; where it is named several times, as
    /// alternatives of `$or` do, those of the first.
    pub fn texts(&self, path: &[&str]) -> Option<Vec<&str>> {
        let (_, matchers) = self.leaves().into_iter().find(|(at, _)| at == path)?;
        let text = |matcher| match matcher {
            &Matcher::Exact(Json::String(ref text)) if !symbol::has_symbol(text) => Some(text.as_str()),
            _ => None,
        };
        matchers.iter().map(text).collect()
    }
}

fn combinations(fields: &[Field]) -> usize {
    fields.iter().fold(1usize, |product, field| {
        product.saturating_mul(match field {
            Field::AnyOf(choices) => choices.iter().map(|c| combinations(c)).fold(0usize, usize::saturating_add),
            Field::Named { want: Want::Object(inner), .. } => combinations(inner),
            Field::Named { .. } => 1,
        })
    })
}

fn collect<'p>(fields: &'p [Field], at: &mut Vec<&'p str>, out: &mut Vec<(Vec<&'p str>, &'p [Matcher])>) {
    for field in fields {
        match field {
            Field::AnyOf(choices) => choices.iter().for_each(|c| collect(c, at, out)),
            Field::Named { name, want } => {
                at.push(name);
                match want {
                    Want::Object(inner) => collect(inner, at, out),
                    Want::Leaf(matchers) => out.push((at.clone(), matchers)),
                }
                at.pop();
            }
        }
    }
}
