//! What a team asks of lint: severities, names, tags, which stages are production, how long artifacts must live.

use super::finding::Level;
use regex::Regex;
use std::collections::BTreeMap;

/// What is to be done with a rule's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The rule does not run.
    Off,
    /// Its findings get this severity.
    At(Level),
}

/// What names of one kind look like.
#[derive(Debug, Clone)]
pub struct Convention {
    /// The whole name must fit.
    pub pattern: Regex,
    /// For messages: the name of a preset, or the expression.
    pub title: String,
}

/// Kinds of names that can have a convention.
pub const KINDS: &[&str] =
    &["pipeline", "stage", "action", "artifact", "namespace", "variable", "role", "bucket", "rule", "topic"];

/// Conventions by name.
pub const PRESETS: &[(&str, &str)] = &[
    ("kebab-case", "[a-z][a-z0-9]*(-[a-z0-9]+)*"),
    ("snake_case", "[a-z][a-z0-9]*(_[a-z0-9]+)*"),
    ("PascalCase", "([A-Z][a-z0-9]*)+"),
    ("camelCase", "[a-z][a-z0-9]*([A-Z][a-z0-9]*)*"),
    ("Title-Case", "[A-Z][A-Za-z0-9]*(-[A-Z][A-Za-z0-9]*)*"),
];

/// Settings of a run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// By rule id.
    pub rules: BTreeMap<String, Setting>,
    /// By kind of [`KINDS`].
    pub names: BTreeMap<String, Convention>,
    /// Tags every pipeline must have.
    pub required_tags: Vec<String>,
    /// What production stages are called; the usual names when empty.
    pub production: Vec<Regex>,
    /// Days that artifacts must be kept at least; 0 for as long as approvals may wait.
    pub minimum_artifact_days: u64,
    /// From which severity on lint fails.
    pub fail_on: Option<Level>,
    /// What `plan` and `apply` do about findings.
    pub in_plan: InPlan,
    /// File of findings that are known and not to be told, relative to the root module's folder.
    pub baseline: Option<String>,
}

/// What `plan` and `apply` do about findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InPlan {
    /// They do not look.
    #[default]
    Off,
    /// They show them and go on.
    Warn,
    /// They show them, and findings of the severity that lint fails on stop them.
    Error,
}

impl std::str::FromStr for InPlan {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(InPlan::Off),
            "warn" => Ok(InPlan::Warn),
            "error" => Ok(InPlan::Error),
            other => Err(format!("\"{other}\" is none of off, warn and error")),
        }
    }
}

impl Settings {
    /// Whether a stage of this name goes to production.
    pub fn is_production(&self, stage: &str) -> bool {
        if !self.production.is_empty() {
            return self.production.iter().any(|p| p.is_match(stage));
        }
        let words = words(stage);
        let not = |i: usize| {
            let before = i.checked_sub(1).and_then(|b| words.get(b));
            before.is_some_and(|w| matches!(w.as_str(), "non" | "not" | "pre"))
        };
        let usual = |w: &str| matches!(w, "prod" | "prd" | "production" | "live");
        words.iter().enumerate().any(|(i, w)| usual(w) && !not(i))
    }

    /// Whether a stage of this name is for trying things out.
    pub fn is_test(&self, stage: &str) -> bool {
        const TRY: &[&str] = &[
            "test",
            "tests",
            "testing",
            "dev",
            "development",
            "qa",
            "sandbox",
            "staging",
            "stage",
            "beta",
            "alpha",
            "int",
            "integration",
            "uat",
            "preview",
            "ephemeral",
            "e2e",
            "preprod",
            "nonprod",
        ];
        words(stage).iter().any(|w| TRY.contains(&w.as_str()))
    }
}

/// The words of a name, in lower case: parted by signs, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && small_before {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        small_before = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word_of_the_name() {
        let settings = Settings::default();
        for yes in ["Prod", "Deploy-Prod", "DeployProduction", "prd", "deploy_live"] {
            assert!(settings.is_production(yes), "{yes}");
        }
        for no in ["NonProd", "pre-prod", "Products", "Delivery", "Deploy", "preprod"] {
            assert!(!settings.is_production(no), "{no}");
        }
    }

    #[test]
    fn presets_are_expressions_that_fit_their_own_style() {
        for (name, pattern) in PRESETS {
            let regex = Regex::new(&format!("^(?:{pattern})$"));
            assert!(
                regex.is_ok_and(|r| match *name {
                    "Title-Case" => r.is_match("Deploy-Prod"),
                    "PascalCase" | "camelCase" => !r.is_match("a_b"),
                    other => r.is_match(other.to_lowercase().as_str()),
                }),
                "{name}"
            );
        }
    }
}
