//! Texts of which a part is not known yet: `arn:aws:s3:::` and then the name of a bucket that does not exist.
//!
//! The unknown part is a *symbol*: its name (the reference it stands for) between two characters of Unicode's private use area,
//! which no policy can hold. So a symbolic text is an ordinary string, policies hold it unchanged, and two texts with the same
//! symbol are known to be the same though nobody knows what they say.

use std::borrow::Cow;

const OPEN: char = '\u{F8D0}';
const CLOSE: char = '\u{F8D1}';

/// The account that the provider works in, where nothing says which.
pub const ACCOUNT: &str = "account";
/// The region that the provider works in, where nothing says which.
pub const REGION: &str = "region";
/// `aws`, `aws-cn` …
pub const PARTITION: &str = "partition";

/// One piece of a symbolic text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece<'a> {
    /// Known.
    Text(&'a str),
    /// Stands for what this reference will be.
    Symbol(&'a str),
}

/// The text that stands for what `reference` will be.
pub fn symbol(reference: &str) -> String {
    let clean: String = reference.chars().filter(|c| !matches!(*c, OPEN | CLOSE)).collect();
    format!("{OPEN}{clean}{CLOSE}")
}

/// Whether all of it is known.
pub fn is_known(text: &str) -> bool {
    !text.contains(OPEN)
}

/// Its pieces, in order; no piece of text is empty.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        let (name, tail) = after.split_once(CLOSE).unwrap_or((after, ""));
        out.push(Piece::Symbol(name));
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// The reference, if the text is one symbol and nothing else.
pub fn only_symbol(text: &str) -> Option<&str> {
    match pieces(text).as_slice() {
        [Piece::Symbol(name)] => Some(name),
        _ => None,
    }
}

/// As people read it: symbols as `${reference}`.
pub fn display(text: &str) -> Cow<'_, str> {
    if is_known(text) {
        return Cow::Borrowed(text);
    }
    let shown = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Symbol(name) => format!("${{{name}}}"),
    });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_found_again_in_its_text() {
        let text = format!("arn:aws:s3:::{}/x", symbol("aws_s3_bucket.a.id"));
        assert_eq!(
            pieces(&text),
            [Piece::Text("arn:aws:s3:::"), Piece::Symbol("aws_s3_bucket.a.id"), Piece::Text("/x")]
        );
        assert!(!is_known(&text) && is_known("plain"));
        assert_eq!(display(&text), "arn:aws:s3:::${aws_s3_bucket.a.id}/x");
        assert_eq!(only_symbol(&symbol("a.b")), Some("a.b"));
        assert_eq!(only_symbol(&text), None);
    }

    #[test]
    fn an_unclosed_symbol_is_one_to_the_end() {
        assert_eq!(pieces("a\u{F8D0}b"), [Piece::Text("a"), Piece::Symbol("b")]);
    }
}
