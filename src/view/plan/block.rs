//! Attributes and nested blocks of one object, changed ones shown and unchanged ones counted.

use crate::lang::value::{Path, PathStep, Value};
use crate::provider::schema::{Block, NestedBlock, Nesting};
use crate::view::style::{Palette, Role};
use crate::view::value::{guarded, object_key};
use std::sync::Arc;

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    None,
    Add,
    Remove,
    Change,
}

impl Difference {
    /// Between two values; null counts as absent.
    pub(super) fn of(before: &Value, after: &Value) -> Self {
        match (before.is_null(), after.is_null()) {
            (true, true) => Difference::None,
            (true, false) => Difference::Add,
            (false, true) => Difference::Remove,
            (false, false) if before.unmark_deep() == after.unmark_deep() => Difference::None,
            (false, false) => Difference::Change,
        }
    }
}

/// Lines being written, with the place inside the object.
pub(super) struct Lines<'a> {
    text: String,
    pub(super) palette: Palette,
    replace_paths: &'a [Path],
    path: Path,
    /// Nesting depth: 0 for the top level of outputs, 1 inside a resource.
    pub(super) level: usize,
    /// Inside something that goes as a whole, whose parts need no `-> null` of their own.
    pub(super) going: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(palette: Palette, replace_paths: &'a [Path]) -> Self {
        Lines { text: String::new(), palette, replace_paths, path: Path::root(), level: 0, going: false }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// One line with its symbol at the current level.
    pub(super) fn line(&mut self, difference: Difference, text: &str) {
        let indent = " ".repeat(2 + 4 * self.level);
        let symbol = match difference {
            Difference::None => " ".into(),
            Difference::Add => self.palette.paint(Role::Add, "+"),
            Difference::Remove => self.palette.paint(Role::Remove, "-"),
            Difference::Change => self.palette.paint(Role::Change, "~"),
        };
        self.text.push_str(&format!("{indent}{symbol} {text}\n"));
    }

    /// A remark in faint colour.
    pub(super) fn remark(&mut self, text: &str) {
        let text = self.palette.paint(Role::Faint, text);
        self.line(Difference::None, &text);
    }

    /// `# (3 unchanged attributes hidden)`
    pub(super) fn hidden(&mut self, count: usize, noun: &str) {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            self.remark(&format!("# ({count} unchanged {noun}{plural} hidden)"));
        }
    }

    /// Goes one step into the object for the time of `inside`.
    pub(super) fn step(&mut self, step: PathStep, inside: impl FnOnce(&mut Self)) {
        self.path.0.push(step);
        inside(self);
        self.path.0.pop();
    }

    /// Goes one level deeper for the time of `inside`.
    pub(super) fn deeper(&mut self, inside: impl FnOnce(&mut Self)) {
        self.level += 1;
        inside(self);
        self.level -= 1;
    }

    /// The parts of something that goes as a whole.
    pub(super) fn goes(&mut self, inside: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.going, true);
        self.deeper(inside);
        self.going = before;
    }

    /// The suffix of a line whose change forces a replacement.
    pub(super) fn forces(&self) -> String {
        if self.replace_paths.contains(&self.path) {
            format!(" {}", self.palette.paint(Role::Alarm, "# forces replacement"))
        } else {
            String::new()
        }
    }

    /// The inside of a resource block.
    pub(super) fn block(&mut self, schema: &Block, before: &Value, after: &Value) {
        self.deeper(|lines| lines.block_inside(schema, before, after));
    }

    fn block_inside(&mut self, schema: &Block, before: &Value, after: &Value) {
        let null = Value::null(crate::lang::value::Type::Dynamic);
        let whole = before.is_null() || after.is_null();
        let mut rows: Vec<(Arc<str>, Value, Value, Difference)> = Vec::new();
        let mut hidden = 0;
        for (name, attribute) in &schema.attributes {
            let mask = |v: Option<&Value>| guarded(attribute, v.unwrap_or(&null).clone());
            let (b, a) = (mask(before.get(name)), mask(after.get(name)));
            match Difference::of(&b, &a) {
                Difference::None if b.is_null() => {}
                Difference::None if whole || matches!(&**name, "id" | "name" | "tags") => {
                    rows.push((name.clone(), b, a, Difference::None))
                }
                Difference::None => hidden += 1,
                // What was empty and goes, or comes as an empty text, is no news.
                Difference::Remove if is_blank(&b) => {}
                Difference::Add if a.as_str() == Some("") => {}
                difference => rows.push((name.clone(), b, a, difference)),
            }
        }
        let width = rows.iter().map(|(n, ..)| n.chars().count()).max().unwrap_or(0);
        for (name, b, a, difference) in &rows {
            let label = format!("{name:width$} = ");
            self.step(PathStep::Attr(name.clone()), |lines| lines.entry(*difference, &label, b, a, ""));
        }
        self.hidden(hidden, "attribute");
        let mut hidden_blocks = 0;
        for (name, nested) in &schema.blocks {
            let (b, a) = (before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null));
            self.step(PathStep::Attr(name.clone()), |lines| hidden_blocks += lines.nested(name, nested, b, a));
        }
        if hidden_blocks > 0 {
            self.blank();
        }
        self.hidden(hidden_blocks, "block");
    }

    /// All blocks of one type; returns how many unchanged ones were hidden.
    fn nested(&mut self, name: &str, nested: &NestedBlock, before: &Value, after: &Value) -> usize {
        if before.marks().hidden() || after.marks().hidden() {
            let difference = Difference::of(before, after);
            if difference == Difference::None {
                return 1;
            }
            self.blank();
            self.line(difference, &format!("{name} {{"));
            self.deeper(|lines| {
                lines.remark(
                    "# At least one attribute in this block is (or was) sensitive, so its contents are not shown.",
                )
            });
            self.line(Difference::None, "}");
            return 0;
        }
        if !after.is_known() {
            self.blank();
            self.line(Difference::Add, &format!("{name} {{"));
            self.deeper(|lines| lines.remark("# (blocks known after apply)"));
            self.line(Difference::None, "}");
            return 0;
        }
        let mut hidden = 0;
        for pair in pairs(nested, before, after) {
            let null = Value::null(crate::lang::value::Type::Dynamic);
            let (b, a) = (pair.before.as_ref().unwrap_or(&null), pair.after.as_ref().unwrap_or(&null));
            let difference = Difference::of(b, a);
            if difference == Difference::None && pair.moved.is_none() {
                hidden += 1;
                continue;
            }
            self.blank();
            let label = pair.label.as_ref().map(|l| format!("{} ", crate::address::quote(l))).unwrap_or_default();
            self.step(pair.step.clone(), |lines| {
                let forces = lines.forces();
                lines.line(difference, &format!("{name} {label}{{{forces}"));
                lines.deeper(|lines| {
                    if let Some((from, to)) = pair.moved {
                        lines.remark(&format!("# moved from position {from} to {to}"));
                    }
                    lines.block_inside(&nested.block, b, a);
                });
                lines.line(Difference::None, "}");
            });
        }
        hidden
    }

    /// An empty line before a nested block, unless it opens its parent.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
    }

    /// Outputs: like attributes at the outermost level.
    pub(super) fn outputs(&mut self, outputs: &[(&str, Value, Value)]) {
        let width = outputs.iter().map(|(n, ..)| object_key(n).chars().count()).max().unwrap_or(0);
        for (name, before, after) in outputs {
            let label = format!("{:width$} = ", object_key(name));
            self.entry(Difference::of(before, after), &label, before, after, "");
        }
    }
}

/// Whether a value says nothing when it is destroyed.
fn is_blank(value: &Value) -> bool {
    value.as_str() == Some("")
        || value.fields().is_some_and(|f| f.is_empty())
        || value.elements().is_some_and(|e| e.is_empty())
}

/// One block before and after.
struct Pair {
    before: Option<Value>,
    after: Option<Value>,
    /// Positions from 1, when only the place changed.
    moved: Option<(usize, usize)>,
    step: PathStep,
    /// Key of a block in a map.
    label: Option<String>,
}

/// Matches blocks of one type: lists by their `name` where each has a unique one, else by content and then place; sets by
/// content; maps by key.
fn pairs(nested: &NestedBlock, before: &Value, after: &Value) -> Vec<Pair> {
    match nested.nesting {
        Nesting::Single | Nesting::Group => vec![Pair {
            before: Some(before.clone()),
            after: Some(after.clone()),
            moved: None,
            step: PathStep::Attr("".into()),
            label: None,
        }]
        .into_iter()
        .filter(|p| !(before.is_null() && after.is_null()) || p.label.is_some())
        .collect(),
        Nesting::Map => {
            let empty = Default::default();
            let (b, a) = (before.fields().unwrap_or(&empty), after.fields().unwrap_or(&empty));
            let keys: std::collections::BTreeSet<&Arc<str>> = b.keys().chain(a.keys()).collect();
            keys.into_iter()
                .map(|k| Pair {
                    before: b.get(k).cloned(),
                    after: a.get(k).cloned(),
                    moved: None,
                    step: PathStep::Index(Value::string(k.clone())),
                    label: Some(k.to_string()),
                })
                .collect()
        }
        Nesting::List | Nesting::Set => {
            let (b, a) = (before.elements().unwrap_or(&[]), after.elements().unwrap_or(&[]));
            let keyed = (nested.nesting == Nesting::List).then(|| names(b).zip(names(a))).flatten();
            match keyed {
                Some((bn, an)) => super::value::aligned(&bn, &an),
                None => super::value::aligned_values(b, a, nested.nesting == Nesting::Set),
            }
            .into_iter()
            .map(|(i, j, moved)| Pair {
                before: i.and_then(|i| b.get(i).cloned()),
                after: j.and_then(|j| a.get(j).cloned()),
                moved: moved.then(|| (i.unwrap_or(0) + 1, j.unwrap_or(0) + 1)),
                step: PathStep::index(j.or(i).unwrap_or(0)),
                label: None,
            })
            .collect()
        }
    }
}

/// The `name` of each block, if every block has a known, unique one.
fn names(blocks: &[Value]) -> Option<Vec<String>> {
    let names: Vec<String> =
        blocks.iter().map(|b| b.get("name").and_then(Value::as_str).map(str::to_owned)).collect::<Option<_>>()?;
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    (unique.len() == names.len()).then_some(names)
}
