//! `provider` blocks.

use super::content::{ESCAPE, Shape, escape, reserved};
use super::provider_ref::check_local_name;
use crate::config::constant;
use crate::config::model::ProviderBlock;
use crate::config::version::Constraints;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

const SHAPE: Shape = Shape {
    attributes: &[
        ("alias", false),
        ("version", false),
        ("count", false),
        ("depends_on", false),
        ("for_each", false),
        ("source", false),
    ],
    blocks: &[(ESCAPE, &[]), ("lifecycle", &[]), ("locals", &[])],
};

pub(crate) fn decode(block: &Block, d: &mut Diagnostics) -> Option<ProviderBlock> {
    let name = block.labels.first()?.clone();
    let (named, mut body) = SHAPE.split(block.body.clone());
    let content = SHAPE.content(&named, block.header, d);
    if !check_local_name(&name.name, name.span, d) {
        return None;
    }
    let alias = content.attribute("alias").and_then(|a| {
        let alias = d.absorb(constant::string(&a.expr)).flatten()?;
        if !crate::lang::syntax::scan::is_identifier(&alias) {
            let detail = "An alias must be a valid name: it must start with a letter or underscore and may contain only \
                          letters, digits, underscores, and dashes.";
            d.push(Diagnostic::error("Invalid provider configuration alias", detail).at(a.expr.span));
        }
        Some(alias)
    });
    if let Some(a) = content.attribute("version") {
        d.push(
            Diagnostic::warning(
                "Version constraints inside provider configuration blocks are deprecated",
                "Terraform 0.13 and earlier had version constraints inside the provider configuration block.",
            )
            .at(a.expr.span)
            .hint("Move the constraint into the required_providers block."),
        );
        let text = d.absorb(constant::string(&a.expr)).flatten();
        if text.is_some_and(|t| t.parse::<Constraints>().is_err()) {
            let detail = "This string does not use correct version constraint syntax.";
            d.push(Diagnostic::error("Invalid version constraint", detail).at(a.expr.span));
        }
    }
    for reserved in ["count", "depends_on", "for_each", "source"] {
        if let Some(a) = content.attribute(reserved) {
            let detail = format!(
                "The provider argument name \"{reserved}\" is reserved for use by Terraform in a future version."
            );
            d.push(Diagnostic::error("Reserved argument name in provider block", detail).at(a.name.span));
        }
    }
    let mut seen_escape = None;
    for inner in &content.blocks {
        match &*inner.kind.name {
            ESCAPE => escape(&mut body, &mut seen_escape, inner, d),
            _ => reserved(inner, "provider", d),
        }
    }
    Some(ProviderBlock { local_name: name, alias, body, span: block.header })
}
