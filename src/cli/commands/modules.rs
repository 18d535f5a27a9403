//! `modules`: which modules the configuration calls, and in which version they are installed.

use crate::cli::Exit;
use crate::cli::args::ModulesArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::config::model::Module;
use crate::config::{InstalledModule, is_config_dir, manifest};
use crate::diagnostics::Diagnostics;
use crate::state::codec;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Prints them as a tree, or as JSON.
pub fn run(args: &ModulesArgs) -> Exit {
    let session = Session::new(Style { no_color: args.switches.no_color, ..Style::default() });
    match perform(&session, args.switches.json) {
        Ok(text) => {
            session.output.terminal.out(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

fn perform(session: &Session, as_json: bool) -> Result<String, Diagnostics> {
    let mut calls = Vec::new();
    if is_config_dir(Path::new(".")) {
        let config = session.load_any_version()?;
        let installed = manifest(&session.load_options()).map_err(|e| Diagnostics::from(*e))?;
        calls = called(&config.root, "", &installed);
    }
    if as_json {
        let mut modules = Vec::new();
        flatten(&calls, &mut modules);
        // As Terraform writes it: a list without elements is null.
        let modules = if modules.is_empty() { Json::Null } else { Json::Array(modules) };
        return Ok(codec::json::compact(&json!({ "format_version": "1.0", "modules": modules })) + "\n");
    }
    if calls.is_empty() {
        return Ok("No modules found in configuration.\n".into());
    }
    let mut out = String::from("\nModules declared by configuration:\n.\n");
    tree(&calls, "", &mut out);
    Ok(out + "\n")
}

/// A call with those of the module it calls.
struct Called {
    name: String,
    source: String,
    version: Option<String>,
    inside: Vec<Called>,
}

fn called(module: &Module, prefix: &str, installed: &BTreeMap<String, InstalledModule>) -> Vec<Called> {
    let of = |(name, call): (&String, &crate::config::model::ModuleCall)| {
        let key = format!("{prefix}{name}");
        let found = installed.get(&key);
        let child = module.children.get(name);
        Called {
            name: name.clone(),
            source: found.map_or_else(|| call.source.clone(), |m| m.source.clone()),
            version: found.and_then(|m| m.version.clone()),
            inside: child.map(|child| called(child, &format!("{key}."), installed)).unwrap_or_default(),
        }
    };
    module.calls.iter().map(of).collect()
}

fn flatten(calls: &[Called], out: &mut Vec<Json>) {
    for call in calls {
        let version = call.version.as_deref().unwrap_or_default();
        out.push(json!({ "key": call.name, "source": call.source, "version": version }));
        flatten(&call.inside, out);
    }
}

fn tree(calls: &[Called], indent: &str, out: &mut String) {
    for (number, call) in calls.iter().enumerate() {
        let (branch, below) =
            if number + 1 == calls.len() { ("└── ", "    ") } else { ("├── ", "│\u{a0}\u{a0} ") };
        let version = call.version.as_ref().map(|v| format!(" {v}")).unwrap_or_default();
        out.push_str(&format!("{indent}{branch}\"{}\"[{}]{version}\n", call.name, call.source));
        tree(&call.inside, &format!("{indent}{below}"), out);
    }
}
