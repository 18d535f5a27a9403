//! `yamlencode`: block style, with the layout, quoting and line folding of libyaml, so that the text is the same as Terraform's.

use super::call::{Call, Outcome};
use crate::lang::value::{Kind, Type, Value};

pub fn yamlencode(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    if value.contains_unknown() {
        return Ok(Value::unknown(Type::String));
    }
    let mut emitter =
        Emitter { out: String::new(), column: 0, indent: None, whitespace: true, indention: true, open_ended: false };
    emitter.node(value, Place::Root);
    emitter.write_indent();
    if emitter.open_ended {
        emitter.indicator("...", true, false, false);
        emitter.write_indent();
    }
    Ok(Value::string_normalized(&emitter.out))
}

/// Columns to indent by.
const INDENT: usize = 2;
/// Text is folded at the first space beyond this column.
const WIDTH: usize = 80;
/// Longer keys are written with a question mark.
const LONGEST_KEY: usize = 128;

/// Where a node stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    Value,
    /// A key on one line with its value.
    SimpleKey,
}

struct Emitter {
    out: String,
    column: usize,
    /// `None` before the outermost node.
    indent: Option<usize>,
    /// Whether the last character was white space.
    whitespace: bool,
    /// Whether the line so far is indentation and indicators only.
    indention: bool,
    /// Whether a plain scalar ends the document, so that its end has to be marked.
    open_ended: bool,
}

impl Emitter {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || self.column == indent && !self.whitespace {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn indicator(&mut self, text: &str, needs_space: bool, is_space: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = is_space;
        self.indention &= is_indention;
        self.open_ended = false;
    }

    /// Runs with deeper indentation: of a scalar it starts at once, of the outermost block at the margin.
    fn deeper(&mut self, scalar: bool, same: bool, write: impl FnOnce(&mut Self)) {
        let before = self.indent;
        self.indent = Some(match before {
            None if scalar => INDENT,
            None => 0,
            Some(n) if same => n,
            Some(n) => n + INDENT,
        });
        write(self);
        self.indent = before;
    }

    fn node(&mut self, value: &Value, place: Place) {
        match value.kind() {
            Kind::Null(_) | Kind::Unknown(..) => self.plain("null", place),
            Kind::Bool(b) => self.plain(if *b { "true" } else { "false" }, place),
            Kind::Number(n) => self.plain(&n.to_string(), place),
            Kind::String(s) => self.text(s, place),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                if items.is_empty() {
                    self.indicator("[", true, true, false);
                    self.indicator("]", false, false, false);
                    return;
                }
                let same = place == Place::Value && !self.indention;
                self.deeper(false, same, |this| {
                    for item in items.iter() {
                        this.write_indent();
                        this.indicator("-", true, false, true);
                        this.node(item, Place::Item);
                    }
                });
            }
            Kind::Map(_, fields) | Kind::Object(fields) => {
                if fields.is_empty() {
                    self.indicator("{", true, true, false);
                    self.indicator("}", false, false, false);
                    return;
                }
                self.deeper(false, false, |this| {
                    for (name, value) in fields.iter() {
                        this.write_indent();
                        if name.len() <= LONGEST_KEY && !name.contains(is_break) {
                            this.text(name, Place::SimpleKey);
                            this.indicator(":", false, false, false);
                        } else {
                            this.indicator("?", true, false, true);
                            this.text(name, Place::Value);
                            this.write_indent();
                            this.indicator(":", true, false, true);
                        }
                        this.node(value, Place::Value);
                    }
                });
            }
        }
    }

    fn plain(&mut self, text: &str, place: Place) {
        if !self.whitespace {
            self.put(' ');
        }
        text.chars().for_each(|c| self.put(c));
        self.whitespace = false;
        self.indention = false;
        self.open_ended = place == Place::Root;
    }

    fn text(&mut self, text: &str, place: Place) {
        let block = text.contains('\n') && place != Place::SimpleKey && block_allowed(text);
        self.deeper(true, false, |this| if block { this.literal(text) } else { this.double_quoted(text, place) });
    }

    fn double_quoted(&mut self, text: &str, place: Place) {
        self.indicator("\"", true, false, false);
        let mut spaces = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                escape(c).chars().for_each(|c| self.put(c));
                spaces = false;
            } else if c == ' ' {
                let inner = at > 0 && at + 1 < text.len();
                if place != Place::SimpleKey && !spaces && self.column > WIDTH && inner {
                    self.write_indent();
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.indicator("2", false, false, false);
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.indicator("-", false, false, false),
            (true, None) => self.indicator("+", false, false, false),
            (true, Some(c)) if is_break(c) => self.indicator("+", false, false, false),
            (true, Some(_)) => {}
        }
        self.put_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.put_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Everything in the basic plane but controls and the byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether the text can stand as it is, line by line.
fn block_allowed(text: &str) -> bool {
    let space_before_break = text.chars().zip(text.chars().skip(1)).any(|(a, b)| a == ' ' && is_break(b));
    !space_before_break && !text.ends_with(' ') && text.chars().all(is_printable)
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    match c as u32 {
        _ if !short.is_empty() => short.to_owned(),
        code @ ..=0xff => format!("\\x{code:02X}"),
        code @ ..=0xffff => format!("\\u{code:04X}"),
        code => format!("\\U{code:08X}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use crate::lang::value::{Type, Value};

    fn yaml(value: Value) -> String {
        run("yamlencode", &[value]).unwrap().as_str().unwrap().to_owned()
    }

    fn o<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::object_of(fields)
    }

    #[test]
    fn plain_values_alone_end_the_document() {
        assert_eq!(yaml(num("1e21")), "1000000000000000000000\n...\n");
        assert_eq!(yaml(Value::null(Type::Dynamic)), "null\n...\n");
        assert_eq!(yaml(s("true")), "\"true\"\n");
    }

    #[test]
    fn sequences_in_mappings_are_not_indented() {
        assert_eq!(yaml(o([("a", t([n(1), t([n(2)])])), ("b", o([]))])), "\"a\":\n- 1\n- - 2\n\"b\": {}\n");
        assert_eq!(
            yaml(t([o([("a", n(1)), ("b", t([o([("c", n(1))])]))]), t([])])),
            "- \"a\": 1\n  \"b\":\n  - \"c\": 1\n- []\n"
        );
    }

    #[test]
    fn lines_stand_in_blocks() {
        let value = o([("c", s("x\ny")), ("d", s("x\n")), ("e", s("x\n\n")), ("f", s(" x\ny"))]);
        assert_eq!(yaml(value), "\"c\": |-\n  x\n  y\n\"d\": |\n  x\n\"e\": |+\n  x\n\n\"f\": |2-\n   x\n  y\n");
        assert_eq!(yaml(s("x \ny")), "\"x \\ny\"\n");
        assert_eq!(yaml(o([("a\nb", s("c"))])), "? |-\n  a\n  b\n: \"c\"\n");
    }

    #[test]
    fn long_text_is_folded_at_a_space() {
        let text = format!("{} {} {}", "a".repeat(41), "b".repeat(60), "c".repeat(56));
        assert_eq!(yaml(s(&text)), format!("\"{} {}\n  {}\"\n", "a".repeat(41), "b".repeat(60), "c".repeat(56)));
    }

    #[test]
    fn what_does_not_print_is_escaped() {
        assert_eq!(yaml(t([s("é\u{7}\u{a0}\u{2028}😀\\\"\t")])), "- \"é\\a\u{a0}\\L\\U0001F600\\\\\\\"\\t\"\n");
    }
}
