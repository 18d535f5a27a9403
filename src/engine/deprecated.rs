//! Warnings for what a provider would rather not see in a configuration any more.

use super::schemas::BlockSchema;
use crate::config::json;
use crate::config::model::ResourceBlock;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::Body;
use crate::provider::schema::{Deprecation, ProviderSchema};

/// One warning per deprecated argument and block that stands in a resource.
pub(super) fn uses(block: &ResourceBlock, schema: &BlockSchema, provider: &ProviderSchema) -> Diagnostics {
    if !provider.has_deprecations(block.address.mode, &block.address.type_name) {
        return Diagnostics::new();
    }
    let mut walk = Walk { block, provider, found: Diagnostics::new() };
    if let Some(deprecation) = provider.deprecation(block.address.mode, &block.address.type_name, "") {
        walk.warn(deprecation, block.span);
    }
    walk.body(&block.body, schema, "");
    walk.found
}

struct Walk<'a> {
    block: &'a ResourceBlock,
    provider: &'a ProviderSchema,
    found: Diagnostics,
}

impl Walk<'_> {
    fn warn(&mut self, deprecation: &Deprecation, at: Span) {
        self.found.push(
            Diagnostic::warning(deprecation.summary.as_str(), deprecation.detail.as_str())
                .at(at)
                .within(self.block.span),
        );
    }

    fn look(&mut self, path: &str, at: Span) {
        let address = &self.block.address;
        if let Some(deprecation) = self.provider.deprecation(address.mode, &address.type_name, path) {
            self.warn(deprecation, at);
        }
    }

    fn body(&mut self, body: &Body, schema: &BlockSchema, prefix: &str) {
        let turned = json::with_blocks(body, |name| schema.blocks.contains_key(name));
        let body = turned.as_ref().unwrap_or(body);
        for attribute in &body.attributes {
            self.look(&format!("{prefix}{}", attribute.name.name), attribute.name.span);
        }
        let mut told: Vec<&str> = Vec::new();
        for block in &body.blocks {
            let content = block.body.blocks.iter().find(|b| &*b.kind.name == "content");
            let (name, at, inner) = match (&*block.kind.name, block.labels.first(), content) {
                ("dynamic", Some(label), Some(content)) => (&*label.name, label.span, &content.body),
                (name, _, _) => (name, block.kind.span, &block.body),
            };
            let Some(nested) = schema.blocks.get(name) else { continue };
            let path = format!("{prefix}{name}");
            // Ten rules of a kind deserve one warning.
            if !told.contains(&name) {
                told.push(name);
                self.look(&path, at);
            }
            self.body(inner, &nested.block, &format!("{path}."));
        }
    }
}
