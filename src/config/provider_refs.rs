//! Which provider configuration manages a resource: names, aliases, `providers` maps of module calls and inheritance,
//! resolved to one absolute address.
//!
//! Terraform's rules: a configuration passed by the caller wins, then a `provider` block of the module itself, then, for
//! default configurations only, what the caller's module would use; at the root a missing default block counts as empty.

use super::model::{Config, Module, ProviderBlock, ProviderRef, ResourceBlock};
use crate::address::{ConfigResource, ModulePath, ProviderConfig, ProviderSource};
use crate::diagnostics::{Diagnostic, Span};

/// The provider configuration that manages a `resource`, `data` or `ephemeral` block of the module at `path`.
///
/// # Errors
/// When the block names an alias that neither its module declares nor the caller passes.
pub fn resolve(config: &Config, path: &ModulePath, block: &ResourceBlock) -> Result<ProviderConfig, Box<Diagnostic>> {
    let local_name = block.provider_local_name();
    let alias = block.provider.as_ref().and_then(|p| p.alias.as_deref());
    let span = block.provider.as_ref().map_or(block.type_span, |p| p.span);
    resolve_name(config, path, local_name, alias, span).map_err(|error| {
        let address = ConfigResource { module: path.clone(), resource: block.address.clone() };
        Box::new(error.within(block.span).address(address))
    })
}

/// The provider configuration a reference such as `aws.east` stands for in the module at `path`.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_ref(
    config: &Config,
    path: &ModulePath,
    reference: &ProviderRef,
) -> Result<ProviderConfig, Box<Diagnostic>> {
    resolve_name(config, path, &reference.local_name, reference.alias.as_deref(), reference.span).map_err(Box::new)
}

/// The `provider` block behind an address; `None` when the configuration is an implied empty one.
pub fn provider_block<'a>(config: &'a Config, address: &ProviderConfig) -> Option<&'a ProviderBlock> {
    own_block(config.module(&address.module)?, &address.source, address.alias.as_deref())
}

fn resolve_name(
    config: &Config,
    path: &ModulePath,
    local_name: &str,
    alias: Option<&str>,
    span: Span,
) -> Result<ProviderConfig, Diagnostic> {
    let source = config.module(path).map_or_else(|| implied_source(local_name), |m| m.provider_source(local_name));
    find(config, path, &source, alias).ok_or_else(|| undeclared(config, path, local_name, alias, span))
}

fn implied_source(local_name: &str) -> ProviderSource {
    Module::default().provider_source(local_name)
}

/// The configuration for a source and alias as seen from a module.
fn find(config: &Config, path: &ModulePath, source: &ProviderSource, alias: Option<&str>) -> Option<ProviderConfig> {
    let module = config.module(path)?;
    let here = || ProviderConfig { module: path.clone(), source: source.clone(), alias: alias.map(str::to_owned) };
    let (Some(parent), Some((name, _))) = (path.parent(), path.0.split_last()) else {
        return (alias.is_none() || own_block(module, source, alias).is_some()).then(here);
    };
    let call = config.module(&parent).and_then(|p| p.calls.get(name));
    let passed = call.and_then(|call| {
        call.providers
            .iter()
            .find(|(child, _)| child.alias.as_deref() == alias && module.provider_source(&child.local_name) == *source)
    });
    if let Some((_, in_parent)) = passed {
        return find(config, &parent, source, in_parent.alias.as_deref());
    }
    if own_block(module, source, alias).is_some() {
        return Some(here());
    }
    if alias.is_none() { find(config, &parent, source, None) } else { None }
}

fn own_block<'a>(module: &'a Module, source: &ProviderSource, alias: Option<&str>) -> Option<&'a ProviderBlock> {
    module
        .providers
        .iter()
        .find(|((name, a), _)| a.as_deref() == alias && module.provider_source(name) == *source)
        .map(|(_, block)| block)
}

fn undeclared(config: &Config, path: &ModulePath, local_name: &str, alias: Option<&str>, span: Span) -> Diagnostic {
    let wanted = name_of(local_name, alias);
    let place = if path.is_root() { "the root module".to_owned() } else { path.to_string() };
    let mut detail = format!("There is no provider configuration \"{wanted}\" in {place}.");
    let passable = config
        .module(path)
        .and_then(|m| m.required_providers.get(local_name))
        .is_some_and(|r| r.aliases.iter().any(|a| a.alias.as_deref() == alias));
    let hint = if passable {
        detail.push_str(" The module declares it in configuration_aliases, but its caller passes none.");
        format!("Add `{wanted} = …` to the `providers` argument of the module call.")
    } else {
        let alias = alias.unwrap_or_default();
        let known: Vec<String> = config
            .module(path)
            .into_iter()
            .flat_map(|m| m.providers.keys())
            .filter(|(name, _)| name == local_name)
            .filter_map(|(name, a)| a.as_deref().map(|a| name_of(name, Some(a))))
            .collect();
        match super::suggest::closest(&wanted, known.iter().map(String::as_str)) {
            Some(close) => format!("Did you mean \"{close}\"?"),
            None => format!("Add a block `provider \"{local_name}\" {{ alias = \"{alias}\" }}`."),
        }
    };
    Diagnostic::error("Provider configuration not present", detail).at(span).hint(hint)
}

/// `aws` or `aws.east`.
fn name_of(local_name: &str, alias: Option<&str>) -> String {
    match alias {
        Some(alias) => format!("{local_name}.{alias}"),
        None => local_name.to_owned(),
    }
}
