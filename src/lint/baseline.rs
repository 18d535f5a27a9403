//! Findings that are known: an old estate is linted for what is new.

use super::finding::{Finding, Note};
use super::runner::Report;
use crate::diagnostics::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Baseline {
    /// `1.0`
    pub format_version: String,
    /// Sorted by rule and address.
    pub findings: Vec<Known>,
}

/// A known finding. The fingerprint counts; the rest is for readers of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// Id of the rule.
    pub rule: String,
    /// The resource.
    pub address: String,
    /// See [`Finding::fingerprint`].
    pub fingerprint: String,
    /// One line.
    pub summary: String,
}

impl Baseline {
    /// Of what was found.
    pub fn of(findings: &[Finding]) -> Self {
        let known = |f: &Finding| Known {
            rule: f.rule.to_owned(),
            address: f.address.clone(),
            fingerprint: f.fingerprint.clone(),
            summary: f.summary.clone(),
        };
        let findings: BTreeSet<Known> = findings.iter().map(known).collect();
        Baseline { format_version: "1.0".into(), findings: findings.into_iter().collect() }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no baseline.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        serde_json::from_str(text).map_err(|e| {
            Diagnostic::error("Invalid baseline file", format!("{name} is no baseline: {e}."))
                .hint("Make one with `pipewright lint -write-baseline=FILE`.")
                .into()
        })
    }

    /// Its text.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|t| t + "\n").unwrap_or_default()
    }

    /// Takes known findings out of a report; notes how many, and which are gone.
    pub fn apply(&self, report: &mut Report) {
        let known: BTreeSet<&str> = self.findings.iter().map(|k| k.fingerprint.as_str()).collect();
        let found: BTreeSet<String> = report.findings.iter().map(|f| f.fingerprint.clone()).collect();
        let before = report.findings.len();
        report.findings.retain(|f| !known.contains(f.fingerprint.as_str()));
        let mut note = |text: String| report.notes.push(Note { rule: String::new(), address: String::new(), text });
        if before > report.findings.len() {
            let n = before - report.findings.len();
            note(format!(
                "{n} finding{} of the baseline {} not shown",
                if n == 1 { "" } else { "s" },
                if n == 1 { "is" } else { "are" }
            ));
        }
        for gone in self.findings.iter().filter(|k| !found.contains(&k.fingerprint)) {
            note(format!(
                "{} at {} is in the baseline but no longer found; write the baseline anew",
                gone.rule, gone.address
            ));
        }
    }
}
