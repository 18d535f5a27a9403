//! One attribute or element: old and new value, in line where it fits, else as a nested diff.

use super::block::{Difference, Lines};
use super::text;
use crate::lang::value::{Fields, Kind, PathStep, Type, Value};
use crate::view::style::Role;
use crate::view::value::{SENSITIVE, UNKNOWN, inline, object_key};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::sync::Arc;

/// Position before, position after, and whether only the position changed.
pub(super) type Match = (Option<usize>, Option<usize>, bool);

impl Lines<'_> {
    /// `label` is what stands before the value (`name = `, or nothing for an element), `end` what follows it (`,`).
    pub(super) fn entry(&mut self, difference: Difference, label: &str, before: &Value, after: &Value, end: &str) {
        let hidden = |v: &Value| v.marks().hidden();
        if hidden(before) || hidden(after) {
            let forces = self.forces();
            let arrow = if difference == Difference::Remove { " -> null" } else { "" };
            return self.line(difference, &format!("{label}{SENSITIVE}{arrow}{end}{forces}"));
        }
        match difference {
            Difference::None | Difference::Add => self.whole(difference, label, after, end),
            Difference::Remove => self.removed(label, before, end),
            Difference::Change => self.changed(label, before, after, end),
        }
    }

    fn removed(&mut self, label: &str, before: &Value, end: &str) {
        let null =
            if label.is_empty() || self.going { String::new() } else { self.palette.paint(Role::Faint, " -> null") };
        match short(before) {
            Some(text) => {
                let forces = self.forces();
                self.line(Difference::Remove, &format!("{label}{text}{null}{end}{forces}"));
            }
            None => self.whole(Difference::Remove, label, before, &format!("{null}{end}")),
        }
    }

    /// A value all of which is new, gone or unchanged.
    pub(super) fn whole(&mut self, difference: Difference, label: &str, value: &Value, end: &str) {
        let forces = self.forces();
        if let Some(text) = short(value) {
            return self.line(difference, &format!("{label}{text}{end}{forces}"));
        }
        match value.kind() {
            Kind::String(content) => text::whole(self, difference, label, content, end),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                self.line(difference, &format!("{label}[{forces}"));
                self.parts(difference, |lines| {
                    for (i, item) in items.iter().enumerate() {
                        lines.step(PathStep::index(i), |lines| lines.element(difference, item));
                    }
                });
                self.line(Difference::None, &format!("]{end}"));
            }
            Kind::Map(_, fields) | Kind::Object(fields) => {
                self.line(difference, &format!("{label}{{{forces}"));
                let quoted = matches!(value.kind(), Kind::Map(..));
                self.parts(difference, |lines| lines.fields(difference, fields, quoted));
                self.line(Difference::None, &format!("}}{end}"));
            }
            _ => {}
        }
    }

    fn parts(&mut self, difference: Difference, inside: impl FnOnce(&mut Self)) {
        if difference == Difference::Remove { self.goes(inside) } else { self.deeper(inside) }
    }

    fn element(&mut self, difference: Difference, item: &Value) {
        let null = Value::null(Type::Dynamic);
        match difference {
            Difference::Remove => self.entry(difference, "", item, &null, ","),
            _ => self.entry(difference, "", item, item, ","),
        }
    }

    fn fields(&mut self, difference: Difference, fields: &Fields, quoted: bool) {
        let shown: Vec<(String, &Arc<str>, &Value)> =
            fields.iter().filter(|(_, v)| quoted || !v.is_null()).map(|(k, v)| (key(k, quoted), k, v)).collect();
        let width = shown.iter().map(|(k, ..)| k.chars().count()).max().unwrap_or(0);
        let null = Value::null(Type::Dynamic);
        for (label, name, value) in shown {
            let label = format!("{label:width$} = ");
            let (b, a) = if difference == Difference::Remove { (value, &null) } else { (&null, value) };
            let b = if difference == Difference::None { value } else { b };
            self.step(field_step(name, quoted), |lines| lines.entry(difference, &label, b, a, ""));
        }
    }

    fn changed(&mut self, label: &str, before: &Value, after: &Value, end: &str) {
        let forces = self.forces();
        if let (Kind::String(old), Kind::String(new)) = (before.kind(), after.kind())
            && text::is_structured(old, new)
        {
            return text::changed(self, label, old, new, end);
        }
        if let (Some(old), Some(new)) = (inline(before), inline(after)) {
            let arrow = self.palette.paint(Role::Change, "->");
            return self.line(Difference::Change, &format!("{label}{old} {arrow} {new}{end}{forces}"));
        }
        if !after.is_known() {
            if let Some(content) = before.as_str() {
                return text::whole(self, Difference::Change, label, content, &format!(" -> {UNKNOWN}{end}"));
            }
            let (open, close) = if before.fields().is_some() { ("{", "}") } else { ("[", "]") };
            self.line(Difference::Change, &format!("{label}{open}"));
            self.goes(|lines| match (before.fields(), before.elements()) {
                (Some(fields), _) => lines.fields(Difference::Remove, fields, matches!(before.kind(), Kind::Map(..))),
                (_, Some(items)) => items.iter().enumerate().for_each(|(i, item)| {
                    lines.step(PathStep::index(i), |lines| lines.element(Difference::Remove, item));
                }),
                _ => {}
            });
            return self.line(Difference::None, &format!("{close} -> {UNKNOWN}{end}{forces}"));
        }
        match (before.fields(), after.fields(), before.elements(), after.elements()) {
            (Some(old), Some(new), ..) => {
                let quoted = matches!(after.kind(), Kind::Map(..));
                self.line(Difference::Change, &format!("{label}{{{forces}"));
                self.deeper(|lines| lines.changed_fields(old, new, quoted));
                self.line(Difference::None, &format!("}}{end}"));
            }
            (.., Some(old), Some(new)) => {
                let set = matches!(after.kind(), Kind::Set(..));
                self.line(Difference::Change, &format!("{label}[{forces}"));
                self.deeper(|lines| lines.changed_elements(old, new, set));
                self.line(Difference::None, &format!("]{end}"));
            }
            _ => {
                self.removed(label, before, end);
                self.whole(Difference::Add, label, after, end);
            }
        }
    }

    fn changed_fields(&mut self, old: &Fields, new: &Fields, quoted: bool) {
        let null = Value::null(Type::Dynamic);
        let names: std::collections::BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
        let mut rows = Vec::new();
        let mut hidden = 0;
        for name in names {
            let (b, a) = (old.get(name).unwrap_or(&null), new.get(name).unwrap_or(&null));
            match Difference::of(b, a) {
                Difference::None => hidden += usize::from(!b.is_null()),
                difference => rows.push((key(name, quoted), name, b, a, difference)),
            }
        }
        let width = rows.iter().map(|(k, ..)| k.chars().count()).max().unwrap_or(0);
        for (label, name, b, a, difference) in rows {
            let label = format!("{label:width$} = ");
            self.step(field_step(name, quoted), |lines| lines.entry(difference, &label, b, a, ""));
        }
        self.hidden(hidden, if quoted { "element" } else { "attribute" });
    }

    /// Changed elements; in lists with the unchanged one before and after, in sets without.
    fn changed_elements(&mut self, old: &[Value], new: &[Value], set: bool) {
        let null = Value::null(Type::Dynamic);
        let matches = match labels(old).zip(labels(new)) {
            Some((old, new)) => aligned(&old, &new),
            None => aligned_values(old, new, set),
        };
        let rows: Vec<(Difference, &Value, &Value, usize, Option<usize>)> = matches
            .iter()
            .map(|&(i, j, moved)| {
                let before = i.and_then(|i| old.get(i)).unwrap_or(&null);
                let after = j.and_then(|j| new.get(j)).unwrap_or(&null);
                let from = i.filter(|_| moved);
                match (i, j) {
                    (None, _) => (Difference::Add, before, after, j.unwrap_or(0), from),
                    (_, None) => (Difference::Remove, before, after, i.unwrap_or(0), from),
                    _ => (Difference::of(before, after), before, after, j.unwrap_or(0), from),
                }
            })
            .collect();
        let news = |at: Option<usize>| at.and_then(|at| rows.get(at)).is_some_and(|r| r.0 != Difference::None);
        let mut hidden = 0;
        for (at, (difference, before, after, place, from)) in rows.iter().enumerate() {
            let neighbour = !set && short(after).is_some() && (news(at.checked_sub(1)) || news(Some(at + 1)));
            if *difference == Difference::None && from.is_none() && !neighbour {
                hidden += 1;
                continue;
            }
            if !set {
                self.hidden(std::mem::take(&mut hidden), "element");
            }
            if let Some(from) = from {
                self.remark(&format!("# moved from position {} to {}", from + 1, place + 1));
            }
            if *difference != Difference::None || neighbour {
                self.step(PathStep::index(*place), |lines| lines.entry(*difference, "", before, after, ","));
            }
        }
        self.hidden(hidden, "element");
    }
}

/// The text of a value that fits one line and is no document.
fn short(value: &Value) -> Option<String> {
    inline(value).filter(|_| value.as_str().is_none_or(|text| text::document(text).is_none()))
}

/// What the objects of a list go by: statements of a policy their `Sid`, other things their `name`; when each has its own.
fn labels(items: &[Value]) -> Option<Vec<String>> {
    ["Sid", "name", "Name"].iter().find_map(|label| {
        let labels: Vec<String> =
            items.iter().map(|i| i.get(label).and_then(Value::as_str).map(str::to_owned)).collect::<Option<_>>()?;
        let unique: std::collections::BTreeSet<&String> = labels.iter().collect();
        (unique.len() == labels.len() && !labels.is_empty()).then_some(labels)
    })
}

fn key(name: &str, quoted: bool) -> String {
    if quoted { crate::address::quote(name) } else { object_key(name) }
}

fn field_step(name: &Arc<str>, map: bool) -> PathStep {
    if map { PathStep::Index(Value::string(name.clone())) } else { PathStep::Attr(name.clone()) }
}

/// Matches things by key; a key on both sides at different places is one moved thing.
pub(super) fn aligned(old: &[String], new: &[String]) -> Vec<Match> {
    let mut out: Vec<Match> = Vec::new();
    let kept: std::collections::BTreeSet<(usize, usize)> = capture_diff_slices(Algorithm::Myers, old, new)
        .iter()
        .flat_map(|op| match *op {
            DiffOp::Equal { old_index, new_index, len } => (0..len).map(|k| (old_index + k, new_index + k)).collect(),
            _ => Vec::new(),
        })
        .collect();
    let gone = |i: usize| old.get(i).is_some_and(|name| !new.contains(name));
    let mut next_old = 0;
    for (j, name) in new.iter().enumerate() {
        let before = old.iter().position(|o| o == name);
        if let Some(i) = before.filter(|i| kept.contains(&(*i, j))) {
            while next_old < i {
                if gone(next_old) {
                    out.push((Some(next_old), None, false));
                }
                next_old += 1;
            }
            next_old = next_old.max(i + 1);
        }
        out.push((before, Some(j), before.is_some_and(|i| !kept.contains(&(i, j)))));
    }
    while next_old < old.len() {
        if gone(next_old) {
            out.push((Some(next_old), None, false));
        }
        next_old += 1;
    }
    out
}

/// Matches values by content. What is left between equal ones is paired by place in lists; in sets only one with one.
pub(super) fn aligned_values(old: &[Value], new: &[Value], set: bool) -> Vec<Match> {
    let text = |values: &[Value]| -> Vec<String> { values.iter().map(|v| format!("{:?}", v.unmark_deep())).collect() };
    let mut out = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &text(old), &text(new)) {
        let (before, after) = (op.old_range(), op.new_range());
        let pairable = matches!(op, DiffOp::Equal { .. }) || !set || (before.len() == 1 && after.len() == 1);
        let one = before.len() == 1 && after.len() == 1 && !set;
        let paired = if pairable && (one || nested(old)) {
            before.len().min(after.len())
        } else if matches!(op, DiffOp::Equal { .. }) {
            before.len()
        } else {
            0
        };
        for k in 0..paired {
            out.push((Some(before.start + k), Some(after.start + k), false));
        }
        out.extend(before.skip(paired).map(|i| (Some(i), None, false)));
        out.extend(after.skip(paired).map(|j| (None, Some(j), false)));
    }
    out
}

/// Whether elements have an inside that is worth comparing.
fn nested(values: &[Value]) -> bool {
    values.iter().any(|v| v.fields().is_some() || v.elements().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_inserted_name_is_one_insertion() {
        assert_eq!(
            aligned(&names("source build deploy"), &names("source test build deploy")),
            vec![
                (Some(0), Some(0), false),
                (None, Some(1), false),
                (Some(1), Some(2), false),
                (Some(2), Some(3), false)
            ]
        );
    }

    #[test]
    fn swapped_names_are_a_move_not_two_changes() {
        let matches = aligned(&names("a b"), &names("b a"));
        assert_eq!(matches.iter().filter(|(_, _, moved)| *moved).count(), 1);
        assert!(matches.iter().all(|(i, j, _)| i.is_some() && j.is_some()));
    }

    #[test]
    fn a_removed_name_is_one_removal() {
        assert_eq!(
            aligned(&names("a b c"), &names("a c")),
            vec![(Some(0), Some(0), false), (Some(1), None, false), (Some(2), Some(1), false)]
        );
    }
}
