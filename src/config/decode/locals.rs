//! `locals` blocks.

use super::content::no_blocks;
use crate::config::constant;
use crate::config::model::Local;
use crate::diagnostics::Diagnostics;
use crate::lang::syntax::ast::Block;

pub(crate) fn decode(block: &Block, d: &mut Diagnostics) -> Vec<Local> {
    no_blocks(&block.body, block.header, d);
    block
        .body
        .attributes
        .iter()
        .map(|a| {
            constant::check_name(&a.name, "Invalid local value name", d);
            Local { name: a.name.clone(), expr: a.expr.clone() }
        })
        .collect()
}
