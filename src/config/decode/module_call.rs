//! `module` blocks.

use super::content::{ESCAPE, Shape, escape, reserved};
use super::{depends_on, provider_ref, repetition};
use crate::config::constant::{self, Notation};
use crate::config::model::ModuleCall;
use crate::config::version::Constraints;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::syntax::ast::Block;

const SHAPE: Shape = Shape {
    attributes: &[
        ("source", true),
        ("version", false),
        ("count", false),
        ("for_each", false),
        ("depends_on", false),
        ("providers", false),
    ],
    blocks: &[(ESCAPE, &[]), ("lifecycle", &[]), ("locals", &[]), ("provider", &["type"])],
};

pub(crate) fn decode(block: Block, notation: &Notation, d: &mut Diagnostics) -> Option<ModuleCall> {
    let name = block.labels.first()?.clone();
    let (named, mut body) = SHAPE.split(block.body);
    let content = SHAPE.content(&named, block.header, d);
    let valid = constant::check_name(&name, "Invalid module instance name", d);
    let mut seen_escape = None;
    for inner in &content.blocks {
        match &*inner.kind.name {
            ESCAPE => escape(&mut body, &mut seen_escape, inner, d),
            _ => reserved(inner, "module", d),
        }
    }
    for inner in &body.blocks {
        let detail = format!("Blocks of type \"{}\" are not expected here.", inner.kind.name);
        d.push(Diagnostic::error("Unsupported block type", detail).at(inner.kind.span).within(block.header));
    }
    body.blocks.clear();
    let version = content.attribute("version").and_then(|a| {
        let text = d.absorb(constant::string(&a.expr)).flatten()?;
        if text.parse::<Constraints>().is_err() {
            let detail = "This string does not use correct version constraint syntax.";
            d.push(Diagnostic::error("Invalid version constraint", detail).at(a.expr.span));
            return None;
        }
        Some(text)
    });
    let repetition = repetition::decode(&content, d);
    let depends_on = depends_on::decode(content.attribute("depends_on"), notation, d);
    let providers =
        content.attribute("providers").map(|a| provider_ref::decode_map(&a.expr, notation, d)).unwrap_or_default();
    let source_attribute = content.attribute("source")?;
    let source = d.absorb(constant::string(&source_attribute.expr))?;
    let Some(source) = source.filter(|s| !s.trim().is_empty()) else {
        let detail = "A module source address must not be empty.";
        d.push(Diagnostic::error("Invalid module source address", detail).at(source_attribute.expr.span));
        return None;
    };
    valid.then(|| ModuleCall {
        name,
        source,
        source_span: source_attribute.expr.span,
        version,
        body,
        repetition,
        depends_on,
        providers,
        span: block.header,
    })
}
