//! The least policy for a role: its needs, grouped into statements.

use super::table::Strength;
use super::{Cause, Conditions, Need, RoleNeeds};
use std::collections::BTreeSet;

/// A statement of the least policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimalStatement {
    /// Unique within the policy; letters and digits.
    pub sid: String,
    /// Sorted.
    pub actions: Vec<String>,
    /// Sorted; may hold symbols, also of what the pipeline does not name.
    pub resources: Vec<String>,
    /// Conditions.
    pub conditions: Conditions,
}

/// The statements that grant what is required and what AWS lists, and nothing that is only needed in other set-ups.
pub fn minimal(role: &RoleNeeds) -> Vec<MinimalStatement> {
    let wanted: Vec<&Need> = role.needs.iter().filter(|n| n.strength >= Strength::Listed).collect();
    // Resource set and conditions to the actions on them, in the order of first use.
    let mut groups: Vec<(BTreeSet<String>, Conditions, BTreeSet<String>, String)> = Vec::new();
    for need in wanted {
        let resources: BTreeSet<String> = need.resources.iter().cloned().collect();
        let same = groups.iter_mut().find(|(r, c, ..)| *r == resources && *c == need.conditions);
        match same {
            Some((_, _, actions, _)) => actions.extend(need.actions.iter().cloned()),
            None => {
                let actions = need.actions.iter().cloned().collect();
                groups.push((resources, need.conditions.clone(), actions, label(need)));
            }
        }
    }
    merge(&mut groups);
    let mut used = BTreeSet::new();
    groups
        .into_iter()
        .map(|(resources, conditions, actions, label)| MinimalStatement {
            sid: unique(&label, &mut used),
            actions: without_covered(actions),
            resources: resources.into_iter().collect(),
            conditions,
        })
        .collect()
}

/// Statements with the same actions and conditions become one.
fn merge(groups: &mut Vec<(BTreeSet<String>, Conditions, BTreeSet<String>, String)>) {
    let mut out: Vec<(BTreeSet<String>, Conditions, BTreeSet<String>, String)> = Vec::new();
    for group in groups.drain(..) {
        match out.iter_mut().find(|(_, c, a, _)| *c == group.1 && *a == group.2) {
            Some(same) => same.0.extend(group.0),
            None => out.push(group),
        }
    }
    *groups = out;
}

/// `kms:GenerateDataKey` beside `kms:GenerateDataKey*` says nothing.
fn without_covered(actions: BTreeSet<String>) -> Vec<String> {
    let covered = |action: &String| {
        actions
            .iter()
            .any(|other| other != action && other.ends_with('*') && action.starts_with(other.trim_end_matches('*')))
    };
    actions.iter().filter(|a| !covered(a)).cloned().collect()
}

fn label(need: &Need) -> String {
    match &need.cause {
        Cause::Store => "ArtifactStore".into(),
        Cause::Key => "ArtifactKey".into(),
        Cause::ActionRole { .. } => "ActionRoles".into(),
        Cause::Action { stage, action, .. } => {
            let of_store =
                need.actions.iter().all(|a| a.starts_with("s3:")) && need.resources.iter().all(|r| r.ends_with("/*"));
            let of_key = need.actions.iter().all(|a| a.starts_with("kms:"));
            match (of_store, of_key) {
                (true, _) => "Artifacts".into(),
                (_, true) => "ArtifactKey".into(),
                _ => format!("{}{}", camel(stage), camel(action)),
            }
        }
        Cause::Rule { stage, rule } => format!("{}{}", camel(stage), camel(rule)),
    }
}

/// Letters and digits only, each word with a capital.
fn camel(text: &str) -> String {
    let mut out = String::new();
    let mut start = true;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            start = true;
        } else if start {
            out.push(c.to_ascii_uppercase());
            start = false;
        } else {
            out.push(c);
        }
    }
    out
}

fn unique(label: &str, used: &mut BTreeSet<String>) -> String {
    let base = if label.is_empty() { "Statement" } else { label };
    let mut name = base.to_owned();
    let mut number = 2;
    while !used.insert(name.clone()) {
        name = format!("{base}{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::super::{Confidence, Place};
    use super::*;

    fn need(actions: &[&str], resource: &str, strength: Strength) -> Need {
        Need {
            actions: actions.iter().map(|a| (*a).to_owned()).collect(),
            any: false,
            resources: vec![resource.to_owned()],
            conditions: Conditions::new(),
            strength,
            confidence: Confidence::High,
            cause: Cause::Action {
                stage: "Build it".into(),
                action: "unit-tests".into(),
                provider: "CodeBuild".into(),
            },
        }
    }

    #[test]
    fn needs_on_one_resource_become_one_statement() {
        let role = RoleNeeds {
            role: "r".into(),
            place: Place { partition: "aws".into(), region: "r".into(), account: "a".into() },
            needs: vec![
                need(&["codebuild:StartBuild"], "arn:p", Strength::Required),
                need(&["codebuild:BatchGetBuilds"], "arn:p", Strength::Listed),
                need(&["codebuild:StopBuild"], "arn:p", Strength::Optional),
                need(&["codebuild:StartBuild", "codebuild:BatchGetBuilds"], "arn:q", Strength::Required),
                need(&["logs:PutLogEvents"], "arn:l", Strength::Required),
                need(&["kms:GenerateDataKey", "kms:GenerateDataKey*"], "arn:k", Strength::Required),
            ],
            open: Vec::new(),
        };
        let statements = minimal(&role);
        assert_eq!(statements.len(), 3);
        assert_eq!(statements[0].sid, "BuildItUnitTests");
        assert_eq!(statements[0].actions, ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]);
        assert_eq!(statements[0].resources, ["arn:p", "arn:q"]);
        assert_eq!(statements[1].sid, "BuildItUnitTests2");
        assert_eq!(statements[2].actions, ["kms:GenerateDataKey*"]);
    }
}
