//! What a rule has to say about one place.

use crate::diagnostics::{Diagnostic, Severity, Span};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Hygiene.
    Info,
    /// Likely harm.
    Warning,
    /// Refused by AWS, or certain failure.
    Error,
}

impl Level {
    /// `error`, `warning` or `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "error" => Ok(Level::Error),
            "warning" => Ok(Level::Warning),
            "info" => Ok(Level::Info),
            other => Err(format!("\"{other}\" is not a severity; write error, warning or info")),
        }
    }
}

/// A change of source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span is a place to insert at.
    pub span: Span,
    /// With what.
    pub text: String,
}

/// One safe repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in an imperative sentence without full stop.
    pub summary: String,
    /// Where; none when the repair can be described but not made by text edits.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, such as `CP001`.
    pub rule: &'static str,
    /// As configured; the rule's own otherwise.
    pub severity: Level,
    /// The resource.
    pub address: String,
    /// Where in the source; `None` over live objects and for what stands in no file.
    pub range: Option<Span>,
    /// The header of the block, for excerpts.
    pub context: Option<Span>,
    /// One line without full stop: names and values concerned.
    pub summary: String,
    /// Why it matters here and what to do.
    pub detail: String,
    /// The same for the same finding in every run, whatever lines or blocks are added around it: 32 hexadecimal digits.
    pub fingerprint: String,
    /// A repair, if there is one that is safe.
    pub fix: Option<Fix>,
}

impl Finding {
    /// As a message of the program: infos are warnings there.
    pub fn as_diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::warning(&self.summary, &self.detail).code(self.rule).address(&self.address);
        diagnostic.severity = if self.severity == Level::Error { Severity::Error } else { Severity::Warning };
        diagnostic.span = self.range;
        diagnostic.context = self.context;
        diagnostic.hint = self.fix.as_ref().map(|fix| format!("{}.", fix.summary));
        diagnostic
    }

    /// The fingerprint of a finding: of rule, resource, place within it by names, and what sets several at one place apart.
    pub fn fingerprint_of(rule: &str, address: &str, place: &str, apart: &str) -> String {
        let mut hash = Sha256::new();
        for part in [rule, address, place, apart] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'));
        hash.finalize().iter().take(16).flat_map(digits).collect()
    }
}

/// What a rule could not decide, told in verbose output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Id of the rule; empty for notes about the run.
    pub rule: String,
    /// The resource; empty for notes about the run.
    pub address: String,
    /// Why nothing is said, one sentence.
    pub text: String,
}
