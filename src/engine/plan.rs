//! The plan: what will be done, as a value. Every output format and `apply` read this and nothing else.

use super::generating::Generated;
use crate::address::{ProviderConfig, ResourceInstance};
use crate::diagnostics::Diagnostics;
use crate::lang::value::{Path, Value};
use crate::provider::schema::Schema;
use crate::state::model::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What kind of plan was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanMode {
    /// Make the world as configured.
    #[default]
    Normal,
    /// Destroy everything managed.
    Destroy,
    /// Only take what changed outside into the state.
    RefreshOnly,
}

/// What will happen to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// A new object.
    Create,
    /// A data resource read during apply.
    Read,
    /// A change in place.
    Update,
    /// An end.
    Delete,
    /// A replacement, old one first.
    DeleteThenCreate,
    /// A replacement, new one first.
    CreateThenDelete,
    /// Leaves the state, stays in the world.
    Forget,
}

impl Action {
    /// Whether one object takes another's place.
    pub fn is_replace(self) -> bool {
        matches!(self, Action::DeleteThenCreate | Action::CreateThenDelete)
    }
}

/// Why an action was chosen, where it is not plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionReason {
    ReplaceBecauseTainted,
    ReplaceByRequest,
    ReplaceByTriggers,
    ReplaceBecauseCannotUpdate,
    DeleteBecauseNoResourceConfig,
    DeleteBecauseWrongRepetition,
    DeleteBecauseCountIndex,
    DeleteBecauseEachKey,
    DeleteBecauseNoModule,
    DeleteBecauseNoMoveTarget,
    ReadBecauseConfigUnknown,
    ReadBecauseDependencyPending,
    ReadBecauseCheckNested,
}

impl ActionReason {
    /// Its name in the JSON plan.
    pub fn as_str(self) -> &'static str {
        match self {
            ActionReason::ReplaceBecauseTainted => "replace_because_tainted",
            ActionReason::ReplaceByRequest => "replace_by_request",
            ActionReason::ReplaceByTriggers => "replace_by_triggers",
            ActionReason::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
            ActionReason::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
            ActionReason::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
            ActionReason::DeleteBecauseCountIndex => "delete_because_count_index",
            ActionReason::DeleteBecauseEachKey => "delete_because_each_key",
            ActionReason::DeleteBecauseNoModule => "delete_because_no_module",
            ActionReason::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
            ActionReason::ReadBecauseConfigUnknown => "read_because_config_unknown",
            ActionReason::ReadBecauseDependencyPending => "read_because_dependency_pending",
            ActionReason::ReadBecauseCheckNested => "read_because_check_nested",
        }
    }
}

/// The planned change of one object (or what changed outside, in [`Plan::drift`]).
#[derive(Debug, Clone)]
pub struct ResourceChange {
    /// Where.
    pub address: ResourceInstance,
    /// Where it was before a move.
    pub previous_address: Option<ResourceInstance>,
    /// Key of a deposed object, when this is about one.
    pub deposed: Option<String>,
    /// The provider configuration that does it.
    pub provider: ProviderConfig,
    /// What.
    pub action: Action,
    /// Why.
    pub reason: Option<ActionReason>,
    /// Before, marked where sensitive; null for a create.
    pub before: Value,
    /// After, marked where sensitive, unknown where only apply can tell; null for a delete.
    pub after: Value,
    /// Attributes that force a replacement.
    pub replace_paths: Vec<Path>,
    /// The id it is imported by, when it is.
    pub importing: Option<String>,
    /// For the provider's apply.
    pub planned_private: Vec<u8>,
    /// Schema of the type.
    pub schema: Arc<Schema>,
}

/// The planned change of a root module output.
#[derive(Debug, Clone)]
pub struct OutputChange {
    /// What.
    pub action: Action,
    /// Before; null if there was none.
    pub before: Value,
    /// After; null if it goes.
    pub after: Value,
    /// Never printed.
    pub sensitive: bool,
}

/// Outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CheckStatus {
    Pass,
    Fail,
    Error,
    Unknown,
}

/// What has conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CheckKind {
    Resource,
    Output,
    Check,
    Variable,
}

/// Outcome of the conditions of one checkable block.
#[derive(Debug, Clone)]
pub struct CheckResult {
    /// What kind of block.
    pub kind: CheckKind,
    /// Its configuration address, such as `aws_iam_role.r` or `output.name` or `var.x`.
    pub config_address: String,
    /// Worst of its objects.
    pub status: CheckStatus,
    /// Per instance: address, status, failure messages.
    pub objects: Vec<(String, CheckStatus, Vec<String>)>,
}

/// Counts for the summary line; a replacement counts as one add and one destroy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// To add.
    pub add: usize,
    /// To change.
    pub change: usize,
    /// To destroy.
    pub destroy: usize,
    /// To import.
    pub import: usize,
    /// To forget.
    pub forget: usize,
}

/// What will be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was asked for.
    pub mode: PlanMode,
    /// Changes of objects, ordered by address; includes no-ops.
    pub changes: Vec<ResourceChange>,
    /// What changed outside since the last run, ordered by address.
    pub drift: Vec<ResourceChange>,
    /// Changes of root outputs, including no-ops.
    pub outputs: BTreeMap<String, OutputChange>,
    /// State after refresh.
    pub prior_state: State,
    /// State as it was read, before refresh.
    pub previous_state: State,
    /// Root variables as given or defaulted, without ephemeral ones; marked where sensitive.
    pub variables: BTreeMap<String, Value>,
    /// Root variables that were given, before conversion, without ephemeral ones: what documents show.
    pub raw_variables: BTreeMap<String, Value>,
    /// Ephemeral root variables that were given a value: the same ones must be given one again to apply a saved plan.
    pub apply_time_variables: BTreeSet<String>,
    /// Results of conditions known at plan time.
    pub checks: Vec<CheckResult>,
    /// Attributes read by what changes: configuration address of the resource, and path.
    pub relevant_attributes: Vec<(String, Path)>,
    /// The instant `plantimestamp()` returns, RFC 3339 with seconds, UTC.
    pub timestamp: String,
    /// `-target`, `-exclude` as given: what is outside was not planned, so the plan is not complete.
    pub targets: Vec<crate::address::Target>,
    /// `-exclude` as given.
    pub excludes: Vec<crate::address::Target>,
    /// `-replace` as given.
    pub force_replace: Vec<ResourceInstance>,
    /// Blocks written for imported resources that have none, ordered by address. They are part of what was planned.
    pub generated: Vec<Generated>,
    /// Whether planning got as far as the objects: a configuration that is wrong in itself is refused before.
    pub begun: bool,
    /// Whether planning failed somewhere; such a plan cannot be applied.
    pub errored: bool,
    /// Warnings (and errors, if `errored`).
    pub diagnostics: Diagnostics,
}

impl Plan {
    /// Counts of what will be done.
    pub fn summary(&self) -> Summary {
        let mut s = Summary::default();
        for change in self.changes.iter() {
            match change.action {
                Action::Create => s.add += 1,
                Action::Update => s.change += 1,
                Action::Delete => s.destroy += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    s.add += 1;
                    s.destroy += 1;
                }
                Action::Forget => s.forget += 1,
                Action::NoOp | Action::Read => {}
            }
            if change.importing.is_some() {
                s.import += 1;
            }
        }
        s
    }

    /// The block that was written for a resource, if one was.
    pub fn generated_for(&self, address: &ResourceInstance) -> Option<&Generated> {
        self.generated.iter().find(|g| g.address == *address)
    }

    /// Whether applying would do anything: to objects, to outputs, or to the state.
    pub fn has_changes(&self) -> bool {
        self.changes
            .iter()
            .any(|c| !matches!(c.action, Action::NoOp) || c.importing.is_some() || c.previous_address.is_some())
            || self.outputs.values().any(|o| o.action != Action::NoOp)
    }
}
