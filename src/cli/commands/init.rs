//! `init` and `get`: install modules, check versions, set up the backend. Providers need no download: they are built in.

use crate::cli::Exit;
use crate::cli::args::{GetArgs, InitArgs};
use crate::cli::commands::{backend_change, provider_lock};
use crate::cli::objects::S3Objects;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::config::install::{self, InstallOptions, Network};
use crate::config::is_config_dir;
use crate::config::model::Module;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::view::style::Role;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Prepares the current folder.
pub async fn run(args: &InitArgs) -> Exit {
    let session = Session::new(Style::of(&args.view));
    match perform(&session, args).await {
        Ok(()) => Exit::Success,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &InitArgs) -> Result<(), Diagnostics> {
    let output = &session.output;
    // Who interrupts gets a tidy end: no half-fetched packages are left.
    session.watch_interrupts();
    if args.switches.upgrade && args.lockfile.as_deref() == Some("readonly") {
        let text = "Both options say what becomes of the selected versions.";
        return Err(Diagnostic::error("The -upgrade flag conflicts with -lockfile=readonly.", text).into());
    }
    if let Some(source) = &args.from_module {
        begin(session, source)?;
    }
    if !is_config_dir(Path::new(".")) {
        output.text(
            "Initialized in an empty directory!\n\nThe folder has no .tf files. Write some, then run init again.\n",
        );
        return Ok(());
    }
    if args.switches.get {
        modules(session, args.switches.upgrade)?;
    }
    let config = session.load()?;
    if args.switches.backend {
        backend_change::settle(session, &config, args).await?;
    }
    output.text(&format!("\n{}\n", output.terminal.palette.paint(Role::Strong, "Initializing provider plugins...")));
    let mut needed = BTreeMap::new();
    providers(session, &config.root, &mut needed);
    let (locked, warnings) = provider_lock::selections(&output.sources);
    output.report(&warnings);
    let mut missing = Diagnostics::new();
    for (source, version) in needed {
        match version {
            Some(version) => {
                let locked = locked.get(&source).filter(|locked| **locked != version);
                let locked = locked.map(|l| format!(" ({} has {l} for Terraform, and stays as it is)", provider_lock::NAME));
                output.text(&format!("- {source} v{version} is built in{}\n", locked.unwrap_or_default()));
            }
            None => missing.push(
                Diagnostic::error(
                    "Failed to query available provider packages",
                    format!("The configuration needs the provider {source}, which is not one of those built into this program."),
                )
                .hint("`pipewright version` lists those there are; `pipewright providers` shows which module needs it."),
            ),
        }
    }
    missing.into_result(())?;
    output.good("\nPipewright has been successfully initialized!");
    output.text("\nYou may now begin working. Try running \"pipewright plan\" to see any changes\nthat are required for your infrastructure.\n");
    Ok(())
}

/// Copies a module here.
fn begin(session: &Session, source: &str) -> Result<(), Diagnostics> {
    let output = &session.output;
    let title = format!("Copying configuration from \"{source}\"...");
    output.text(&format!("{}\n", output.terminal.palette.paint(Role::Strong, &title)));
    let options = install_options(session, false);
    // Reading from S3 waits for the runtime that this thread drives.
    tokio::task::block_in_place(|| {
        install::begin_from(source, Path::new("."), &options, &|line| output.text(&format!("{line}\n")))
    })?;
    output.text("\n");
    Ok(())
}

fn install_options(session: &Session, upgrade: bool) -> InstallOptions {
    let environment = std::env::vars_os();
    let environment =
        environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let cancel = session.cancel.clone();
    let network = Network {
        environment: environment.collect(),
        objects: Some(S3Objects::new()),
        cancelled: Some(Arc::new(move || cancel.is_cancelled())),
    };
    InstallOptions { load: session.load_options(), upgrade, network }
}

fn modules(session: &Session, upgrade: bool) -> Result<(), Diagnostics> {
    let output = &session.output;
    let started = std::cell::Cell::new(false);
    let told = |line: &str| {
        if !started.replace(true) {
            let title = if upgrade { "Upgrading modules..." } else { "Initializing modules..." };
            output.text(&format!("{}\n", output.terminal.palette.paint(Role::Strong, title)));
        }
        output.text(&format!("{line}\n"));
    };
    let options = install_options(session, upgrade);
    // Reading from S3 waits for the runtime that this thread drives.
    let diagnostics = tokio::task::block_in_place(|| install::install(Path::new("."), &options, &told));
    // Warnings come again when the configuration is loaded.
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(()) }
}

fn providers(session: &Session, module: &Module, out: &mut BTreeMap<String, Option<String>>) {
    let used = module.resources.values().map(|r| r.provider_local_name().to_owned());
    for name in used.chain(module.required_providers.keys().cloned()) {
        let source = module.provider_source(&name);
        if !source.is_builtin() {
            out.insert(source.to_string(), session.registry.get(&source).map(|f| f.version().to_owned()));
        }
    }
    for child in module.children.values() {
        providers(session, child, out);
    }
}

/// Installs modules only.
pub async fn get(args: &GetArgs) -> Exit {
    let session = Session::new(Style { no_color: args.update.no_color, ..Style::default() });
    session.watch_interrupts();
    match modules(&session, args.update.update) {
        Ok(()) => Exit::Success,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}
