//! JSON text as Go writes it: `<`, `>`, `&` and the two line separators escaped, two spaces of indentation.

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufWriter, Write};

/// Indented, with a line break at the end. Empty when the value cannot be JSON (a map with keys that are no strings).
pub fn pretty(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    write_pretty(value, &mut out).ok().and_then(|()| String::from_utf8(out).ok()).unwrap_or_default()
}

/// Writes what [`pretty`] gives, without holding it.
///
/// # Errors
/// When writing fails, or the value cannot be JSON (a map with keys that are no strings).
pub fn write_pretty(value: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Go(PrettyFormatter::with_indent(b"  "))))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// One line without spaces. Empty when the value cannot be JSON.
pub fn compact(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    match value.serialize(&mut Serializer::with_formatter(&mut out, Go(CompactFormatter))) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Digest of what [`compact`] gives, without holding it.
pub fn digest(value: &impl Serialize) -> Digest {
    let mut out = Hashed(Sha256::new());
    let mut buffered = BufWriter::new(&mut out);
    // Nothing fails: a hash takes every byte, and what cannot be JSON is cut off at the same place each time.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut buffered, Go(CompactFormatter)));
    let _ = buffered.flush();
    drop(buffered);
    out.0.finalize().into()
}

struct Hashed(Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Adds Go's escapes to another formatter.
struct Go<F>(F);

impl<F: Formatter> Formatter for Go<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, tail) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                write!(writer, "\\u{:04x}", c as u32)?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_array(w)
    }

    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array(w)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array_value(w)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object(w)
    }

    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object(w)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object_value(w)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object_value(w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn empty_containers_stay_on_one_line() {
        assert_eq!(pretty(&json!({"a": [], "b": {}})), "{\n  \"a\": [],\n  \"b\": {}\n}\n");
    }

    #[test]
    fn html_characters_and_line_separators_are_escaped_also_in_keys() {
        let text = compact(&json!({"<": "a&\u{2028}>\u{1}\t\u{7f}"}));
        assert_eq!(text, "{\"\\u003c\":\"a\\u0026\\u2028\\u003e\\u0001\\t\u{7f}\"}");
    }
}
