//! The backend part of `init`: settles which backend is in use, moves states to a changed one, and remembers it for other commands.

use crate::cli::args::InitArgs;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::backend::arguments::Override;
use crate::state::backend::local::STATE_FILE;
use crate::state::backend::migrate::{Question, migrate};
use crate::state::backend::selection::{self, Choice, Selected};
use crate::state::backend::workspace;
use crate::state::store::Backend;
use crate::view::style::Role;
use std::path::Path;

/// Settles it.
pub async fn settle(session: &Session, config: &Config, args: &InitArgs) -> Result<(), Diagnostics> {
    let output = &session.output;
    let move_states = args.switches.migrate_state || args.switches.force_copy;
    if move_states && args.switches.reconfigure {
        let detail = "-reconfigure leaves the former state where it is, -migrate-state moves it: use one of them.";
        return Err(Diagnostic::error("Invalid combination of command-line flags", detail).into());
    }
    let block = config.root.backend.as_ref();
    let overrides = Override::parse(&args.backend_config, Path::new("."), &output.sources)?;
    if block.is_none() && !overrides.is_empty() {
        let detail = "-backend-config was used without a \"backend\" block in the configuration.";
        let hint = "Add `terraform { backend \"s3\" {} }`, or leave the option out.";
        output.report(&Diagnostic::warning("Missing backend configuration", detail).hint(hint).into());
    }
    let choice = if args.switches.reconfigure {
        let wanted = block.map(|block| Selected::of_block(block, &overrides)).transpose()?;
        Choice { previous: None, changed: wanted.is_some(), wanted }
    } else {
        selection::choose(block, &overrides, &session.data_dir)?
    };
    if choice.previous.is_none() && choice.wanted.is_none() {
        return selection::remember(&session.data_dir, None);
    }
    output.text(&format!("\n{}\n", output.terminal.palette.paint(Role::Strong, "Initializing the backend...")));
    if choice.changed && choice.previous.is_some() && !move_states {
        return Err(undecided(&choice));
    }
    let state = StateSettings::default();
    let (to, warnings) = session.open_backend(choice.wanted.as_ref(), &state)?;
    output.report(&warnings);
    let workspaces = to.workspaces().await?;
    if choice.changed {
        let (from, _) = session.open_backend(choice.previous.as_ref(), &state)?;
        // -reconfigure forgets a former backend, but a state file beside the configuration is still offered.
        let copied = migrate_states(session, &*from, &*to, args).await?;
        if choice.previous.is_none() && to.kind() != "local" && copied.iter().any(|w| w == workspace::DEFAULT) {
            retire(session)?;
        }
    }
    selection::remember(&session.data_dir, choice.wanted.as_ref())?;
    match (&choice.wanted, &choice.previous) {
        (None, Some(previous)) => {
            let text =
                format!("\nSuccessfully unset the backend \"{}\". Pipewright will now operate locally.", previous.kind);
            output.good(&text);
        }
        (Some(wanted), _) if choice.changed => {
            output.good(&format!(
                "\nSuccessfully configured the backend \"{}\"! Pipewright will automatically\nuse this backend unless the backend \
                 configuration changes.",
                wanted.kind
            ));
        }
        _ => {}
    }
    reselect(session, &*to, workspaces).await
}

fn undecided(choice: &Choice) -> Diagnostics {
    let change = match (&choice.previous, &choice.wanted) {
        (Some(old), Some(new)) if old.kind == new.kind => {
            format!(
                "Settings of the \"{}\" backend differ from those in use: {}.",
                new.kind,
                new.differing(old).join(", ")
            )
        }
        (old, new) => {
            let kind = |s: &Option<Selected>| s.as_ref().map_or("local", |s| s.kind.as_str()).to_owned();
            format!("The backend in use is \"{}\", and the configuration now asks for \"{}\".", kind(old), kind(new))
        }
    };
    let detail = format!("{change} Existing state may have to be moved.");
    let span = choice.wanted.as_ref().and_then(|w| w.span);
    Diagnostic::error("Backend configuration changed", detail)
        .at_opt(span)
        .hint(
            "Run `pipewright init -migrate-state` to copy the state to the new place, or `pipewright init -reconfigure` to use the \
             new place as it is.",
        )
        .into()
}

async fn migrate_states(
    session: &Session,
    from: &dyn Backend,
    to: &dyn Backend,
    args: &InitArgs,
) -> Result<Vec<String>, Diagnostics> {
    let output = &session.output;
    let ask = |question: &Question| -> Result<bool, Diagnostics> {
        if args.switches.force_copy {
            return Ok(true);
        }
        let (title, text) = words(question);
        if output.style.no_input {
            let error = Diagnostic::error("Cannot ask whether to copy state", text);
            return Err(error.hint("Input is off: give -force-copy to answer yes.").into());
        }
        let asked = format!("\n{title}\n  {text}\n  Enter \"yes\" or \"no\": ");
        let failed = |e: &str| Diagnostics::from(Diagnostic::error("Error asking for confirmation", e));
        match output.terminal.ask(&asked) {
            Ok(Some(answer)) => Ok(answer.trim() == "yes"),
            Ok(None) => Err(failed("The input ended before an answer was given. -force-copy answers yes.")),
            Err(e) => Err(failed(&e.to_string())),
        }
    };
    migrate(from, to, args.switches.lock.then_some(args.lock_timeout), &ask).await
}

fn words(question: &Question) -> (String, String) {
    match question {
        Question::Copy { from, to } => (
            "Do you want to copy existing state to the new backend?".to_owned(),
            format!(
                "There is state in the previous \"{from}\" backend and none in the newly configured \"{to}\" backend."
            ),
        ),
        Question::AllWorkspaces { from, to, workspaces } => (
            format!("Do you want to migrate all workspaces to \"{to}\"?"),
            format!("The \"{from}\" backend has {}: {}.", workspaces.len(), workspaces.join(", ")),
        ),
        Question::Overwrite { workspace, from, to } => (
            format!("Do you want to replace the state of the workspace \"{workspace}\"?"),
            format!(
                "{to} holds another state than {from}. It would be overwritten, and what it manages be lost track of."
            ),
        ),
    }
}

/// A local state that was moved elsewhere must not be taken for the current one later: it becomes the backup.
fn retire(session: &Session) -> Result<(), Diagnostics> {
    let (state, backup) = (Path::new(STATE_FILE), format!("{STATE_FILE}.backup"));
    if !state.exists() {
        return Ok(());
    }
    std::fs::rename(state, &backup).map_err(|e| {
        let detail = format!("{STATE_FILE} was copied to the new backend, but cannot be renamed to {backup}: {e}.");
        Diagnostic::error("Cannot set the former state aside", detail)
    })?;
    session.output.text(&format!("\nThe former {STATE_FILE} is now {backup}.\n"));
    Ok(())
}

/// The selected workspace may be missing in the new backend.
async fn reselect(session: &Session, to: &dyn Backend, known: Vec<String>) -> Result<(), Diagnostics> {
    let selected = session.workspace()?;
    if known.contains(&selected) || to.workspaces().await?.contains(&selected) {
        return Ok(());
    }
    if std::env::var_os("TF_WORKSPACE").is_some_and(|v| !v.is_empty()) {
        let detail = format!("TF_WORKSPACE names the workspace \"{selected}\", which this backend does not have.");
        let hint =
            format!("Create it with `TF_WORKSPACE= pipewright workspace new {selected}`, or correct TF_WORKSPACE.");
        return Err(Diagnostic::error("The selected workspace does not exist", detail).hint(hint).into());
    }
    workspace::select(&session.data_dir, workspace::DEFAULT)?;
    session.output.text(&format!(
        "\nThe workspace \"{selected}\" does not exist in this backend; the workspace \"default\" is selected now.\n"
    ));
    Ok(())
}
