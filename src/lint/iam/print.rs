//! A least policy as text: JSON, or HCL with references.

use super::refer::{Extra, References};
use crate::domain::needs::{MinimalStatement, outside_as_any};
use crate::domain::policy::symbol;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The document as JSON. Parts that the pipeline does not name become `*`; those that are known only later stay as `${reference}`.
pub fn json(statements: &[MinimalStatement]) -> Json {
    let text = |t: &String| symbol::display(&outside_as_any(t));
    let list = |items: &[String]| match items {
        [one] => json!(text(one)),
        many => many.iter().map(text).collect(),
    };
    let statements: Vec<Json> = statements
        .iter()
        .map(|s| {
            let mut out = Map::new();
            out.insert("Sid".into(), json!(s.sid));
            out.insert("Effect".into(), json!("Allow"));
            out.insert("Action".into(), list(&s.actions));
            out.insert("Resource".into(), list(&s.resources));
            if !s.conditions.is_empty() {
                let operators = s.conditions.iter().map(|(operator, keys)| {
                    let keys: Map<String, Json> = keys.iter().map(|(k, v)| (text(k), list(v))).collect();
                    (operator.clone(), Json::Object(keys))
                });
                out.insert("Condition".into(), Json::Object(operators.collect()));
            }
            Json::Object(out)
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// `data "aws_iam_policy_document" NAME { … }`
pub fn hcl(name: &str, statements: &[MinimalStatement], refs: &References, extras: &mut BTreeSet<Extra>) -> String {
    let blocks: Vec<String> = statements.iter().map(|s| statement_block(s, refs, extras)).collect();
    format!("data \"aws_iam_policy_document\" \"{name}\" {{\n{}}}\n", blocks.join("\n"))
}

/// `statement { … }`, indented by two.
pub fn statement_block(statement: &MinimalStatement, refs: &References, extras: &mut BTreeSet<Extra>) -> String {
    let mut out = String::from("  statement {\n");
    let _ = writeln!(out, "    sid       = \"{}\"", statement.sid);
    let _ = writeln!(out, "    actions   = {}", list(&statement.actions, "    ", quoted));
    let _ = writeln!(out, "    resources = {}", list(&statement.resources, "    ", |t| refs.expression(t, extras)));
    for (operator, keys) in &statement.conditions {
        for (key, values) in keys {
            let _ = writeln!(out, "\n    condition {{\n      test     = \"{operator}\"");
            let _ = writeln!(out, "      variable = {}", refs.expression(key, extras));
            let _ =
                writeln!(out, "      values   = {}\n    }}", list(values, "      ", |t| refs.expression(t, extras)));
        }
    }
    out.push_str("  }\n");
    out
}

/// `{ Sid = … }` as an element of a list in `jsonencode`, the first line without indent.
pub fn statement_object(
    statement: &MinimalStatement,
    indent: &str,
    refs: &References,
    extras: &mut BTreeSet<Extra>,
) -> String {
    let inner = format!("{indent}  ");
    let mut out = String::from("{\n");
    let condition = !statement.conditions.is_empty();
    let pad = if condition { " " } else { "" };
    let _ = writeln!(out, "{inner}Sid     {pad} = \"{}\"", statement.sid);
    let _ = writeln!(out, "{inner}Effect  {pad} = \"Allow\"");
    let _ = writeln!(out, "{inner}Action  {pad} = {}", one_or_list(&statement.actions, &inner, quoted));
    let resources = one_or_list(&statement.resources, &inner, |t| refs.expression(t, extras));
    let _ = writeln!(out, "{inner}Resource{pad} = {resources}");
    if condition {
        let mut operators = Vec::new();
        for (operator, keys) in &statement.conditions {
            let mut pairs = Vec::new();
            for (key, values) in keys {
                let key = match symbol::is_known(key) {
                    true => quoted(key),
                    false => format!("({})", refs.expression(key, extras)),
                };
                pairs.push(format!("{key} = {}", one_or_list(values, &inner, |t| refs.expression(t, extras))));
            }
            operators.push(format!("{operator} = {{ {} }}", pairs.join(", ")));
        }
        let _ = writeln!(out, "{inner}Condition = {{ {} }}", operators.join(", "));
    }
    let _ = write!(out, "{indent}}}");
    out
}

/// A statement in the JSON of a heredoc: references as `${…}` inside its texts.
pub fn statement_json(statement: &MinimalStatement, refs: &References, extras: &mut BTreeSet<Extra>) -> String {
    let mut text = |t: &String| {
        let expr = refs.expression(t, extras);
        match expr.strip_prefix('"').and_then(|e| e.strip_suffix('"')) {
            Some(inside) => inside.to_owned(),
            None => format!("${{{expr}}}"),
        }
    };
    let mut list = |items: &[String]| match items {
        [one] => json!(text(one)),
        many => many.iter().map(&mut text).collect(),
    };
    let mut out = Map::new();
    out.insert("Sid".into(), json!(statement.sid));
    out.insert("Effect".into(), json!("Allow"));
    out.insert("Action".into(), list(&statement.actions));
    out.insert("Resource".into(), list(&statement.resources));
    let mut operators = Map::new();
    for (operator, keys) in &statement.conditions {
        let keys: Map<String, Json> = keys.iter().map(|(k, v)| (k.clone(), list(v))).collect();
        operators.insert(operator.clone(), Json::Object(keys));
    }
    if !operators.is_empty() {
        out.insert("Condition".into(), Json::Object(operators));
    }
    format!("{:#}", Json::Object(out))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn one_or_list(items: &[String], indent: &str, mut show: impl FnMut(&str) -> String) -> String {
    match items {
        [one] => show(one),
        many => list(many, indent, show),
    }
}

/// On one line where it fits.
fn list(items: &[String], indent: &str, mut show: impl FnMut(&str) -> String) -> String {
    let shown: Vec<String> = items.iter().map(|i| show(i)).collect();
    let line = format!("[{}]", shown.join(", "));
    if shown.len() < 2 || line.len() <= 90 {
        return line;
    }
    let lines: Vec<String> = shown.iter().map(|s| format!("{indent}  {s},\n")).collect();
    format!("[\n{}{indent}]", lines.concat())
}
