//! Tests of the engine as a whole, over small configurations and a provider in memory.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod applying;
mod ephemeral;
mod generating;
mod mock;
mod ordering;
mod saved;
mod shapes;
mod validation;

use super::event::Quiet;
use super::plan::{Action, Plan, ResourceChange};
use super::{ApplyOutcome, Discard, Settings, apply, plan, validate};
use crate::config::model::Config;
use crate::config::{LoadOptions, load};
use crate::diagnostics::{Diagnostics, Sources};
use crate::provider::Registry;
use crate::provider::builtin::Builtin;
use crate::state::model::State;
use mock::{Mock, Script};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A world with a state, that configurations are planned and applied against.
struct Bench {
    mock: Mock,
    registry: Registry,
    state: State,
    settings: Settings,
    cancel: CancellationToken,
}

impl Bench {
    fn new() -> Self {
        let mock = Mock::default();
        let mut registry = Registry::new();
        registry.register(Arc::new(mock.clone()));
        registry.register(Arc::new(Builtin));
        Bench {
            mock,
            registry,
            state: State::default(),
            settings: Settings::default(),
            cancel: CancellationToken::new(),
        }
    }

    /// A bench on which this configuration is applied already.
    async fn with(text: &str) -> Self {
        let mut bench = Bench::new();
        bench.up(text).await;
        bench
    }

    async fn plan(&self, text: &str) -> (Plan, Diagnostics) {
        let config = config(text);
        plan(&config, &self.state, &self.registry, &self.settings, &Quiet, &self.cancel).await
    }

    /// Plans without errors.
    async fn planned(&self, text: &str) -> Plan {
        let (plan, diagnostics) = self.plan(text).await;
        assert!(!diagnostics.has_errors(), "{}", texts(&diagnostics).join("\n"));
        plan
    }

    /// Plans and applies, keeping the state.
    async fn apply(&mut self, text: &str) -> ApplyOutcome {
        let plan = self.planned(text).await;
        self.mock.take_log();
        self.apply_plan(text, &plan).await
    }

    async fn apply_plan(&mut self, text: &str, plan: &Plan) -> ApplyOutcome {
        let config = config(text);
        let outcome = apply(&config, plan, &self.registry, &self.settings, &Discard, &Quiet, &self.cancel).await;
        self.state = outcome.state.clone();
        outcome
    }

    /// Plans and applies without errors; afterwards nothing is left to do.
    async fn up(&mut self, text: &str) -> Vec<String> {
        let outcome = self.apply(text).await;
        assert!(!outcome.diagnostics.has_errors(), "{}", texts(&outcome.diagnostics).join("\n"));
        let log = self.mock.take_log();
        let again = self.planned(text).await;
        let left: Vec<String> = actions(&again);
        assert!(left.is_empty(), "not empty after apply: {left:?}");
        assert!(!again.has_changes(), "outputs differ after apply: {:?}", again.outputs);
        self.mock.take_log();
        log
    }

    /// What a plan would do, as text.
    async fn actions(&self, text: &str) -> Vec<String> {
        actions(&self.planned(text).await)
    }

    /// Summaries of the errors of a plan.
    async fn errors(&self, text: &str) -> Vec<String> {
        let (_, diagnostics) = self.plan(text).await;
        diagnostics.iter().filter(|d| d.is_error()).map(|d| d.summary.clone()).collect()
    }
}

/// Loads a configuration from one text; `mock` is the provider of `mock_…` types.
fn config(text: &str) -> Config {
    let (config, diagnostics) = loaded(text);
    assert!(!diagnostics.has_errors(), "{}", texts(&diagnostics).join("\n"));
    config
}

/// Files are separated by lines `--- path`.
fn loaded(text: &str) -> (Config, Diagnostics) {
    let dir = tempfile::tempdir().unwrap();
    let mut name = "main.tf".to_owned();
    let mut files: Vec<(String, String)> = vec![(name.clone(), String::new())];
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some(next) => {
                name = next.trim().to_owned();
                files.push((name.clone(), String::new()));
            }
            None => {
                let last = files.last_mut().unwrap();
                last.1.push_str(line);
                last.1.push('\n');
            }
        }
    }
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let options = LoadOptions { sources: Sources::new(), data_dir: dir.path().join(".terraform"), snapshot: None };
    let (config, diagnostics) = load(dir.path(), &options);
    (config.unwrap(), diagnostics)
}

fn texts(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics
        .iter()
        .map(|d| format!("{:?}: {}: {} [{}]", d.severity, d.summary, d.detail, d.address.as_deref().unwrap_or("")))
        .collect()
}

/// `create mock_thing.a`, without no-ops.
fn actions(plan: &Plan) -> Vec<String> {
    plan.changes.iter().filter(|c| c.action != Action::NoOp || c.previous_address.is_some()).map(line).collect()
}

fn line(change: &ResourceChange) -> String {
    let word = match change.action {
        Action::NoOp => "no-op",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::DeleteThenCreate => "delete-create",
        Action::CreateThenDelete => "create-delete",
        Action::Forget => "forget",
    };
    let mut text = format!("{word} {}", change.address);
    if change.deposed.is_some() {
        text.push_str(" (deposed)");
    }
    if let Some(from) = &change.previous_address {
        text.push_str(&format!(" from {from}"));
    }
    if let Some(id) = &change.importing {
        text.push_str(&format!(" importing {id}"));
    }
    if let Some(reason) = change.reason {
        text.push_str(&format!(" {}", reason.as_str()));
    }
    text
}

/// The place in a log where a line stands.
fn at(log: &[String], line: &str) -> usize {
    log.iter().position(|l| l == line).unwrap_or_else(|| panic!("no {line} in {log:?}"))
}
