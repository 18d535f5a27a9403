//! Blocks with a condition and a message: `validation`, `precondition`, `postcondition`, `assert`.

use super::content::Shape;
use crate::address::Resource;
use crate::config::model::Condition;
use crate::config::reference;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::references;
use crate::lang::syntax::ast::Block;

const SHAPE: Shape = Shape { attributes: &[("condition", true), ("error_message", true)], blocks: &[] };

pub(crate) fn decode(block: &Block, d: &mut Diagnostics) -> Option<Condition> {
    let content = SHAPE.content(&block.body, block.header, d);
    let condition = content.attribute("condition")?.expr.clone();
    let error_message = content.attribute("error_message")?.expr.clone();
    if references(&condition).is_empty() {
        d.push(
            Diagnostic::error(
                format!("Invalid {} expression", block.kind.name),
                "The condition expression must refer to at least one object from elsewhere in the configuration, or else \
                 its result would not be checking anything.",
            )
            .at(condition.span)
            .within(block.header),
        );
    }
    Some(Condition { condition, error_message, span: block.header })
}

/// Conditions of a resource say `self`, not the resource's own address.
pub(crate) fn check_self(block: &Block, condition: &Condition, own: &Resource, d: &mut Diagnostics) {
    for expr in [&condition.condition, &condition.error_message] {
        let own_address = references(expr).iter().any(|r| reference::resource_of(r).is_some_and(|(r, _)| r == *own));
        if own_address {
            let detail = format!("Configuration for {own} may not refer to itself.");
            let mut error = Diagnostic::error(format!("Invalid reference in {}", block.kind.name), detail)
                .at(expr.span)
                .within(block.header);
            if &*block.kind.name == "postcondition" {
                error = error.hint("Write self instead of its address.");
            }
            d.push(error);
        }
    }
}
