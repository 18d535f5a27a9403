//! A rule: metadata, two examples and a function.

use super::finding::Level;
use super::runner::{Context, Reporter};

/// How sure the fact behind a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Inferred or undocumented; such a fact never makes an error.
    Low,
    /// One source, or sources that disagree on a detail.
    Medium,
    /// Two independent sources, or AWS's page and an observed answer.
    High,
}

impl Confidence {
    /// `high`, `medium` or `low`.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

/// What a rule is about; the letters of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// CP: what CodePipeline accepts and can run.
    Structure,
    /// PL: practice.
    Practice,
    /// IAM: roles and policies.
    Permissions,
    /// S3: artifact store and key.
    Artifacts,
    /// EV: events and alerts.
    Events,
    /// CT: trail and logs.
    Audit,
    /// IGN: comments that switch rules off.
    Comments,
}

impl Family {
    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Family::Structure => "Structure",
            Family::Practice => "Pipeline practice",
            Family::Permissions => "Roles and policies",
            Family::Artifacts => "Artifact store and key",
            Family::Events => "Events and alerts",
            Family::Audit => "Trail and logs",
            Family::Comments => "Comments",
        }
    }
}

/// One rule. Documentation pages, `explain` and SARIF help are made from this, and each example is tested to be what it says.
pub struct Rule {
    /// Such as `CP001`; never reused.
    pub id: &'static str,
    /// Unless the configuration says otherwise.
    pub severity: Level,
    /// Of the fact behind it.
    pub confidence: Confidence,
    /// What is wrong where it fires, one line without full stop.
    pub title: &'static str,
    /// Why it matters, whole sentences.
    pub rationale: &'static str,
    /// The AWS page or other source of the fact.
    pub source: &'static str,
    /// A configuration it fires on.
    pub bad: &'static str,
    /// The same, repaired: it says nothing.
    pub good: &'static str,
    /// Looks the whole model over.
    pub check: fn(&Context<'_>, &mut Reporter<'_>),
}

impl Rule {
    /// What the rule is about.
    pub fn family(&self) -> Family {
        match self.id.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "CP" => Family::Structure,
            "PL" => Family::Practice,
            "IAM" => Family::Permissions,
            // `S3001`: the three belongs to the name.
            "S" => Family::Artifacts,
            "EV" => Family::Events,
            "IGN" => Family::Comments,
            _ => Family::Audit,
        }
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).field("severity", &self.severity).finish_non_exhaustive()
    }
}
