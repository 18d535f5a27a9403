//! Nested blocks of every nesting, and attributes that may be written as blocks.

use super::Decoder;
use crate::diagnostics::{Diagnostic, Span};
use crate::engine::schemas::{BlockSchema, NestedSchema};
use crate::lang::eval::Scope;
use crate::lang::syntax::ast::Body;
use crate::lang::value::{Fields, Marks, Type, Value};
use crate::provider::schema::{Attribute, Nesting};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The blocks of one type in a body, `dynamic` ones expanded.
#[derive(Default)]
pub(super) struct Found {
    /// Value, label if any, and header of each.
    pub items: Vec<(Value, Option<Arc<str>>, Span)>,
    /// A `dynamic` block's number of blocks is not known.
    pub unknown: bool,
    /// Marks of what `dynamic` blocks iterate.
    pub marks: Marks,
}

impl Decoder {
    pub(super) fn nested(
        &mut self,
        name: &Arc<str>,
        schema: &NestedSchema,
        body: &Body,
        scope: &dyn Scope,
        at: Span,
    ) -> Value {
        let found = self.find(name, &schema.block, body, scope);
        let marks = found.marks;
        self.nested_value(name, schema, found, at).with_marks(marks)
    }

    fn find(&mut self, name: &Arc<str>, schema: &BlockSchema, body: &Body, scope: &dyn Scope) -> Found {
        let mut found = Found::default();
        for block in &body.blocks {
            if block.kind.name == *name {
                let value = self.body(&block.body, schema, scope, block.header);
                found.items.push((value, block.labels.first().map(|l| l.name.clone()), block.header));
            } else if block.is_dynamic_of(name) {
                self.dynamic(block, schema, scope, &mut found);
            }
        }
        found
    }

    fn nested_value(&mut self, name: &str, schema: &NestedSchema, found: Found, at: Span) -> Value {
        let count = found.items.len() as u64;
        if !found.unknown && matches!(schema.nesting, Nesting::List | Nesting::Set | Nesting::Map) {
            if count < schema.min_items {
                let (min, are) = (schema.min_items, if schema.min_items == 1 { "block is" } else { "blocks are" });
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("Insufficient {name} blocks"),
                        format!("At least {min} \"{name}\" {are} required."),
                    )
                    .at(at),
                );
                // What stands there is known all the same.
            }
            if schema.max_items > 0 && count > schema.max_items {
                let extra = usize::try_from(schema.max_items).ok().and_then(|i| found.items.get(i));
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("Too many {name} blocks"),
                        format!("No more than {} \"{name}\" blocks are allowed.", schema.max_items),
                    )
                    .at(extra.map_or(at, |(_, _, span)| *span)),
                );
            }
        }
        if found.unknown {
            return Value::unknown(schema.ty.clone());
        }
        let inner = schema.block.ty.clone();
        match schema.nesting {
            Nesting::Single | Nesting::Group => {
                let mut items = found.items.into_iter();
                let Some((first, _, first_span)) = items.next() else {
                    if schema.nesting == Nesting::Single && schema.min_items > 0 {
                        self.diagnostics.push(
                            Diagnostic::error(
                                format!("Missing {name} block"),
                                format!("A {name} block is required here."),
                            )
                            .at(at),
                        );
                        return Value::unknown(schema.ty.clone());
                    }
                    return schema.empty.clone();
                };
                if let Some((_, _, span)) = items.next() {
                    self.diagnostics.push(
                        Diagnostic::error(
                            format!("Duplicate {name} block"),
                            format!("Only one block of type \"{name}\" is allowed."),
                        )
                        .at(span)
                        .label(first_span, "the first one"),
                    );
                }
                first
            }
            Nesting::List if inner.has_dynamic() => Value::tuple(found.items.into_iter().map(|(v, ..)| v).collect()),
            Nesting::List => Value::list(inner, found.items.into_iter().map(|(v, ..)| v).collect()),
            Nesting::Set => Value::set(inner, found.items.into_iter().map(|(v, ..)| v).collect()),
            Nesting::Map => {
                let mut fields = Fields::new();
                for (value, label, span) in found.items {
                    let Some(label) = label else {
                        self.diagnostics.push(
                            Diagnostic::error(
                                format!("Missing name for {name}"),
                                format!("All {name} blocks must have 1 label (key)."),
                            )
                            .at(span),
                        );
                        continue;
                    };
                    if fields.insert(label.clone(), value).is_some() {
                        self.diagnostics.push(
                            Diagnostic::error(
                                format!("Duplicate {name} block"),
                                format!(
                                    "A block of type \"{name}\" with the label \"{label}\" stands before this one."
                                ),
                            )
                            .at(span),
                        );
                    }
                }
                if inner.has_dynamic() { Value::object(fields) } else { Value::map(inner, fields) }
            }
        }
    }

    /// An attribute of a list or set of objects written as blocks, as older schemas allow.
    pub(super) fn attribute_as_blocks(
        &mut self,
        name: &Arc<str>,
        attribute: &Attribute,
        body: &Body,
        scope: &dyn Scope,
    ) -> Value {
        let Some(Type::Object(object)) = attribute.ty.element() else { return Value::null(attribute.ty.clone()) };
        let attributes: BTreeMap<Arc<str>, Attribute> = object
            .attributes
            .iter()
            .map(|(name, ty)| {
                let inner = Attribute { ty: ty.clone(), required: false, optional: true, ..attribute.clone() };
                (name.clone(), inner)
            })
            .collect();
        let schema = BlockSchema::of(&crate::provider::schema::Block { attributes, ..Default::default() });
        let found = self.find(name, &schema, body, scope);
        if found.unknown {
            return Value::unknown(attribute.ty.clone());
        }
        let items = found.items.into_iter().map(|(v, ..)| v).collect();
        match &attribute.ty {
            Type::Set(_) => Value::set(schema.ty, items),
            _ => Value::list(schema.ty, items),
        }
        .with_marks(found.marks)
    }
}

/// Whether an attribute's type allows it to be written as blocks.
pub(super) fn may_stand_as_block(attribute: &Attribute) -> bool {
    attribute.optional && matches!(&attribute.ty, Type::List(t) | Type::Set(t) if matches!(&**t, Type::Object(_)))
}

/// Whether it is written so here.
pub(super) fn stands_as_block(attribute: &Attribute, name: &str, body: &Body) -> bool {
    may_stand_as_block(attribute) && body.blocks.iter().any(|b| &*b.produces().name == name)
}
