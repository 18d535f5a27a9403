//! `output` blocks.

use super::content::Shape;
use super::{condition, depends_on};
use crate::config::constant::{self, Notation};
use crate::config::model::Output;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

const SHAPE: Shape = Shape {
    attributes: &[
        ("description", false),
        ("value", true),
        ("depends_on", false),
        ("sensitive", false),
        ("ephemeral", false),
    ],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

pub(crate) fn decode(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Output> {
    let name = block.labels.first()?.clone();
    let content = SHAPE.content(&block.body, block.header, d);
    constant::check_name(&name, "Invalid output name", d);
    let flag = |attribute: &str, d: &mut Diagnostics| {
        content.attribute(attribute).and_then(|a| d.absorb(constant::boolean(&a.expr))).unwrap_or(false)
    };
    let (sensitive, ephemeral) = (flag("sensitive", d), flag("ephemeral", d));
    for block in content.blocks_of("postcondition") {
        let detail = "Output values can only have preconditions, not postconditions.";
        d.push(Diagnostic::error("Postconditions are not allowed", detail).at(block.kind.span));
    }
    Some(Output {
        value: content.attribute("value")?.expr.clone(),
        description: content.attribute("description").and_then(|a| d.absorb(constant::string(&a.expr)).flatten()),
        sensitive,
        ephemeral,
        depends_on: depends_on::decode(content.attribute("depends_on"), notation, d),
        preconditions: content.blocks_of("precondition").filter_map(|b| condition::decode(b, d)).collect(),
        name,
        span: block.header,
    })
}
