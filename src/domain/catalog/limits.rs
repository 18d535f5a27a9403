//! Limits: names, condition rules, regions without connections.

use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a name of a kind may be.
#[derive(Debug, Clone, Deserialize)]
pub struct NameRule {
    /// A regular expression of the API model.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Fewest characters.
    #[serde(default)]
    pub min: Option<usize>,
    /// Most characters.
    #[serde(default)]
    pub max: Option<usize>,
    /// The pattern, compiled at first use.
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl NameRule {
    /// What is wrong with a name, as the end of a sentence; `None` if nothing is.
    pub fn complaint(&self, name: &str) -> Option<String> {
        let length = name.chars().count();
        if let Some(max) = self.max.filter(|max| length > *max) {
            return Some(format!("has {length} characters; at most {max} are allowed"));
        }
        if let Some(min) = self.min.filter(|min| length < *min) {
            return Some(format!("has {length} characters; at least {min} are needed"));
        }
        self.misfit(name)
    }

    fn misfit(&self, name: &str) -> Option<String> {
        let pattern = self.pattern.as_deref()?;
        let compiled = self.compiled.get_or_init(|| Regex::new(pattern).ok());
        let fits = compiled.as_ref().is_some_and(|r| r.is_match(name));
        (!fits).then(|| format!("does not fit the pattern {pattern}"))
    }

    /// The same of a name of which only parts are known: it has at least their characters.
    pub fn complaint_of_parts(&self, known: &[&str]) -> Option<String> {
        let length: usize = known.iter().map(|part| part.chars().count()).sum();
        if let Some(max) = self.max.filter(|max| length > *max) {
            return Some(format!("has at least {length} characters; at most {max} are allowed"));
        }
        // The patterns allow a set of characters, each anywhere; what is too short may fail for that.
        let is_long_enough = |part: &&&str| part.chars().count() >= self.min.unwrap_or_default().max(1);
        known.iter().filter(is_long_enough).find_map(|part| self.misfit(part))
    }
}

/// Limits.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Limits {
    /// By kind: `pipeline`, `stage`, `action`, `artifact`, `namespace`, `pipeline_variable`, …
    pub names: BTreeMap<String, NameRule>,
    /// Regions without connections, as the guide lists them.
    pub connections_unavailable_regions: Vec<String>,
    /// Regions without Elastic Beanstalk, after the endpoints in botocore 1.44.8.
    #[serde(default)]
    pub beanstalk_unavailable_regions: Vec<String>,
}

/// All limits.
pub fn limits() -> &'static Limits {
    static ALL: OnceLock<Limits> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(include_str!("limits.json")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_against_the_pattern_and_length_of_their_kind() {
        let complaint = |kind: &str, name: &str| limits().names.get(kind).and_then(|rule| rule.complaint(name));
        assert_eq!(complaint("pipeline", "shop-release.v2"), None);
        assert!(complaint("artifact", "a.b").is_some_and(|c| c.contains("pattern")));
        assert!(complaint("stage", &"x".repeat(101)).is_some_and(|c| c.contains("at most 100")));
        let parts =
            |kind: &str, known: &[&str]| limits().names.get(kind).and_then(|rule| rule.complaint_of_parts(known));
        assert_eq!(parts("pipeline", &["shop-", ""]), None);
        assert!(parts("pipeline", &["my shop ", ""]).is_some_and(|c| c.contains("pattern")));
        assert!(
            parts("stage", &["x".repeat(60).as_str(), "y".repeat(60).as_str()]).is_some_and(|c| c.contains("at least"))
        );
        assert_eq!(parts("artifact_bucket", &["a"]), None);
        assert!(limits().names.values().filter_map(|n| n.pattern.as_ref()).all(|p| Regex::new(p).is_ok()));
    }
}
