//! JSON syntax of configuration (`.tf.json`) and variables files (`.tfvars.json`), brought into the same tree as native syntax.
//!
//! JSON alone does not tell arguments from blocks. What the language itself defines is resolved here; inside resources, data
//! and providers, where only the provider's schema can tell, everything stands as an argument, and [`nested_blocks`] turns an
//! argument into blocks for whoever has the schema.

mod blocks;
mod expression;
mod node;

use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Sources};
use crate::lang::syntax::ast::{Attribute, Block, Body};
use node::{Kind, Node};

/// Reads a configuration file in JSON syntax.
pub(super) fn parse_config(file: FileId, text: &str) -> (Body, Diagnostics) {
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
pub(super) fn parse_variables(file: FileId, text: &str) -> (Body, Diagnostics) {
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

/// The blocks an argument of a JSON file stands for, when the schema says that its name is a block type: one for an object,
/// several for an array, labelled ones for `labels` levels of objects. `None` when the argument was written in native syntax.
pub fn nested_blocks(attribute: &Attribute, sources: &Sources) -> Option<Vec<Block>> {
    sources.text(attribute.name.span).starts_with('"').then(|| expression::blocks(attribute))
}
