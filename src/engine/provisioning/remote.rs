//! `remote-exec` and `file`: work on the machine that the connection names.

use super::connection::Place;
use super::schema::Kind;
use super::{text, texts};
use crate::lang::value::Value;
use crate::remote::{Session, quoted};
use tokio_util::sync::CancellationToken;

/// Does what the provisioner says, on the machine. The configuration is wholly known and without marks; `hidden` keeps what commands write
/// from being shown.
pub(super) async fn run(
    kind: Kind,
    config: &Value,
    place: &Place,
    hidden: bool,
    say: &(dyn Fn(String) + Sync),
    cancel: &CancellationToken,
) -> Result<(), String> {
    // Read first: what is missing here should not cost a connection.
    let scripts = match kind {
        Kind::RemoteExec => scripts(config).await?,
        _ => Vec::new(),
    };
    announce(place, say);
    let session = Session::open(&place.target, say, cancel)
        .await
        .map_err(|error| format!("Cannot connect to {}: {error}.", place.target.machine.host))?;
    say("Connected!".to_owned());
    let result = match kind {
        Kind::File => copy(&session, config).await,
        _ => run_all(&session, place, &scripts, hidden, say).await,
    };
    session.close().await;
    result
}

fn announce(place: &Place, say: &(dyn Fn(String) + Sync)) {
    let yes = |truth: bool| if truth { "yes" } else { "no" };
    let machine = &place.target.machine;
    say(format!("Connecting to {}:{} as {} over SSH", machine.host, machine.port, machine.user));
    if let Some(bastion) = &place.target.bastion {
        say(format!("  through {}:{} as {}", bastion.host, bastion.port, bastion.user));
    }
    if let Some(proxy) = &place.target.proxy {
        say(format!("  by the proxy {}:{}", proxy.host, proxy.port));
    }
    let login = &machine.login;
    say(format!(
        "  password: {}, private key: {}, certificate: {}, SSH agent: {}, checking host key: {}",
        yes(login.password.is_some()),
        yes(login.private_key.is_some()),
        yes(login.certificate.is_some()),
        yes(login.agent),
        yes(machine.host_key.is_some())
    ));
}

async fn copy(session: &Session, config: &Value) -> Result<(), String> {
    let destination = text(config, "destination").unwrap_or_default();
    let result = match (text(config, "content"), text(config, "source")) {
        (Some(content), _) => session.write(content.as_bytes(), "content", destination).await,
        (None, Some(source)) => session.copy(source, destination).await,
        (None, None) => Ok(()),
    };
    result.map_err(|error| format!("Upload to {destination} failed: {error}."))
}

/// The scripts to run, in order.
async fn scripts(config: &Value) -> Result<Vec<Vec<u8>>, String> {
    let inline = texts(config, "inline");
    if config.get("inline").is_some_and(|v| !v.is_null()) {
        return Ok(vec![inline.join("\n").into_bytes()]);
    }
    let mut paths: Vec<String> = text(config, "script").map(str::to_owned).into_iter().collect();
    paths.extend(texts(config, "scripts"));
    let mut out = Vec::new();
    for path in paths {
        let read = tokio::fs::read(&path).await;
        out.push(read.map_err(|error| format!("The script {path} cannot be read: {error}."))?);
    }
    Ok(out)
}

async fn run_all(
    session: &Session,
    place: &Place,
    scripts: &[Vec<u8>],
    hidden: bool,
    say: &(dyn Fn(String) + Sync),
) -> Result<(), String> {
    if hidden {
        say("(output suppressed)".to_owned());
    }
    let show = |line: String| {
        if !hidden {
            say(line);
        }
    };
    for script in scripts {
        let path = place.script_path.replace("%RAND%", &uuid::Uuid::new_v4().as_u128().to_string());
        let text = with_interpreter(script);
        let name = path.rsplit('/').next().unwrap_or("script").to_owned();
        let sent = session.write(&text, &name, &path).await;
        sent.map_err(|error| format!("Failed to upload the script to {path}: {error}."))?;
        let word = quoted(&path);
        let result = session.run(&format!("chmod 0700 {word} && {word}"), &show).await;
        // Scripts may hold what should not stay there.
        let removed = session.run(&format!("rm -f {word}"), &|_| {}).await;
        result.map_err(|error| format!("Error executing {path}: {error}."))?;
        removed.map_err(|error| format!("The script {path} ran, but could not be removed: {error}."))?;
    }
    Ok(())
}

/// A script says who runs it, or the shell does.
fn with_interpreter(script: &[u8]) -> Vec<u8> {
    if script.starts_with(b"#!") {
        return script.to_vec();
    }
    [b"#!/bin/sh\n".as_slice(), script, b"\n"].concat()
}
