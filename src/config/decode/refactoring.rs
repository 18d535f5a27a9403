//! `moved`, `removed`, `import` and `check` blocks.

use super::fields::{Fields, identifier, labels};
use super::provider::provider_ref;
use super::resource::scoped_data;
use super::variable::condition;
use crate::config::model::{Check, Import, Moved, Removed};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

/// A `moved` block.
pub fn moved(block: &Block, problems: &mut Diagnostics) -> Option<Moved> {
    labels(block, [], problems)?;
    let mut fields = Fields::new(&block.body, block.header);
    let (from, to) = (fields.required("from"), fields.required("to"));
    problems.extend(fields.finish());
    Some(Moved { from: from?.expr.clone(), to: to?.expr.clone(), span: block.header })
}

/// A `removed` block.
pub fn removed(block: &Block, problems: &mut Diagnostics) -> Option<Removed> {
    labels(block, [], problems)?;
    let mut fields = Fields::new(&block.body, block.header);
    let from = fields.required("from");
    let mut destroy = true;
    if let Some(lifecycle) = fields.block("lifecycle") {
        let mut inner = Fields::new(&lifecycle.body, lifecycle.header);
        destroy = inner.bool("destroy").unwrap_or(true);
        problems.extend(inner.finish());
    }
    for provisioner in fields.blocks("provisioner") {
        let text = "Provisioners of removed resources are not run by this program. Destroy the object first, with the resource block in place.";
        problems
            .push(Diagnostic::error("Provisioners in removed blocks are not supported", text).at(provisioner.header));
    }
    fields.blocks("connection");
    problems.extend(fields.finish());
    Some(Removed { from: from?.expr.clone(), destroy, span: block.header })
}

/// An `import` block.
pub fn import(block: &Block, problems: &mut Diagnostics) -> Option<Import> {
    labels(block, [], problems)?;
    let mut fields = Fields::new(&block.body, block.header);
    let (to, id) = (fields.required("to"), fields.required("id"));
    let for_each = fields.expr("for_each").cloned();
    let provider = fields.expr("provider").and_then(|e| provider_ref(e, problems));
    problems.extend(fields.finish());
    Some(Import { to: to?.expr.clone(), id: id?.expr.clone(), for_each, provider, span: block.header })
}

/// A `check` block.
pub fn check(block: &Block, problems: &mut Diagnostics) -> Option<Check> {
    labels(block, ["name"], problems)?;
    if !identifier(block, 0, "check", problems) {
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let data = fields.block("data").and_then(|b| scoped_data(b, problems));
    let asserts: Vec<_> = fields.blocks("assert").into_iter().filter_map(|b| condition(b, problems)).collect();
    if asserts.is_empty() {
        let text = "A check block needs at least one assert block.";
        problems.push(Diagnostic::error("Zero assert blocks", text).at(block.header));
    }
    problems.extend(fields.finish());
    Some(Check { name: block.labels.first()?.clone(), data, asserts, span: block.header })
}
