//! `provisioner` blocks: `local-exec`, which runs a command here. Others connect to machines, which this program does not do.

use super::decode::decode;
use super::event::Event;
use super::run::Run;
use super::schemas::BlockSchema;
use super::scope::Evaluation;
use crate::address::ResourceInstance;
use crate::config::model::{Provisioner, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::lang::value::{Marks, Type, Value};
use crate::provider::schema::{Attribute, Block};
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

static SCHEMA: LazyLock<BlockSchema> = LazyLock::new(|| {
    let attribute = |ty: Type, required: bool| Attribute {
        ty,
        required,
        optional: !required,
        computed: false,
        sensitive: false,
        write_only: false,
        deprecated: false,
    };
    let attributes = [
        ("command", attribute(Type::String, true)),
        ("interpreter", attribute(Type::list(Type::String), false)),
        ("working_dir", attribute(Type::String, false)),
        ("environment", attribute(Type::map(Type::String), false)),
        ("quiet", attribute(Type::Bool, false)),
    ];
    let attributes = attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect();
    BlockSchema::of(&Block { attributes, ..Block::default() })
});

/// Errors for provisioners this program does not have.
pub(super) fn check_kinds(block: &ResourceBlock) -> Diagnostics {
    block
        .provisioners
        .iter()
        .filter(|p| &*p.kind.name != "local-exec")
        .map(|p| {
            Diagnostic::error(
                "Unsupported provisioner",
                format!(
                    "The provisioner \"{}\" of {} is not supported: only \"local-exec\" is. Nothing was planned for it.",
                    p.kind.name, block.address
                ),
            )
            .at(p.kind.span)
            .within(p.span)
        })
        .collect()
}

/// Which provisioners run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// After creation.
    Create,
    /// Before destruction.
    Destroy,
}

/// Runs the provisioners of a moment one after the other. `evaluation` has `self`. An error ends the row, unless the provisioner says to
/// continue.
pub(super) async fn provision(
    run: &Run<'_>,
    block: &ResourceBlock,
    address: &ResourceInstance,
    evaluation: &Evaluation<'_, '_>,
    moment: Moment,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for provisioner in block.provisioners.iter().filter(|p| p.on_destroy == (moment == Moment::Destroy)) {
        let name = provisioner.kind.name.to_string();
        run.events.event(Event::ProvisionStart { address: address.clone(), provisioner: name.clone() });
        let result = one(run, provisioner, address, evaluation).await;
        let success = !result.has_errors();
        run.events.event(Event::ProvisionEnd { address: address.clone(), provisioner: name, success });
        if success || !provisioner.continue_on_failure {
            diagnostics.extend(run.placed(result, address, Some(block)));
            if !success {
                break;
            }
        } else {
            diagnostics.extend(run.placed(result, address, Some(block)).into_iter().map(|mut d| {
                d.severity = Severity::Warning;
                d
            }));
        }
    }
    diagnostics
}

async fn one(
    run: &Run<'_>,
    provisioner: &Provisioner,
    address: &ResourceInstance,
    evaluation: &Evaluation<'_, '_>,
) -> Diagnostics {
    let (config, found) = decode(&provisioner.body, &SCHEMA, evaluation, provisioner.span);
    let (config, mut diagnostics) = match found.into_result(config) {
        Ok(pair) => pair,
        Err(errors) => return errors,
    };
    let fail = |detail: String| Diagnostic::error("local-exec provisioner error", detail).at(provisioner.span);
    let hidden = config.marks_deep().contains(Marks::SENSITIVE);
    let text = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(command) = text("command").filter(|c| !c.is_empty()) else {
        diagnostics.push(fail("The command must be a non-empty string that is known.".into()));
        return diagnostics;
    };
    let interpreter: Vec<String> = config
        .get("interpreter")
        .and_then(Value::elements)
        .map(|items| items.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let mut row = if interpreter.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { interpreter };
    row.push(command);
    let Some((program, args)) = row.split_first() else { return diagnostics };
    let mut process = tokio::process::Command::new(program);
    process.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if let Some(dir) = text("working_dir") {
        process.current_dir(dir);
    }
    if let Some(environment) = config.get("environment").and_then(Value::fields) {
        for (name, value) in environment {
            if let Some(value) = value.as_str() {
                process.env(&**name, value);
            }
        }
    }
    let say = |line: String| {
        run.events.event(Event::ProvisionOutput {
            address: address.clone(),
            provisioner: provisioner.kind.name.to_string(),
            line,
        });
    };
    let quiet = hidden || config.get("quiet").and_then(Value::as_bool) == Some(true);
    if quiet {
        say("(output suppressed)".into());
    } else {
        say(format!("Executing: {row:?}"));
    }
    let mut child = match process.spawn() {
        Ok(child) => child,
        Err(error) => {
            diagnostics.push(fail(format!("{program} could not be started: {error}.")));
            return diagnostics;
        }
    };
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let tail = std::sync::Mutex::new(Vec::new());
    let keep = |line: String| {
        let mut tail = super::run::lock(&tail);
        if tail.len() >= 50 {
            tail.remove(0);
        }
        tail.push(line.clone());
        drop(tail);
        if !quiet {
            say(line);
        }
    };
    let (status, (), ()) = tokio::join!(child.wait(), lines(out, &keep), lines(err, &keep));
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            let output = if hidden {
                "(output suppressed because it may hold sensitive values)".to_owned()
            } else {
                super::run::lock(&tail).join("\n")
            };
            diagnostics.push(fail(format!("Error running the command: {status}. Output: {output}")));
        }
        Err(error) => diagnostics.push(fail(format!("The command could not be waited for: {error}."))),
    }
    diagnostics
}

async fn lines(source: Option<impl AsyncRead + Unpin>, each: &impl Fn(String)) {
    let Some(source) = source else { return };
    let mut reader = BufReader::new(source).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        each(line);
    }
}
