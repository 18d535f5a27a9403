//! An attribute, a block or an element of one, with its place.

use super::object::Object;
use super::text::Text;
use crate::diagnostics::{AttributeStep, Span};
use crate::engine::attribute_span;
use crate::lang::syntax::ast::{Body, Expr, ExprKind};
use crate::lang::value::{Kind, Value};
use std::sync::Arc;

/// Something inside an object. It may be absent: then everything about it is, and its place is that of what it would stand in.
#[derive(Debug, Clone)]
pub struct Attr<'m> {
    object: &'m Object<'m>,
    value: Option<&'m Value>,
    /// How it was reached; `None` for the object itself. Rules take thousands of steps for each finding, so a step is one link, and the
    /// path and place are put together where they are asked for.
    way: Option<Arc<Link>>,
}

/// A step with those before it.
#[derive(Debug)]
struct Link {
    before: Option<Arc<Link>>,
    step: Step,
}

/// A step inside a value.
#[derive(Debug)]
enum Step {
    /// An attribute or nested block type.
    Name(Arc<str>),
    /// An element of a map.
    Key(Arc<str>),
    /// An element of a list or set, with its name if it has one.
    Index(usize, Option<Arc<str>>),
}

impl<'m> Attr<'m> {
    pub(super) fn root(object: &'m Object<'m>) -> Self {
        Attr { object, value: Some(&object.value), way: None }
    }

    /// The object it is in.
    pub fn object(&self) -> &'m Object<'m> {
        self.object
    }

    /// Its value, if it is there: null counts as absent, unknown does not.
    pub fn value(&self) -> Option<&'m Value> {
        self.value.filter(|v| !v.is_null())
    }

    /// An attribute or nested block type; the element of a map.
    pub fn get(&self, name: &str) -> Attr<'m> {
        let (kind, fields) = match self.value.map(Value::kind) {
            Some(Kind::Map(_, fields)) => (Step::Key as fn(Arc<str>) -> Step, Some(fields)),
            Some(Kind::Object(fields)) => (Step::Name as fn(Arc<str>) -> Step, Some(fields)),
            _ => (Step::Name as fn(Arc<str>) -> Step, None),
        };
        let found = fields.and_then(|fields| fields.get_key_value(name));
        let key = found.map_or_else(|| Arc::from(name), |(key, _)| key.clone());
        self.step(found.map(|(_, value)| value), kind(key))
    }

    /// The value of an attribute or nested block type, unless it is null: as [`Attr::get`] for those that ask only for that, again and again.
    pub fn field(&self, name: &str) -> Option<&'m Value> {
        self.value.and_then(|v| v.get(name)).filter(|v| !v.is_null())
    }

    /// The text of an attribute that is wholly known; empty where it is not.
    pub fn str_of(&self, name: &str) -> &'m str {
        self.field(name).and_then(Value::as_str).and_then(|text| Text(text).known()).unwrap_or_default()
    }

    /// The element of a list; absent where there is none.
    pub fn at(&self, index: usize) -> Attr<'m> {
        let value = self.value.and_then(|v| v.at(index));
        let name = value.and_then(|v| v.get("name")).map(Value::kind);
        let label = match name {
            Some(Kind::String(text)) => Some(text.clone()),
            _ => None,
        };
        self.step(value, Step::Index(index, label))
    }

    fn step(&self, value: Option<&'m Value>, step: Step) -> Attr<'m> {
        Attr { object: self.object, value, way: Some(Arc::new(Link { before: self.way.clone(), step })) }
    }

    /// The steps to it, from the object.
    fn steps(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut at = self.way.as_deref();
        while let Some(link) = at {
            steps.push(&link.step);
            at = link.before.as_deref();
        }
        steps.reverse();
        steps
    }

    /// Elements of a list or set; none where it is absent or unknown.
    pub fn elements(&self) -> Vec<Attr<'m>> {
        let count = self.value.and_then(Value::elements).map_or(0, <[Value]>::len);
        (0..count).map(|i| self.at(i)).collect()
    }

    /// Nested blocks of a type; none where they are absent or their number is unknown.
    pub fn blocks(&self, name: &str) -> Vec<Attr<'m>> {
        let all = self.get(name);
        match all.value.map(Value::kind) {
            Some(Kind::Object(_)) => vec![all],
            _ => all.elements(),
        }
    }

    /// The first nested block of a type, absent where there is none.
    pub fn block(&self, name: &str) -> Attr<'m> {
        let all = self.get(name);
        match all.value.map(Value::kind) {
            Some(Kind::Object(_)) => all,
            _ => all.at(0),
        }
    }

    /// Elements of a map with their keys; none where it is absent or unknown.
    pub fn entries(&self) -> Vec<(&'m str, Attr<'m>)> {
        let fields = self.value.and_then(Value::fields).into_iter().flatten();
        fields.map(|(key, _)| (&**key, self.get(key))).collect()
    }

    /// Whether it stands there: neither absent nor null nor an empty text or collection. Unknown counts as set.
    pub fn is_set(&self) -> bool {
        self.value().is_some_and(|v| match v.kind() {
            Kind::String(s) => !s.is_empty(),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => !items.is_empty(),
            Kind::Map(_, fields) => !fields.is_empty(),
            _ => true,
        })
    }

    /// Whether all of it is known (absent counts as known).
    pub fn is_known(&self) -> bool {
        self.value.is_none_or(|v| {
            v.is_wholly_known() && v.as_str().is_none_or(|s| Text(s).known().is_some()) && !self.has_symbol_inside()
        })
    }

    /// Whether it is itself unknown: as a list whose length, or a text of which nothing, is known.
    pub fn is_unknown(&self) -> bool {
        self.value.is_some_and(|v| !v.is_known() || v.as_str().is_some_and(|s| Text(s).symbol().is_some()))
    }

    fn has_symbol_inside(&self) -> bool {
        let inside = |attr: &Attr<'m>| !attr.is_known();
        self.elements().iter().any(inside) || self.entries().iter().any(|(_, attr)| inside(attr))
    }

    /// Whether it is marked sensitive: its value must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.value.is_some_and(|v| v.marks().hidden())
    }

    /// A text, of which parts may be known only later.
    pub fn text(&self) -> Option<Text<'m>> {
        self.value.and_then(Value::as_str).map(Text)
    }

    /// A text that is wholly known.
    pub fn known(&self) -> Option<&'m str> {
        self.text().and_then(Text::known)
    }

    /// A text that is wholly known; empty where it is not.
    pub fn str(&self) -> &'m str {
        self.known().unwrap_or_default()
    }

    /// A known truth; texts `true` and `false` count.
    pub fn bool(&self) -> Option<bool> {
        let value = self.value?;
        value.as_bool().or_else(|| match value.as_str()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// A known whole number; texts of one count.
    pub fn int(&self) -> Option<i64> {
        let value = self.value?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    /// The value for messages: quoted, parts to come as `${…}`, sensitive ones masked.
    pub fn shown(&self) -> String {
        if self.is_sensitive() {
            return "(sensitive value)".into();
        }
        match self.value.map(Value::kind) {
            None | Some(Kind::Null(_)) => "nothing".into(),
            Some(Kind::Unknown(..)) => "(known after apply)".into(),
            Some(Kind::String(text)) => {
                let text = Text(text).readable();
                match text.char_indices().nth(120) {
                    Some((end, _)) => format!("\"{}…\"", text.get(..end).unwrap_or_default()),
                    None => format!("\"{text}\""),
                }
            }
            Some(Kind::Bool(truth)) => truth.to_string(),
            Some(Kind::Number(number)) => number.to_string(),
            Some(_) => "(a collection)".into(),
        }
    }

    /// Its place by names, for fingerprints: `stage[Deploy].action[Ecs].configuration.ClusterName`.
    pub fn place(&self) -> String {
        let mut place = String::new();
        for step in self.steps() {
            match step {
                Step::Name(name) | Step::Key(name) => {
                    place.push_str(if place.is_empty() { "" } else { "." });
                    place.push_str(name);
                }
                Step::Index(_, Some(label)) => place.push_str(&format!("[{label}]")),
                Step::Index(index, None) => place.push_str(&format!("[{index}]")),
            }
        }
        place
    }

    /// Whether it is the object itself.
    pub fn is_root(&self) -> bool {
        self.way.is_none()
    }

    /// The steps to it.
    pub fn path(&self) -> Vec<AttributeStep> {
        let step = |step: &&Step| match step {
            Step::Name(name) => AttributeStep::Name(name.to_string()),
            Step::Key(name) => AttributeStep::Key(name.to_string()),
            Step::Index(index, _) => AttributeStep::Index(*index as u64),
        };
        self.steps().iter().map(step).collect()
    }

    /// Where it stands in the source; what it would stand in where it is absent.
    pub fn span(&self) -> Option<Span> {
        let block = self.object.block?;
        let path = self.path();
        let mut path = path.as_slice();
        loop {
            if let Some(span) = attribute_span(block, path) {
                return Some(span);
            }
            match path.split_last() {
                Some((_, shorter)) => path = shorter,
                None => return Some(block.span),
            }
        }
    }

    /// The expression that gives it, where it stands as one of its own in the source.
    pub fn expr(&self) -> Option<&'m Expr> {
        expression(&self.object.block?.body, &self.path())
    }

    /// The text of that expression as it stands in the source.
    pub fn source_text(&self) -> Option<String> {
        self.expr().map(|expr| self.object.sources.text(expr.span))
    }

    /// Whether the source itself holds the value: a literal text, or a template without references.
    pub fn is_literal(&self) -> bool {
        self.expr().is_some_and(|expr| crate::lang::eval::references(expr).is_empty())
    }
}

fn expression<'e>(body: &'e Body, path: &[AttributeStep]) -> Option<&'e Expr> {
    let (AttributeStep::Name(name), rest) = path.split_first()? else { return None };
    if let Some(attribute) = body.attribute(name) {
        return inside(&attribute.expr, rest);
    }
    let (index, rest) = match rest.split_first() {
        Some((AttributeStep::Index(index), rest)) => (usize::try_from(*index).ok()?, rest),
        _ => (0, rest),
    };
    // Blocks made by `dynamic` have no expression of their own, and with them the number says nothing.
    if body.blocks.iter().any(|b| b.is_dynamic_of(name)) {
        return None;
    }
    let block = body.blocks.iter().filter(|b| *b.kind.name == **name).nth(index)?;
    expression(&block.body, rest)
}

fn inside<'e>(expr: &'e Expr, path: &[AttributeStep]) -> Option<&'e Expr> {
    use crate::lang::syntax::ast::ObjectKey;
    let Some((first, rest)) = path.split_first() else { return Some(expr) };
    match (&expr.kind, first) {
        (ExprKind::Parens(inner), _) => inside(inner, path),
        (ExprKind::Tuple(items), AttributeStep::Index(i)) => inside(items.get(usize::try_from(*i).ok()?)?, rest),
        (ExprKind::Object(items), AttributeStep::Key(name) | AttributeStep::Name(name)) => {
            let fits = |key: &ObjectKey| match key {
                ObjectKey::Name(ident) => *ident.name == **name,
                ObjectKey::Expr(expr) => matches!(&expr.kind, ExprKind::Literal(v) if v.as_str() == Some(name)),
            };
            inside(&items.iter().rev().find(|item| fits(&item.key))?.value, rest)
        }
        _ => None,
    }
}
