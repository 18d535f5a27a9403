//! `import`: associates an existing object with a resource block.

use super::apply::events;
use crate::address::ResourceInstance;
use crate::cli::Exit;
use crate::cli::args::ImportArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::{StateSettings, VariableArgument};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{self, Settings};

/// Imports one object.
pub async fn run(args: &ImportArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style::of(&args.view));
    if let Some(dir) = &args.config
        && let Err(e) = std::env::set_current_dir(dir)
    {
        return session.output.fail(format!("Cannot change to {}", dir.display()), e.to_string());
    }
    session.watch_interrupts();
    match perform(&session, args, &variables).await {
        Ok(()) => {
            session.output.good(
                "\nImport successful!\n\nThe object is now in the state; from now on it is managed like any other.",
            );
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &ImportArgs, variables: &[VariableArgument]) -> Result<(), Diagnostics> {
    let address: ResourceInstance =
        args.address.parse().map_err(|e| Diagnostic::error("Invalid address", format!("{e}")))?;
    let config = session.load_existing()?;
    let block = config.module(&address.module.path()).and_then(|m| m.resources.get(&address.resource));
    if block.is_none() {
        let text = format!(
            "There is no block for {address} in the configuration. Write it first, at least with its heading:\n\nresource \"{}\" \"{}\" {{\n}}",
            address.resource.type_name, address.resource.name
        );
        return Err(Diagnostic::error("Resource address does not exist in the configuration", text).into());
    }
    let state = StateSettings::from(&args.state);
    let settings = Settings {
        parallelism: args.parallelism.max(1),
        targets: vec![
            address
                .to_string()
                .parse()
                .map_err(|e: crate::address::AddressError| Diagnostic::error("Invalid address", e.to_string()))?,
        ],
        imports: vec![(address.clone(), args.id.clone())],
        variables: session.variables(&config, variables)?.accepted()?,
        workspace: session.workspace()?,
        cwd: session.cwd.clone(),
        ..Settings::default()
    };
    let store = session.store(Some(&config), &state).await?;
    session.lock(&*store, "OperationTypeImport", &state).await?;
    let result = async {
        let current = store.read().await?;
        crate::state::edits::check_import(&current, &address)?;
        let sink = events(&session.output);
        let (planned, diagnostics) =
            engine::plan(&config, &current, &session.registry, &settings, &*sink, &session.cancel).await;
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        session.output.report(&diagnostics);
        store.persist(&planned.prior_state).await?;
        Ok(())
    }
    .await;
    session.unlock(&*store).await;
    result
}
