//! JSON, Base64, URL and CSV.

use super::call::{Call, FunctionError, Outcome, quote_unless_sensitive};
use crate::lang::value::{Refinement, Type, Value, from_json_implied, to_json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write as _;

/// Base64 as the language writes it: standard alphabet, padded.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads Base64; line breaks are skipped.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(text).ok()
}

pub fn base64encode(call: &Call<'_>) -> Outcome {
    Ok(Value::string(to_base64(call.text(0)?.as_bytes())))
}

pub fn base64decode(call: &Call<'_>) -> Outcome {
    let arg = call.arg(0)?;
    if !arg.is_known() {
        return Ok(Value::unknown(Type::String).with_marks(arg.marks()));
    }
    let text = call.text(0)?;
    let Some(bytes) = from_base64(text) else {
        return Err(format!("failed to decode base64 data {}", quote_unless_sensitive(text, arg.marks())).into());
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Value::string_normalized(text).with_marks(arg.marks())),
        Err(_) => Err("the result of decoding the provided string is not valid UTF-8".into()),
    }
}

pub fn base64gzip(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?.as_bytes();
    let failed = |e: std::io::Error| format!("failed to write gzip raw data: {e}");
    // Deflate, no flags, no time, unknown level and system: the header has to be the same everywhere.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut encoder = DeflateEncoder::new(&mut out, Compression::default());
    encoder.write_all(text).map_err(failed)?;
    encoder.flush().map_err(failed)?;
    let written = encoder.total_out() as usize;
    drop(encoder);
    out.truncate(10 + written);
    out.extend([1, 0, 0, 0xff, 0xff]);
    let mut crc = Crc::new();
    crc.update(text);
    out.extend(crc.sum().to_le_bytes());
    out.extend((text.len() as u32).to_le_bytes());
    Ok(Value::string(to_base64(&out)))
}

pub fn urlencode(call: &Call<'_>) -> Outcome {
    let mut out = String::new();
    for byte in call.text(0)?.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(Value::string(out))
}

/// JSON text with what could end a script escaped.
pub fn escaped_json(json: &serde_json::Value) -> String {
    let text = json.to_string();
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

pub fn jsonencode(call: &Call<'_>) -> Outcome {
    let value = call.arg(0)?;
    if value.contains_unknown() {
        let range = value.range();
        if !range.not_null {
            return Ok(Value::unknown(Type::String));
        }
        let prefix = match range.ty {
            Type::String => "\"",
            Type::Object(_) | Type::Map(_) => "{",
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => "[",
            _ => return Ok(Value::unknown(Type::String)),
        };
        let known = Refinement { prefix: Some(prefix.into()), ..Refinement::default() };
        return Ok(Value::unknown_refined(Type::String, known));
    }
    match to_json(value) {
        Some(json) => Ok(Value::string_normalized(&escaped_json(&json))),
        None => Err("cannot serialize infinity as JSON".into()),
    }
}

/// The first character can tell the type of a document that is not known yet.
pub fn jsondecode_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(text) = args.first().filter(|v| !v.is_known()) else { return Ok(Type::Dynamic) };
    let prefix = text.range().prefix;
    match prefix.trim().chars().next() {
        Some('"') => Ok(Type::String),
        Some('t' | 'f') => Ok(Type::Bool),
        Some('-' | '.' | '0'..='9') => Ok(Type::Number),
        Some('{' | '[' | 'n') | None => Ok(Type::Dynamic),
        Some(other) => {
            Err(FunctionError::argument(0, format!("a JSON document cannot begin with the character '{other}'")))
        }
    }
}

pub fn jsondecode(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    if text.trim().is_empty() {
        return Err("EOF".into());
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let json = match documents.next() {
        Some(Ok(json)) => json,
        Some(Err(e)) if e.is_eof() => return Err("unexpected end of JSON input".into()),
        Some(Err(e)) => return Err(invalid_json(text, &e).into()),
        None => return Err("EOF".into()),
    };
    if !text.get(documents.byte_offset()..).unwrap_or_default().trim().is_empty() {
        return Err("extraneous data after JSON object".into());
    }
    Ok(from_json_implied(&json))
}

/// Names the character where the document stops being JSON.
fn invalid_json(text: &str, error: &serde_json::Error) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = error.column().saturating_sub(1);
    match line.get(at..).and_then(|rest| rest.chars().next()) {
        Some(c) => format!("invalid character '{c}' at line {}, column {}", error.line(), error.column()),
        None => error.to_string(),
    }
}

pub fn csvdecode_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(text) = args.first().and_then(Value::as_str) else { return Ok(Type::Dynamic) };
    let header = super::csv::Reader::new(text).next().ok_or("missing header line")??;
    let mut names = std::collections::BTreeSet::new();
    for name in &header {
        if !names.insert(name) {
            return Err(format!("duplicate column name {}", crate::lang::value::quote(name)).into());
        }
    }
    Ok(Type::list(Type::object(header.into_iter().map(|name| (name, Type::String)))))
}

pub fn csvdecode(call: &Call<'_>) -> Outcome {
    let mut rows = super::csv::Reader::new(call.text(0)?);
    let header = rows.next().ok_or("missing header line")??;
    let mut out = Vec::new();
    for row in rows {
        let row = row?;
        let fields = header.iter().map(|name| std::sync::Arc::from(name.as_str()));
        out.push(Value::object(fields.zip(row.iter().map(|cell| Value::string_normalized(cell))).collect()));
    }
    Ok(Value::list(call.ty.element().cloned().unwrap_or(Type::Dynamic), out))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;
    use super::from_base64;
    use crate::lang::value::{Type, Value};

    #[test]
    fn base64_is_padded_and_must_be_text() {
        assert_eq!(run("base64encode", &[s("hello")]).unwrap(), s("aGVsbG8="));
        assert_eq!(run("base64decode", &[s("aGVs\nbG8=")]).unwrap(), s("hello"));
        assert_eq!(error("base64decode", &[s("?")]), "failed to decode base64 data \"?\"");
        assert_eq!(error("base64decode", &[s("?").sensitive()]), "failed to decode base64 data (sensitive value)");
        assert_eq!(
            error("base64decode", &[s("/w==")]),
            "the result of decoding the provided string is not valid UTF-8"
        );
    }

    #[test]
    fn compressed_text_has_fixed_header_and_trailer() {
        assert_eq!(run("base64gzip", &[s("")]).unwrap(), s("H4sIAAAAAAAA/wAAAP//AQAA//8AAAAAAAAAAA=="));
        assert_eq!(run("base64gzip", &[s("test")]).unwrap(), s("H4sIAAAAAAAA/ypJLS4BAAAA//8BAAD//wx+f9gEAAAA"));
    }

    #[test]
    fn compressed_text_unpacks() {
        use std::io::Read;
        let text = "the quick brown fox jumps over the lazy dog\n".repeat(5000);
        let packed = run("base64gzip", &[s(&text)]).unwrap();
        let bytes = from_base64(packed.as_str().unwrap()).unwrap();
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn json_escapes_what_could_end_a_script() {
        assert_eq!(
            run("jsonencode", &[s("<a&b>\u{2028}\"\\")]).unwrap(),
            s("\"\\u003ca\\u0026b\\u003e\\u2028\\\"\\\\\"")
        );
        assert_eq!(run("jsonencode", &[s("é日本\u{1}\t\n\u{7f}")]).unwrap(), s("\"é日本\\u0001\\t\\n\u{7f}\""));
        assert_eq!(run("jsonencode", &[num("1.50")]).unwrap(), s("1.5"));
    }

    #[test]
    fn unknown_json_has_a_known_start() {
        let object = Value::object_of([("a", Value::unknown(Type::String))]);
        let json = run("jsonencode", &[object]).unwrap();
        assert_eq!(&*json.range().prefix, "{");
        assert!(!run("jsondecode", &[json]).unwrap().is_known());
    }

    #[test]
    fn json_is_read_with_its_types() {
        assert_eq!(json("jsondecode", &[s("[1,\"a\",null,1.50]")]), "[1,\"a\",null,1.5]");
        assert_eq!(error("jsondecode", &[s("")]), "EOF");
        assert_eq!(error("jsondecode", &[s("[1] x")]), "extraneous data after JSON object");
        assert!(error("jsondecode", &[s("{a:1}")]).starts_with("invalid character 'a'"));
    }

    #[test]
    fn rows_become_objects() {
        assert_eq!(
            json("csvdecode", &[s("a,b\n1,2\n\n3,\"x,\"\"y\"\"\"\n")]),
            r#"[{"a":"1","b":"2"},{"a":"3","b":"x,\"y\""}]"#
        );
        assert_eq!(json("csvdecode", &[s("a,b")]), "[]");
        assert_eq!(error("csvdecode", &[s("a,a\n1,2")]), "duplicate column name \"a\"");
        assert_eq!(
            error("csvdecode", &[s("a\n\"x")]),
            "CSV parse error on line 2: extraneous or missing \" in quoted-field"
        );
        assert_eq!(error("csvdecode", &[s("a,b\n1")]), "CSV parse error on line 2: wrong number of fields");
        assert_eq!(error("csvdecode", &[s("")]), "missing header line");
    }

    #[test]
    fn urls() {
        assert_eq!(
            run("urlencode", &[s("a b&c=d/e?f~-_.!*'()é")]).unwrap(),
            s("a+b%26c%3Dd%2Fe%3Ff~-_.%21%2A%27%28%29%C3%A9")
        );
    }
}
