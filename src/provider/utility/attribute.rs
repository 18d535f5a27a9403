//! Attributes of utility types as data.

use crate::lang::value::{Type, Value};
use crate::provider::schema::{Attribute, Block, Schema};
use std::sync::Arc;

/// Types these providers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Bool,
    Texts,
    TextSet,
    TextMap,
}

/// Who sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Required,
    Optional,
    Computed,
    OptionalComputed,
}

/// The value of an attribute that is not set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Initial {
    None,
    Text(&'static str),
    Int(i64),
    Bool(bool),
}

/// When a change of an attribute needs a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replace {
    Never,
    Always,
    /// Maps of triggers: not for keys whose value is null and that the state, as older versions wrote it, does not have.
    UnlessNulls,
    /// Not when an empty text is no longer set.
    UnlessEmptyToNull,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attr {
    pub name: &'static str,
    pub kind: Kind,
    pub mode: Mode,
    pub default: Initial,
    pub replace: Replace,
    /// Whether a computed value stays when something else changes.
    pub keep: bool,
    pub sensitive: bool,
    pub deprecated: bool,
}

const fn attr(name: &'static str, kind: Kind, mode: Mode) -> Attr {
    Attr {
        name,
        kind,
        mode,
        default: Initial::None,
        replace: Replace::Never,
        keep: false,
        sensitive: false,
        deprecated: false,
    }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Attr {
    attr(name, kind, Mode::Required)
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Attr {
    attr(name, kind, Mode::Optional)
}

pub(super) const fn computed(name: &'static str, kind: Kind) -> Attr {
    attr(name, kind, Mode::Computed)
}

impl Attr {
    pub(super) const fn replaces(self) -> Self {
        Attr { replace: Replace::Always, ..self }
    }

    pub(super) const fn replaces_when(self, replace: Replace) -> Self {
        Attr { replace, ..self }
    }

    /// Optional, and computed when it is not set.
    pub(super) const fn or_computed(self) -> Self {
        Attr { mode: Mode::OptionalComputed, ..self }
    }

    /// Optional, with this value when it is not set.
    pub(super) const fn or(self, default: Initial) -> Self {
        Attr { mode: Mode::OptionalComputed, default, ..self }
    }

    pub(super) const fn kept(self) -> Self {
        Attr { keep: true, ..self }
    }

    pub(super) const fn secret(self) -> Self {
        Attr { sensitive: true, ..self }
    }

    pub(super) const fn outdated(self) -> Self {
        Attr { deprecated: true, ..self }
    }

    pub(super) fn ty(&self) -> Type {
        match self.kind {
            Kind::Text => Type::String,
            Kind::Int => Type::Number,
            Kind::Bool => Type::Bool,
            Kind::Texts => Type::list(Type::String),
            Kind::TextSet => Type::set(Type::String),
            Kind::TextMap => Type::map(Type::String),
        }
    }

    pub(super) fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed)
    }

    pub(super) fn default_value(&self) -> Option<Value> {
        match self.default {
            Initial::None => None,
            Initial::Text(text) => Some(Value::string(text)),
            Initial::Int(number) => Some(Value::number(number)),
            Initial::Bool(truth) => Some(Value::bool(truth)),
        }
    }
}

/// The schema of these attributes.
pub(super) fn schema(version: u64, attributes: &[Attr]) -> Schema {
    let attribute = |a: &Attr| Attribute {
        ty: a.ty(),
        required: a.mode == Mode::Required,
        optional: matches!(a.mode, Mode::Optional | Mode::OptionalComputed),
        computed: a.is_computed(),
        sensitive: a.sensitive,
        write_only: false,
        deprecated: a.deprecated,
    };
    let attributes = attributes.iter().map(|a| (Arc::from(a.name), attribute(a))).collect();
    Schema { version, block: Block { attributes, ..Block::default() } }
}
