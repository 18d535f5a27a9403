//! Collects what is wrong with a configuration, each with the attribute's path and the original provider's wording.

use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::{Path, PathStep};

/// Found so far.
#[derive(Debug, Default)]
pub struct Checks(Diagnostics);

impl Checks {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An attribute of the outermost block has a wrong value.
    pub fn wrong(&mut self, name: &str, summary: impl Into<String>, detail: impl Into<String>) {
        let steps = vec![AttributeStep::Name(name.to_owned())];
        self.0.push(Diagnostic::error(summary, detail).attribute(steps));
    }

    /// The value at a path is wrong.
    pub fn wrong_at(&mut self, path: &Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Diagnostic::error(summary, detail).attribute(steps(path)));
    }

    /// Anything else.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// All of them.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.0
    }
}

/// A path as diagnostics carry it; it ends where it enters a set.
pub fn steps(path: &Path) -> Vec<AttributeStep> {
    let one = |step: &PathStep| match step {
        PathStep::Attr(name) => Some(AttributeStep::Name(name.to_string())),
        PathStep::Index(key) => match (key.as_str(), key.as_i64()) {
            (Some(text), _) => Some(AttributeStep::Key(text.to_owned())),
            (None, Some(n)) => u64::try_from(n).ok().map(AttributeStep::Index),
            _ => None,
        },
    };
    path.0.iter().map_while(one).collect()
}

/// A path as the original provider's messages write it: `rule.0.filter.0.prefix`.
pub fn dotted(path: &Path) -> String {
    let one = |step: &PathStep| match step {
        PathStep::Attr(name) => name.to_string(),
        PathStep::Index(key) => match (key.as_str(), key.as_number()) {
            (Some(text), _) => text.to_owned(),
            (None, Some(n)) => n.to_string(),
            _ => String::new(),
        },
    };
    path.0.iter().map(one).collect::<Vec<_>>().join(".")
}
