//! Fetches a module package with the `git` program, as go-getter does.

use super::failure::Failure;
use super::fetcher::Network;
use crate::config::source::RemoteSource;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Parameters that tell how to fetch; all others belong to the repository's URL.
const PARAMETERS: [&str; 3] = ["ref", "depth", "sshkey"];

/// Clones the repository of a source to a folder that does not exist yet, at the wanted ref, with its submodules.
pub(super) fn fetch(source: &RemoteSource, into: &Path, network: &Network) -> Result<(), Failure> {
    let key = match source.decoded("sshkey") {
        Some(text) => Some(key_file(&text)?),
        None => None,
    };
    let git = Git { key: key.as_ref().map(tempfile::NamedTempFile::path), network };
    let reference = source.decoded("ref");
    if let Some(bad) = reference.as_deref().filter(|r| r.starts_with('-')) {
        return Err(Failure::download(format!("\"{bad}\" is not a git ref.")));
    }
    let depth = match source.decoded("depth") {
        None => None,
        Some(text) => {
            let bad = || Failure::download(format!("\"{text}\" is not a depth: a positive whole number is required."));
            Some(text.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(bad)?)
        }
    };
    let url = source.url_without(&PARAMETERS);
    let told = |said: String| {
        let mut failure = Failure::download(format!("Could not download module from {}: {said}", source.shown()));
        let unknown = source.query.iter().map(|(n, _)| n.as_str()).find(|n| !PARAMETERS.contains(n));
        if let Some(unknown) = unknown {
            failure = failure.hint(format!(
                "The parameter \"{unknown}\" was passed on as part of the URL; those of a git source are ref, depth and sshkey."
            ));
        } else if said.contains("Authentication failed") || said.contains("could not read Username") {
            failure = failure.hint("Set up a git credential helper for this host, or use an SSH address.");
        } else if said.contains("Permission denied (publickey") {
            failure = failure.hint("Load the key for this host into the SSH agent, or name it in ~/.ssh/config.");
        }
        failure
    };
    let mut clone = vec!["clone".to_owned(), "--quiet".into()];
    if let Some(depth) = depth {
        clone.extend(["--depth".into(), depth.to_string()]);
        // A shallow clone has nothing else to check out later.
        if let Some(reference) = &reference {
            clone.extend(["--branch".into(), reference.clone()]);
        }
    }
    clone.extend(["--".into(), url, into.to_string_lossy().into_owned()]);
    git.run(None, &clone)?.map_err(|said| {
        let commit = reference
            .as_deref()
            .is_some_and(|r| (7..=40).contains(&r.len()) && r.chars().all(|c| c.is_ascii_hexdigit()));
        let failure = told(said);
        if depth.is_some() && commit {
            failure.hint("With `depth`, `ref` must be a branch or a tag, not a commit.")
        } else {
            failure
        }
    })?;
    if depth.is_none()
        && let Some(reference) = reference
    {
        git.checkout(into, &reference)?.map_err(&told)?;
    }
    if into.join(".gitmodules").exists() {
        let mut update = ["submodule", "update", "--init", "--recursive", "--quiet"].map(str::to_owned).to_vec();
        if let Some(depth) = depth {
            update.extend(["--depth".to_owned(), depth.to_string()]);
        }
        git.run(Some(into), &update)?.map_err(&told)?;
    }
    Ok(())
}

/// The private key inside an address, in a file only this user may read, which goes when the fetch is over.
fn key_file(encoded: &str) -> Result<tempfile::NamedTempFile, Failure> {
    let bad = |e: &dyn std::fmt::Display| {
        Failure::download(format!("The key in the parameter \"sshkey\" cannot be used: {e}."))
    };
    // `+` in a query is read as a space.
    let key = BASE64_STANDARD.decode(encoded.replace(' ', "+")).map_err(|e| bad(&e))?;
    let mut file = tempfile::NamedTempFile::new().map_err(|e| bad(&e))?;
    file.write_all(&key).map_err(|e| bad(&e))?;
    Ok(file)
}

/// How git is run.
struct Git<'a> {
    key: Option<&'a Path>,
    network: &'a Network,
}

/// How long to wait between looks at a running git.
const POLL: Duration = Duration::from_millis(20);

impl Git<'_> {
    /// A branch of the remote, a tag or a commit.
    fn checkout(&self, dir: &Path, reference: &str) -> Result<Result<(), String>, Failure> {
        let arguments = |what: String| ["checkout".to_owned(), "--quiet".into(), what, "--".into()];
        let said = match self.run(Some(dir), &arguments(reference.to_owned()))? {
            Ok(()) => return Ok(Ok(())),
            Err(said) => said,
        };
        // A branch that only the remote has, where the name is also that of something else.
        let remote = self.run(Some(dir), &arguments(format!("refs/remotes/origin/{reference}")))?;
        Ok(remote.map_err(|_| said))
    }

    /// Runs git; the inner error is what it said. It is ended when the person interrupts.
    fn run(&self, dir: Option<&Path>, arguments: &[String]) -> Result<Result<(), String>, Failure> {
        let mut command = Command::new("git");
        command.args(arguments).env("GIT_TERMINAL_PROMPT", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some(key) = self.key {
            let ssh = std::env::var("GIT_SSH_COMMAND").ok().filter(|c| !c.is_empty()).unwrap_or_else(|| "ssh".into());
            command.env("GIT_SSH_COMMAND", format!("{ssh} -i {}", key.display()));
        }
        if let Some(dir) = dir {
            command.current_dir(dir);
        }
        let mut child = command.spawn().map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::download("The git program is needed and was not found on the PATH.").hint("Install git.")
            }
            _ => Failure::download(format!("git could not be started: {e}.")),
        })?;
        let mut errors = child.stderr.take();
        let reader = std::thread::spawn(move || {
            let mut said = Vec::new();
            if let Some(errors) = &mut errors {
                let _ = errors.read_to_end(&mut said);
            }
            said
        });
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if self.network.is_cancelled() => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(Failure::interrupted());
                }
                Ok(None) => std::thread::sleep(POLL),
                Err(e) => return Err(Failure::download(format!("git could not be waited for: {e}."))),
            }
        };
        let said = reader.join().unwrap_or_default();
        if status.success() {
            return Ok(Ok(()));
        }
        if self.network.is_cancelled() {
            return Err(Failure::interrupted());
        }
        let said = String::from_utf8_lossy(&said);
        let verb = arguments.first().map_or("", String::as_str);
        Ok(Err(format!("git {verb} failed ({status}): {}", self.network.without_secrets(said.trim()))))
    }
}
