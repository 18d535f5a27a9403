//! What a value of a leaf field is compared with.

use super::verdict::Verdict;
use crate::lang::value::symbol;
use ipnet::IpNet;
use serde_json::{Number, Value as Json};
use std::net::IpAddr;

/// One element of a leaf's list.
#[derive(Debug, Clone, PartialEq)]
pub enum Matcher {
    /// A text, number (by its digits), bool or null.
    Exact(Json),
    /// `prefix`, with or without `equals-ignore-case`.
    Prefix(Fold, String),
    /// `suffix`, with or without `equals-ignore-case`.
    Suffix(Fold, String),
    /// `equals-ignore-case`
    EqualsIgnoreCase(String),
    /// `wildcard`: the literal parts between the stars.
    Wildcard(Vec<String>),
    /// `anything-but`
    AnythingBut(Vec<Not>),
    /// `numeric`
    Numeric(Numeric),
    /// `cidr`
    Cidr(IpNet),
    /// `exists`
    Exists(bool),
}

/// Whether case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// It does.
    Exact,
    /// It does not.
    IgnoreCase,
}

/// What a value must not be.
#[derive(Debug, Clone, PartialEq)]
pub enum Not {
    /// This text, number, bool or null.
    Value(Json),
    /// Begin so.
    Prefix(String),
    /// End so.
    Suffix(String),
    /// Be this in any case.
    EqualsIgnoreCase(String),
    /// Fit this wildcard.
    Wildcard(Vec<String>),
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Numeric {
    /// `=`
    pub equal: Option<f64>,
    /// `>` or `>=`
    pub lower: Option<Bound>,
    /// `<` or `<=`
    pub upper: Option<Bound>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether it is itself inside.
    pub inclusive: bool,
}

impl Numeric {
    /// Whether a number is inside.
    pub fn contains(&self, number: f64) -> bool {
        self.equal.is_none_or(|e| number == e)
            && self.lower.is_none_or(|b| number > b.value || b.inclusive && number == b.value)
            && self.upper.is_none_or(|b| number < b.value || b.inclusive && number == b.value)
    }

    /// Whether no number is inside.
    pub fn is_empty(&self) -> bool {
        match (self.lower, self.upper) {
            (Some(a), Some(b)) => a.value > b.value || a.value == b.value && !(a.inclusive && b.inclusive),
            _ => false,
        }
    }
}

impl Matcher {
    /// Whether a scalar of the event fits. [`Matcher::Exists`] is about presence, not about values: it fits any when true.
    pub fn fits(&self, value: &Json) -> Verdict {
        match self {
            Matcher::Exact(want) => exact(want, value),
            Matcher::Prefix(fold, prefix) => on_text(value, |text| starts(text, prefix, *fold)),
            Matcher::Suffix(fold, suffix) => on_text(value, |text| ends(text, suffix, *fold)),
            Matcher::EqualsIgnoreCase(want) => on_text(value, |text| same_folded(text, want)),
            Matcher::Wildcard(parts) => on_text(value, |text| wild(text, parts)),
            Matcher::AnythingBut(nots) => nots.iter().fold(Verdict::Yes, |v, not| v.and(not.hit(value).negated())),
            Matcher::Numeric(range) => match value {
                Json::Number(number) => Verdict::of(float(number).is_some_and(|n| range.contains(n))),
                Json::String(text) if is_open_number(text) => Verdict::of(!range.is_empty()).and(Verdict::Maybe),
                _ => Verdict::No,
            },
            Matcher::Cidr(net) => on_text(value, |text| match symbol::has_symbol(text) {
                true => Verdict::Maybe,
                false => Verdict::of(text.parse::<IpAddr>().is_ok_and(|ip| net.contains(&ip))),
            }),
            Matcher::Exists(wanted) => Verdict::of(*wanted),
        }
    }
}

impl Not {
    fn hit(&self, value: &Json) -> Verdict {
        match self {
            Not::Value(want) => exact(want, value),
            Not::Prefix(prefix) => on_text(value, |text| starts(text, prefix, Fold::Exact)),
            Not::Suffix(suffix) => on_text(value, |text| ends(text, suffix, Fold::Exact)),
            Not::EqualsIgnoreCase(want) => on_text(value, |text| same_folded(text, want)),
            Not::Wildcard(parts) => on_text(value, |text| wild(text, parts)),
        }
    }
}

fn float(number: &Number) -> Option<f64> {
    number.to_string().parse().ok()
}

/// Address of the symbol that stands for a number of an event: such numbers are printed with a decimal point.
pub const OPEN_NUMBER: &str = "event.number";

fn is_open_number(text: &str) -> bool {
    symbol::only_symbol(text).is_some_and(|s| s.address == OPEN_NUMBER)
}

fn exact(want: &Json, value: &Json) -> Verdict {
    match (want, value) {
        (Json::String(a), Json::String(b)) if is_open_number(b) => Verdict::of(a == b),
        (Json::String(a), Json::String(b)) if a == b => Verdict::Yes,
        (Json::String(a), Json::String(b)) => Verdict::of(symbol::may_equal(a, b)).and(Verdict::Maybe),
        // Numbers are compared by their digits: 300, 300.0 and 3.0e2 differ.
        (Json::Number(a), Json::Number(b)) => Verdict::of(a.to_string() == b.to_string()),
        (Json::Number(a), Json::String(b)) if is_open_number(b) => {
            Verdict::of(a.to_string().contains('.')).and(Verdict::Maybe)
        }
        _ => Verdict::of(want == value && !want.is_string()),
    }
}

fn on_text(value: &Json, test: impl Fn(&str) -> Verdict) -> Verdict {
    match value {
        Json::String(text) if !is_open_number(text) => test(text),
        _ => Verdict::No,
    }
}

fn starts(text: &str, prefix: &str, fold: Fold) -> Verdict {
    if text.starts_with(prefix) {
        return Verdict::Yes;
    }
    if symbol::has_symbol(text) || symbol::has_symbol(prefix) {
        // What is known before the first symbol of either decides.
        let (a, b) = (known_start(text), known_start(prefix));
        let fits = match fold {
            Fold::Exact => a.starts_with(b) || b.starts_with(a),
            Fold::IgnoreCase => folded(a).starts_with(&folded(b)) || folded(b).starts_with(&folded(a)),
        };
        return Verdict::of(fits).and(Verdict::Maybe);
    }
    Verdict::of(fold == Fold::IgnoreCase && folded(text).starts_with(&folded(prefix)))
}

fn ends(text: &str, suffix: &str, fold: Fold) -> Verdict {
    if text.ends_with(suffix) {
        return Verdict::Yes;
    }
    if symbol::has_symbol(text) || symbol::has_symbol(suffix) {
        let (a, b) = (known_end(text), known_end(suffix));
        let fits = match fold {
            Fold::Exact => a.ends_with(b) || b.ends_with(a),
            Fold::IgnoreCase => folded(a).ends_with(&folded(b)) || folded(b).ends_with(&folded(a)),
        };
        return Verdict::of(fits).and(Verdict::Maybe);
    }
    Verdict::of(fold == Fold::IgnoreCase && folded(text).ends_with(&folded(suffix)))
}

fn same_folded(text: &str, want: &str) -> Verdict {
    if folded(text) == folded(want) {
        return Verdict::Yes;
    }
    Verdict::of(symbol::may_equal(&folded(text), &folded(want))).and(Verdict::Maybe)
}

fn folded(text: &str) -> String {
    // Symbols keep their case: it is that of names.
    symbol::pieces(text)
        .into_iter()
        .map(|piece| match piece {
            symbol::Piece::Text(text) => text.to_lowercase(),
            symbol::Piece::Symbol(symbol) => symbol.text(),
        })
        .collect()
}

fn known_start(text: &str) -> &str {
    match symbol::pieces(text).first() {
        Some(symbol::Piece::Text(known)) => text.get(..known.len()).unwrap_or_default(),
        _ => "",
    }
}

fn known_end(text: &str) -> &str {
    match symbol::pieces(text).last() {
        Some(symbol::Piece::Text(known)) => text.get(text.len() - known.len()..).unwrap_or_default(),
        _ => "",
    }
}

fn wild(text: &str, parts: &[String]) -> Verdict {
    let vague = symbol::has_symbol(text) || parts.iter().any(|p| symbol::has_symbol(p));
    if vague {
        let first = parts.first().map(String::as_str).unwrap_or_default();
        let last = parts.last().map(String::as_str).unwrap_or_default();
        return starts(text, first, Fold::Exact).and(ends(text, last, Fold::Exact)).and(Verdict::Maybe);
    }
    Verdict::of(wild_known(text, parts))
}

/// The first part at the start, the last at the end, the others in order between.
fn wild_known(text: &str, parts: &[String]) -> bool {
    let [first, middle @ .., last] = parts else { return parts.first().is_some_and(|only| only == text) };
    let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
    let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}
