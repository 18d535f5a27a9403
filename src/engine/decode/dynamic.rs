//! `dynamic` blocks: as many blocks as a collection has elements.

use super::Decoder;
use super::nested::Found;
use crate::diagnostics::Diagnostic;
use crate::engine::schemas::BlockSchema;
use crate::lang::eval::{ChildScope, Scope, evaluate, iterator_name, traversal};
use crate::lang::syntax::ast::{Block, Body};
use crate::lang::value::{Kind, Type, Value};
use std::sync::Arc;

impl Decoder {
    pub(super) fn dynamic(&mut self, block: &Block, schema: &BlockSchema, scope: &dyn Scope, found: &mut Found) {
        let Some(content) = self.content(block) else {
            found.unknown = true;
            return;
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            self.missing("for_each", block.header);
            found.unknown = true;
            return;
        };
        let Some(iterator) = self.iterator(block) else {
            found.unknown = true;
            return;
        };
        let Some(collection) = self.diagnostics.absorb(evaluate(&for_each.expr, scope)) else {
            found.unknown = true;
            return;
        };
        let marks = collection.marks();
        found.marks |= marks;
        let refuse =
            |what: &str| Diagnostic::error("Invalid dynamic for_each value", what.to_owned()).at(for_each.expr.span);
        let pairs: Vec<(Value, Value)> = match collection.kind() {
            Kind::Null(_) => {
                self.diagnostics.push(refuse("Cannot use a null value in for_each."));
                found.unknown = true;
                return;
            }
            Kind::Unknown(..) => {
                // One block with an unknown element is decoded for its errors alone.
                found.unknown = true;
                let any = || Value::unknown(Type::Dynamic);
                self.one(block, content, schema, scope, (&iterator, any(), any()));
                return;
            }
            Kind::List(_, items) | Kind::Tuple(items) => {
                items.iter().enumerate().map(|(i, v)| (Value::number(i as i64), v.clone())).collect()
            }
            Kind::Set(_, items) => items.iter().map(|v| (v.clone(), v.clone())).collect(),
            Kind::Map(_, fields) | Kind::Object(fields) => {
                fields.iter().map(|(k, v)| (Value::string(k.clone()), v.clone())).collect()
            }
            other => {
                let name = match other {
                    Kind::String(_) => "string",
                    Kind::Number(_) => "number",
                    _ => "bool",
                };
                self.diagnostics.push(refuse(&format!(
                    "Cannot use a {name} value in for_each. An iterable collection is required."
                )));
                found.unknown = true;
                return;
            }
        };
        for (key, value) in pairs {
            let (value, label) = self.one(block, content, schema, scope, (&iterator, key, value));
            found.items.push((value, label, block.header));
        }
    }

    /// One block for one element; with its label, if labels are given.
    fn one(
        &mut self,
        block: &Block,
        content: &Body,
        schema: &BlockSchema,
        scope: &dyn Scope,
        (name, key, value): (&str, Value, Value),
    ) -> (Value, Option<Arc<str>>) {
        let inner = ChildScope::new(scope, name, Value::object_of([("key", key), ("value", value)]));
        let label = block.body.attribute("labels").and_then(|labels| {
            let value = self.diagnostics.absorb(evaluate(&labels.expr, &inner))?;
            value.at(0)?.as_str().map(Arc::from)
        });
        let at = block.body.blocks_of("content").next().map_or(block.header, |b| b.header);
        (self.body(content, schema, &inner, at), label)
    }

    /// The name of the element; an error where `iterator` is not a name.
    fn iterator(&mut self, block: &Block) -> Option<Arc<str>> {
        let name = iterator_name(block);
        if let (None, Some(given)) = (&name, block.body.attribute("iterator")) {
            let (summary, detail) = if traversal(&given.expr).is_some() {
                ("Invalid dynamic iterator name", "Dynamic iterator must be a single variable name.")
            } else {
                (
                    "Invalid expression",
                    "A single static variable reference is required: only attribute access and indexing with constant keys. No \
                     calculations, function calls, template expressions, etc are allowed here.",
                )
            };
            let hint = "The iterator is a bare name, without quotes: iterator = item";
            self.diagnostics.push(Diagnostic::error(summary, detail).at(given.expr.span).hint(hint));
        }
        name
    }

    fn content<'b>(&mut self, block: &'b Block) -> Option<&'b Body> {
        for attribute in &block.body.attributes {
            if !matches!(&*attribute.name.name, "for_each" | "iterator" | "labels") {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Unsupported argument",
                        format!("An argument named \"{}\" is not expected here.", attribute.name.name),
                    )
                    .at(attribute.name.span)
                    .hint("Arguments of the generated blocks belong into the nested \"content\" block."),
                );
            }
        }
        for other in &block.body.blocks {
            if &*other.kind.name != "content" {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Unsupported block type",
                        format!("Blocks of type \"{}\" are not expected here.", other.kind.name),
                    )
                    .at(other.kind.span),
                );
            }
        }
        let mut contents = block.body.blocks_of("content");
        let Some(first) = contents.next() else {
            self.diagnostics.push(
                Diagnostic::error(
                    "Insufficient content blocks",
                    "A dynamic block needs one nested \"content\" block that says what each generated block contains.",
                )
                .at(block.header),
            );
            return None;
        };
        if let Some(second) = contents.next() {
            self.diagnostics.push(
                Diagnostic::error("Extraneous content block", "Only one nested \"content\" block is allowed.")
                    .at(second.header),
            );
        }
        Some(&first.body)
    }
}
