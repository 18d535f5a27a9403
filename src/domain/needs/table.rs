//! The table of permissions, as data.

use super::Conditions;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("permissions.json")).unwrap_or_default());

/// How surely something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Some set-ups need it; nothing here tells whether this one does.
    Optional,
    /// AWS lists it, pipelines are seen to run without: part of a least policy, not missed where it is not granted.
    Listed,
    /// It fails without.
    #[default]
    Required,
}

/// How sure the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// No source confirms it.
    Low,
    /// One source.
    Medium,
    /// AWS's guide and another source.
    High,
}

#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct Table {
    pub base: BTreeMap<String, Vec<Row>>,
    pub actions: Vec<ActionRow>,
    pub rules: Vec<RuleRow>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ActionRow {
    pub types: Vec<String>,
    pub artifacts: Artifacts,
    #[serde(default)]
    pub open: Option<String>,
    pub statements: Vec<Row>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Artifacts {
    pub read: bool,
    pub write: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RuleRow {
    pub rule: String,
    pub statements: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub actions: Vec<String>,
    #[serde(default)]
    pub any: bool,
    pub resources: Vec<String>,
    #[serde(default)]
    pub when: Vec<When>,
    #[serde(default)]
    pub conditions: Conditions,
    #[serde(default)]
    pub need: Strength,
    sources: Vec<String>,
}

/// A condition on the action's configuration; all fields that are given must hold.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct When {
    pub setting: Option<String>,
    #[serde(rename = "in")]
    pub one_of: Option<Vec<String>>,
    pub not_in: Option<Vec<String>>,
    /// One of these keys is set.
    pub set: Option<Vec<String>>,
    /// None of these keys is set.
    pub unset: Option<Vec<String>>,
    pub inputs: Option<bool>,
    /// What the pipeline does not tell.
    pub outside: Option<String>,
}

impl Row {
    pub fn confidence(&self) -> Confidence {
        let has = |source: &str| self.sources.iter().any(|s| s == source);
        match (has("UG"), has("CDK")) {
            (true, true) => Confidence::High,
            (false, false) => Confidence::Low,
            _ => Confidence::Medium,
        }
    }
}

impl Table {
    pub fn get() -> &'static Table {
        &TABLE
    }

    /// The row of an action type; the last part of a type may be `*`.
    pub fn action(&self, kind: &str) -> Option<&ActionRow> {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => kind.starts_with(prefix),
            None => pattern == kind,
        };
        self.actions
            .iter()
            .find(|row| row.types.iter().any(|t| t == kind))
            .or_else(|| self.actions.iter().find(|row| row.types.iter().any(fits)))
    }

    pub fn base(&self, name: &str) -> &[Row] {
        self.base.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::domain::catalog::iam::Catalog;
    use crate::domain::policy::overlap;

    fn rows(table: &Table) -> impl Iterator<Item = &Row> {
        let of_actions = table.actions.iter().flat_map(|a| &a.statements);
        table.base.values().flatten().chain(of_actions).chain(table.rules.iter().flat_map(|r| &r.statements))
    }

    #[test]
    fn the_table_is_read() {
        let table: Table = serde_json::from_str(include_str!("permissions.json")).unwrap();
        assert!(table.actions.len() > 25 && table.rules.len() > 3);
        assert!(table.action("Deploy/AWS/CodeDeploy/1").is_some() && table.action("Test/Custom/Mine/3").is_some());
        assert!(table.action("Deploy/AWS/Nowhere/1").is_none());
    }

    #[test]
    fn every_action_is_in_the_catalogue_and_fits_its_resources() {
        for row in rows(Table::get()) {
            for name in &row.actions {
                let found = Catalog::embedded().matching(name);
                assert!(!found.is_empty(), "{name}");
                for (_, service, action) in found {
                    let patterns: Vec<String> =
                        service.resources_of(action).flat_map(|r| r.patterns().collect::<Vec<_>>()).collect();
                    let fits = |resource: &String| {
                        let mut plain = resource.clone();
                        // From the innermost on: a default is a placeholder with others in it.
                        while let Some(from) = plain.rfind('{') {
                            let to = from + plain[from..].find('}').unwrap();
                            plain.replace_range(from..=to, "x");
                        }
                        plain == "*" || plain == "x" || patterns.iter().any(|p| overlap(p, &plain))
                    };
                    assert!(row.resources.iter().any(fits), "{name} {:?} {patterns:?}", row.resources);
                }
            }
        }
    }
}
