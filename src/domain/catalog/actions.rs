//! Action types: which exist, what they take and give, which configuration keys they have.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Inferred or undocumented.
    Low,
    /// One source, or sources that disagree on a detail.
    Medium,
    /// Two independent sources, or AWS's page and an observed answer.
    High,
}

/// Whether a configuration key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Always.
    Yes,
    /// Sometimes: `when` says so for people; those that can be checked have code.
    Conditional,
    /// Never.
    No,
}

/// A configuration key.
#[derive(Debug, Clone, Deserialize)]
pub struct Key {
    /// Such as `ProjectName`.
    pub name: String,
    /// Whether it must be there.
    pub required: Need,
    /// Of all that is said here.
    pub confidence: Certainty,
    /// Masked by CodePipeline.
    #[serde(default)]
    pub secret: bool,
    /// The values it may have; empty for any.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// When a conditional key is needed.
    #[serde(default)]
    pub when: Option<String>,
}

/// An action type.
#[derive(Debug, Clone, Deserialize)]
pub struct ActionType {
    /// `Build`.
    pub category: String,
    /// `AWS`.
    pub owner: String,
    /// `CodeBuild`.
    pub provider: String,
    /// `1`.
    pub version: String,
    /// Pipeline types that may have it: `V1`, `V2`.
    pub types: Vec<String>,
    /// Fewest and most input artifacts.
    pub inputs: (usize, usize),
    /// Fewest and most output artifacts.
    pub outputs: (usize, usize),
    /// Of the numbers of artifacts.
    pub counts: Certainty,
    /// That it exists.
    pub confidence: Certainty,
    /// The provider's name is chosen by who registers the action type.
    #[serde(default)]
    pub any_provider: bool,
    /// Why it should not be used any more.
    #[serde(default)]
    pub deprecated: Option<String>,
    /// `unverified`, `probably retired`; none for ordinary ones.
    #[serde(default)]
    pub status: Option<String>,
    /// Its configuration keys.
    pub configuration: Vec<Key>,
    /// Variables it produces; `<…>` where the user names them.
    #[serde(default)]
    pub variables: Vec<String>,
    /// CloudFormation's modes with the keys each needs.
    #[serde(default)]
    pub modes: BTreeMap<String, Vec<String>>,
}

impl ActionType {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.configuration.iter().find(|k| k.name == name)
    }

    /// Whether the user names (some of) its variables.
    pub fn has_open_variables(&self) -> bool {
        self.variables.iter().any(|v| v.starts_with('<'))
    }

    /// `Build/AWS/CodeBuild/1`.
    pub fn title(&self) -> String {
        [&*self.category, &*self.owner, &*self.provider, &*self.version].join("/")
    }
}

#[derive(Deserialize)]
struct File {
    actions: Vec<ActionType>,
}

/// All action types.
pub fn actions() -> &'static [ActionType] {
    static ALL: OnceLock<Vec<ActionType>> = OnceLock::new();
    // A test parses the file; without it nothing is known of any type.
    ALL.get_or_init(|| {
        serde_json::from_str::<File>(include_str!("actions.json")).map(|f| f.actions).unwrap_or_default()
    })
}

/// The action type of these names. Custom types are found only by category and owner, and say nothing of counts and keys.
pub fn find(category: &str, owner: &str, provider: &str, version: &str) -> Option<&'static ActionType> {
    actions().iter().find(|a| {
        a.category == category && a.owner == owner && a.provider == provider && a.version == version && !a.any_provider
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_read() {
        assert!(actions().len() > 40);
        let build = find("Build", "AWS", "CodeBuild", "1").unwrap();
        assert_eq!(build.inputs, (1, 5));
        assert_eq!(build.key("ProjectName").unwrap().required, Need::Yes);
        assert!(build.has_open_variables());
        assert!(find("Build", "AWS", "CodeBuilt", "1").is_none());
    }

    #[test]
    fn modes_name_keys_that_exist() {
        for action in actions() {
            for key in action.modes.values().flatten() {
                assert!(action.key(key).is_some(), "{} has no {key}", action.title());
            }
        }
    }
}
