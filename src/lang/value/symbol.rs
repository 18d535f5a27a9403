//! Texts that stand for what is known only later.
//!
//! Where a configuration is looked at without an account, an unknown text such as a key's ARN is written as a symbol that names where it
//! will come from. A symbol is ordinary text to the language, so it survives `jsonencode`, templates and module boundaries, and a reader
//! can still tell which part of the result is known. Only evaluation that asks for it ([`crate::lang::functions::CallContext::symbols`])
//! ever meets one; they never reach a plan or a state.

use super::{Refinement, Type, Value};
use std::fmt;

// Private use characters: no configuration has a reason to hold them.
const OPEN: char = '\u{F8D0}';
const CLOSE: char = '\u{F8D1}';
const SEPARATOR: char = '\u{F8D2}';
// Stand for what would break a JSON text that the symbol is put into unescaped.
const QUOTE: char = '\u{F8D3}';
const BACKSLASH: char = '\u{F8D4}';

/// Where a text will come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    /// Whose it is: the address of an object (`module.a.aws_kms_key.k[0]`), a variable (`var.name`), a provider (`provider.aws`).
    pub address: String,
    /// Which attribute of it; empty for the thing itself.
    pub attribute: String,
}

impl Symbol {
    /// A symbol.
    pub fn new(address: impl Into<String>, attribute: impl Into<String>) -> Self {
        Symbol { address: address.into(), attribute: attribute.into() }
    }

    /// The text that stands for it.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.address.len() + self.attribute.len() + 9);
        out.push(OPEN);
        for c in self.address.chars().chain([SEPARATOR]).chain(self.attribute.chars()) {
            out.push(match c {
                '"' => QUOTE,
                '\\' => BACKSLASH,
                // One inside another would not be told apart.
                OPEN | CLOSE => '?',
                other => other,
            });
        }
        out.push(CLOSE);
        out
    }

    /// The value that stands for it.
    pub fn value(&self) -> Value {
        Value::string(self.text())
    }

    fn parse(inside: &str) -> Self {
        let plain = |text: &str| text.replace(QUOTE, "\"").replace(BACKSLASH, "\\");
        let (address, attribute) = inside.split_once(SEPARATOR).unwrap_or((inside, ""));
        Symbol { address: plain(address), attribute: plain(attribute) }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute.is_empty() {
            true => write!(f, "${{{}}}", self.address),
            false => write!(f, "${{{}.{}}}", self.address, self.attribute),
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Known.
    Text(&'t str),
    /// Known later.
    Symbol(Symbol),
}

/// The parts of a text, in order; a text without symbols is one part, an empty one none.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        let Some((inside, after)) = after.split_once(CLOSE) else {
            // Something cut the text in two: what is left of the symbol is unknown all the same.
            out.push(Piece::Symbol(Symbol::parse(after)));
            return out;
        };
        out.push(Piece::Symbol(Symbol::parse(inside)));
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// Whether a text has a part that is known only later.
pub fn has_symbol(text: &str) -> bool {
    // Asked of every text again and again, and nearly all are ASCII.
    !text.is_ascii() && (text.contains(OPEN) || text.contains(CLOSE))
}

/// The symbol a text consists of, if it is one and nothing else.
pub fn only_symbol(text: &str) -> Option<Symbol> {
    let inside = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    (!has_symbol(inside)).then(|| Symbol::parse(inside))
}

/// The text as a person would write it: symbols as `${aws_kms_key.k.arn}`.
pub fn readable(text: &str) -> String {
    let part = |piece: Piece<'_>| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Symbol(symbol) => symbol.to_string(),
    };
    pieces(text).into_iter().map(part).collect()
}

/// Whether two texts can turn out equal: a symbol may become anything, but equal texts are equal.
pub fn may_equal(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (has_symbol(a), has_symbol(b)) {
        (false, false) => false,
        (true, false) => fits(&pieces(a), b),
        (false, true) => fits(&pieces(b), a),
        (true, true) => both_fit(a, b),
    }
}

/// Whether a text can be had from these parts.
fn fits(parts: &[Piece<'_>], text: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return text.is_empty() };
    match first {
        Piece::Text(known) => text.strip_prefix(known).is_some_and(|text| fits(rest, text)),
        Piece::Symbol(_) if rest.is_empty() => true,
        Piece::Symbol(_) => text
            .char_indices()
            .map(|(i, _)| i)
            .chain([text.len()])
            .any(|i| text.get(i..).is_some_and(|t| fits(rest, t))),
    }
}

/// Two texts with symbols: only what is known before the first and after the last symbol of each can tell them apart.
fn both_fit(a: &str, b: &str) -> bool {
    let edges = |text: &str| {
        let start = text.find(OPEN).unwrap_or(text.len());
        let end = text.rfind(CLOSE).map_or(0, |i| i + CLOSE.len_utf8());
        (text.get(..start).unwrap_or_default().to_owned(), text.get(end..).unwrap_or_default().to_owned())
    };
    let ((a_start, a_end), (b_start, b_end)) = (edges(a), edges(b));
    let start = a_start.starts_with(&b_start) || b_start.starts_with(&a_start);
    start && (a_end.ends_with(&b_end) || b_end.ends_with(&a_end))
}

/// The value with every text that has a symbol made unknown, for functions that look at the characters of a text.
pub fn unknown_for_symbols(value: &Value) -> Value {
    let not_null = || Refinement { not_null: true, ..Refinement::default() };
    let replaced = value.transform(&mut |_, v| {
        Ok::<_, std::convert::Infallible>(match v.as_str() {
            Some(text) if has_symbol(text) => Value::unknown_refined(Type::String, not_null()).with_marks(v.marks()),
            _ => v,
        })
    });
    match replaced {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn arn() -> String {
        Symbol::new("aws_kms_key.k[\"a\"]", "arn").text()
    }

    #[test]
    fn a_symbol_survives_json_unescaped() {
        let text = format!("{{\"Resource\": \"{}/*\"}}", arn());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let resource = json.get("Resource").unwrap().as_str().unwrap();
        assert_eq!(readable(resource), "${aws_kms_key.k[\"a\"].arn}/*");
        assert_eq!(pieces(resource).len(), 2);
    }

    #[test]
    fn texts_with_symbols_are_equal_where_the_known_parts_fit() {
        let role = format!("arn:aws:iam::{}:role/deploy", Symbol::new("provider.aws", "account_id").text());
        assert!(may_equal(&role, "arn:aws:iam::111122223333:role/deploy"));
        assert!(!may_equal(&role, "arn:aws:iam::111122223333:role/other"));
        assert!(may_equal(&arn(), "anything"));
        let other = format!("arn:aws:iam::{}:role/{}", "111122223333", Symbol::new("var.name", "").text());
        assert!(may_equal(&role, &other));
        assert!(!may_equal(&role, &format!("arn:aws:s3:::{}", arn())));
    }

    #[test]
    fn only_a_lone_symbol_is_one() {
        assert_eq!(only_symbol(&arn()).unwrap().attribute, "arn");
        assert_eq!(only_symbol(&format!("{}x", arn())), None);
        assert_eq!(only_symbol(&format!("{0}{0}", arn())), None);
    }
}
