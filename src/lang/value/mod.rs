//! Values of the language: known, null or unknown, of a type, with marks. Cheap to clone: containers are shared.
//!
//! Marks sit on the value they were put on; [`Value::marks_deep`] collects those of everything inside. Elements of a set carry
//! no marks of their own: the set does. Sets are kept sorted in Terraform's order and without duplicates; maps and
//! objects are ordered by the bytes of their keys.

mod convert;
mod decimal;
mod defaults;
mod equality;
pub mod json;
mod number;
mod path;
mod quoting;
mod refinement;
pub mod symbol;
mod ty;
mod unify;

pub use convert::{ConvertError, conversion_exists, convert, mismatch};
pub use decimal::Notation;
pub use defaults::Defaults;
pub use json::{from_json, from_json_implied, from_json_state, to_json, to_json_state};
pub use number::Number;
pub use path::{Path, PathStep};
pub use quoting::quote;
pub(crate) use quoting::{escape_literal, is_printable};
pub use refinement::Range;
pub use ty::{ObjectType, Type};
pub use unify::{unify, unify_safe};

use std::collections::BTreeMap;
use std::sync::Arc;

bitflags::bitflags! {
    /// What is said of a value beside its content.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Marks: u8 {
        /// Never printed.
        const SENSITIVE = 1;
        /// Never stored.
        const EPHEMERAL = 2;
        /// Never printed, and otherwise like any other value: what a module's output says of itself. Terraform forgets that
        /// outside the module, so nothing may be refused because of it.
        const CONCEALED = 4;
    }
}

impl Marks {
    /// Whether a value that carries them may not be printed.
    pub fn hidden(self) -> bool {
        self.intersects(Marks::SENSITIVE | Marks::CONCEALED)
    }
}

/// Attributes of an object or elements of a map.
pub type Fields = BTreeMap<Arc<str>, Value>;

/// What is known of an unknown value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// A string that will start so.
    pub prefix: Option<Arc<str>>,
    /// Smallest length of a collection.
    pub min_length: Option<u64>,
    /// Largest length of a collection.
    pub max_length: Option<u64>,
    /// Smallest number, and whether it may be equal.
    pub lower: Option<(Number, bool)>,
    /// Largest number, and whether it may be equal.
    pub upper: Option<(Number, bool)>,
}

/// The content of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Absence, of a type (`Dynamic` for a bare `null`).
    Null(Type),
    /// Known only after apply.
    Unknown(Type, Option<Arc<Refinement>>),
    /// Text, NFC-normalised.
    String(Arc<str>),
    /// 512-bit binary float.
    Number(Number),
    /// Truth.
    Bool(bool),
    /// Elements of one type; the type is kept for the empty list.
    List(Type, Arc<Vec<Value>>),
    /// Sorted, without duplicates.
    Set(Type, Arc<Vec<Value>>),
    /// Elements of one type by key.
    Map(Type, Arc<Fields>),
    /// Elements each of its own type.
    Tuple(Arc<Vec<Value>>),
    /// Attributes each of its own type.
    Object(Arc<Fields>),
}

/// A value of the language.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    kind: Kind,
    marks: Marks,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Value { kind, marks: Marks::empty() }
    }
}

impl Value {
    /// A string (the caller's text is taken as NFC; use [`Value::string_normalized`] for outside text).
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Kind::String(text.into()).into()
    }

    /// A string, NFC-normalised.
    pub fn string_normalized(text: &str) -> Self {
        use unicode_normalization::{UnicodeNormalization, is_nfc};
        if is_nfc(text) { Self::string(text) } else { Self::string(text.nfc().collect::<String>()) }
    }

    /// A number.
    pub fn number(number: impl Into<Number>) -> Self {
        Kind::Number(number.into()).into()
    }

    /// A bool.
    pub fn bool(truth: bool) -> Self {
        Kind::Bool(truth).into()
    }

    /// A null of a type.
    pub fn null(ty: Type) -> Self {
        Kind::Null(ty).into()
    }

    /// An unknown of a type.
    pub fn unknown(ty: Type) -> Self {
        Kind::Unknown(ty, None).into()
    }

    /// An unknown of a type that will not be null.
    pub fn unknown_not_null(ty: Type) -> Self {
        Self::unknown_refined(ty, Refinement { not_null: true, ..Refinement::default() })
    }

    /// An unknown of which something is known; known outright where what is known leaves one value, and a list of unknown
    /// elements where its length is known.
    pub fn unknown_refined(ty: Type, refinement: Refinement) -> Self {
        refinement::refined(ty, refinement)
    }

    /// A list whose elements all have `element` type (not checked).
    pub fn list(element: Type, elements: Vec<Value>) -> Self {
        Kind::List(element, Arc::new(elements)).into()
    }

    /// A set: sorts, drops duplicates, and moves the marks of elements onto the set.
    pub fn set(element: Type, elements: Vec<Value>) -> Self {
        let mut marks = Marks::empty();
        let mut elements: Vec<Value> = elements
            .into_iter()
            .map(|e| {
                marks |= e.marks_deep();
                e.unmark_deep()
            })
            .collect();
        equality::sort_set(&mut elements);
        Value { kind: Kind::Set(element, Arc::new(elements)), marks }
    }

    /// A map whose elements all have `element` type (not checked).
    pub fn map(element: Type, fields: Fields) -> Self {
        Kind::Map(element, Arc::new(fields)).into()
    }

    /// A tuple.
    pub fn tuple(elements: Vec<Value>) -> Self {
        Kind::Tuple(Arc::new(elements)).into()
    }

    /// An object.
    pub fn object(fields: Fields) -> Self {
        Kind::Object(Arc::new(fields)).into()
    }

    /// An object from pairs.
    pub fn object_of<K: Into<Arc<str>>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::object(fields.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    /// Its content.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Its content, owned; marks are dropped.
    pub fn into_kind(self) -> Kind {
        self.kind
    }

    /// Its own marks.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The same value with further marks.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks |= marks;
        self
    }

    /// The same value marked sensitive.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.with_marks(Marks::SENSITIVE)
    }

    /// The same value without its own marks, and the marks.
    pub fn unmark(mut self) -> (Self, Marks) {
        let marks = std::mem::take(&mut self.marks);
        (self, marks)
    }

    /// Its marks and those of everything inside.
    pub fn marks_deep(&self) -> Marks {
        let inner = match &self.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                items.iter().fold(Marks::empty(), |m, v| m | v.marks_deep())
            }
            Kind::Map(_, fields) | Kind::Object(fields) => {
                fields.values().fold(Marks::empty(), |m, v| m | v.marks_deep())
            }
            _ => Marks::empty(),
        };
        self.marks | inner
    }

    /// The same value without any marks inside.
    #[must_use]
    pub fn unmark_deep(&self) -> Self {
        self.without_marks_deep(Marks::all())
    }

    /// The same value without these marks, its own and those inside.
    #[must_use]
    pub fn without_marks_deep(&self, marks: Marks) -> Self {
        if !self.marks_deep().intersects(marks) {
            return self.clone();
        }
        let all =
            |items: &Arc<Vec<Value>>| Arc::new(items.iter().map(|v| v.without_marks_deep(marks)).collect::<Vec<_>>());
        let each = |fields: &Arc<Fields>| {
            Arc::new(fields.iter().map(|(k, v)| (k.clone(), v.without_marks_deep(marks))).collect::<Fields>())
        };
        let kind = match &self.kind {
            Kind::List(t, items) => Kind::List(t.clone(), all(items)),
            Kind::Set(t, items) => Kind::Set(t.clone(), all(items)),
            Kind::Tuple(items) => Kind::Tuple(all(items)),
            Kind::Map(t, fields) => Kind::Map(t.clone(), each(fields)),
            Kind::Object(fields) => Kind::Object(each(fields)),
            other => other.clone(),
        };
        Value::from(kind).with_marks(self.marks - marks)
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(t) | Kind::Unknown(t, _) => t.clone(),
            Kind::String(_) => Type::String,
            Kind::Number(_) => Type::Number,
            Kind::Bool(_) => Type::Bool,
            Kind::List(t, _) => Type::list(t.clone()),
            Kind::Set(t, _) => Type::set(t.clone()),
            Kind::Map(t, _) => Type::map(t.clone()),
            Kind::Tuple(items) => Type::Tuple(items.iter().map(Value::ty).collect()),
            Kind::Object(fields) => Type::object(fields.iter().map(|(k, v)| (k.clone(), v.ty()))),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether it is itself known (elements may not be).
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(..))
    }

    /// Whether it or anything inside is unknown.
    pub fn contains_unknown(&self) -> bool {
        match &self.kind {
            Kind::Unknown(..) => true,
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                items.iter().any(Value::contains_unknown)
            }
            Kind::Map(_, fields) | Kind::Object(fields) => fields.values().any(Value::contains_unknown),
            _ => false,
        }
    }

    /// Whether it is an infinite number, or holds one.
    pub fn contains_infinity(&self) -> bool {
        match &self.kind {
            Kind::Number(number) => number.is_infinite(),
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                items.iter().any(Value::contains_infinity)
            }
            Kind::Map(_, fields) | Kind::Object(fields) => fields.values().any(Value::contains_infinity),
            _ => false,
        }
    }

    /// Whether it is known and everything inside is.
    pub fn is_wholly_known(&self) -> bool {
        !self.contains_unknown()
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(s) = &self.kind { Some(s) } else { None }
    }

    /// The truth of a known bool.
    pub fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(b) = self.kind { Some(b) } else { None }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        if let Kind::Number(n) = &self.kind { Some(n) } else { None }
    }

    /// A known whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::to_i64)
    }

    /// Elements of a known list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// Fields of a known map or object.
    pub fn fields(&self) -> Option<&Fields> {
        match &self.kind {
            Kind::Map(_, fields) | Kind::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field of a known map or object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields()?.get(name)
    }

    /// An element of a known list or tuple.
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.elements()?.get(index)
    }

    /// The same object or map with a field set; unchanged if it is neither.
    #[must_use]
    pub fn with_field(&self, name: impl AsRef<str> + Into<Arc<str>>, value: Value) -> Self {
        let mut new = self.clone();
        new.set_field(name, value);
        new
    }

    /// Sets a field of an object or map; nothing happens to anything else. One that nobody shares is not copied.
    pub fn set_field(&mut self, name: impl AsRef<str> + Into<Arc<str>>, value: Value) {
        if let Kind::Map(_, fields) | Kind::Object(fields) = &mut self.kind {
            let fields = Arc::make_mut(fields);
            match fields.get_mut(name.as_ref()) {
                Some(slot) => *slot = value,
                None => drop(fields.insert(name.into(), value)),
            }
        }
    }

    /// The same with null in place of everything unknown.
    #[must_use]
    pub fn unknown_as_null(&self) -> Value {
        let mut change = |_: &Path, value: Value| -> Result<Value, std::convert::Infallible> {
            Ok(if value.is_known() { value } else { Value::null(value.ty()).with_marks(value.marks()) })
        };
        match self.transform(&mut change) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// Calls `change` on this value and everything inside, innermost first, and rebuilds it; paths use list indexes also for sets.
    /// `change` must keep types where the container needs it.
    pub fn transform<E>(&self, change: &mut dyn FnMut(&Path, Value) -> Result<Value, E>) -> Result<Value, E> {
        self.transform_at(&mut Path::root(), change)
    }

    fn transform_at<E>(
        &self,
        path: &mut Path,
        change: &mut dyn FnMut(&Path, Value) -> Result<Value, E>,
    ) -> Result<Value, E> {
        let mut all = |items: &Arc<Vec<Value>>, path: &mut Path| -> Result<Vec<Value>, E> {
            let mut out = Vec::with_capacity(items.len());
            for (i, item) in items.iter().enumerate() {
                path.0.push(PathStep::index(i));
                let item = item.transform_at(path, change);
                path.0.pop();
                out.push(item?);
            }
            Ok(out)
        };
        let kind = match &self.kind {
            Kind::List(t, items) => Kind::List(t.clone(), Arc::new(all(items, path)?)),
            Kind::Tuple(items) => Kind::Tuple(Arc::new(all(items, path)?)),
            Kind::Set(t, items) => {
                let set = Value::set(t.clone(), all(items, path)?).with_marks(self.marks);
                return change(path, set);
            }
            Kind::Map(t, fields) => {
                let mut out = Fields::new();
                for (k, v) in fields.iter() {
                    path.0.push(PathStep::Index(Value::string(k.clone())));
                    let v = v.transform_at(path, change);
                    path.0.pop();
                    out.insert(k.clone(), v?);
                }
                Kind::Map(t.clone(), Arc::new(out))
            }
            Kind::Object(fields) => {
                let mut out = Fields::new();
                for (k, v) in fields.iter() {
                    path.0.push(PathStep::Attr(k.clone()));
                    let v = v.transform_at(path, change);
                    path.0.pop();
                    out.insert(k.clone(), v?);
                }
                Kind::Object(Arc::new(out))
            }
            other => other.clone(),
        };
        change(path, Value { kind, marks: self.marks })
    }
}
