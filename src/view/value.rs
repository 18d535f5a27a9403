//! Values as HCL text: how outputs, `show` and `console` print them. Sensitive and unknown values are named, never shown.

use crate::address::quote;
use crate::domain::catalog::SECRET_KEYS;
use crate::lang::value::{Kind, Marks, Value};
use crate::provider::schema::Attribute;

/// Shown in place of a sensitive value.
pub const SENSITIVE: &str = "(sensitive value)";
/// Shown in place of a value that only apply can tell.
pub const UNKNOWN: &str = "(known after apply)";

/// An attribute's value as it may be shown: sensitive ones are marked, and so is what is always a secret in the configuration of a
/// pipeline's action, which the schema does not say.
pub fn guarded(attribute: &Attribute, value: Value) -> Value {
    if value.is_null() {
        return value;
    }
    if attribute.sensitive {
        return value.with_marks(Marks::SENSITIVE);
    }
    let secret = |v: &Value| v.fields().is_some_and(|f| SECRET_KEYS.iter().any(|key| f.contains_key(*key)));
    match value.kind() {
        Kind::Map(ty, fields) if secret(&value) => {
            let shown = fields.iter().map(|(name, v)| {
                let v = v.clone();
                (name.clone(), if SECRET_KEYS.contains(&&**name) { v.with_marks(Marks::SENSITIVE) } else { v })
            });
            Value::map(ty.clone(), shown.collect()).with_marks(value.marks())
        }
        _ => value,
    }
}

/// The text of a value that fits one line; `None` for containers with content and texts of several lines.
pub fn inline(value: &Value) -> Option<String> {
    if value.marks().hidden() {
        return Some(SENSITIVE.into());
    }
    Some(match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => UNKNOWN.into(),
        Kind::String(text) if is_long(text) => return None,
        Kind::String(text) => quote(text),
        Kind::Number(number) => number.to_string(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) if items.is_empty() => "[]".into(),
        Kind::Map(_, fields) | Kind::Object(fields) if fields.is_empty() => "{}".into(),
        _ => return None,
    })
}

/// Whether a text is better shown over several lines.
fn is_long(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
}

/// A name as it stands before `=` in an object: bare when it is an identifier.
pub fn object_key(name: &str) -> String {
    let first = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if first && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// A value over as many lines as it needs, indented by `indent` spaces from its second line on and by `step` more per level.
pub fn render(value: &Value, indent: usize, step: usize) -> String {
    if let Some(text) = inline(value) {
        return text;
    }
    let (pad, inner) = (" ".repeat(indent), " ".repeat(indent + step));
    match value.kind() {
        Kind::String(text) => {
            let mut out = String::from("<<-EOT\n");
            for line in text.trim_end_matches('\n').split('\n') {
                out.push_str(&format!("{pad}    {line}\n"));
            }
            out + &pad + "EOT"
        }
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            let mut out = String::from("[\n");
            for item in items.iter() {
                out.push_str(&format!("{inner}{},\n", render(item, indent + step, step)));
            }
            out + &pad + "]"
        }
        Kind::Map(_, fields) | Kind::Object(fields) => {
            let quoted = matches!(value.kind(), Kind::Map(..));
            let keys: Vec<String> = fields.keys().map(|k| if quoted { quote(k) } else { object_key(k) }).collect();
            let width = keys.iter().map(|k| k.chars().count()).max().unwrap_or(0);
            let mut out = String::from("{\n");
            for (key, item) in keys.iter().zip(fields.values()) {
                out.push_str(&format!("{inner}{key:width$} = {}\n", render(item, indent + step, step)));
            }
            out + &pad + "}"
        }
        _ => String::new(),
    }
}
