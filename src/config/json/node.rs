//! JSON text to nodes with their places, and messages with places when it is none.

use crate::diagnostics::{Diagnostic, FileId, Span};
use crate::lang::syntax::ast::{Attribute, Expr, Ident};
use crate::lang::value::Number;

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A property of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) value: Node,
}

impl Member {
    /// The name with its place.
    pub(super) fn ident(&self) -> Ident {
        Ident { name: self.name.as_str().into(), span: self.name_span }
    }

    /// The property as an argument with this value.
    pub(super) fn attribute(&self, expr: Expr) -> Attribute {
        Attribute { name: self.ident(), expr, span: self.name_span.to(self.value.span) }
    }
}

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 128;

/// Reads a whole text as one value. A byte order mark may stand first.
pub(super) fn parse(file: FileId, text: &str) -> Result<Node, Box<Diagnostic>> {
    let mut parser = Parser { file, text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let node = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong("Extraneous data after value", "Extra characters appear after the JSON value."));
    }
    Ok(node)
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file: self.file, start: clip(start), end: clip(self.at) }
    }

    fn wrong(&self, summary: &str, detail: impl Into<String>) -> Box<Diagnostic> {
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        let mut span = self.span(self.at);
        span.end = span.start.saturating_add(u32::try_from(next).unwrap_or(1));
        Box::new(Diagnostic::error(summary, detail).at(span))
    }

    fn value(&mut self, depth: usize) -> Parsed<Node> {
        self.space();
        if depth > MAX_DEPTH {
            return Err(self.wrong("Too deep nesting", format!("JSON values nest at most {MAX_DEPTH} deep here.")));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            Some(_) => return Err(self.wrong("Invalid start of value", "Expected the start of a JSON value.")),
            None => return Err(self.wrong("Missing JSON value", "The text ends where a JSON value is expected.")),
        };
        Ok(Node { kind, span: self.span(start) })
    }

    fn word(&mut self) -> Parsed<Kind> {
        let len = self.rest().find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest().len());
        let kind = match self.rest().get(..len) {
            Some("true") => Kind::Bool(true),
            Some("false") => Kind::Bool(false),
            Some("null") => Kind::Null,
            other => {
                let detail = format!("\"{}\" is not a valid JSON keyword.", other.unwrap_or_default());
                return Err(self.wrong("Invalid JSON keyword", detail));
            }
        };
        self.at += len;
        Ok(kind)
    }

    fn number(&mut self) -> Parsed<Kind> {
        let len = self
            .rest()
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
            .unwrap_or(self.rest().len());
        let text = self.rest().get(..len).unwrap_or_default();
        let number = serde_json::from_str::<serde_json::Number>(text).ok().and_then(|_| Number::parse(text));
        match number {
            Some(number) => {
                self.at += len;
                Ok(Kind::Number(number))
            }
            None => {
                let detail = format!("\"{text}\" is not a valid JSON number.");
                Err(self.wrong("Invalid JSON number", detail))
            }
        }
    }

    fn string(&mut self) -> Parsed<String> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(b'\n') | None => {
                    return Err(self.wrong("Unclosed string", "The string that begins here has no closing quote."));
                }
                Some(_) => end += 1,
            }
        }
        let quoted = self.text.get(self.at..=end).unwrap_or_default();
        match serde_json::from_str::<String>(quoted) {
            Ok(string) => {
                self.at = end + 1;
                Ok(string)
            }
            Err(_) => {
                Err(self.wrong("Invalid JSON string", "The string holds an escape or character JSON does not allow."))
            }
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Kind> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            if items.is_empty() && self.peek() == Some(b']') {
                break;
            }
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => {
                    return Err(self
                        .wrong("Missing comma or bracket", "Array elements are separated by commas, and end with ]."));
                }
            }
        }
        self.at += 1;
        Ok(Kind::Array(items))
    }

    fn object(&mut self, depth: usize) -> Parsed<Kind> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.space();
            if members.is_empty() && self.peek() == Some(b'}') {
                break;
            }
            if self.peek() != Some(b'"') {
                return Err(self
                    .wrong("Invalid object property name", "A JSON object property name must be a string in quotes."));
            }
            let start = self.at;
            let name = self.string()?;
            let name_span = self.span(start);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.wrong(
                    "Missing property value colon",
                    "A colon must stand between a property's name and its value.",
                ));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { name, name_span, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => {
                    return Err(self.wrong(
                        "Missing comma or brace",
                        "Object properties are separated by commas, and end with }.",
                    ));
                }
            }
        }
        self.at += 1;
        Ok(Kind::Object(members))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Sources;

    fn problem(text: &str) -> (String, u32) {
        let file = Sources::new().add("x", text);
        let error = parse(file, text).unwrap_err();
        (error.summary.clone(), error.span.unwrap().start)
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        assert_eq!(problem("{\"a\": }"), ("Invalid start of value".into(), 6));
        assert_eq!(problem("{\"a\" 1}"), ("Missing property value colon".into(), 5));
        assert_eq!(problem("[1 2]"), ("Missing comma or bracket".into(), 3));
        assert_eq!(problem("{\"a\": tru}"), ("Invalid JSON keyword".into(), 6));
        assert_eq!(problem("\"abc"), ("Unclosed string".into(), 0));
        assert_eq!(problem("01"), ("Invalid JSON number".into(), 0));
        assert_eq!(problem(""), ("Missing JSON value".into(), 0));
        assert_eq!(problem("{} x"), ("Extraneous data after value".into(), 3));
        assert_eq!(problem(&"[".repeat(1000)).0, "Too deep nesting");
    }

    #[test]
    fn places_are_those_in_the_text() {
        let text = "\u{feff}{ \"é\": [1, \"\\u00e9\"] }";
        let file = Sources::new().add("x", text);
        let Kind::Object(members) = parse(file, text).unwrap().kind else { unreachable!() };
        let member = members.first().unwrap();
        assert_eq!(member.name, "é");
        assert_eq!(
            text.get(member.value.span.start as usize..member.value.span.end as usize),
            Some("[1, \"\\u00e9\"]")
        );
    }
}
