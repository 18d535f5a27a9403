//! When two texts mean the same, and the form in which the original provider stores them.

use super::schema::Rule;
use crate::domain::policy;
use crate::lang::value::Value;
use serde_json::Value as Json;

/// Whether the rule says that two values mean the same.
pub fn same(rule: &Rule, prior: &Value, next: &Value) -> bool {
    let (Some(a), Some(b)) = (prior.as_str(), next.as_str()) else { return false };
    a == b
        || (rule.policy && policy::equivalent(a, b))
        || (rule.json && same_json(a, b))
        || (rule.ignore_case && a.eq_ignore_ascii_case(b))
}

/// Whether two texts are the same JSON.
pub fn same_json(a: &str, b: &str) -> bool {
    match (serde_json::from_str::<Json>(a), serde_json::from_str::<Json>(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Compact JSON with sorted keys, with `<`, `>` and `&` escaped; `None` when it is not JSON.
pub fn normal_json(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let json: Json = serde_json::from_str(text).ok()?;
    let mut out = String::with_capacity(text.len());
    write(&json, &mut out);
    Some(out)
}

/// The same with a `"Version": "2012-10-17"` moved to the front.
pub fn normal_policy(text: &str) -> Option<String> {
    const VERSION: &str = "\"Version\":\"2012-10-17\"";
    let sorted = normal_json(text)?;
    let json: Json = serde_json::from_str(text).ok()?;
    if json.get("Version").and_then(Json::as_str) != Some("2012-10-17") {
        return Some(sorted);
    }
    let mut rest = json.as_object()?.clone();
    rest.remove("Version");
    let mut inner = String::with_capacity(text.len());
    write(&Json::Object(rest), &mut inner);
    let inner = inner.strip_prefix('{')?;
    Some(if inner == "}" { format!("{{{VERSION}}}") } else { format!("{{{VERSION},{inner}") })
}

fn write(json: &Json, out: &mut String) {
    match json {
        Json::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                write(fields.get(key).unwrap_or(&Json::Null), out);
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Json::String(text) => quote(text, out),
        other => out.push_str(&other.to_string()),
    }
}

fn quote(text: &str, out: &mut String) {
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
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_stored_compact_sorted_and_escaped() {
        assert_eq!(
            normal_json("{ \"b\": \"a<b\", \"a\": [1, true] }").as_deref(),
            Some(r#"{"a":[1,true],"b":"a\u003cb"}"#)
        );
    }

    #[test]
    fn a_policys_version_comes_first() {
        let text = r#"{"Statement":[],"Version":"2012-10-17","Id":"x"}"#;
        assert_eq!(normal_policy(text).as_deref(), Some(r#"{"Version":"2012-10-17","Id":"x","Statement":[]}"#));
    }
}
