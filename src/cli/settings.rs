//! What the arguments and the environment mean, resolved once. No clap type leaves this file's callers.

use super::args::{OperationArgs, StateArgs, VarArgs, WorkspaceLockArgs};
use crate::address::{ResourceInstance, Target};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::plan::PlanMode;
use std::path::PathBuf;
use std::time::Duration;

/// Go's duration syntax: `30s`, `1m30s`, `500ms`, `2h`; a bare `0` too.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("\"{text}\" is not a duration; write for example 30s or 5m");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0f64;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let (number, tail) = rest.split_at(digits);
        let units = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(units);
        let scale = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(bad()),
        };
        total += number.parse::<f64>().map_err(|_| bad())? * scale;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).map_err(|_| bad())
}

/// One `-var` or `-var-file`, in command-line order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableArgument {
    /// `NAME=VALUE`
    Value(String),
    /// A file.
    File(PathBuf),
}

/// `-var` and `-var-file` in the order they were written: `matches` are those of the command they belong to.
pub fn variable_arguments(vars: &VarArgs, matches: &clap::ArgMatches) -> Vec<VariableArgument> {
    let indices = |name: &str| matches.indices_of(name).map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    let values = indices("var").into_iter().zip(vars.var.iter().map(|v| VariableArgument::Value(v.clone())));
    let files = indices("var_file").into_iter().zip(vars.var_file.iter().map(|f| VariableArgument::File(f.clone())));
    let mut all: Vec<(usize, VariableArgument)> = values.chain(files).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, argument)| argument).collect()
}

/// What is planned, resolved.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Normal, destroy or refresh only.
    pub mode: PlanMode,
    /// Whether live objects are read.
    pub refresh: bool,
    /// `-target`
    pub targets: Vec<Target>,
    /// `-exclude`
    pub excludes: Vec<Target>,
    /// `-replace`
    pub force_replace: Vec<ResourceInstance>,
    /// At least 1.
    pub parallelism: usize,
}

impl Operation {
    /// Checks that the options go together and that addresses parse; reports all that do not.
    pub fn resolve(args: &OperationArgs) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::new();
        let mut targets = |option: &str, texts: &[String]| -> Vec<Target> {
            texts
                .iter()
                .filter_map(|text| match text.parse::<Target>() {
                    Ok(target) => Some(target),
                    Err(e) => {
                        problems.push(Diagnostic::error(format!("Invalid {option} address"), e.to_string()));
                        None
                    }
                })
                .collect()
        };
        let (targets, excludes) = (targets("-target", &args.target), targets("-exclude", &args.exclude));
        let force_replace = args
            .replace
            .iter()
            .filter_map(|text| match text.parse::<ResourceInstance>() {
                Ok(address) => Some(address),
                Err(e) => {
                    problems.push(Diagnostic::error("Invalid -replace address", e.to_string()));
                    None
                }
            })
            .collect::<Vec<_>>();
        let mode = match (args.switches.destroy, args.switches.refresh_only) {
            (true, true) => {
                problems.push(Diagnostic::error(
                    "Incompatible plan mode options",
                    "-destroy and -refresh-only exclude each other.",
                ));
                PlanMode::Normal
            }
            (true, false) => PlanMode::Destroy,
            (false, true) => PlanMode::RefreshOnly,
            (false, false) => PlanMode::Normal,
        };
        if mode == PlanMode::RefreshOnly && !args.switches.refresh {
            let text = "-refresh-only needs live objects to be read: it cannot be combined with -refresh=false.";
            problems.push(Diagnostic::error("Incompatible refresh options", text));
        }
        if mode == PlanMode::RefreshOnly && !force_replace.is_empty() {
            let text = "-replace plans a change; -refresh-only plans none. Use one of them.";
            problems.push(Diagnostic::error("Incompatible plan mode options", text));
        }
        if args.parallelism == 0 {
            problems.push(Diagnostic::error("Invalid parallelism", "-parallelism must be at least 1."));
        }
        let operation = Operation {
            mode,
            refresh: args.switches.refresh,
            targets,
            excludes,
            force_replace,
            parallelism: args.parallelism,
        };
        problems.into_result(operation).map(|(operation, _)| operation)
    }
}

/// How the state is found and locked, resolved.
#[derive(Debug, Clone, Default)]
pub struct StateSettings {
    /// Whether to lock.
    pub lock: bool,
    /// How long to try.
    pub lock_timeout: Duration,
    /// `-state`
    pub path: Option<PathBuf>,
    /// `-state-out`
    pub out: Option<PathBuf>,
    /// `-backup`
    pub backup: Option<PathBuf>,
}

impl From<&WorkspaceLockArgs> for StateSettings {
    fn from(args: &WorkspaceLockArgs) -> Self {
        StateSettings { lock: args.lock.lock, lock_timeout: args.lock_timeout, ..StateSettings::default() }
    }
}

impl From<&StateArgs> for StateSettings {
    fn from(args: &StateArgs) -> Self {
        StateSettings {
            lock: args.lock.lock,
            lock_timeout: args.lock_timeout,
            path: args.state.clone(),
            out: args.state_out.clone(),
            backup: args.backup.clone(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        assert_eq!(duration("1m30s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("0s").unwrap(), Duration::ZERO);
        assert_eq!(duration("250ms").unwrap(), Duration::from_millis(250));
        assert!(duration("5").is_err());
        assert!(duration("m").is_err());
        assert!(duration("").is_err());
    }
}
