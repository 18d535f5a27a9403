//! Fetches a module package with the `git` program.

use crate::config::source::RemoteSource;
use crate::diagnostics::{Diagnostic, Span};
use std::path::Path;
use std::process::{Command, Stdio};

/// Parameters of a git source.
const PARAMETERS: [&str; 3] = ["ref", "depth", "sshkey"];

/// Clones the repository of a source to a folder that does not exist yet, at the wanted ref.
///
/// # Errors
/// What git says, and parameters it does not know.
pub(super) fn fetch(source: &RemoteSource, into: &Path, at: Span) -> Result<(), Box<Diagnostic>> {
    let error = |detail: String| Box::new(Diagnostic::error("Failed to download module", detail).at(at));
    for (name, _) in &source.query {
        if !PARAMETERS.contains(&name.as_str()) {
            return Err(error(format!(
                "The parameter \"{name}\" is not one of a git source; those are ref and depth."
            )));
        }
    }
    if source.parameter("sshkey").is_some() {
        return Err(error(
            "Keys inside a source address (sshkey) are not supported; use the SSH agent or its configuration.".into(),
        ));
    }
    let reference = source.parameter("ref").filter(|r| !r.is_empty());
    if let Some(bad) = reference.filter(|r| r.starts_with('-')) {
        return Err(error(format!("\"{bad}\" is not a git ref.")));
    }
    let depth = match source.parameter("depth") {
        None | Some("") => None,
        Some(text) => Some(
            text.parse::<u32>()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| error(format!("\"{text}\" is not a depth: a positive whole number is required.")))?,
        ),
    };
    let mut clone = vec!["clone".to_owned(), "--quiet".into()];
    if let Some(depth) = depth {
        clone.extend(["--depth".into(), depth.to_string()]);
        // A shallow clone has nothing else to check out later.
        if let Some(reference) = reference {
            clone.extend(["--branch".into(), reference.to_owned()]);
        }
    }
    clone.extend(["--".into(), source.url.clone(), into.to_string_lossy().into_owned()]);
    let told = |message: String| error(format!("Could not download module from {source}: {message}"));
    run(None, &clone).map_err(&told)?;
    if depth.is_none()
        && let Some(reference) = reference
    {
        run(Some(into), &["checkout".into(), "--quiet".into(), reference.into(), "--".into()]).map_err(&told)?;
    }
    if into.join(".gitmodules").exists() {
        let update = ["submodule", "update", "--init", "--recursive", "--quiet"].map(str::to_owned);
        run(Some(into), &update).map_err(&told)?;
    }
    Ok(())
}

fn run(dir: Option<&Path>, arguments: &[String]) -> Result<(), String> {
    let mut command = Command::new("git");
    command.args(arguments).stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
    if let Some(dir) = dir {
        command.current_dir(dir);
    }
    let output = command.output().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "the git program is needed and was not found on the PATH.".to_owned(),
        _ => format!("git could not be started: {e}."),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("git {} failed ({}): {}", arguments.first().map_or("", String::as_str), output.status, said.trim()))
}
