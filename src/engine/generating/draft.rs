//! A configuration while arguments are taken away from it: like the value it will have, but open to change.

use super::documents::{self, document};
use crate::lang::compose::{Block as Written, Body, Expr, Item};
use crate::lang::functions::json_text;
use crate::lang::value::{Kind, Type, Value, from_json_implied};
use crate::provider::schema::{Block, NestedBlock, Nesting};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The inside of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// What is set.
    attributes: BTreeMap<Arc<str>, Argument>,
    /// Nested blocks in order, with their label where their nesting has one.
    blocks: BTreeMap<Arc<str>, Vec<Labelled>>,
    /// Attributes that have a value which must not be written.
    hidden: BTreeSet<Arc<str>>,
}

/// A nested block, with its label where its nesting has one.
type Labelled = (Option<Arc<str>>, Draft);

#[derive(Debug, Clone)]
struct Argument {
    value: Value,
    /// Written as `jsonencode(…)` of this.
    json: Option<serde_json::Value>,
}

/// Something in a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Blocks from the outside in, by type and position.
    pub blocks: Vec<(Arc<str>, usize)>,
    /// What it is there.
    pub part: Part,
}

/// An argument, or all blocks of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Argument(Arc<str>),
    Blocks(Arc<str>),
}

impl Place {
    /// Its name.
    pub(super) fn name(&self) -> &Arc<str> {
        match &self.part {
            Part::Argument(name) | Part::Blocks(name) => name,
        }
    }
}

impl Draft {
    /// Everything of an object that its configuration could say. `leave` names what other objects are shown in.
    pub(super) fn of(block: &Block, object: &Value, leave: &dyn Fn(&str) -> bool) -> Self {
        let mut draft = Draft::inner(block, object);
        let implied = |name: &str| {
            leave(name) || (name == "id" && block.attributes.get(name).is_some_and(|a| a.optional && a.computed))
        };
        draft.attributes.retain(|name, _| !implied(name));
        draft.hidden.retain(|name| !implied(name));
        draft.blocks.retain(|name, _| !implied(name));
        draft
    }

    fn inner(block: &Block, object: &Value) -> Self {
        let mut draft = Draft::default();
        for (name, attribute) in &block.attributes {
            let Some(value) = object.get(name).filter(|v| v.is_known() && !v.is_null()) else { continue };
            if !(attribute.required || attribute.optional) || attribute.write_only || attribute.deprecated {
                continue;
            }
            if attribute.optional && value.as_str() == Some("") {
                continue;
            }
            if attribute.sensitive {
                draft.hidden.insert(name.clone());
            } else {
                draft.attributes.insert(name.clone(), Argument { value: value.clone(), json: None });
            }
        }
        for (name, nested) in block.blocks.iter().filter(|(_, nested)| !nested.block.deprecated) {
            let Some(value) = object.get(name).filter(|v| v.is_known() && !v.is_null()) else { continue };
            let blocks: Vec<_> = match value.kind() {
                Kind::Map(_, fields) => {
                    fields.iter().map(|(label, v)| (Some(label.clone()), Draft::inner(&nested.block, v))).collect()
                }
                Kind::Object(_) => vec![(None, Draft::inner(&nested.block, value))],
                _ => {
                    let elements = value.elements().unwrap_or_default();
                    elements.iter().map(|v| (None, Draft::inner(&nested.block, v))).collect()
                }
            };
            if !blocks.is_empty() {
                draft.blocks.insert(name.clone(), blocks);
            }
        }
        draft
    }

    /// The value this configuration has.
    pub(super) fn value(&self, block: &Block) -> Value {
        let attributes = block.attributes.iter().map(|(name, attribute)| {
            let value = match self.attributes.get(name) {
                Some(argument) => argument.value.clone(),
                None => Value::null(attribute.ty.clone()),
            };
            (name.clone(), value)
        });
        let blocks = block.blocks.iter().map(|(name, nested)| {
            let drafts = self.blocks.get(name).map(Vec::as_slice).unwrap_or_default();
            (name.clone(), blocks_value(nested, drafts))
        });
        Value::object(attributes.chain(blocks).collect())
    }

    /// Everything that may be taken away: whole blocks before what is in them.
    pub(super) fn removable(&self, block: &Block) -> Vec<Place> {
        let mut out = Vec::new();
        self.collect(block, &mut Vec::new(), &mut out);
        out
    }

    fn collect(&self, block: &Block, at: &mut Vec<(Arc<str>, usize)>, out: &mut Vec<Place>) {
        for (name, drafts) in &self.blocks {
            let Some(nested) = block.blocks.get(name) else { continue };
            if nested.min_items == 0 {
                out.push(Place { blocks: at.clone(), part: Part::Blocks(name.clone()) });
            }
            for (i, (_, draft)) in drafts.iter().enumerate() {
                at.push((name.clone(), i));
                draft.collect(&nested.block, at, out);
                at.pop();
            }
        }
        for name in self.attributes.keys() {
            if block.attributes.get(name).is_some_and(|a| a.optional) {
                out.push(Place { blocks: at.clone(), part: Part::Argument(name.clone()) });
            }
        }
    }

    /// The draft without something.
    #[must_use]
    pub(super) fn without(&self, place: &Place) -> Self {
        let mut draft = self.clone();
        if let Some(inside) = draft.at(&place.blocks) {
            match &place.part {
                Part::Argument(name) => {
                    inside.attributes.remove(name);
                }
                Part::Blocks(name) => {
                    inside.blocks.remove(name);
                }
            }
        }
        draft
    }

    fn at(&mut self, blocks: &[(Arc<str>, usize)]) -> Option<&mut Draft> {
        blocks.iter().try_fold(self, |draft, (name, i)| Some(&mut draft.blocks.get_mut(name)?.get_mut(*i)?.1))
    }

    /// Whether something is still there.
    pub(super) fn has(&self, place: &Place) -> bool {
        let inside = place
            .blocks
            .iter()
            .try_fold(self, |draft, (name, i)| draft.blocks.get(name)?.get(*i).map(|(_, inner)| inner));
        inside.is_some_and(|draft| match &place.part {
            Part::Argument(name) => draft.attributes.contains_key(name),
            Part::Blocks(name) => draft.blocks.contains_key(name),
        })
    }

    /// Arguments that are JSON documents.
    pub(super) fn documents(&self) -> Vec<Place> {
        let mut out = Vec::new();
        self.collect_documents(&mut Vec::new(), &mut out);
        out
    }

    fn collect_documents(&self, at: &mut Vec<(Arc<str>, usize)>, out: &mut Vec<Place>) {
        for (name, argument) in &self.attributes {
            if argument.value.as_str().is_some_and(|text| document(text).is_some()) {
                out.push(Place { blocks: at.clone(), part: Part::Argument(name.clone()) });
            }
        }
        for (name, drafts) in &self.blocks {
            for (i, (_, draft)) in drafts.iter().enumerate() {
                at.push((name.clone(), i));
                draft.collect_documents(at, out);
                at.pop();
            }
        }
    }

    /// The draft with an argument written as `jsonencode(…)`, which gives the same document in another layout.
    pub(super) fn with_document(&self, place: &Place) -> Option<Self> {
        let mut draft = self.clone();
        let inside = draft.at(&place.blocks)?;
        let argument = inside.attributes.get_mut(place.name())?;
        let json = document(argument.value.as_str()?)?;
        argument.value = Value::string(json_text(&from_json_implied(&json))?);
        argument.json = Some(json);
        Some(draft)
    }

    /// As it is written.
    pub(super) fn body(&self, block: &Block) -> Body {
        let mut body = Body::default();
        let mut names: Vec<&Arc<str>> = self.attributes.keys().chain(&self.hidden).collect();
        names.sort_by_key(|name| (rank(name), *name));
        for name in names {
            match self.attributes.get(name) {
                Some(Argument { json: Some(json), .. }) => {
                    body.set(name, documents::encoded(json));
                }
                Some(argument) => body.set(name, documents::expr(&argument.value)),
                None => body.items.push(Item::Attribute {
                    name: name.to_string(),
                    value: Expr::Null,
                    comment: Some("sensitive".to_owned()),
                }),
            }
        }
        for (name, drafts) in &self.blocks {
            let Some(nested) = block.blocks.get(name) else { continue };
            for (label, draft) in drafts {
                let inner = draft.body(&nested.block);
                body.items.push(Item::Block(Written {
                    kind: name.to_string(),
                    labels: label.iter().map(ToString::to_string).collect(),
                    body: inner,
                }));
            }
        }
        body
    }
}

/// What names an object comes first, tags last.
fn rank(name: &str) -> u8 {
    match name {
        "name" | "bucket" => 0,
        "tags" => 2,
        _ => 1,
    }
}

fn blocks_value(nested: &NestedBlock, drafts: &[Labelled]) -> Value {
    let inner = || drafts.iter().map(|(_, draft)| draft.value(&nested.block));
    let ty = || nested.block.implied_type();
    match nested.nesting {
        Nesting::Single | Nesting::Group => inner().next().unwrap_or_else(|| nested.empty_value()),
        Nesting::List => Value::list(ty(), inner().collect()),
        Nesting::Set => Value::set(ty(), inner().collect()),
        Nesting::Map => {
            let labels = drafts.iter().map(|(label, _)| label.clone().unwrap_or_default());
            Value::map(ty(), labels.zip(inner()).collect())
        }
    }
}

/// The value with everything that says nothing made null: false, zero, empty texts and collections. The schemas of older SDKs cannot
/// tell these from unset.
pub(super) fn bare(value: &Value) -> Value {
    match value.kind() {
        Kind::Bool(false) => Value::null(Type::Dynamic),
        Kind::Number(n) if n.is_zero() => Value::null(Type::Dynamic),
        Kind::String(text) if text.is_empty() => Value::null(Type::Dynamic),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) if items.is_empty() => {
            Value::null(Type::Dynamic)
        }
        Kind::Map(_, fields) if fields.is_empty() => Value::null(Type::Dynamic),
        // Elements of a set may change places when one of them says less.
        Kind::Set(_, items) => {
            let mut bared: Vec<Value> = items.iter().map(bare).collect();
            bared.sort_by_cached_key(|v| format!("{v:?}"));
            Value::tuple(bared)
        }
        Kind::List(_, items) | Kind::Tuple(items) => Value::tuple(items.iter().map(bare).collect()),
        Kind::Map(_, fields) | Kind::Object(fields) => {
            Value::object(fields.iter().map(|(k, v)| (k.clone(), bare(v))).collect())
        }
        Kind::Null(_) => Value::null(Type::Dynamic),
        _ => value.clone(),
    }
}
