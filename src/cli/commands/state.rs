//! `state …`: inspects and edits the state.

use crate::address::{AddressError, ProviderSource, Target};
use crate::cli::Exit;
use crate::cli::args::{
    StateListArgs, StateMvArgs, StatePushArgs, StateReplaceProviderArgs, StateRmArgs, StateShowArgs,
};
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::config::is_config_dir;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::model::{ObjectStatus, State};
use crate::state::store::StateStore;
use crate::state::{codec, edits};
use crate::view::state::{Shown, object};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

async fn open(session: &Session, settings: &StateSettings) -> Result<Arc<dyn StateStore>, Diagnostics> {
    let config = if is_config_dir(Path::new(".")) { Some(session.load()?) } else { None };
    session.store(config.as_ref(), settings).await
}

fn finish(session: &Session, result: Result<String, Diagnostics>) -> Exit {
    match result {
        Ok(text) => {
            session.output.terminal.out(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// Locks, reads, edits, stores, unlocks. With `dry_run` nothing is stored.
pub async fn edit(
    session: &Session,
    settings: &StateSettings,
    operation: &str,
    dry_run: bool,
    change: impl FnOnce(&mut State) -> Result<String, Diagnostics>,
) -> Result<String, Diagnostics> {
    let store = open(session, settings).await?;
    session.lock(&*store, operation, settings).await?;
    let result = async {
        let mut state = store.read().await?;
        let text = change(&mut state)?;
        if !dry_run {
            store.persist(&state).await?;
        }
        Ok(text)
    }
    .await;
    session.unlock(&*store).await;
    result
}

fn target(text: &str) -> Result<Target, Diagnostics> {
    text.parse().map_err(|e: AddressError| Diagnostic::error("Invalid address", format!("{text:?}: {e}")).into())
}

/// Addresses, one per line.
pub async fn list(args: &StateListArgs) -> Exit {
    let session = Session::new(Style::default());
    let settings = StateSettings { path: args.state.clone(), ..StateSettings::default() };
    let result = async {
        let targets = args.addresses.iter().map(|a| target(a)).collect::<Result<Vec<_>, _>>()?;
        let state = open(&session, &settings).await?.read().await?;
        if state.lineage.is_empty() && state.is_empty() {
            let text = "No state file was found here. Run `pipewright apply` first, or name a file with -state.";
            return Err(Diagnostics::from(Diagnostic::error("No state file was found!", text)));
        }
        for target in &targets {
            if !state.instances().any(|(address, ..)| target.covers(&address)) {
                return Err(edits::nothing_at(&state, target).into());
            }
        }
        let mut out = String::new();
        for (address, _, instance) in state.instances() {
            let wanted = targets.is_empty() || targets.iter().any(|t| t.covers(&address));
            let id = instance.current.as_ref().and_then(|o| o.attributes.get("id")).and_then(|id| id.as_str());
            if wanted && (args.id.is_none() || args.id.as_deref() == id) {
                out.push_str(&format!("{address}\n"));
            }
        }
        Ok(out)
    }
    .await;
    finish(&session, result)
}

/// One object's attributes.
pub async fn show(args: &StateShowArgs) -> Exit {
    let session = Session::new(Style::of(&args.view));
    let settings = StateSettings { path: args.state.clone(), ..StateSettings::default() };
    let result = async {
        let address =
            args.address.parse().map_err(|e| Diagnostic::error("Invalid resource address", format!("{e}")))?;
        let state = open(&session, &settings).await?.read().await?;
        let found = state.current(&address).zip(state.resources.get(&address.abs_resource()));
        let (stored, resource) = found.ok_or_else(|| {
            edits::nothing_at(&state, &target(&args.address).unwrap_or(Target::Instance(address.clone())))
        })?;
        let kind = &address.resource;
        let schema = session
            .registry
            .resource_schema(&resource.provider.source, kind.mode, &kind.type_name)
            .ok_or_else(|| {
                Diagnostic::error(
                    "Unknown resource type",
                    format!("No provider in this program has the type {:?}.", kind.type_name),
                )
            })?;
        let value = stored.decode(&schema)?;
        let tainted = stored.status == ObjectStatus::Tainted;
        let shown = Shown { address: &address, deposed: None, tainted, value: &value, block: &schema.block };
        Ok(object(&shown, session.output.terminal.palette))
    }
    .await;
    finish(&session, result)
}

/// Moves objects.
pub async fn mv(args: &StateMvArgs) -> Exit {
    let session = Session::new(Style::default());
    let dry = args.dry_run.dry_run;
    let result = async {
        let (from, to) = (target(&args.from)?, target(&args.to)?);
        edit(&session, &StateSettings::from(&args.state), "state-mv", dry, |state| {
            let moved = edits::mv(state, &from, &to)?;
            let word = if dry { "Would move" } else { "Move" };
            let lines: String = moved.iter().map(|m| format!("{word} \"{}\" to \"{}\"\n", m.from, m.to)).collect();
            let tail = if dry { String::new() } else { format!("Successfully moved {} object(s).\n", moved.len()) };
            Ok(lines + &tail)
        })
        .await
    }
    .await;
    finish(&session, result)
}

/// Forgets objects.
pub async fn rm(args: &StateRmArgs) -> Exit {
    let session = Session::new(Style::default());
    let dry = args.dry_run.dry_run;
    let result = async {
        let targets = args.addresses.iter().map(|a| target(a)).collect::<Result<Vec<_>, _>>()?;
        edit(&session, &StateSettings::from(&args.state), "state-rm", dry, |state| {
            let removed = edits::rm(state, &targets)?;
            let word = if dry { "Would remove" } else { "Removed" };
            let lines: String = removed.iter().map(|a| format!("{word} {a}\n")).collect();
            let tail = if dry {
                String::new()
            } else {
                format!("Successfully removed {} resource instance(s).\n", removed.len())
            };
            Ok(lines + &tail)
        })
        .await
    }
    .await;
    finish(&session, result)
}

/// The state file's text.
pub async fn pull() -> Exit {
    let session = Session::new(Style::default());
    let result = async {
        let state = open(&session, &StateSettings::default()).await?.read().await?;
        if state.lineage.is_empty() && state.is_empty() {
            return Ok(String::new());
        }
        Ok(codec::write(&state))
    }
    .await;
    finish(&session, result)
}

/// Replaces the state.
pub async fn push(args: &StatePushArgs) -> Exit {
    let session = Session::new(Style::default());
    let settings = StateSettings::from(&args.state);
    let result = async {
        let cannot =
            |e: std::io::Error| Diagnostic::error("Cannot read the file", format!("{}: {e}.", args.file.display()));
        let mut bytes = Vec::new();
        if args.file.as_os_str() == "-" {
            std::io::stdin().read_to_end(&mut bytes).map_err(cannot)?;
        } else {
            bytes = std::fs::read(&args.file).map_err(cannot)?;
        }
        let new = codec::read(&bytes, &args.file.display().to_string())?;
        let store = open(&session, &settings).await?;
        session.lock(&*store, "state-push", &settings).await?;
        let result = store.replace(&new, args.force.force).await;
        session.unlock(&*store).await;
        result.map(|()| String::new())
    }
    .await;
    finish(&session, result)
}

/// Changes the provider of resources.
pub async fn replace_provider(args: &StateReplaceProviderArgs) -> Exit {
    let session = Session::new(Style::default());
    let result = async {
        let source = |text: &str| {
            text.parse::<ProviderSource>()
                .map_err(|e| Diagnostics::from(Diagnostic::error("Invalid provider source", e.to_string())))
        };
        let (from, to) = (source(&args.from)?, source(&args.to)?);
        if !args.approval.auto_approve {
            let question = format!(
                "All resources of {from} will use {to}.\n\nOnly 'yes' will be accepted to continue.\n\nEnter a value: "
            );
            let answer = session.output.terminal.ask(&question).ok().flatten();
            if answer.as_deref().map(str::trim) != Some("yes") {
                return Err(Diagnostic::error("Cancelled", "No resources were changed.").into());
            }
        }
        edit(&session, &StateSettings::from(&args.state), "state-replace-provider", false, |state| {
            let changed = edits::replace_provider(state, &from, &to);
            Ok(match changed.len() {
                0 => "No matching resources found.\n".into(),
                count => format!("Successfully replaced provider for {count} resources.\n"),
            })
        })
        .await
    }
    .await;
    finish(&session, result)
}
