//! JSON as Go's encoder writes it, byte for byte: sorted keys of maps, `<`, `>`, `&` and the line separators escaped, two-space indent.

use serde_json::Value as Json;

/// JSON on its way out: objects keep the order they were built in.
#[derive(Debug, Clone, PartialEq)]
pub enum Out {
    /// A text.
    Text(String),
    /// Anything read from JSON; its objects are written with sorted keys.
    Raw(Json),
    /// An array.
    Array(Vec<Out>),
    /// An object with keys in this order.
    Object(Vec<(String, Out)>),
}

impl Out {
    /// Without any space.
    pub fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// With line breaks and two spaces per level.
    pub fn indented(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out
    }

    fn write(&self, out: &mut String, depth: Option<usize>) {
        match self {
            Out::Text(text) => write_text(out, text),
            Out::Array(items) => {
                write_container(out, depth, ('[', ']'), items.iter(), |out, item, depth| item.write(out, depth));
            }
            Out::Object(fields) => {
                write_container(out, depth, ('{', '}'), fields.iter(), |out, (key, value), depth| {
                    write_key(out, key, depth);
                    value.write(out, depth);
                });
            }
            Out::Raw(json) => write_json(json, out, depth),
        }
    }
}

/// JSON with sorted keys and no spaces, `<`, `>` and `&` as they are: how EventBridge patterns are stored.
pub fn normalized_unescaped(text: &str) -> Result<String, serde_json::Error> {
    let json: Json = serde_json::from_str(text)?;
    let mut out = String::new();
    write_json(&json, &mut out, None);
    Ok(out.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&"))
}

fn write_json(json: &Json, out: &mut String, depth: Option<usize>) {
    match json {
        Json::String(text) => write_text(out, text),
        Json::Array(items) => {
            write_container(out, depth, ('[', ']'), items.iter(), |out, item, depth| write_json(item, out, depth));
        }
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            write_container(out, depth, ('{', '}'), fields.into_iter(), |out, (key, value), depth| {
                write_key(out, key, depth);
                write_json(value, out, depth);
            });
        }
        Json::Number(number) => out.push_str(&go_number(&number.to_string())),
        other => out.push_str(&other.to_string()),
    }
}

/// Numbers pass through a 64-bit float: whole ones below 1e21 have no exponent.
fn go_number(text: &str) -> String {
    let Ok(float) = text.parse::<f64>() else { return text.to_owned() };
    if float == 0.0 {
        return "0".into();
    }
    let size = float.abs();
    if (1e-6..1e21).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if exponent.starts_with('-') => format!("{digits}e{exponent}"),
        Some((digits, exponent)) => format!("{digits}e+{exponent}"),
        None => text,
    }
}

fn write_container<T>(
    out: &mut String,
    depth: Option<usize>,
    (open, close): (char, char),
    items: impl ExactSizeIterator<Item = T>,
    mut one: impl FnMut(&mut String, T, Option<usize>),
) {
    out.push(open);
    let inner = depth.map(|d| d + 1);
    let empty = items.len() == 0;
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        break_line(out, inner);
        one(out, item, inner);
    }
    if !empty {
        break_line(out, depth);
    }
    out.push(close);
}

fn break_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

fn write_key(out: &mut String, key: &str, depth: Option<usize>) {
    write_text(out, key);
    out.push_str(if depth.is_some() { ": " } else { ":" });
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_go_does() {
        let out = Out::Text("<&>\u{2028}é\u{7f}\u{1}".into()).compact();
        assert_eq!(out, "\"\\u003c\\u0026\\u003e\\u2028é\u{7f}\\u0001\"");
    }

    #[test]
    fn patterns_are_sorted_and_unescaped() {
        assert_eq!(
            normalized_unescaped("{\"b\": [1, 2.50, \"<&>\"], \"a\": {}}").unwrap(),
            "{\"a\":{},\"b\":[1,2.5,\"<&>\"]}"
        );
    }

    #[test]
    fn numbers_are_floats() {
        assert_eq!(go_number("1e21"), "1e+21");
        assert_eq!(go_number("123456789012345678"), "123456789012345680");
        assert_eq!(go_number("0.0000001"), "1e-7");
    }
}
