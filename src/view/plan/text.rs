//! Long texts: JSON documents as nested values inside `jsonencode(…)`, other texts as heredoc line diffs.

use super::block::{Difference, Lines};
use crate::lang::value::{PathStep, Value};
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

/// The JSON object or array with content that a text is, as a value.
pub(super) fn document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let empty = json.as_object().is_some_and(|o| o.is_empty()) || json.as_array().is_some_and(|a| a.is_empty());
    (!empty).then(|| crate::lang::value::from_json_implied(&json))
}

/// A text all of which is new, gone, unchanged, or (as a change) not known any more.
pub(super) fn whole(lines: &mut Lines<'_>, difference: Difference, label: &str, text: &str, end: &str) {
    let forces = lines.forces();
    if let Some(value) = document(text) {
        lines.line(difference, &format!("{label}jsonencode({forces}"));
        let each = if difference == Difference::Change { Difference::Remove } else { difference };
        lines.deeper(|lines| lines.step(inside(), |lines| lines.whole(each, "", &value, "")));
        return lines.line(Difference::None, &format!("){end}"));
    }
    lines.line(difference, &format!("{label}<<-EOT{forces}"));
    let each = if difference == Difference::Change { Difference::None } else { difference };
    lines.deeper(|lines| text.trim_end_matches('\n').split('\n').for_each(|line| lines.line(each, line)));
    lines.line(Difference::None, &format!("EOT{end}"));
}

/// A changed text: documents part by part, other texts line by line, unchanged stretches counted.
pub(super) fn changed(lines: &mut Lines<'_>, label: &str, old: &str, new: &str, end: &str) {
    let forces = lines.forces();
    match (document(old), document(new)) {
        (Some(before), Some(after)) => {
            lines.line(Difference::Change, &format!("{label}jsonencode({forces}"));
            lines.deeper(|lines| {
                if before == after {
                    return lines.remark("# whitespace and order of keys only");
                }
                lines.step(inside(), |lines| lines.entry(Difference::Change, "", &before, &after, ""));
            });
            lines.line(Difference::None, &format!("){end}"));
        }
        (None, None) => {
            lines.line(Difference::Change, &format!("{label}<<-EOT{forces}"));
            lines.deeper(|lines| diff(lines, old.trim_end_matches('\n'), new.trim_end_matches('\n')));
            lines.line(Difference::None, &format!("EOT{end}"));
        }
        _ => {
            whole(lines, Difference::Remove, label, old, end);
            whole(lines, Difference::Add, label, new, end);
        }
    }
}

/// The step into a document, so that what forces a replacement is said at its attribute alone.
fn inside() -> PathStep {
    PathStep::Attr("".into())
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
