//! `force-unlock`: removes a lock that another run left behind.

use crate::cli::Exit;
use crate::cli::args::ForceUnlockArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use std::path::Path;

/// Asks and removes it.
pub async fn run(args: &ForceUnlockArgs) -> Exit {
    let session = Session::new(Style::default());
    match perform(&session, args).await {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &ForceUnlockArgs) -> Result<Exit, Diagnostics> {
    let config = if crate::config::is_config_dir(Path::new(".")) { Some(session.load()?) } else { None };
    let store = session.store(config.as_ref(), &StateSettings::default()).await?;
    // A lock that cannot be read has no id to compare: the person should see what is removed.
    if let Err(unreadable) = store.current_lock().await {
        let warned = unreadable.into_iter().map(|d| Diagnostic { severity: Severity::Warning, hint: None, ..d });
        session.output.report(&warned.collect());
    }
    if !args.force.force {
        let question = "Do you really want to force-unlock?\n  The lock is removed from the state; a run that still works would then not be protected.\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: ";
        let answer = session.output.terminal.ask(question).ok().flatten();
        if answer.as_deref().map(str::trim) != Some("yes") {
            session.output.text("force-unlock cancelled.\n");
            return Ok(Exit::Failure);
        }
    }
    store.force_unlock(&args.lock_id).await?;
    session.output.good("The state has been unlocked, and commands can take the lock again.");
    Ok(Exit::Success)
}
