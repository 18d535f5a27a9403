//! What literal text means: escapes of strings, and numbers.

use super::parser::Parser;
use super::scan::{Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::lang::value::{Number, Value};
use std::borrow::Cow;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// NFC, as all strings of the language are.
pub(super) fn normalized(text: String) -> Arc<str> {
    if text.is_ascii() || unicode_normalization::is_nfc(&text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

impl Parser<'_> {
    /// Appends what a piece of text means; `quoted` pieces have backslash escapes.
    pub(super) fn unescape_into(&mut self, token: Token, quoted: bool, out: &mut String) {
        let text = self.slice(token);
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            let (plain, tail) = rest.split_at(at);
            out.push_str(plain);
            let place = token.end - tail.len() as u32;
            rest = if tail.starts_with('\\') {
                if quoted {
                    self.escape(tail, place, out)
                } else {
                    out.push('\\');
                    tail.get(1..).unwrap_or("")
                }
            } else {
                let (sigil, after) = tail.split_at(1);
                out.push_str(sigil);
                // `$${` stands for `${`.
                if after.starts_with(sigil) && after.get(1..2) == Some("{") {
                    after.get(1..).unwrap_or("")
                } else {
                    after
                }
            };
        }
        out.push_str(rest);
    }

    /// Resolves the escape at the start of `text`, gives what follows it.
    fn escape<'t>(&mut self, text: &'t str, place: u32, out: &mut String) -> &'t str {
        let selector = text.chars().nth(1);
        let simple = match selector {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('"') => Some('"'),
            Some('\\') => Some('\\'),
            _ => None,
        };
        if let Some(c) = simple {
            out.push(c);
            return text.get(2..).unwrap_or("");
        }
        let (detail, len): (Cow<'_, str>, usize) = match selector {
            Some(kind @ ('u' | 'U')) => {
                let wanted = if kind == 'u' { 4 } else { 8 };
                let digits = text.get(2..).unwrap_or("");
                let digits = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
                let hex = text.get(2..2 + digits.min(wanted)).unwrap_or("");
                if hex.len() == wanted {
                    let code = u32::from_str_radix(hex, 16).unwrap_or(u32::MAX);
                    if let Some(c) = char::from_u32(code) {
                        out.push(c);
                        return text.get(2 + wanted..).unwrap_or("");
                    }
                    (format!("Cannot encode character U+{code:04x} in UTF-8.").into(), 2 + wanted)
                } else if kind == 'u' {
                    ("The \\u escape sequence must be followed by four hexadecimal digits.".into(), 2 + hex.len())
                } else {
                    ("The \\U escape sequence must be followed by eight hexadecimal digits.".into(), 2 + hex.len())
                }
            }
            Some(other) => {
                out.push(other);
                let detail = format!("The symbol \"{other}\" is not a valid escape sequence selector.");
                (detail.into(), 1 + other.len_utf8())
            }
            None => ("Backslash must be followed by an escape sequence selector character.".into(), 1),
        };
        let span = self.range(place, place + len as u32);
        let mut diagnostic = Diagnostic::error("Invalid escape sequence", detail);
        if !matches!(selector, Some('u' | 'U') | None) {
            diagnostic = diagnostic.hint("Write \"\\\\\" for a backslash itself.");
        }
        self.error(diagnostic, span);
        text.get(len..).unwrap_or("")
    }

    /// The value of a number token.
    pub(super) fn number(&mut self, token: Token) -> Value {
        debug_assert_eq!(token.kind, TokenKind::NumberLit);
        let text = self.slice(token);
        match Number::parse(text) {
            Some(number) => Value::number(number),
            None => {
                let span = self.span(token);
                self.complain("Invalid number literal", "Failed to recognize the value of this number literal.", span);
                Value::number(0)
            }
        }
    }
}
