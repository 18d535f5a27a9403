//! `workspace`: several states for one configuration.

use crate::cli::Exit;
use crate::cli::args::{WorkspaceDeleteArgs, WorkspaceNameArgs};
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::config::is_config_dir;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::state::backend::workspace;
use crate::state::codec;
use crate::state::model::State;
use crate::state::store::Backend;
use std::path::Path;
use std::sync::Arc;

async fn backend(session: &Session) -> Result<Arc<dyn Backend>, Diagnostics> {
    let config = if is_config_dir(Path::new(".")) { Some(session.load()?) } else { None };
    session.backend(config.as_ref(), &StateSettings::default()).await
}

async fn finish(session: &Session, result: Result<String, Diagnostics>) -> Exit {
    match result {
        Ok(text) => {
            session.output.text(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// Lists them, the current one marked.
pub async fn list() -> Exit {
    let session = Session::new(Style::default());
    let result = async {
        let names = backend(&session).await?.workspaces().await?;
        let current = session.workspace()?;
        let line = |name: &String| format!("{} {name}\n", if *name == current { "*" } else { " " });
        Ok(names.iter().map(line).collect::<String>() + "\n")
    }
    .await;
    finish(&session, result).await
}

/// Prints the current one.
pub async fn show() -> Exit {
    let session = Session::new(Style::default());
    let result = session.workspace().map(|name| format!("{name}\n"));
    finish(&session, result).await
}

/// A name must be usable as a folder.
fn checked(name: &str) -> Result<(), Diagnostics> {
    workspace::check_name(name)?;
    if std::env::var_os("TF_WORKSPACE").is_some_and(|v| !v.is_empty()) {
        let text = "TF_WORKSPACE selects the workspace here; unset it to switch workspaces with this command.";
        return Err(Diagnostic::error("The selected workspace is overridden", text).into());
    }
    Ok(())
}

/// The state of a file.
fn stored(path: &Path) -> Result<State, Diagnostics> {
    let bytes = std::fs::read(path)
        .map_err(|e| Diagnostic::error("Cannot read the file", format!("{}: {e}.", path.display())))?;
    codec::read(&bytes, &path.display().to_string())
}

fn created(name: &str) -> String {
    format!(
        "Created and switched to workspace \"{name}\"!\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\n\
         so a plan here does not see the objects of other workspaces.\n"
    )
}

/// Creates one and switches to it.
pub async fn new(args: &WorkspaceNameArgs) -> Exit {
    let name = args.name.as_str();
    let session = Session::new(Style::default());
    let result = async {
        checked(name)?;
        let first = args.state.as_deref().map(stored).transpose()?;
        let backend = backend(&session).await?;
        if backend.workspaces().await?.iter().any(|n| n == name) {
            return Err(Diagnostic::error(
                format!("Workspace \"{name}\" already exists"),
                "Switch to it with `workspace select`.",
            )
            .into());
        }
        backend.create_workspace(name).await?;
        workspace::select(&session.data_dir, name)?;
        if let Some(first) = first {
            let settings = StateSettings::from(&args.lock);
            let store = backend.open(name).await?;
            session.lock(&*store, "workspace-new", &settings).await?;
            let result = store.replace(&first, false).await;
            session.unlock(&*store).await;
            result?;
        }
        Ok(created(name))
    }
    .await;
    finish(&session, result).await
}

/// Switches to one.
pub async fn select(name: &str, or_create: bool) -> Exit {
    let session = Session::new(Style::default());
    let result = async {
        checked(name)?;
        let backend = backend(&session).await?;
        if !backend.workspaces().await?.iter().any(|n| n == name) {
            if !or_create {
                let text = format!("Create it with `pipewright workspace new {name}`, or select it with -or-create.");
                return Err(Diagnostic::error(format!("Workspace \"{name}\" doesn't exist"), text).into());
            }
            backend.create_workspace(name).await?;
            workspace::select(&session.data_dir, name)?;
            return Ok(created(name));
        }
        workspace::select(&session.data_dir, name)?;
        Ok(format!("Switched to workspace \"{name}\".\n"))
    }
    .await;
    finish(&session, result).await
}

/// Deletes one; refused while it manages objects unless forced.
pub async fn delete(args: &WorkspaceDeleteArgs) -> Exit {
    let (name, force) = (args.name.as_str(), args.force.force);
    let session = Session::new(Style::default());
    let result = async {
        checked(name)?;
        let backend = backend(&session).await?;
        if name == "default" {
            return Err(Diagnostic::error("The default workspace cannot be deleted", "It always exists.").into());
        }
        if name == session.workspace()? {
            let text = "Switch to another workspace first, for example with `pipewright workspace select default`.";
            return Err(Diagnostic::error("Workspace is your active workspace", text).into());
        }
        if !backend.workspaces().await?.iter().any(|n| n == name) {
            return Err(Diagnostic::error(
                format!("Workspace \"{name}\" doesn't exist"),
                "`workspace list` shows those there are.",
            )
            .into());
        }
        let store = backend.open(name).await?;
        // Held until it is known to be empty, so that nobody begins to work in it meanwhile.
        session.lock(&*store, "workspace-delete", &StateSettings::from(&args.lock)).await?;
        let state = store.read().await;
        session.unlock(&*store).await;
        let state = state?;
        if !state.resources.is_empty() && !force {
            let text = format!(
                "It still manages {} resources. Destroy them first, or delete with -force and leave them unmanaged.",
                state.resources.len()
            );
            return Err(Diagnostic::error("Workspace is not empty", text).into());
        }
        backend.delete_workspace(name).await?;
        let left = match state.resources.is_empty() {
            true => String::new(),
            false => format!(
                "WARNING: \"{name}\" was not empty. What it managed may still exist, but is no longer managed: its state is gone.\n"
            ),
        };
        Ok(format!("Deleted workspace \"{name}\"!\n{left}"))
    }
    .await;
    finish(&session, result).await
}
