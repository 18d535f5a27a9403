//! What a reference such as `module.a["x"].out.id` stands for, before anything is evaluated.

use crate::address::{InstanceKey, Mode, Resource};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::syntax::ast::{Ident, Traversal, TraversalStep};
use crate::lang::value::{Path, PathStep, Value};
use std::sync::Arc;

/// What is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// `var.NAME`
    Variable(Arc<str>),
    /// `local.NAME`
    Local(Arc<str>),
    /// `module.NAME`
    Call(Arc<str>),
    /// `TYPE.NAME`, `data.TYPE.NAME`
    Resource(Resource),
    /// `each.NAME`
    Each(Arc<str>),
    /// `count.NAME`
    Count(Arc<str>),
    /// `path.NAME`
    Path(Arc<str>),
    /// `terraform.NAME`
    Terraform(Arc<str>),
    /// `self`
    SelfObject,
}

/// A reference taken apart.
#[derive(Debug, Clone)]
pub(super) struct Reference<'t> {
    /// What.
    pub subject: Subject,
    /// The instance key that follows a resource or module call, when it is written as a constant.
    pub key: Option<InstanceKey>,
    /// Place of the key.
    pub key_span: Option<Span>,
    /// Steps after subject and key.
    pub rest: &'t [TraversalStep],
    /// How many steps of the traversal the subject takes, without the key.
    pub subject_steps: usize,
    /// The whole reference.
    pub span: Span,
}

impl<'t> Reference<'t> {
    /// Takes a traversal apart. Errors where the form is wrong: `var` without a name, a resource type without a name.
    pub(super) fn parse(traversal: &'t Traversal) -> Result<Self, Diagnostic> {
        let steps = traversal.steps.as_slice();
        let root = &*traversal.root.name;
        let named = |make: fn(Arc<str>) -> Subject| match steps.first() {
            Some(TraversalStep::Attr(name)) => Ok((make(name.name.clone()), 1)),
            _ => Err(Diagnostic::error(
                "Invalid reference",
                format!("The \"{root}\" object cannot be accessed directly. Instead, access one of its attributes."),
            )
            .at(traversal.span)),
        };
        let (subject, taken) = match root {
            "var" => named(Subject::Variable)?,
            "local" => named(Subject::Local)?,
            "module" => named(Subject::Call)?,
            "each" => named(Subject::Each)?,
            "count" => named(Subject::Count)?,
            "path" => named(Subject::Path)?,
            "terraform" | "tofu" => named(Subject::Terraform)?,
            "self" => (Subject::SelfObject, 0),
            "data" | "ephemeral" => match (steps.first(), steps.get(1)) {
                (Some(TraversalStep::Attr(kind)), Some(TraversalStep::Attr(name))) => {
                    let mode = if root == "data" { Mode::Data } else { Mode::Ephemeral };
                    (Subject::Resource(resource(mode, kind, name)), 2)
                }
                _ => {
                    return Err(Diagnostic::error(
                        "Invalid reference",
                        format!(
                            "The \"{root}\" object must be followed by two attribute names: the data source type and the \
                             resource name."
                        ),
                    )
                    .at(traversal.span));
                }
            },
            "resource" => match (steps.first(), steps.get(1)) {
                (Some(TraversalStep::Attr(kind)), Some(TraversalStep::Attr(name))) => {
                    (Subject::Resource(resource(Mode::Managed, kind, name)), 2)
                }
                _ => return Err(type_without_name(traversal)),
            },
            _ => match steps.first() {
                Some(TraversalStep::Attr(name)) => {
                    (Subject::Resource(resource(Mode::Managed, &traversal.root, name)), 1)
                }
                _ => return Err(type_without_name(traversal)),
            },
        };
        let mut rest = steps.get(taken..).unwrap_or(&[]);
        let (mut key, mut key_span) = (None, None);
        if matches!(subject, Subject::Call(_) | Subject::Resource(_))
            && let Some((TraversalStep::Index(value, span), tail)) = rest.split_first()
            && let Some(found) = instance_key(value)
        {
            key = Some(found);
            key_span = Some(*span);
            rest = tail;
        }
        Ok(Reference { subject, key, key_span, rest, subject_steps: taken, span: traversal.span })
    }

    /// The name of the first attribute step after subject and key.
    pub(super) fn first_attribute(&self) -> Option<&'t Ident> {
        match self.rest.first() {
            Some(TraversalStep::Attr(name)) => Some(name),
            _ => None,
        }
    }

    /// The steps after subject and key as a path.
    pub(super) fn path(&self) -> Path {
        Path(self.rest.iter().map(path_step).collect())
    }
}

/// A reference step as a step into a value.
pub(super) fn path_step(step: &TraversalStep) -> PathStep {
    match step {
        TraversalStep::Attr(name) => PathStep::Attr(name.name.clone()),
        TraversalStep::Index(value, _) => PathStep::Index(value.clone()),
    }
}

/// The instance key a known string or whole number is.
pub(super) fn instance_key(value: &Value) -> Option<InstanceKey> {
    match (value.as_str(), value.as_i64()) {
        (Some(text), _) => Some(InstanceKey::Str(text.to_owned())),
        (None, Some(number)) => u64::try_from(number).ok().map(InstanceKey::Int),
        _ => None,
    }
}

/// The value an instance key is.
pub(super) fn key_value(key: &InstanceKey) -> Value {
    match key {
        InstanceKey::Int(n) => Value::number(i64::try_from(*n).unwrap_or(i64::MAX)),
        InstanceKey::Str(s) => Value::string(s.as_str()),
    }
}

fn resource(mode: Mode, kind: &Ident, name: &Ident) -> Resource {
    Resource { mode, type_name: kind.name.to_string(), name: name.name.to_string() }
}

fn type_without_name(traversal: &Traversal) -> Diagnostic {
    Diagnostic::error(
        "Invalid reference",
        "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
    )
    .at(traversal.span)
}
