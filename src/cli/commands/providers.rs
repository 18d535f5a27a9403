//! `providers`: which providers the configuration and the state need, and whether this program has them.

use crate::address::ProviderSource;
use crate::cli::Exit;
use crate::cli::args::JsonArgs;
use crate::cli::output::{Output, Style};
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::config::model::{Config, Module};
use crate::diagnostics::Diagnostics;
use crate::state::codec;
use crate::view::provider_schema;
use std::collections::BTreeSet;

/// Prints the tree of modules with their providers, and those the state needs.
pub async fn run() -> Exit {
    let session = Session::new(Style::default());
    match tree(&session).await {
        Ok(text) => {
            session.output.text(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn tree(session: &Session) -> Result<String, Diagnostics> {
    let config = session.load_any_version()?;
    let stored = in_state(session, &config).await?;
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    module(session, &config.root, "", &mut out);
    out.push('\n');
    if !stored.is_empty() {
        out.push_str("Providers required by state:\n\n");
        for source in stored {
            out.push_str(&format!("    provider[{source}]\n\n"));
        }
    }
    Ok(out)
}

async fn in_state(session: &Session, config: &Config) -> Result<BTreeSet<ProviderSource>, Diagnostics> {
    let state = session.store(Some(config), &StateSettings::default()).await?.read().await?;
    Ok(state.resources.values().map(|r| r.provider.source.clone()).collect())
}

fn in_module(module: &Module, out: &mut BTreeSet<ProviderSource>) {
    let used = module.resources.values().map(|r| r.provider_local_name().to_owned());
    let declared = module.required_providers.keys().cloned().chain(module.providers.keys().map(|(n, _)| n.clone()));
    out.extend(used.chain(declared).map(|name| module.provider_source(&name)));
    module.children.values().for_each(|child| in_module(child, out));
}

/// `providers schema`: the schemas of the providers that configuration and state need.
pub async fn schema(args: &JsonArgs) -> Exit {
    let session = Session::new(Style { no_color: args.switch.no_color, ..Style::default() });
    if !args.switch.json {
        let text = "There is no other form. Run `pipewright providers schema -json`.";
        return session.output.fail("The providers schema command requires the -json flag", text);
    }
    let needed = async {
        let config = session.load()?;
        let mut needed = in_state(&session, &config).await?;
        in_module(&config.root, &mut needed);
        Ok::<_, Diagnostics>(needed)
    };
    match needed.await {
        Ok(needed) => {
            let known = needed.iter().filter_map(|s| Some((s.to_string(), session.registry.get(s)?.schema())));
            session.output.terminal.out(&(codec::json::compact(&provider_schema::document(known)) + "\n"));
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// `providers lock`: nothing needs locking, so what asks for it may go on.
pub fn lock() -> Exit {
    Output::new(Style::default()).text(
        "Providers are built into this program: there is nothing to lock, and its own version decides theirs.\n\
         .terraform.lock.hcl was left as it is.\n",
    );
    Exit::Success
}

/// `providers mirror`: there are no packages.
pub fn mirror() -> Exit {
    let text = "Providers are built into this program, so there are no packages to copy. To work without network, this program alone is \
                enough; Terraform's own packages are copied by `terraform providers mirror`.";
    Output::new(Style::default()).fail("There are no provider packages", text)
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
            Some(_) => "",
            None => " (not available)",
        };
        lines.push((format!("provider[{source}]{version}{have}"), None));
    }
    for (name, child) in &module.children {
        lines.push((format!("module.{name}"), Some(child)));
    }
    let last = lines.len();
    for (i, (line, child)) in lines.into_iter().enumerate() {
        let (branch, below) = if i + 1 == last { ("└── ", "    ") } else { ("├── ", "│\u{a0}\u{a0} ") };
        out.push_str(&format!("{indent}{branch}{line}\n"));
        if let Some(child) = child {
            self::module(session, child, &format!("{indent}{below}"), out);
        }
    }
}
