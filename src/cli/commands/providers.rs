//! `providers`: which providers the configuration and the state need, and whether this program has them.

use crate::cli::Exit;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::config::model::Module;
use std::collections::BTreeSet;

/// Prints the tree of modules with their providers.
pub async fn run() -> Exit {
    let session = Session::new(Style::default());
    let config = match session.load_existing() {
        Ok(config) => config,
        Err(diagnostics) => return session.output.failed(&diagnostics),
    };
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    module(&session, &config.root, "", &mut out);
    session.output.text(&format!("{out}\n"));
    Exit::Success
}

fn module(session: &Session, module: &Module, indent: &str, out: &mut String) {
    let used = module.resources.values().map(|r| r.provider_local_name().to_owned());
    let declared = module.required_providers.keys().cloned();
    let names: BTreeSet<String> = used.chain(declared).chain(module.providers.keys().map(|(n, _)| n.clone())).collect();
    let mut lines: Vec<(String, Option<&Module>)> = Vec::new();
    for name in names {
        let source = module.provider_source(&name);
        let version = module
            .required_providers
            .get(&name)
            .and_then(|r| r.version.clone())
            .map(|v| format!(" {v}"))
            .unwrap_or_default();
        let have = match session.registry.get(&source) {
            Some(factory) if source.is_builtin() => format!(" ({})", factory.version()),
            Some(factory) => format!(" (built in: {})", factory.version()),
            None => " (not available)".into(),
        };
        lines.push((format!("provider[{source}]{version}{have}"), None));
    }
    for (name, child) in &module.children {
        lines.push((format!("module.{name}"), Some(child)));
    }
    let last = lines.len();
    for (i, (line, child)) in lines.into_iter().enumerate() {
        let (branch, below) = if i + 1 == last { ("└── ", "    ") } else { ("├── ", "│   ") };
        out.push_str(&format!("{indent}{branch}{line}\n"));
        if let Some(child) = child {
            self::module(session, child, &format!("{indent}{below}"), out);
        }
    }
}
