//! JSON syntax of configuration (`.tf.json`) and variables files (`.tfvars.json`), brought into the same tree as native syntax.
//!
//! JSON alone does not tell arguments from blocks. What the language itself defines is resolved here; inside resources, data
//! and providers, where only the provider's schema can tell, everything stands as an argument, and [`with_blocks`] turns
//! arguments into blocks for whoever has the schema.

mod blocks;
mod expression;
mod node;

use crate::diagnostics::{Diagnostic, Diagnostics, FileId};
use crate::lang::syntax::ast::{Attribute, Body};
use node::{Kind, Node};

/// Reads a configuration file in JSON syntax.
pub fn parse_config(file: FileId, text: &str) -> (Body, Diagnostics) {
    let mut d = Diagnostics::new();
    let body = match node::parse(file, text) {
        Ok(node) => blocks::file(&node, &mut d),
        Err(error) => {
            d.push(*error);
            empty(file, text)
        }
    };
    (body, d)
}

/// Reads a variables file in JSON syntax: one object; its strings are taken literally.
pub fn parse_variables(file: FileId, text: &str) -> (Body, Diagnostics) {
    let mut d = Diagnostics::new();
    let mut body = empty(file, text);
    match node::parse(file, text) {
        Ok(Node { kind: Kind::Object(members), .. }) => {
            body.attributes = members
                .iter()
                .filter(|m| m.name != COMMENT)
                .map(|m| m.attribute(expression::literal(&m.value)))
                .collect();
        }
        Ok(other) => {
            let detail =
                "A variables file in JSON syntax must be an object whose properties are the variables' values.";
            d.push(Diagnostic::error("Incorrect JSON value type", detail).at(other.span));
        }
        Err(error) => d.push(*error),
    }
    (body, d)
}

/// The property whose value is for people.
const COMMENT: &str = "//";

fn empty(file: FileId, text: &str) -> Body {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    Body { attributes: Vec::new(), blocks: Vec::new(), span: crate::diagnostics::Span { file, start: 0, end } }
}

/// The body with arguments from JSON turned into the blocks they stand for: those whose name `is_block` knows, and `dynamic`. `None`
/// when there is nothing to turn, as always in native syntax.
pub fn with_blocks(body: &Body, is_block: impl Fn(&str) -> bool) -> Option<Body> {
    let turns = |a: &Attribute| a.is_json() && (is_block(&a.name.name) || &*a.name.name == DYNAMIC);
    if !body.attributes.iter().any(turns) {
        return None;
    }
    let (turned, attributes): (Vec<Attribute>, Vec<Attribute>) = body.attributes.iter().cloned().partition(turns);
    let mut blocks = body.blocks.clone();
    blocks.extend(turned.iter().flat_map(expression::blocks));
    Some(Body { attributes, blocks, span: body.span })
}

/// The block type that makes blocks.
const DYNAMIC: &str = "dynamic";
