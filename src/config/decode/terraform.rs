//! `terraform` blocks: versions, required providers, backend.

use super::content::{Shape, no_blocks, once};
use super::provider_ref::check_local_name;
use crate::address::ProviderSource;
use crate::config::constant::{self, Notation};
use crate::config::model::{Backend, Module, ProviderRef, RequiredProvider};
use crate::config::version::Constraints;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::ast::{Attribute, Block, Expr, TraversalStep};

const SHAPE: Shape = Shape {
    attributes: &[("required_version", false), ("experiments", false), ("language", false)],
    blocks: &[("backend", &["type"]), ("cloud", &[]), ("required_providers", &[]), ("provider_meta", &["provider"])],
};

/// Experiments of the past, which are part of the language now.
const CONCLUDED: [&str; 6] = [
    "variable_validation",
    "module_variable_optional_attrs",
    "suppress_provider_sensitive_attrs",
    "config_driven_move",
    "preconditions_postconditions",
    "ephemeral_values",
];

/// Headers of the blocks of which a module has one, over all its `terraform` blocks.
#[derive(Default)]
pub(crate) struct Seen {
    required_providers: Option<Span>,
    backend: Option<Span>,
    cloud: Option<Span>,
}

pub(crate) fn decode(block: &Block, module: &mut Module, seen: &mut Seen, notation: &Notation, d: &mut Diagnostics) {
    let content = SHAPE.content(&block.body, block.header, d);
    if let Some(a) = content.attribute("required_version")
        && let Some(text) = version_constraint(&a.expr, d)
    {
        module.required_versions.push((text, a.expr.span));
    }
    if let Some(a) = content.attribute("language")
        && constant::keyword(&a.expr) != Some("TF2021")
    {
        let detail = "The only language edition is TF2021.";
        d.push(Diagnostic::error("Unsupported language edition", detail).at(a.expr.span));
    }
    if let Some(a) = content.attribute("experiments") {
        experiments(a, notation, d);
    }
    for inner in &content.blocks {
        match &*inner.kind.name {
            "required_providers" => {
                let detail = "A module may have only one required providers configuration.";
                let summary = "Duplicate required providers configuration";
                if once(&mut seen.required_providers, inner, summary, detail, d) {
                    required_providers(inner, module, notation, d);
                }
            }
            "backend" => {
                let detail = "A module may have only one 'backend' configuration block.";
                if once(&mut seen.backend, inner, "Duplicate backend configuration", detail, d)
                    && let Some(kind) = inner.labels.first()
                {
                    let (kind, body) = (kind.clone(), inner.body.clone());
                    module.backend = Some(Backend { kind, body, span: inner.header });
                }
            }
            "cloud" => {
                seen.cloud = Some(inner.header);
                d.push(
                    Diagnostic::error(
                        "HCP Terraform is not supported",
                        "This program does not keep state in HCP Terraform or Terraform Enterprise.",
                    )
                    .at(inner.header)
                    .hint("Replace the cloud block by a backend block, such as backend \"s3\"."),
                );
            }
            _ => {
                no_blocks(&inner.body, inner.header, d);
                for attribute in &inner.body.attributes {
                    d.absorb(constant::value(&attribute.expr));
                }
            }
        }
    }
    if let (Some(backend), Some(cloud)) = (seen.backend, seen.cloud) {
        d.push(
            Diagnostic::error(
                "Both a backend and cloud configuration are present",
                "A module may declare either one 'cloud' block OR one 'backend' block for configuring state storage.",
            )
            .at(backend)
            .label(cloud, "the cloud block"),
        );
    }
}

fn experiments(attribute: &Attribute, notation: &Notation, d: &mut Diagnostics) {
    let Some(items) = d.absorb(constant::list(&attribute.expr)) else { return };
    for item in items {
        let item = constant::unquoted(item, notation, "keywords", d);
        let name = constant::keyword(&item).unwrap_or_default();
        if CONCLUDED.contains(&name) {
            let detail = format!("The experiment \"{name}\" is over: what it brought is part of the language.");
            let error = Diagnostic::error("Module uses experimental features", detail);
            d.push(error.at(item.span).hint("Remove it from the list."));
        } else {
            let detail = "Experimental features are available only in alpha releases of Terraform, and none is here.";
            d.push(Diagnostic::error("Module uses experimental features", detail).at(item.span));
        }
    }
}

/// A constraint as written, if it is one.
fn version_constraint(expr: &Expr, d: &mut Diagnostics) -> Option<String> {
    let text = d.absorb(constant::string(expr)).flatten()?;
    if text.parse::<Constraints>().is_err() {
        let detail = "This string does not use correct version constraint syntax.";
        d.push(Diagnostic::error("Invalid version constraint", detail).at(expr.span));
        return None;
    }
    Some(text)
}

fn required_providers(block: &Block, module: &mut Module, notation: &Notation, d: &mut Diagnostics) {
    no_blocks(&block.body, block.header, d);
    for attribute in &block.body.attributes {
        let name = &*attribute.name.name;
        let required = if constant::quoted(&attribute.expr).is_some() {
            version_constraint(&attribute.expr, d).map(|version| RequiredProvider {
                source: Module::default().provider_source(name),
                version: Some(version),
                aliases: Vec::new(),
                span: attribute.expr.span,
            })
        } else {
            required_provider(attribute, notation, d)
        };
        if let Some(required) = required {
            module.required_providers.insert(name.to_owned(), required);
        }
    }
}

fn required_provider(attribute: &Attribute, notation: &Notation, d: &mut Diagnostics) -> Option<RequiredProvider> {
    let name = &*attribute.name.name;
    if !check_local_name(name, attribute.name.span, d) {
        return None;
    }
    let Ok(items) = constant::object(&attribute.expr) else {
        let detail = "required_providers entries must be strings or objects.";
        d.push(Diagnostic::error("Invalid required_providers object", detail).at(attribute.expr.span));
        return None;
    };
    let (mut source, mut version, mut aliases) = (None, None, Vec::new());
    for item in items {
        let key = d.absorb(constant::key_text(&item.key)).flatten().unwrap_or_default();
        match key.as_str() {
            "version" => version = version_constraint(&item.value, d),
            "source" => {
                let text = d.absorb(constant::string(&item.value)).flatten()?;
                match text.parse::<ProviderSource>() {
                    Ok(parsed) => source = Some(parsed),
                    Err(e) => {
                        let error = Diagnostic::error("Invalid provider source string", e.to_string());
                        d.push(error.at(item.value.span));
                        return None;
                    }
                }
            }
            "configuration_aliases" => {
                for alias in d.absorb(constant::list(&item.value)).unwrap_or_default() {
                    aliases.extend(configuration_alias(alias, name, notation, d));
                }
            }
            _ => {
                d.push(
                    Diagnostic::error(
                        "Invalid required_providers object",
                        "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" \
                         attributes. To configure a provider, use a \"provider\" block.",
                    )
                    .at(constant::key_expr(&item.key).span),
                );
                return None;
            }
        }
    }
    let source = source.unwrap_or_else(|| Module::default().provider_source(name));
    Some(RequiredProvider { source, version, aliases, span: attribute.expr.span })
}

fn configuration_alias(expr: &Expr, name: &str, notation: &Notation, d: &mut Diagnostics) -> Option<ProviderRef> {
    let expr =
        if notation.is_json(expr.span) { constant::unquoted(expr, notation, "references", d) } else { expr.clone() };
    let traversal = d.absorb(constant::traversal(&expr))?;
    let invalid = |detail: String| Diagnostic::error("Invalid configuration_aliases value", detail).at(expr.span);
    let [TraversalStep::Attr(alias)] = traversal.steps.as_slice() else {
        d.push(invalid(
            "Configuration aliases can only contain references to local provider configuration names in the format of \
             provider.alias"
                .into(),
        ));
        return None;
    };
    if &*traversal.root.name != name {
        d.push(invalid(format!(
            "Configuration aliases must be prefixed with the provider name. Expected \"{name}\", but found \"{}\".",
            traversal.root.name
        )));
        return None;
    }
    Some(ProviderRef { local_name: name.to_owned(), alias: Some(alias.name.to_string()), span: expr.span })
}
