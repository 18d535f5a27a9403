//! What the roles of a pipeline need: the exact permissions of its actions, artifact stores, keys and action roles.
//!
//! The knowledge is data (`permissions.json`, with its sources); here it is applied to the facts of one pipeline. Parts that the pipeline
//! does not name (the roles of a task definition) are symbols of their own, so that nothing is ever compared by guess.

mod facts;
mod minimal;
mod resolve;
mod table;

pub use facts::{ActionFacts, PipelineFacts, Place, RuleFacts, Settings, StoreFacts};
pub use minimal::{MinimalStatement, minimal};
pub use resolve::{has_outside, needs, outside, outside_as_any, told};
pub use table::{Confidence, Strength};

use std::collections::BTreeMap;

/// Operator, key, values.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What a need comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The artifact store.
    Store,
    /// Its customer managed key.
    Key,
    /// An action with a role of its own.
    ActionRole {
        /// Stage and action.
        stage: String,
        /// The action.
        action: String,
    },
    /// An action.
    Action {
        /// Its stage.
        stage: String,
        /// Its name.
        action: String,
        /// `CodeBuild`
        provider: String,
    },
    /// A rule of a stage's condition.
    Rule {
        /// Its stage.
        stage: String,
        /// Its name.
        rule: String,
    },
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cause::Store => f.write_str("the artifact store"),
            Cause::Key => f.write_str("the artifact store's encryption key"),
            Cause::ActionRole { stage, action } => write!(f, "the role of action \"{action}\" in stage \"{stage}\""),
            Cause::Action { stage, action, provider } => {
                write!(f, "action \"{action}\" ({provider}) in stage \"{stage}\"")
            }
            Cause::Rule { stage, rule } => write!(f, "rule \"{rule}\" of stage \"{stage}\""),
        }
    }
}

/// Permissions that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Actions; `kms:ReEncrypt*` stands for all that it matches.
    pub actions: Vec<String>,
    /// One of the actions is enough: two names of one permission.
    pub any: bool,
    /// Resources; a call is made on one of them.
    pub resources: Vec<String>,
    /// Conditions that a least policy can set.
    pub conditions: Conditions,
    /// How surely it is needed.
    pub strength: Strength,
    /// How sure the source is.
    pub confidence: Confidence,
    /// What needs it.
    pub cause: Cause,
}

/// What one role needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleNeeds {
    /// The role as the pipeline names it.
    pub role: String,
    /// The account it works in, as far as known.
    pub place: Place,
    /// Its needs, in the order of the pipeline.
    pub needs: Vec<Need>,
    /// Why there may be more needs than these, one sentence part each.
    pub open: Vec<String>,
}
