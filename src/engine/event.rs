//! What the engine tells while it works. Views turn these into lines, progress bars or JSON; the engine prints nothing.

use super::plan::Action;
use crate::address::ResourceInstance;
use crate::diagnostics::Diagnostic;
use std::time::Duration;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A read of a managed object begins.
    RefreshStart {
        /// Which object.
        address: ResourceInstance,
        /// Its id attribute, if known.
        id: Option<String>,
    },
    /// It ended.
    RefreshComplete {
        /// Which object.
        address: ResourceInstance,
        /// Its id attribute, if known.
        id: Option<String>,
    },
    /// An action (create, update, delete, or a data read) begins. A replacement is two actions.
    ApplyStart {
        /// Which object.
        address: ResourceInstance,
        /// Create, Update, Delete or Read.
        action: Action,
        /// Its id attribute, if known.
        id: Option<String>,
        /// Key of the deposed object, when it is about one.
        deposed: Option<String>,
    },
    /// It runs still; sent every ten seconds.
    ApplyProgress {
        /// Which object.
        address: ResourceInstance,
        /// As in start.
        action: Action,
        /// Its id attribute, if known.
        id: Option<String>,
        /// Since the start.
        elapsed: Duration,
    },
    /// It waits for something outside; sent when the reason changes.
    Waiting {
        /// Which object.
        address: ResourceInstance,
        /// Why, in a few words.
        reason: String,
    },
    /// It ended well.
    ApplyComplete {
        /// Which object.
        address: ResourceInstance,
        /// As in start.
        action: Action,
        /// Its id attribute, if known.
        id: Option<String>,
        /// Since the start.
        elapsed: Duration,
    },
    /// It failed; the error follows as a diagnostic.
    ApplyErrored {
        /// Which object.
        address: ResourceInstance,
        /// As in start.
        action: Action,
        /// Since the start.
        elapsed: Duration,
    },
    /// A provisioner begins.
    ProvisionStart {
        /// Which object.
        address: ResourceInstance,
        /// `local-exec`
        provisioner: String,
    },
    /// It wrote a line.
    ProvisionOutput {
        /// Which object.
        address: ResourceInstance,
        /// `local-exec`
        provisioner: String,
        /// Without its line break.
        line: String,
    },
    /// It ended.
    ProvisionEnd {
        /// Which object.
        address: ResourceInstance,
        /// `local-exec`
        provisioner: String,
        /// Whether it succeeded.
        success: bool,
    },
    /// An ephemeral object is being opened or closed.
    EphemeralStart {
        /// Which object.
        address: ResourceInstance,
        /// What is done to it.
        operation: EphemeralOperation,
    },
    /// It goes on still; sent every ten seconds.
    EphemeralProgress {
        /// Which object.
        address: ResourceInstance,
        /// What is done to it.
        operation: EphemeralOperation,
        /// Since the start.
        elapsed: Duration,
    },
    /// It is open, or closed.
    EphemeralComplete {
        /// Which object.
        address: ResourceInstance,
        /// What was done to it.
        operation: EphemeralOperation,
        /// Since the start.
        elapsed: Duration,
    },
    /// It failed; the error follows as a diagnostic.
    EphemeralErrored {
        /// Which object.
        address: ResourceInstance,
        /// What was done to it.
        operation: EphemeralOperation,
        /// Since the start.
        elapsed: Duration,
    },
    /// A message that should be shown at once.
    Diagnostic(Box<Diagnostic>),
    /// Progress of something that is not an object: `Acquiring state lock`, `Reading 30 roles at once`.
    Note(String),
}

/// What is done to an ephemeral object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EphemeralOperation {
    /// Its values are fetched.
    Open,
    /// It is given back.
    Close,
}

impl EphemeralOperation {
    /// `Opening`, `Closing`.
    pub fn doing(self) -> &'static str {
        match self {
            EphemeralOperation::Open => "Opening",
            EphemeralOperation::Close => "Closing",
        }
    }

    /// `open`, `close`.
    pub fn word(self) -> &'static str {
        match self {
            EphemeralOperation::Open => "open",
            EphemeralOperation::Close => "close",
        }
    }
}

/// Takes events; called from many tasks at once.
pub trait EventSink: Send + Sync {
    /// Something happened. Must return quickly.
    fn event(&self, event: Event);
}

/// An [`EventSink`] that tells nobody.
pub struct Quiet;

impl EventSink for Quiet {
    fn event(&self, _: Event) {}
}
