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
    let (local_name, alias) = block.provider_names();
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
    resolve_name(config, path, &reference.local_name, reference.alias.as_deref(), reference.span)
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
) -> Result<ProviderConfig, Box<Diagnostic>> {
    let source = config.module(path).map_or_else(|| implied_source(local_name), |m| m.provider_source(local_name));
    find(config, path, &source, alias).ok_or_else(|| Box::new(undeclared(config, path, local_name, alias, span)))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::address::Resource;
    use crate::config::{LoadOptions, load};
    use crate::diagnostics::Sources;

    /// What manages `aws_iam_role.r` of module m, called by the root.
    fn resolved(root: &str, child: &str) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("m")).unwrap();
        std::fs::write(dir.path().join("main.tf"), root).unwrap();
        std::fs::write(dir.path().join("m/main.tf"), child).unwrap();
        let (config, _) = load(dir.path(), &LoadOptions::disk(Sources::new(), dir.path().join(".terraform")));
        let config = config.unwrap();
        let path = ModulePath::root().child("m");
        let block = &config.module(&path).unwrap().resources[&Resource::managed("aws_iam_role", "r")];
        resolve(&config, &path, block).map(|p| p.to_string()).map_err(|e| format!("{} {:?}", e.summary, e.hint))
    }

    const CALL: &str = "module \"m\" {\n  source = \"./m\"\n}\n";
    const AWS: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

    #[test]
    fn a_default_configuration_is_inherited_from_the_root() {
        assert_eq!(resolved(CALL, "resource \"aws_iam_role\" \"r\" {}\n").unwrap(), AWS);
    }

    #[test]
    fn what_the_call_passes_wins_over_an_empty_block() {
        let root = "provider \"aws\" {\n  alias = \"x\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws = aws.x }\n}\n";
        let child = "provider \"aws\" {}\nresource \"aws_iam_role\" \"r\" {}\n";
        assert_eq!(resolved(root, child).unwrap(), format!("{AWS}.x"));
    }

    #[test]
    fn a_block_of_the_module_is_its_own() {
        let child = "provider \"aws\" {\n  region = \"x\"\n}\nresource \"aws_iam_role\" \"r\" {}\n";
        assert_eq!(resolved(CALL, child).unwrap(), format!("module.m.{AWS}"));
    }

    #[test]
    fn another_source_is_followed_by_its_local_name() {
        let child = "terraform {\n  required_providers {\n    aws = { source = \"acme/aws\" }\n  }\n}\nresource \"aws_iam_role\" \"r\" {}\n";
        assert_eq!(resolved(CALL, child).unwrap(), "provider[\"registry.terraform.io/acme/aws\"]");
    }

    #[test]
    fn an_alias_nobody_declares_is_an_error_with_a_suggestion() {
        let child =
            "provider \"aws\" {\n  alias = \"east\"\n}\nresource \"aws_iam_role\" \"r\" {\n  provider = aws.esat\n}\n";
        assert_eq!(
            resolved(CALL, child).unwrap_err(),
            "Provider configuration not present Some(\"Did you mean \\\"aws.east\\\"?\")"
        );
    }
}
