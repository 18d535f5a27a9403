//! `local-exec`: a command on this machine.

use super::{is_secret, text, texts};
use crate::engine::run::lock;
use crate::lang::value::Value;
use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// How many of the last lines an error repeats.
const TAIL: usize = 50;

/// Runs the command; what it writes goes to `say`, line by line.
///
/// # Errors
/// When it cannot be started or ends with another status than 0: what to tell.
pub(super) async fn run(config: &Value, say: &(dyn Fn(String) + Sync)) -> Result<(), String> {
    let hidden = is_secret(config);
    let config = config.unmark_deep();
    let interpreter = texts(&config, "interpreter");
    let mut row = if interpreter.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { interpreter };
    row.extend(text(&config, "command").map(str::to_owned));
    let Some((program, args)) = row.split_first() else { return Ok(()) };
    let mut process = tokio::process::Command::new(program);
    process.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if let Some(dir) = text(&config, "working_dir") {
        process.current_dir(dir);
    }
    for (name, value) in config.get("environment").and_then(Value::fields).into_iter().flatten() {
        if let Some(value) = value.as_str() {
            process.env(&**name, value);
        }
    }
    let quiet = hidden || config.get("quiet").and_then(Value::as_bool) == Some(true);
    say(match quiet {
        true => "(output suppressed)".to_owned(),
        false => format!("Executing: {row:?}"),
    });
    let mut child = process.spawn().map_err(|error| format!("{program} could not be started: {error}."))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let tail = Mutex::new(VecDeque::new());
    let keep = |line: String| {
        let mut tail = lock(&tail);
        if tail.len() >= TAIL {
            tail.pop_front();
        }
        tail.push_back(line.clone());
        drop(tail);
        if !quiet {
            say(line);
        }
    };
    let (status, (), ()) = tokio::join!(child.wait(), lines(out, &keep), lines(err, &keep));
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) if hidden => Err(format!(
            "Error running the command: {status}. Output: (output suppressed because it may hold sensitive values)"
        )),
        Ok(status) => {
            let output = Vec::from(std::mem::take(&mut *lock(&tail))).join("\n");
            Err(format!("Error running the command: {status}. Output: {output}"))
        }
        Err(error) => Err(format!("The command could not be waited for: {error}.")),
    }
}

/// Tells every line; bytes that are not UTF-8 are replaced.
async fn lines(source: Option<impl AsyncRead + Unpin>, each: &impl Fn(String)) {
    let Some(source) = source else { return };
    let mut reader = BufReader::new(source).split(b'\n');
    while let Ok(Some(line)) = reader.next_segment().await {
        each(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
    }
}
