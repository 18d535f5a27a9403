//! `check` blocks.

use super::content::{Shape, once};
use super::{condition, resource};
use crate::address::Mode;
use crate::config::constant::{self, Notation};
use crate::config::model::Check;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

const SHAPE: Shape = Shape { attributes: &[], blocks: &[("data", &["type", "name"]), ("assert", &[])] };

pub(crate) fn decode(block: &Block, notation: &Notation, d: &mut Diagnostics) -> Option<Check> {
    let name = block.labels.first()?.clone();
    let content = SHAPE.content(&block.body, block.header, d);
    constant::check_name(&name, "Invalid check block name", d);
    let (mut seen, mut data) = (None, None);
    for inner in content.blocks_of("data") {
        let detail = "A check block can have only one data resource.";
        if once(&mut seen, inner, "Multiple data resource blocks", detail, d) {
            data = resource::decode(inner.clone(), Mode::Data, true, notation, d);
        }
    }
    let found = content.blocks_of("assert").count();
    let asserts: Vec<_> = content.blocks_of("assert").filter_map(|b| condition::decode(b, d)).collect();
    if found == 0 {
        let detail = "Check blocks must have at least one assert block.";
        d.push(Diagnostic::error("Zero assert blocks", detail).at(block.header));
    }
    Some(Check { name, data, asserts, span: block.header })
}
