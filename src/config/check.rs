//! What can only be said of the whole tree: blocks that count in the root module only, and provider configurations that modules
//! need, get and may have. References and arguments of calls are the engine's to check, because schemas matter there.

use super::model::{Config, Module, ModuleCall, ProviderBlock, ProviderRef};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use std::collections::BTreeMap;

/// Checks a loaded configuration.
pub(super) fn check(config: &Config) -> Diagnostics {
    let mut d = Diagnostics::new();
    module(&config.root, None, None, &mut d);
    d
}

/// A called module with its call and its caller.
#[derive(Clone, Copy)]
struct Called<'a> {
    call: &'a ModuleCall,
    caller: &'a Module,
}

fn module(m: &Module, called: Option<Called<'_>>, no_providers: Option<Span>, d: &mut Diagnostics) {
    duplicate_sources(m, d);
    match called {
        None => {}
        Some(called) => {
            only_in_root(m, d);
            providers(m, called, no_providers, d);
        }
    }
    for (name, child) in &m.children {
        let Some(call) = m.calls.get(name) else { continue };
        let forbids = call.repetition.expr().map(|e| e.span).or(call.depends_on.first().map(|t| t.span));
        module(child, Some(Called { call, caller: m }), forbids.or(no_providers), d);
    }
}

fn only_in_root(m: &Module, d: &mut Diagnostics) {
    if let Some(backend) = &m.backend {
        d.push(
            Diagnostic::warning(
                "Backend configuration ignored",
                format!(
                    "The backend applies to the entire configuration, so only the one of the root module counts; this one, in \
                     {}, is ignored.",
                    m.path
                ),
            )
            .at(backend.span),
        );
    }
    for import in &m.imports {
        let detail =
            format!("An import block stands in {}. Import blocks are only allowed in the root module.", m.path);
        d.push(Diagnostic::error("Invalid import configuration", detail).at(import.span));
    }
}

/// One provider under two local names: configurations of one do not reach resources of the other.
fn duplicate_sources(m: &Module, d: &mut Diagnostics) {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for (name, required) in &m.required_providers {
        match first.get(&required.source.to_string()) {
            None => drop(first.insert(required.source.to_string(), name)),
            Some(other) => d.push(
                Diagnostic::warning(
                    "Duplicate required provider",
                    format!(
                        "Provider {} with the local name \"{name}\" was previously required as \"{other}\". A provider can only be \
                         required once within required_providers.",
                        required.source
                    ),
                )
                .at(required.span),
            ),
        }
    }
}

fn shown(name: &str, alias: Option<&str>) -> String {
    alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"))
}

fn is_empty(block: &ProviderBlock) -> bool {
    block.body.attributes.is_empty() && block.body.blocks.is_empty()
}

fn providers(m: &Module, called: Called<'_>, no_providers: Option<Span>, d: &mut Diagnostics) {
    let Called { call, caller } = called;
    let passed = |name: &str, alias: Option<&str>| {
        call.providers.iter().find(|(child, _)| child.local_name == name && child.alias.as_deref() == alias)
    };
    let own: Vec<&ProviderBlock> = m.providers.values().filter(|p| !is_empty(p)).collect();
    if let (Some(first), Some(at)) = (own.first(), no_providers) {
        d.push(
            Diagnostic::error(
                "Module is incompatible with count, for_each, and depends_on",
                format!(
                    "{} contains its own provider configurations, and so calls to it may not use the count, for_each, or \
                     depends_on arguments.",
                    m.path
                ),
            )
            .at(at)
            .label(first.span, "a provider configuration inside")
            .hint("Let the module expect provider configurations from its caller instead of having its own."),
        );
    }
    for block in own {
        let name = shown(&block.local_name.name, block.alias.as_deref());
        if let Some((child, _)) = passed(&block.local_name.name, block.alias.as_deref()) {
            let detail = format!(
                "{} has its own configuration for {name}, and so it cannot accept another one from its caller.",
                m.path
            );
            let error = Diagnostic::error("Cannot override provider configuration", detail);
            d.push(error.at(child.span).label(block.span, "its own configuration"));
        }
    }
    for required in m.required_providers.values() {
        for alias in &required.aliases {
            let key = (alias.local_name.clone(), alias.alias.clone());
            let configured = m.providers.get(&key).is_some_and(|p| !is_empty(p));
            if configured || passed(&alias.local_name, alias.alias.as_deref()).is_some() {
                continue;
            }
            let name = shown(&alias.local_name, alias.alias.as_deref());
            d.push(
                Diagnostic::error(
                    "Missing required provider configuration",
                    format!(
                        "The child module requires an additional configuration for provider {}, with the local name \
                         \"{name}\".",
                        required.source
                    ),
                )
                .at(call.span)
                .label(alias.span, "required here")
                .hint(format!("Add `{name} = …` to the `providers` argument of the module block.")),
            );
        }
    }
    for (child, parent) in &call.providers {
        passed_provider(m, caller, child, parent, d);
    }
}

/// A configuration can be passed only to a name the child knows, of the same provider, and only if the caller has it.
fn passed_provider(m: &Module, caller: &Module, child: &ProviderRef, parent: &ProviderRef, d: &mut Diagnostics) {
    let name = shown(&child.local_name, child.alias.as_deref());
    let wanted = m.provider_source(&child.local_name);
    let given = caller.provider_source(&parent.local_name);
    let required = m.required_providers.get(&child.local_name);
    let known = match (&child.alias, required) {
        (None, Some(_)) => true,
        (Some(_), Some(required)) => required.aliases.iter().any(|a| a.alias == child.alias),
        (_, None) => false,
    };
    let declared = m.providers.contains_key(&(child.local_name.clone(), child.alias.clone()));
    if !known && !declared {
        let hashicorp = wanted.namespace == "hashicorp";
        let detail = format!("{} does not declare any provider requirement with the local name \"{name}\".", m.path);
        let diagnostic = if hashicorp {
            Diagnostic::warning("Reference to undefined provider", detail)
        } else {
            Diagnostic::error("Reference to undefined provider", detail)
        };
        let entry = match &child.alias {
            None => format!("an entry {} = {{ source = \"{wanted}\" }}", child.local_name),
            Some(_) => format!("configuration_aliases = [{name}] in the entry {}", child.local_name),
        };
        d.push(
            diagnostic
                .at(child.span)
                .hint(format!("If you control the child module, add to its required_providers {entry}.")),
        );
    }
    if wanted != given {
        d.push(
            Diagnostic::error(
                "Provider type mismatch",
                format!(
                    "The assigned configuration \"{}\" is for provider {given}, but the local name \"{name}\" in {} represents \
                     {wanted}.",
                    shown(&parent.local_name, parent.alias.as_deref()),
                    m.path
                ),
            )
            .at(parent.span),
        );
    } else if parent.alias.is_some() {
        let key = (parent.local_name.clone(), parent.alias.clone());
        let expected = caller
            .required_providers
            .get(&parent.local_name)
            .is_some_and(|r| r.aliases.iter().any(|a| a.alias == parent.alias));
        if !caller.providers.contains_key(&key) && !expected {
            let wanted = shown(&parent.local_name, parent.alias.as_deref());
            let names: Vec<String> = caller.providers.keys().map(|(n, a)| shown(n, a.as_deref())).collect();
            let guess = super::suggest::did_you_mean(&wanted, names.iter().map(String::as_str));
            let detail = format!("There is no provider configuration \"{wanted}\" to pass to the module.{guess}");
            d.push(Diagnostic::error("Provider configuration not present", detail).at(parent.span));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use crate::config::{LoadOptions, load};
    use crate::diagnostics::Sources;

    fn problems(root: &str, child: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("m")).unwrap();
        std::fs::write(dir.path().join("main.tf"), root).unwrap();
        std::fs::write(dir.path().join("m/main.tf"), child).unwrap();
        let options = LoadOptions::disk(Sources::new(), dir.path().join(".terraform"));
        let (_, found) = load(dir.path(), &options);
        found.iter().map(|d| d.summary.clone()).collect()
    }

    const ALIASES: &str = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n      configuration_aliases = [aws.east]\n    }\n  }\n}\n";

    #[test]
    fn required_aliases_must_be_passed() {
        let call = "module \"m\" {\n  source = \"./m\"\n}\n";
        assert_eq!(problems(call, ALIASES), ["Missing required provider configuration"]);
        let call = "provider \"aws\" {\n  alias = \"x\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws.east = aws.x }\n}\n";
        assert!(problems(call, ALIASES).is_empty());
    }

    #[test]
    fn what_is_passed_must_exist_and_fit() {
        let call = |providers: &str| {
            format!(
                "provider \"aws\" {{\n  alias = \"x\"\n}}\nmodule \"m\" {{\n  source = \"./m\"\n  providers = {providers}\n}}\n"
            )
        };
        assert_eq!(problems(&call("{ aws.east = aws.y }"), ALIASES), ["Provider configuration not present"]);
        assert_eq!(problems(&call("{ aws.east = google }"), ALIASES), ["Provider type mismatch"]);
        assert_eq!(
            problems(&call("{ aws.east = aws.x, aws.west = aws.x }"), ALIASES),
            ["Reference to undefined provider"]
        );
    }

    #[test]
    fn a_module_with_its_own_providers_cannot_be_repeated_or_given_others() {
        let own = "provider \"aws\" {\n  region = \"x\"\n}\n";
        let repeated = "module \"m\" {\n  source = \"./m\"\n  count = 2\n}\n";
        assert_eq!(problems(repeated, own), ["Module is incompatible with count, for_each, and depends_on"]);
        let given = "provider \"aws\" {}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws = aws }\n}\n";
        assert_eq!(problems(given, own), ["Cannot override provider configuration"]);
    }

    #[test]
    fn backend_and_import_belong_to_the_root() {
        let call = "module \"m\" {\n  source = \"./m\"\n}\n";
        let child = "terraform {\n  backend \"local\" {}\n}\nimport {\n  to = terraform_data.a\n  id = \"x\"\n}\nresource \"terraform_data\" \"a\" {}\n";
        assert_eq!(problems(call, child), ["Backend configuration ignored", "Invalid import configuration"]);
    }
}
