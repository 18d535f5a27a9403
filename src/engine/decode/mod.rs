//! Bodies to values: what stands in a block, evaluated, converted and checked against the block's schema.
//!
//! The value always conforms to the schema's implied type, even with errors: what is wrong is unknown there, so that one mistake does
//! not hide the next. Wording follows Terraform's.

mod dynamic;
mod locate;
mod nested;

pub(super) use locate::locate;

use super::schemas::BlockSchema;
use crate::config::json;
use crate::config::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::eval::{Scope, evaluate};
use crate::lang::syntax::ast::{Body, Expr, Ident};
use crate::lang::value::{ConvertError, PathStep, Value, convert};
use crate::provider::schema::Attribute;
use std::sync::Arc;

/// Evaluates a body against a schema. `header` is the block's header, shown as context of every message.
pub(super) fn decode(body: &Body, schema: &BlockSchema, scope: &dyn Scope, header: Span) -> (Value, Diagnostics) {
    let mut decoder = Decoder::default();
    let value = decoder.body(body, schema, scope, header);
    let mut diagnostics = decoder.diagnostics;
    for diagnostic in diagnostics.iter_mut() {
        diagnostic.context = diagnostic.context.or(Some(header));
    }
    (value, diagnostics)
}

#[derive(Default)]
struct Decoder {
    diagnostics: Diagnostics,
}

impl Decoder {
    /// `at` is where something missing is reported: the header of the block itself.
    fn body(&mut self, body: &Body, schema: &BlockSchema, scope: &dyn Scope, at: Span) -> Value {
        // JSON syntax does not tell blocks from arguments; the schema does.
        let turned = json::with_blocks(body, |name| schema.blocks.contains_key(name));
        let body = turned.as_ref().unwrap_or(body);
        self.unexpected(body, schema);
        // As a list first: a tree made of one that is nearly in order is half as large as one that grew.
        let mut fields = Vec::with_capacity(schema.attributes.len() + schema.blocks.len());
        for (name, attribute) in &schema.attributes {
            let value = match body.attribute(name) {
                Some(found) => self.attribute(name, attribute, &found.expr, scope),
                None if nested::stands_as_block(attribute, name, body) => {
                    self.attribute_as_blocks(name, attribute, body, scope)
                }
                None => {
                    if attribute.required {
                        self.missing(name, at);
                        Value::unknown(attribute.ty.clone())
                    } else {
                        Value::null(attribute.ty.clone())
                    }
                }
            };
            fields.push((name.clone(), value));
        }
        for (name, block) in &schema.blocks {
            let value = self.nested(name, block, body, scope, at);
            fields.push((name.clone(), value));
        }
        Value::object(fields.into_iter().collect())
    }

    fn attribute(&mut self, name: &Arc<str>, attribute: &Attribute, expr: &Expr, scope: &dyn Scope) -> Value {
        if !attribute.required && !attribute.optional {
            self.diagnostics.push(
                Diagnostic::error(
                    "Value for unconfigurable attribute",
                    format!(
                        "Can't configure a value for \"{name}\": its value will be decided automatically based on the result of \
                         applying this configuration."
                    ),
                )
                .at(expr.span),
            );
            return Value::unknown(attribute.ty.clone());
        }
        let Some(value) = self.diagnostics.absorb(evaluate(expr, scope)) else {
            return Value::unknown(attribute.ty.clone());
        };
        match convert(&value, &attribute.ty) {
            Ok(value) => {
                if attribute.required && value.is_null() {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "Missing required argument",
                            format!("The argument \"{name}\" is required, but its value here is null."),
                        )
                        .at(expr.span),
                    );
                    return Value::unknown(attribute.ty.clone());
                }
                value
            }
            Err(error) => {
                self.diagnostics.push(wrong_type(name, expr, &error));
                Value::unknown(attribute.ty.clone())
            }
        }
    }

    fn missing(&mut self, name: &str, at: Span) {
        self.diagnostics.push(
            Diagnostic::error(
                "Missing required argument",
                format!("The argument \"{name}\" is required, but no definition was found."),
            )
            .at(at),
        );
    }

    /// Attributes and blocks that the schema does not have.
    fn unexpected(&mut self, body: &Body, schema: &BlockSchema) {
        let known = || {
            let settable = |a: &Attribute| a.required || a.optional;
            schema.attributes.iter().filter(move |(_, a)| settable(a)).map(|(n, _)| n.as_ref())
        };
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            if schema.attributes.contains_key(name) {
                continue;
            }
            let guess = if schema.blocks.contains_key(name) {
                format!(" Did you mean to define a block of type \"{name}\"?")
            } else {
                did_you_mean(name, known().chain(schema.blocks.keys().map(AsRef::as_ref)))
            };
            self.diagnostics.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{name}\" is not expected here.{guess}"),
                )
                .at(attribute.name.span),
            );
        }
        for block in &body.blocks {
            let Ident { name, span } = block.produces();
            let (name, span) = (&**name, *span);
            let as_attribute = schema.attributes.get(name);
            if schema.blocks.contains_key(name) || as_attribute.is_some_and(nested::may_stand_as_block) {
                continue;
            }
            let guess = if as_attribute.is_some() {
                format!(" Did you mean to define argument \"{name}\"? If so, use the equals sign to assign it a value.")
            } else {
                did_you_mean(name, schema.blocks.keys().map(AsRef::as_ref))
            };
            self.diagnostics.push(
                Diagnostic::error(
                    "Unsupported block type",
                    format!("Blocks of type \"{name}\" are not expected here.{guess}"),
                )
                .at(span),
            );
        }
    }
}

/// Whether a place in a body lies in an argument or block that the schema does not have: enough is said of it as a whole.
pub(super) fn is_unexpected_at(body: &Body, schema: &BlockSchema, at: Span) -> bool {
    let holds = |span: Span| span.file == at.file && span.start <= at.start && at.end <= span.end;
    if let Some(attribute) = body.attributes.iter().find(|a| holds(a.span)) {
        return !schema.attributes.contains_key(&*attribute.name.name);
    }
    let Some(block) = body.blocks.iter().find(|b| holds(b.span)) else { return false };
    let name = &*block.produces().name;
    let content = match block.dynamic() {
        None => &block.body,
        // What a dynamic block is made for is looked at, whatever it makes.
        Some(_) => match block.body.blocks_of("content").find(|content| holds(content.span)) {
            Some(content) => &content.body,
            None => return false,
        },
    };
    match schema.blocks.get(name) {
        Some(nested) => is_unexpected_at(content, &nested.block, at),
        None => !schema.attributes.get(name).is_some_and(nested::may_stand_as_block),
    }
}

/// The error for a value that does not convert, at the innermost place that can be pointed to.
fn wrong_type(name: &str, expr: &Expr, error: &ConvertError) -> Diagnostic {
    let mut within = String::new();
    for step in &error.path.0 {
        match step {
            PathStep::Attr(a) => within.push_str(&format!(" attribute \"{a}\":")),
            PathStep::Index(key) => match (key.as_str(), key.as_number()) {
                (Some(text), _) => within.push_str(&format!(" element {}:", crate::address::quote(text))),
                (_, Some(n)) => within.push_str(&format!(" element {n}:")),
                _ => {}
            },
        }
    }
    Diagnostic::error(
        "Incorrect attribute value type",
        format!("Inappropriate value for attribute \"{name}\":{within} {}.", error.message),
    )
    .at(locate::inside(expr, &error.path.0))
}
