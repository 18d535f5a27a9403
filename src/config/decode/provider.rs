//! `provider`, `module` and `terraform` blocks.

use super::fields::{Fields, identifier, labels};
use super::resource::repetition;
use super::variable::depends_on;
use crate::address::ProviderSource;
use crate::config::model::{Backend, Module, ModuleCall, ProviderBlock, ProviderRef, RequiredProvider};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::eval::{evaluate_constant, traversal};
use crate::lang::syntax::ast::{Attribute, Block, Expr, ExprKind, ObjectKey, TraversalStep};
use std::collections::BTreeMap;

/// `aws` or `aws.east`; the quoted form of old is read too.
pub fn provider_ref(expr: &Expr, problems: &mut Diagnostics) -> Option<ProviderRef> {
    let text = match &expr.kind {
        ExprKind::Literal(value) => value.as_str().map(str::to_owned),
        _ => traversal(expr).and_then(|t| match t.steps.as_slice() {
            [] => Some(t.root.name.to_string()),
            [TraversalStep::Attr(alias)] => Some(format!("{}.{}", t.root.name, alias.name)),
            _ => None,
        }),
    };
    let Some(text) = text else {
        let text = "A provider configuration is named by its local name, followed by a dot and its alias if it has one: aws or aws.east.";
        problems.push(Diagnostic::error("Invalid provider configuration reference", text).at(expr.span));
        return None;
    };
    let (local_name, alias) = match text.split_once('.') {
        Some((name, alias)) => (name.to_owned(), Some(alias.to_owned())),
        None => (text, None),
    };
    Some(ProviderRef { local_name, alias, span: expr.span })
}

/// A `provider` block.
pub fn provider(block: &Block, problems: &mut Diagnostics) -> Option<ProviderBlock> {
    labels(block, ["name"], problems)?;
    if !identifier(block, 0, "provider", problems) {
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let alias = fields.string("alias");
    if let Some(version) = fields.optional("version") {
        let text = "Version constraints inside provider configuration blocks are deprecated. Put the constraint into the required_providers block.";
        problems.push(
            Diagnostic::warning("Version constraints inside provider configuration blocks are deprecated", text)
                .at(version.span),
        );
    }
    for reserved in ["count", "for_each", "depends_on", "source"] {
        if let Some(attribute) = fields.optional(reserved) {
            let text = format!(
                "The provider argument name \"{reserved}\" is reserved for use by Terraform in a future version."
            );
            problems.push(
                Diagnostic::error("Reserved argument name in provider block", text)
                    .at(attribute.name.span)
                    .within(block.header),
            );
        }
    }
    let (body, more) = fields.remaining();
    problems.extend(more);
    Some(ProviderBlock { local_name: block.labels.first()?.clone(), alias, body, span: block.header })
}

/// A `module` block.
pub fn module_call(block: &Block, problems: &mut Diagnostics) -> Option<ModuleCall> {
    labels(block, ["name"], problems)?;
    if !identifier(block, 0, "module", problems) {
        return None;
    }
    let mut fields = Fields::new(&block.body, block.header);
    let source = fields.required("source");
    let source_text = fields.string("source");
    let version = fields.string("version");
    let repetition = repetition(&mut fields, problems);
    let depends_on = fields.expr("depends_on").map(|e| depends_on(e, problems)).unwrap_or_default();
    let providers = fields.expr("providers").map(|e| passed_providers(e, problems)).unwrap_or_default();
    for reserved in ["lifecycle", "locals"] {
        if let Some(nested) = fields.block(reserved) {
            let text =
                format!("The block type name \"{reserved}\" is reserved for use by Terraform in a future version.");
            problems.push(
                Diagnostic::error("Reserved block type name in module block", text)
                    .at(nested.kind.span)
                    .within(block.header),
            );
        }
    }
    let (body, more) = fields.remaining();
    problems.extend(more);
    for nested in &body.blocks {
        let text = format!(
            "Blocks of type \"{}\" are not expected here: arguments of a module are written name = value.",
            nested.kind.name
        );
        problems.push(Diagnostic::error("Unsupported block type", text).at(nested.kind.span).within(block.header));
    }
    Some(ModuleCall {
        name: block.labels.first()?.clone(),
        source: source_text?,
        source_span: source?.expr.span,
        version,
        body,
        repetition,
        depends_on,
        providers,
        span: block.header,
    })
}

/// `{ aws.child = aws.parent }`
fn passed_providers(expr: &Expr, problems: &mut Diagnostics) -> Vec<(ProviderRef, ProviderRef)> {
    let ExprKind::Object(items) = &expr.kind else {
        let text = "providers is a map from the module's provider names to those here: { aws = aws.east }.";
        problems.push(Diagnostic::error("Invalid providers argument", text).at(expr.span));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| {
            let child = match &item.key {
                ObjectKey::Name(name) => {
                    ProviderRef { local_name: name.name.to_string(), alias: None, span: name.span }
                }
                ObjectKey::Expr(key) => provider_ref(key, problems)?,
            };
            Some((child, provider_ref(&item.value, problems)?))
        })
        .collect()
}

/// A `terraform` block.
pub fn terraform(block: &Block, module: &mut Module, problems: &mut Diagnostics) {
    if labels(block, [], problems).is_none() {
        return;
    }
    let mut fields = Fields::new(&block.body, block.header);
    if let (Some(attribute), Some(text)) = (fields.optional("required_version"), fields.string("required_version")) {
        module.required_versions.push((text, attribute.expr.span));
    }
    fields.optional("experiments");
    fields.optional("language");
    for nested in fields.blocks("required_providers") {
        required_providers(nested, module, problems);
    }
    for nested in fields.blocks("backend") {
        if labels(nested, ["type"], problems).is_none() {
            continue;
        }
        let Some(kind) = nested.labels.first() else { continue };
        if let Some(first) = &module.backend {
            let text = "A module may have only one backend configuration.";
            problems.push(
                Diagnostic::error("Duplicate backend configuration", text)
                    .at(nested.header)
                    .label(first.span, "the first one"),
            );
            continue;
        }
        module.backend = Some(Backend { kind: kind.clone(), body: nested.body.clone(), span: nested.header });
    }
    for nested in fields.blocks("cloud") {
        let text = "HCP Terraform runs plans on its own machines and keeps their state there; this program works on its own. Use a backend block (local or s3) instead.";
        problems.push(Diagnostic::error("The cloud block is not supported", text).at(nested.header));
    }
    // Arguments only certain providers read; none of those here does.
    fields.blocks("provider_meta");
    problems.extend(fields.finish());
}

fn required_providers(block: &Block, module: &mut Module, problems: &mut Diagnostics) {
    for nested in &block.body.blocks {
        let text = "Write providers as name = { source = \"…\", version = \"…\" }.";
        problems.push(Diagnostic::error("Unsupported block type", text).at(nested.kind.span).within(block.header));
    }
    for attribute in &block.body.attributes {
        let name = attribute.name.name.to_string();
        let Some(provider) = required_provider(attribute, problems) else { continue };
        if let Some(first) = module.required_providers.get(&name) {
            let text = format!("\"{name}\" is declared more than once in required_providers.");
            problems.push(
                Diagnostic::error("Duplicate required provider", text)
                    .at(attribute.name.span)
                    .label(first.span, "first declared here"),
            );
            continue;
        }
        module.required_providers.insert(name, provider);
    }
}

fn required_provider(attribute: &Attribute, problems: &mut Diagnostics) -> Option<RequiredProvider> {
    let local = &attribute.name.name;
    let span = attribute.span;
    let default_source =
        || if &**local == "terraform" { ProviderSource::builtin() } else { ProviderSource::hashicorp(&**local) };
    let ExprKind::Object(items) = &attribute.expr.kind else {
        // The form of 0.12: only a version.
        let value = problems.absorb(evaluate_constant(&attribute.expr))?;
        let Some(version) = value.as_str() else {
            let text = "Required provider syntax: name = { source = \"…\", version = \"…\" }.";
            problems.push(Diagnostic::error("Invalid required_providers object", text).at(attribute.expr.span));
            return None;
        };
        return Some(RequiredProvider {
            source: default_source(),
            version: Some(version.to_owned()),
            aliases: Vec::new(),
            span,
        });
    };
    let mut texts: BTreeMap<&str, (String, &Expr)> = BTreeMap::new();
    let mut aliases = Vec::new();
    for item in items {
        let key = match &item.key {
            ObjectKey::Name(name) => name.name.to_string(),
            ObjectKey::Expr(key) => problems.absorb(evaluate_constant(key))?.as_str()?.to_owned(),
        };
        match key.as_str() {
            known @ ("source" | "version") => {
                let value = problems.absorb(evaluate_constant(&item.value))?;
                let Some(text) = value.as_str() else {
                    problems.push(
                        Diagnostic::error(format!("Invalid {known}"), format!("The {known} must be a string."))
                            .at(item.value.span),
                    );
                    continue;
                };
                texts.insert(if known == "source" { "source" } else { "version" }, (text.to_owned(), &item.value));
            }
            "configuration_aliases" => match &item.value.kind {
                ExprKind::Tuple(items) => aliases.extend(items.iter().filter_map(|e| provider_ref(e, problems))),
                _ => {
                    let text = "configuration_aliases is a list such as [aws.east].";
                    problems.push(Diagnostic::error("Invalid configuration_aliases value", text).at(item.value.span));
                }
            },
            other => {
                let text = format!(
                    "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes, not \"{other}\"."
                );
                problems.push(Diagnostic::error("Invalid required_providers object", text).at(item.value.span));
            }
        }
    }
    let source = match texts.get("source") {
        None => default_source(),
        Some((text, expr)) => match text.parse::<ProviderSource>() {
            Ok(source) => source,
            Err(e) => {
                problems.push(Diagnostic::error("Invalid provider source string", e.to_string()).at(expr.span));
                return None;
            }
        },
    };
    Some(RequiredProvider { source, version: texts.remove("version").map(|(text, _)| text), aliases, span })
}
