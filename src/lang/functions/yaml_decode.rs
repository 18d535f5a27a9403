//! `yamldecode`: one document, with the scalar rules of YAML 1.2 and the words of 1.1 (`yes`, `off`) for booleans.

use super::call::{Call, Outcome};
use super::encoding::from_base64;
use crate::lang::value::{Fields, Kind, Number, Type, Value, convert, quote};
use regex::Regex;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub fn yamldecode(call: &Call<'_>) -> Outcome {
    let mut reader = Reader { parser: Parser::new_from_str(call.text(0)?), anchors: BTreeMap::new(), size: 0 };
    Ok(reader.document()?)
}

/// Deeper nesting is refused.
const DEEPEST: usize = 1_000;
/// Documents that references blow up beyond so many nodes are refused.
const LARGEST: usize = 1_000_000;

const CORE: &str = "tag:yaml.org,2002:";

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Values of anchors with their sizes; `None` while being read.
    anchors: BTreeMap<usize, Option<(Value, usize)>>,
    size: usize,
}

type Node<'a> = (Event<'a>, Span);

fn at(span: &Span, message: impl std::fmt::Display) -> String {
    format!("on line {}, column {}: {message}", span.start.line(), span.start.col() + 1)
}

fn syntax(error: &ScanError) -> String {
    let mark = error.marker();
    format!("on line {}, column {}: {}", mark.line(), mark.col() + 1, error.info())
}

/// A scalar as it is resolved.
enum Scalar {
    Value(Value),
    /// `<<`, which as a key merges a mapping.
    Merge,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Node<'a>, String> {
        match self.parser.next_event() {
            Some(Ok(node)) => Ok(node),
            Some(Err(error)) => Err(syntax(&error)),
            None => Err("unexpected end of the document".to_owned()),
        }
    }

    fn document(&mut self) -> Result<Value, String> {
        self.next()?;
        match self.next()? {
            (Event::DocumentStart(_), _) => {}
            (_, span) => return Err(at(&span, "missing start of document")),
        }
        let first = self.next()?;
        let value = self.node(first, 0)?;
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(value),
                (Event::DocumentStart(_), span) => return Err(at(&span, "unexpected extra content after value")),
                (_, span) => return Err(at(&span, "unexpected extra content after value")),
            }
        }
    }

    fn node(&mut self, (event, span): Node<'a>, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(at(&span, format!("nested more than {DEEPEST} levels deep")));
        }
        self.size += 1;
        let start = self.size;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = match resolve(&text, style, tag.as_deref()).map_err(|e| at(&span, e))? {
                    Scalar::Value(value) => value,
                    Scalar::Merge => Value::string("<<"),
                };
                // A block of text is text, even if its content would be something else as a plain scalar.
                let block = tag.is_none() && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let value = if block { convert(&value, &Type::String).map_err(|e| at(&span, e))? } else { value };
                (value, anchor)
            }
            Event::Alias(id) => return self.alias(id, &span),
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", "sequence").map_err(|e| at(&span, e))?;
                self.begin(anchor);
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        node => items.push(self.node(node, depth + 1)?),
                    }
                }
                (Value::tuple(items), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", "mapping").map_err(|e| at(&span, e))?;
                self.begin(anchor);
                let mut fields = Fields::new();
                loop {
                    match self.next()? {
                        (Event::MappingEnd, _) => break,
                        key => self.entry(key, &mut fields, depth)?,
                    }
                }
                (Value::object(fields), anchor)
            }
            _ => return Err(at(&span, "expecting a value")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, Some((value.clone(), self.size - start + 1)));
        }
        Ok(value)
    }

    fn begin(&mut self, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, id: usize, span: &Span) -> Result<Value, String> {
        match self.anchors.get(&id) {
            Some(Some((value, size))) => {
                self.size = self.size.saturating_add(*size);
                if self.size > LARGEST {
                    return Err(at(span, "references make the document too large"));
                }
                Ok(value.clone())
            }
            Some(None) => Err(at(span, "cannot refer to an anchor from inside its own definition")),
            None => Err(at(span, "reference to undefined anchor")),
        }
    }

    fn entry(&mut self, (event, span): Node<'a>, fields: &mut Fields, depth: usize) -> Result<(), String> {
        let Event::Scalar(text, style, anchor, tag) = event else {
            return Err(at(&span, "only strings are allowed as mapping keys"));
        };
        let key = resolve(&text, style, tag.as_deref()).map_err(|e| at(&span, e))?;
        if anchor > 0 {
            self.anchors.insert(anchor, Some((Value::string_normalized(&text), 1)));
        }
        let value = self.next()?;
        let value = self.node(value, depth + 1)?;
        match key {
            Scalar::Merge => match value.kind() {
                Kind::Object(more) => fields.extend(more.iter().map(|(k, v)| (k.clone(), v.clone()))),
                _ => {
                    let name = value.ty().friendly_name();
                    return Err(at(&span, format!("cannot merge {name} into mapping")));
                }
            },
            Scalar::Value(key) if key.is_null() => return Err(at(&span, "mapping key cannot be null")),
            Scalar::Value(key) => match convert(&key, &Type::String).map(Value::into_kind) {
                Ok(Kind::String(name)) => drop(fields.insert(Arc::clone(&name), value)),
                _ => return Err(at(&span, "only strings are allowed as mapping keys")),
            },
        }
        Ok(())
    }
}

fn full_tag(tag: Option<&Tag>) -> String {
    tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)).unwrap_or_default()
}

fn check_tag(tag: Option<&Tag>, wanted: &str, noun: &str) -> Result<(), String> {
    let tag = full_tag(tag);
    match tag.strip_prefix(CORE) {
        _ if tag.is_empty() => Ok(()),
        Some(name) if name == wanted => Ok(()),
        _ => Err(format!("can't interpret {noun} as {tag}")),
    }
}

#[allow(clippy::unwrap_used)] // Constant patterns, covered by tests.
static INTEGER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$").unwrap());
#[allow(clippy::unwrap_used)] // Constant patterns, covered by tests.
static FLOAT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$").unwrap());

/// What a word stands for.
fn word(text: &str) -> Option<Value> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Dynamic),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::number(Number::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::number(Number::NEGATIVE_INFINITY),
        _ => return None,
    })
}

/// What a number literal or a text tagged as one stands for.
fn number(text: &str) -> Option<Value> {
    let plain = text.replace('_', "");
    if let Some(n) = Number::parse(&plain) {
        return Some(Value::number(n));
    }
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = match lower.get(..2) {
        Some("0x") => (lower.get(2..)?, 16),
        Some("0o") => (lower.get(2..)?, 8),
        Some("0b") => (lower.get(2..)?, 2),
        _ => return None,
    };
    let magnitude = i128::from(u64::from_str_radix(digits, base).ok()?);
    let n = if negative { -magnitude } else { magnitude };
    i64::try_from(n).map(Number::from).or_else(|_| u64::try_from(n).map(Number::from)).ok().map(Value::number)
}

fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar, String> {
    let tag = full_tag(tag);
    let kind = match tag.strip_prefix(CORE) {
        Some(kind @ ("str" | "bool" | "int" | "float" | "null" | "timestamp" | "binary")) => kind,
        _ if tag.is_empty() => "",
        _ => {
            let shown = tag.strip_prefix(CORE).map_or_else(|| tag.clone(), |kind| format!("!!{kind}"));
            return Err(format!("unsupported tag {}", quote(&shown)));
        }
    };
    let string = || Ok(Scalar::Value(Value::string_normalized(text)));
    let cannot = || Err(format!("cannot parse {} as {tag}", quote(text)));
    let first = text.bytes().next();
    let hinted =
        first.is_none_or(|b| matches!(b, b'+' | b'-' | b'.' | b'~' | b'0'..=b'9') || b"yYnNtTfFoO".contains(&b));
    let mut kind = kind;
    if hinted && !matches!(kind, "str" | "binary") {
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            return string();
        }
        if let Some(value) = word(text) {
            return Ok(Scalar::Value(value));
        }
        if kind.is_empty() && matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err("floating point NaN is not supported".to_owned());
        }
        match first {
            Some(b'.') => {
                if let Some(n) = Number::parse(text) {
                    return Ok(Scalar::Value(Value::number(n)));
                }
            }
            Some(b'+' | b'-' | b'0'..=b'9') => {
                if matches!(kind, "" | "timestamp")
                    && let Some(time) = timestamp(text)
                {
                    return Ok(Scalar::Value(Value::string(time)));
                }
                if INTEGER.is_match(text) {
                    kind = "int";
                } else if FLOAT.is_match(text) {
                    kind = "float";
                }
            }
            _ => {}
        }
    }
    match kind {
        "" if text == "<<" => Ok(Scalar::Merge),
        "binary" if from_base64(text).is_none() => {
            Err(format!("cannot parse {} as {tag}: not valid base64", quote(text)))
        }
        "bool" => match word(text) {
            Some(value) if value.as_bool().is_some() => Ok(Scalar::Value(value)),
            _ => cannot(),
        },
        "int" | "float" => match number(text) {
            Some(value) => Ok(Scalar::Value(value)),
            None => cannot(),
        },
        "timestamp" => match timestamp(text) {
            Some(time) => Ok(Scalar::Value(Value::string(time))),
            None => cannot(),
        },
        "null" => Ok(Scalar::Value(Value::null(Type::Dynamic))),
        _ => string(),
    }
}

#[allow(clippy::unwrap_used)] // A constant pattern, covered by tests.
static TIMESTAMP: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?";
    Regex::new(&format!(
        r"^([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})(?:[tT]{time}(Z|[-+][0-9]{{2}}:[0-9]{{2}})| {time})?$"
    ))
    .unwrap()
});

/// Dates and times become RFC 3339 text.
fn timestamp(text: &str) -> Option<String> {
    let found = TIMESTAMP.captures(text)?;
    let number = |i: usize, j: usize| -> u32 {
        found.get(i).or_else(|| found.get(j)).and_then(|m| m.as_str().parse().ok()).unwrap_or(0)
    };
    let zone = found.get(7).map_or("Z", |m| m.as_str());
    let rewritten = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{zone}",
        number(1, 1),
        number(2, 2),
        number(3, 3),
        number(4, 8),
        number(5, 9),
        number(6, 10)
    );
    super::timestamp::Timestamp::parse(&rewritten).ok().map(|time| time.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    fn yaml(text: &str) -> String {
        json("yamldecode", &[s(text)])
    }

    fn wrong(text: &str) -> String {
        error("yamldecode", &[s(text)])
    }

    #[test]
    fn plain_scalars_have_a_type() {
        assert_eq!(
            yaml("[010, 0o10, 0x1F, 1e3, +12, .5, 1., 1_000, 0b11, -0x1F]"),
            "[10,8,31,1000,12,0.5,1,\"1_000\",\"0b11\",\"-0x1F\"]"
        );
        assert_eq!(
            yaml("[yes, No, on, OFF, y, True, ~, null, '', nope]"),
            "[true,false,true,false,true,true,null,null,\"\",\"nope\"]"
        );
        assert_eq!(
            yaml("[2001-01-01, 2001-1-2 10:00:00, 2001-12-14t21:59:43.10-05:00]"),
            "[\"2001-01-01T00:00:00Z\",\"2001-01-02T10:00:00Z\",\"2001-12-14T21:59:43-05:00\"]"
        );
    }

    #[test]
    fn quoted_and_block_scalars_are_text() {
        assert_eq!(
            yaml("a: 'yes'\nb: \"1\"\nc: |-\n  yes\nd: |-\n  010\n"),
            r#"{"a":"yes","b":"1","c":"true","d":"10"}"#
        );
    }

    #[test]
    fn tags_decide() {
        assert_eq!(yaml("[!!str 1, !!int 0x10, !!binary aGk=, !!null x]"), "[\"1\",16,\"aGk=\",null]");
        assert!(wrong("!foo x").ends_with("unsupported tag \"!foo\""));
        assert!(wrong("!!float abc").ends_with("cannot parse \"abc\" as tag:yaml.org,2002:float"));
        assert!(wrong("!!set {x}").ends_with("can't interpret mapping as tag:yaml.org,2002:set"));
    }

    #[test]
    fn anchors_and_merges() {
        assert_eq!(yaml("base: &b\n  a: 1\nc:\n  <<: *b\n  d: 2\n"), r#"{"base":{"a":1},"c":{"a":1,"d":2}}"#);
        assert!(wrong("&a [*a]").contains("inside its own definition"));
        assert!(run("yamldecode", &[s("a: *x")]).is_err());
    }

    #[test]
    fn references_cannot_blow_up_the_document() {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            text += &format!("a{i}: &a{i} [{}]\n", format!("*a{},", i - 1).repeat(10));
        }
        assert!(wrong(&text).ends_with("references make the document too large"));
    }

    #[test]
    fn keys_are_text() {
        assert_eq!(yaml("1: a\ntrue: b\n1.50: c\na: 1\na: 2"), r#"{"1":"a","1.5":"c","a":2,"true":"b"}"#);
        assert!(wrong("? [a]\n: b").ends_with("only strings are allowed as mapping keys"));
        assert!(wrong("null: c").ends_with("mapping key cannot be null"));
    }

    #[test]
    fn one_document_only() {
        assert!(wrong("--- a\n--- b").ends_with("unexpected extra content after value"));
        assert!(wrong("").ends_with("missing start of document"));
        assert!(wrong("a: [").starts_with("on line "));
        assert!(wrong(&"[".repeat(5000)).contains("on line"));
    }
}
