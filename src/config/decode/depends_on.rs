//! `depends_on`: a list of static references.

use crate::config::constant::{self, Notation};
use crate::diagnostics::Diagnostics;
use crate::lang::syntax::ast::{Attribute, Traversal};

pub(crate) fn decode(attribute: Option<&Attribute>, notation: &Notation, d: &mut Diagnostics) -> Vec<Traversal> {
    let Some(items) = attribute.and_then(|a| d.absorb(constant::list(&a.expr))) else { return Vec::new() };
    items
        .iter()
        .filter_map(|item| {
            let expr = constant::unquoted(item, notation, "references", d);
            d.absorb(constant::traversal(&expr))
        })
        .collect()
}
