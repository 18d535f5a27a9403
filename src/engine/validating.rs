//! Checks a configuration without state, credentials or network.

use super::conditions::{Subject, evaluate_all};
use super::decode::decode;
use super::event::Quiet;
use super::graph::{Node, call_arguments};
use super::plan::CheckKind;
use super::run::{Phase, Run, unknown_object, unsupported_type};
use super::scope::Evaluation;
use super::settings::Settings;
use crate::address::{ConfigResource, Mode, ModulePath, ResourceInstance};
use crate::config::model::{Config, IgnoreChanges, Module, ResourceBlock};
use crate::config::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, Span};
use crate::lang::value::Marks;
use crate::provider::Registry;
use std::collections::HashSet;
use tokio_util::sync::CancellationToken;

/// Checks every block against its schema, every reference and every provider's own rules, with unknown values standing for
/// what only a plan can tell. Reports all errors it finds, and hints at what is not used.
pub fn validate(config: &Config, registry: &Registry) -> Diagnostics {
    validate_but(config, registry, &HashSet::new())
}

/// Like [`validate`], without looking into some blocks, whose content is yet to be generated.
pub(super) fn validate_but(config: &Config, registry: &Registry, pending: &HashSet<ConfigResource>) -> Diagnostics {
    let settings = Settings::default();
    let cancel = CancellationToken::new();
    let (run, mut diagnostics) = Run::new(Phase::Validate, config, registry, &settings, &Quiet, &cancel, None);
    let references: Vec<Span> = diagnostics.iter().filter_map(|d| d.span).collect();
    root_outputs(&config.root, &mut diagnostics);
    calls(&config.root, &mut diagnostics);
    unused_providers(&run, &ModulePath::root(), &config.root, &mut diagnostics);
    // An invalid block still has a type, so what refers to it is checked as well.
    run.graph.order().compute(|number| match run.graph.nodes().get_index(number) {
        Some(Node::Resource(address)) => {
            run.tell(number, resource(&run, address, pending.contains(address)));
        }
        _ => run.compute(number),
    });
    diagnostics.extend(super::generating::check(config));
    diagnostics.extend(super::planning::check_imports(&run));
    diagnostics.extend(super::unused::declarations(&run.graph, config));
    // Evaluating a wrong reference fails as well, which says nothing new.
    let overlaps = |a: Span, b: Span| a.file == b.file && a.start < b.end && b.start < a.end;
    let known = |d: &Diagnostic| d.span.is_some_and(|s| references.iter().any(|r| overlaps(*r, s)));
    diagnostics.extend(run.told().into_iter().filter(|d| !known(d)));
    diagnostics
}

fn calls(module: &Module, diagnostics: &mut Diagnostics) {
    for (name, call) in &module.calls {
        if let Some(child) = module.children.get(name) {
            diagnostics.extend(call_arguments(call, child));
            calls(child, diagnostics);
        }
    }
}

/// Provider blocks nothing uses are checked too.
fn unused_providers(run: &Run<'_>, path: &ModulePath, module: &Module, diagnostics: &mut Diagnostics) {
    for ((local_name, alias), block) in &module.providers {
        let source = module.provider_source(local_name);
        let address =
            crate::address::ProviderConfig { module: path.clone(), source: source.clone(), alias: alias.clone() };
        if run.graph.number(&Node::Provider(address)).is_some() || !path.is_root() {
            continue;
        }
        let (Some(schema), Some(root)) = (run.schemas.config(run.registry, &source), run.root()) else { continue };
        let (_, found) = decode(&block.body, &schema, &Evaluation::plain(&run.globals, &root), block.span);
        diagnostics.extend(found);
    }
}

fn resource(run: &Run<'_>, address: &ConfigResource, pending: bool) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let (Some(block), Some(provider_address)) = (run.block(address), run.graph.providers.get(address)) else {
        return diagnostics;
    };
    let type_name = &address.resource.type_name;
    let Some(schema) = run.schema(provider_address, address.resource.mode, type_name) else {
        return unsupported_type(run.registry, provider_address, block);
    };
    diagnostics.extend(ignored_paths(block, &schema.block));
    if let Some(factory) = run.registry.get(&provider_address.source) {
        let found = super::deprecated::uses(block, &schema.block, factory.schema());
        diagnostics.extend(found.into_iter().map(|d| d.address(address)));
    }
    for scope in run.scopes(&address.module) {
        let Some(expansion) = diagnostics.absorb(run.expand_resource(block, &scope)) else { continue };
        if pending {
            scope.set_extent(&address.resource, expansion.extent);
            scope.set_instance(&address.resource, None, unknown_object(&schema.block.ty, expansion.extent));
            continue;
        }
        let mut value = unknown_object(&schema.block.ty, expansion.extent);
        if address.resource.mode == Mode::Ephemeral {
            value = value.with_marks(Marks::EPHEMERAL);
        }
        scope.set_extent(&address.resource, expansion.extent);
        for (key, repeated) in expansion.instances {
            let instance = ResourceInstance {
                module: scope.address.clone(),
                resource: address.resource.clone(),
                key: key.clone(),
            };
            let mut evaluation = Evaluation::repeated(&run.globals, &scope, &repeated);
            let (config, found) = decode(&block.body, &schema.block, &evaluation, block.span);
            let decoded = !found.has_errors();
            diagnostics.extend(found.into_iter().map(|d| d.address(address)));
            if address.resource.mode != Mode::Ephemeral {
                let refused = super::ephemeral::refuse(&schema, &config);
                diagnostics.extend(run.placed(refused, &instance, Some(block)).into_iter().map(|d| d.address(address)));
            }
            if decoded && let Some(provider) = run.provider(provider_address) {
                let config = config.unmark_deep();
                let found = match address.resource.mode {
                    Mode::Data => provider.validate_data(type_name, &config),
                    Mode::Ephemeral => provider.validate_ephemeral(type_name, &config),
                    Mode::Managed => provider.validate_resource(type_name, &config),
                };
                diagnostics.extend(run.placed(found, &instance, Some(block)).into_iter().map(|d| d.address(address)));
            }
            let subject = Subject {
                kind: CheckKind::Resource,
                config: address.to_string(),
                object: address.to_string(),
                failed: "Resource precondition failed",
                severity: Severity::Error,
            };
            let mut tell =
                |found: Diagnostics| diagnostics.extend(found.into_iter().filter(|d| d.summary != subject.failed));
            tell(evaluate_all(&block.lifecycle.preconditions, &subject, &evaluation, &run.checks));
            let own = unknown_object(&schema.block.ty, super::scope::Extent::Single);
            evaluation.self_value = Some(&own);
            tell(evaluate_all(&block.lifecycle.postconditions, &subject, &evaluation, &run.checks));
            let found = super::provisioning::check(block, &evaluation);
            diagnostics.extend(found.into_iter().map(|d| d.address(address)));
            scope.set_instance(&address.resource, key, value.clone());
        }
    }
    diagnostics
}

/// Nobody takes the outputs of the root module, so an ephemeral one would be for nothing.
fn root_outputs(root: &Module, diagnostics: &mut Diagnostics) {
    for output in root.outputs.values().filter(|output| output.ephemeral) {
        diagnostics.push(
            Diagnostic::error(
                "Ephemeral output not allowed",
                "Outputs of the root module are kept in the state, so they cannot be ephemeral.",
            )
            .at(output.span),
        );
    }
}

/// Names in `ignore_changes` must exist.
fn ignored_paths(block: &ResourceBlock, schema: &super::schemas::BlockSchema) -> Diagnostics {
    let IgnoreChanges::Paths(paths) = &block.lifecycle.ignore_changes else { return Diagnostics::new() };
    paths
        .iter()
        .filter(|path| {
            let name = &path.root.name;
            !schema.attributes.contains_key(name) && !schema.blocks.contains_key(name)
        })
        .map(|path| {
            let known = schema.attributes.keys().chain(schema.blocks.keys()).map(AsRef::as_ref);
            let guess = did_you_mean(&path.root.name, known);
            Diagnostic::error(
                "Unsupported attribute",
                format!(
                    "This object has no argument, nested block, or exported attribute named \"{}\".{guess}",
                    path.root.name
                ),
            )
            .at(path.span)
            .within(block.span)
        })
        .collect()
}
