//! Long texts: JSON documents as indented line diffs inside `jsonencode(…)`, other texts as heredoc line diffs.

use super::block::{Difference, Lines};
use crate::view::style::Role;
use similar::{ChangeTag, TextDiff};

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// Whether a change is better shown line by line: JSON documents, or texts of several lines.
pub(super) fn is_structured(old: &str, new: &str) -> bool {
    let json = document(old).is_some() || document(new).is_some();
    let blank = old.is_empty() || new.is_empty();
    (json && !blank) || old.trim_end().contains('\n') || new.trim_end().contains('\n')
}

/// The JSON object or array a text is.
fn document(text: &str) -> Option<serde_json::Value> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A document as indented lines in HCL's object syntax, keys in order of the text.
fn pretty(value: &serde_json::Value, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent + 1);
    match value {
        serde_json::Value::Object(fields) if !fields.is_empty() => {
            let width = fields.keys().map(|k| crate::view::value::object_key(k).chars().count()).max().unwrap_or(0);
            out.push_str("{\n");
            for (key, value) in fields {
                out.push_str(&format!("{pad}{:width$} = ", crate::view::value::object_key(key)));
                pretty(value, indent + 1, out);
                out.push('\n');
            }
            out.push_str(&format!("{}}}", "  ".repeat(indent)));
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for item in items {
                out.push_str(&pad);
                pretty(item, indent + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&format!("{}]", "  ".repeat(indent)));
        }
        serde_json::Value::String(text) => out.push_str(&crate::address::quote(text)),
        serde_json::Value::Object(_) => out.push_str("{}"),
        other => out.push_str(&other.to_string()),
    }
}

/// Opening, lines and closing of a text in its fitting form.
fn form(text: &str) -> (&'static str, String, &'static str) {
    match document(text) {
        Some(value) => {
            let mut out = String::new();
            pretty(&value, 0, &mut out);
            ("jsonencode(", out, ")")
        }
        None => ("<<-EOT", text.trim_end_matches('\n').to_owned(), "EOT"),
    }
}

/// A text all of which is new, gone or unchanged.
pub(super) fn whole(lines: &mut Lines<'_>, difference: Difference, label: &str, text: &str, end: &str) {
    let (open, body, close) = form(text);
    let forces = lines.forces();
    lines.line(difference, &format!("{label}{open}{forces}"));
    let each = if difference == Difference::Change { Difference::None } else { difference };
    lines.deeper(|lines| body.split('\n').for_each(|line| lines.line(each, line)));
    lines.line(Difference::None, &format!("{close}{end}"));
}

/// A changed text, line by line, unchanged stretches counted.
pub(super) fn changed(lines: &mut Lines<'_>, label: &str, old: &str, new: &str, end: &str) {
    let same_kind = document(old).is_some() == document(new).is_some();
    let forces = lines.forces();
    if !same_kind {
        whole(lines, Difference::Remove, label, old, end);
        return whole(lines, Difference::Add, label, new, end);
    }
    let (open, before, close) = form(old);
    let (_, after, _) = form(new);
    lines.line(Difference::Change, &format!("{label}{open}{forces}"));
    lines.deeper(|lines| {
        if before == after {
            return lines.remark("# whitespace and order of keys only");
        }
        diff(lines, &before, &after);
    });
    lines.line(Difference::None, &format!("{close}{end}"));
}

fn diff(lines: &mut Lines<'_>, before: &str, after: &str) {
    let (before, after) = (format!("{before}\n"), format!("{after}\n"));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let total = before.lines().count();
    let mut at = 0;
    let skipped = |lines: &mut Lines<'_>, count: usize| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let text = lines.palette.paint(Role::Faint, &format!("# ({count} unchanged line{plural} hidden)"));
            lines.line(Difference::None, &text);
        }
    };
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(at, |op| op.old_range().start);
        skipped(lines, start - at);
        for op in &group {
            for change in diff.iter_changes(op) {
                let difference = match change.tag() {
                    ChangeTag::Equal => Difference::None,
                    ChangeTag::Delete => Difference::Remove,
                    ChangeTag::Insert => Difference::Add,
                };
                lines.line(difference, change.value().trim_end_matches('\n'));
            }
            at = op.old_range().end;
        }
    }
    skipped(lines, total.saturating_sub(at));
}
