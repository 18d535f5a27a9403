//! What a run is asked to do, and whom it tells about state: the arguments and results of [`super::plan`](fn@super::plan) and [`super::apply`].

use super::plan::{Action, PlanMode, Summary};
use super::providers::Providers;
use crate::address::{ProviderConfig, ResourceInstance, Target};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::state::model::State;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Everything about a run that is neither configuration nor state.
#[derive(Clone)]
pub struct Settings {
    /// Normal, destroy, or refresh only.
    pub mode: PlanMode,
    /// How many provider operations may run at once (`-parallelism`); at least 1.
    pub parallelism: usize,
    /// Whether objects are read before planning (`-refresh`).
    pub refresh: bool,
    /// `-target`
    pub targets: Vec<Target>,
    /// `-exclude`
    pub excludes: Vec<Target>,
    /// `-replace`
    pub force_replace: Vec<ResourceInstance>,
    /// Values of root variables, converted to their types and marked; absent ones take their default.
    pub variables: BTreeMap<String, Value>,
    /// Those of [`Settings::variables`] that were given, before conversion.
    pub raw_variables: BTreeMap<String, Value>,
    /// Why what was given for a variable is no value of it: the error of evaluating it.
    pub rejected_variables: BTreeMap<String, Diagnostic>,
    /// `terraform.workspace`
    pub workspace: String,
    /// `path.cwd`: where the program was started, absolute.
    pub cwd: PathBuf,
    /// `path.root`: the root module's folder, relative to `cwd`; relative paths given to functions start at `cwd`.
    pub root: PathBuf,
    /// Objects to import although no `import` block names them (the `import` command): address and import id.
    pub imports: Vec<(ResourceInstance, String)>,
    /// Whether resources that are imported and have no block get one: [`super::plan::Plan::generated`].
    pub generate: bool,
    /// Objects an interrupted run was creating, with the attributes it had planned: looked for, and taken over where they exist. Only
    /// [`super::recover`] sets this.
    pub interrupted: Vec<(ResourceInstance, serde_json::Value)>,
    /// Configured providers; share one between plan and apply so that each is configured once.
    pub providers: Providers,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            mode: PlanMode::Normal,
            parallelism: 10,
            refresh: true,
            targets: Vec::new(),
            excludes: Vec::new(),
            force_replace: Vec::new(),
            variables: BTreeMap::new(),
            raw_variables: BTreeMap::new(),
            rejected_variables: BTreeMap::new(),
            workspace: "default".into(),
            cwd: PathBuf::from("."),
            root: PathBuf::from("."),
            imports: Vec::new(),
            generate: false,
            interrupted: Vec::new(),
            providers: Providers::default(),
        }
    }
}

/// A change that is about to be made outside. Written down before, so that a run that dies can be completed by the next.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Unique within the run, rising.
    pub id: u64,
    /// Which object.
    pub address: ResourceInstance,
    /// Key of the deposed object, when it is about one.
    pub deposed: Option<String>,
    /// Its provider configuration.
    pub provider: ProviderConfig,
    /// Create, Update or Delete. A replacement is two intents.
    pub action: Action,
    /// Version of the schema the attributes follow.
    pub schema_version: u64,
    /// Attributes as planned (for a delete: as they are), in state encoding; what only apply can tell is null.
    pub attributes: serde_json::Value,
}

/// Keeps state while objects change. The engine calls [`StateSink::store`] after every completed object, but never twice at
/// once: what completes while one call runs is stored by the next, which always gets the latest state.
#[async_trait(?Send)]
pub trait StateSink: Send + Sync {
    /// Stores a snapshot. Serial, lineage and backups are the sink's business. An error stops new operations.
    async fn store(&self, state: State) -> Result<(), Diagnostics>;

    /// Shortest pause between two calls of [`StateSink::store`] while a run goes on.
    fn interval(&self) -> Duration {
        Duration::ZERO
    }

    /// Told before a change is made outside; an error prevents the change.
    async fn intend(&self, intent: &Intent) -> Result<(), Diagnostics> {
        let _ = intent;
        Ok(())
    }

    /// Told when a change ended, well or not, and the result has been stored.
    fn settled(&self, id: u64) {
        let _ = id;
    }
}

/// A [`StateSink`] that keeps nothing: for tests and dry runs.
pub struct Discard;

#[async_trait(?Send)]
impl StateSink for Discard {
    async fn store(&self, _: State) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// What came of an apply.
#[derive(Debug, Clone)]
pub struct ApplyOutcome {
    /// The state afterwards; the last one given to the sink.
    pub state: State,
    /// Warnings and errors. With errors, what succeeded is in the state all the same.
    pub diagnostics: Diagnostics,
    /// What was really done; a replacement counts as one add and one destroy.
    pub counts: Summary,
    /// Whether the run was interrupted before everything was done.
    pub interrupted: bool,
}
