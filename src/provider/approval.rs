//! Decisions that a pipeline waits for: the requests of [`super::Provider::approvals`] and the answers of [`super::Provider::decide`].

use jiff::Timestamp;

/// A manual approval that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Name of the stage.
    pub stage: String,
    /// Name of the action.
    pub action: String,
    /// Id of the execution that waits.
    pub execution: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When the request fails by itself.
    pub until: Option<Timestamp>,
    /// What the pipeline tells whoever decides.
    pub message: Option<String>,
    /// What is to be looked at before: a URL.
    pub review: Option<String>,
    /// Stands for this request and no later one of the same action.
    pub token: String,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The execution goes on.
    Approve,
    /// The stage fails.
    Reject,
}
