//! A pipeline run on paper: in which order its actions start, where artifacts and variables come from, which events it sends.
//!
//! Texts may have parts that are known only later ([`crate::lang::value::symbol`]); `None` is what is wholly unknown. Nothing is said
//! about what is not known.

mod artifacts;
mod occurrences;
mod variables;

pub use artifacts::{ArtifactFault, Where, artifact_faults, unused_outputs};
pub use occurrences::{Level, Occurrence, occurrences};
pub use variables::{Reference, VariableFault, condition_faults, references, variable_faults};

/// A pipeline.
#[derive(Debug, Clone, Default)]
pub struct Pipeline {
    /// Its name.
    pub name: Option<String>,
    /// Its stages in order.
    pub stages: Vec<Stage>,
    /// Names of its variables; `None` when not all are known.
    pub variables: Option<Vec<String>>,
}

/// A stage.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    /// Its name.
    pub name: Option<String>,
    /// Its actions in order.
    pub actions: Vec<Action>,
    /// The rules of its conditions in order.
    pub rules: Vec<ConditionRule>,
}

/// When a condition of a stage is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Before its actions start.
    BeforeEntry,
    /// When all of them succeeded.
    OnSuccess,
    /// When one of them failed.
    OnFailure,
}

impl Gate {
    /// All, in the order of an execution.
    pub const ALL: [Gate; 3] = [Gate::BeforeEntry, Gate::OnSuccess, Gate::OnFailure];

    /// `before_entry`, `on_success` or `on_failure`.
    pub fn block(self) -> &'static str {
        match self {
            Gate::BeforeEntry => "before_entry",
            Gate::OnSuccess => "on_success",
            Gate::OnFailure => "on_failure",
        }
    }
}

/// A rule of a stage's condition.
#[derive(Debug, Clone)]
pub struct ConditionRule {
    /// Which condition it is of.
    pub gate: Gate,
    /// Its number in the condition.
    pub number: usize,
    /// `LambdaInvoke`, `CodeBuild`, …
    pub provider: Option<String>,
    /// Names of its input artifacts.
    pub inputs: Vec<Option<String>>,
    /// Keys and values.
    pub configuration: Vec<(String, Option<String>)>,
}

/// An action.
#[derive(Debug, Clone, Default)]
pub struct Action {
    /// Its name.
    pub name: Option<String>,
    /// `Build`.
    pub category: Option<String>,
    /// `AWS`.
    pub owner: Option<String>,
    /// `CodeBuild`.
    pub provider: Option<String>,
    /// `1`.
    pub version: Option<String>,
    /// 1 when not set; `None` when it is not known.
    pub run_order: Option<i64>,
    /// Names of input artifacts.
    pub inputs: Vec<Option<String>>,
    /// Names of output artifacts.
    pub outputs: Vec<Option<String>>,
    /// Its namespace: `Some(None)` when there is one that is not known.
    pub namespace: Option<Option<String>>,
    /// Keys and values.
    pub configuration: Vec<(String, Option<String>)>,
}

impl Action {
    /// A known configuration value.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.configuration.iter().find(|(k, _)| k == key)?.1.as_deref()
    }

    /// Whether it is of this category.
    pub fn is(&self, category: &str) -> bool {
        self.category.as_deref() == Some(category)
    }

    /// Its type, where it is known and in the catalogue.
    pub fn kind(&self) -> Option<&'static crate::domain::catalog::ActionType> {
        let (category, owner) = (self.category.as_deref()?, self.owner.as_deref()?);
        crate::domain::catalog::find(category, owner, self.provider.as_deref()?, self.version.as_deref()?)
    }
}

impl Pipeline {
    /// All actions with their places, in the order written.
    pub fn actions(&self) -> impl Iterator<Item = (Where, &Action)> {
        self.stages
            .iter()
            .enumerate()
            .flat_map(|(stage, s)| s.actions.iter().enumerate().map(move |(action, a)| (Where { stage, action }, a)))
    }

    /// The action at a place.
    pub fn action(&self, place: Where) -> Option<&Action> {
        self.stages.get(place.stage)?.actions.get(place.action)
    }

    /// Whether what `first` gives is there when `then` starts: an earlier stage, or a lower run order in the same. It may be where an order
    /// is not known.
    pub fn is_before(&self, first: Where, then: Where) -> bool {
        let order = |place: Where| self.action(place).map_or(Some(1), |a| a.run_order);
        let lower = match (order(first), order(then)) {
            (Some(first), Some(then)) => first < then,
            _ => first != then,
        };
        first.stage < then.stage || first.stage == then.stage && lower
    }
}
