//! Values and types as `console` and `output` print them: in the language's own notation, with a conversion where the type would not
//! be clear. The notation is Terraform's, space for space.

use crate::lang::value::{Kind, Marks, Type, Value, quote};
use crate::state::model::OutputValue;
use crate::view::value::{SENSITIVE, UNKNOWN};
use std::collections::BTreeMap;

/// A value in the language's notation. What is sensitive or ephemeral is named, not shown.
pub fn value(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, 0, &mut out);
    out
}

fn write_value(value: &Value, indent: usize, out: &mut String) {
    if !value.is_known() {
        return out.push_str(UNKNOWN);
    }
    let marks = value.marks();
    if marks.hidden() {
        return out.push_str(SENSITIVE);
    }
    if marks.contains(Marks::EPHEMERAL) {
        return out.push_str("(ephemeral value)");
    }
    match value.kind() {
        Kind::Null(ty) => out.push_str(&null(ty)),
        Kind::Unknown(..) => out.push_str(UNKNOWN),
        Kind::String(text) if text.contains('\n') => heredoc(text, indent, out),
        Kind::String(text) => out.push_str(&quote(text)),
        Kind::Number(number) => out.push_str(&number.to_string()),
        Kind::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Kind::Tuple(items) => sequence("", items.iter(), indent, out),
        Kind::List(_, items) => sequence("tolist", items.iter(), indent, out),
        Kind::Set(_, items) => sequence("toset", items.iter(), indent, out),
        Kind::Object(fields) => mapping("", fields.iter(), indent, out),
        Kind::Map(_, fields) => mapping("tomap", fields.iter(), indent, out),
    }
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".into(),
        Type::String => "tostring(null)".into(),
        Type::Number => "tonumber(null)".into(),
        Type::Bool => "tobool(null)".into(),
        Type::List(element) => format!("tolist(null) /* of {} */", element.friendly_name()),
        Type::Set(element) => format!("toset(null) /* of {} */", element.friendly_name()),
        Type::Map(element) => format!("tomap(null) /* of {} */", element.friendly_name()),
        other => format!("null /* {} */", other.friendly_name()),
    }
}

fn heredoc(text: &str, indent: usize, out: &mut String) {
    let mut marker = String::from("EOT");
    while text.split('\n').any(|line| line.trim() == marker) {
        marker.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&marker);
    for line in text.split('\n').chain([marker.as_str()]) {
        new_line(indent, out);
        out.push_str(line);
    }
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn sequence<'v>(conversion: &str, items: impl ExactSizeIterator<Item = &'v Value>, indent: usize, out: &mut String) {
    let empty = items.len() == 0;
    out.push_str(conversion);
    out.push_str(if conversion.is_empty() { "[" } else { "([" });
    for item in items {
        new_line(indent + 2, out);
        write_value(item, indent + 2, out);
        out.push(',');
    }
    if !empty {
        new_line(indent, out);
    }
    out.push_str(if conversion.is_empty() { "]" } else { "])" });
}

fn mapping<'v, K: AsRef<str> + 'v>(
    conversion: &str,
    fields: impl Iterator<Item = (K, &'v Value)>,
    indent: usize,
    out: &mut String,
) {
    let mut empty = true;
    out.push_str(conversion);
    out.push_str(if conversion.is_empty() { "{" } else { "({" });
    for (key, item) in fields {
        empty = false;
        new_line(indent + 2, out);
        write_value(&Value::string(key.as_ref()), indent + 2, out);
        out.push_str(" = ");
        write_value(item, indent + 2, out);
    }
    if !empty {
        new_line(indent, out);
    }
    out.push_str(if conversion.is_empty() { "}" } else { "})" });
}

/// Outputs as `name = value` lines.
pub fn outputs(outputs: &BTreeMap<String, OutputValue>) -> String {
    let line = |(name, output): (&String, &OutputValue)| {
        let shown = if output.sensitive { "<sensitive>".to_owned() } else { value(&output.value) };
        format!("{name} = {shown}\n")
    };
    outputs.iter().map(line).collect()
}

/// A type as `type(…)` shows it.
pub fn type_of(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, level: usize, out: &mut String) {
    let pad = |level: usize, out: &mut String| out.extend(std::iter::repeat_n("    ", level));
    match ty {
        Type::Object(object) => {
            if object.attributes.is_empty() {
                return out.push_str("object({})");
            }
            out.push_str("object({\n");
            for (name, ty) in &object.attributes {
                pad(level + 1, out);
                out.push_str(name);
                out.push_str(": ");
                write_type(ty, level + 1, out);
                out.push_str(",\n");
            }
            pad(level, out);
            out.push_str("})");
        }
        Type::Tuple(items) if items.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(items) => {
            out.push_str("tuple([\n");
            for ty in items.iter() {
                pad(level + 1, out);
                write_type(ty, level + 1, out);
                out.push_str(",\n");
            }
            pad(level, out);
            out.push_str("])");
        }
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            out.push_str(match ty {
                Type::List(_) => "list(",
                Type::Set(_) => "set(",
                _ => "map(",
            });
            if matches!(**element, Type::Object(_) | Type::Tuple(_)) {
                out.push('\n');
                pad(level + 1, out);
                write_type(element, level + 1, out);
                out.push_str(",\n");
                pad(level, out);
            } else {
                write_type(element, level, out);
            }
            out.push(')');
        }
        other => out.push_str(&other.friendly_name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::value::Fields;

    #[test]
    fn values_say_their_types() {
        let fields: Fields = [("a".into(), Value::null(Type::Dynamic)), ("b c".into(), Value::string("x\nEOT"))].into();
        let all = Value::tuple(vec![
            Value::object(fields),
            Value::list(Type::String, vec![]),
            Value::set(Type::Number, vec![Value::number(1)]),
            Value::map(Type::Bool, Fields::new()),
            Value::null(Type::list(Type::String)),
            Value::string("s").sensitive(),
            Value::unknown(Type::String).sensitive(),
        ]);
        let expected = "[\n  {\n    \"a\" = null\n    \"b c\" = <<-EOT_\n    x\n    EOT\n    EOT_\n  },\n  tolist([]),\n  toset([\n    1,\n  ]),\n  \
                        tomap({}),\n  tolist(null) /* of string */,\n  (sensitive value),\n  (known after apply),\n]";
        assert_eq!(value(&all), expected);
    }

    #[test]
    fn types_are_written_over_lines() {
        let inner = Type::object([("b", Type::Number), ("a", Type::list(Type::Dynamic))]);
        let expected = "map(\n    object({\n        a: list(dynamic),\n        b: number,\n    }),\n)";
        assert_eq!(type_of(&Type::map(inner)), expected);
        assert_eq!(type_of(&Type::object::<&str>([])), "object({})");
    }
}
