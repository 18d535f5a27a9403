//! Versions and version constraints, with the rules of Terraform (`hashicorp/go-version`), and checking a configuration's
//! constraints against what this program is.

use super::model::{Config, Module};
use crate::address::ProviderSource;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The version of Terraform whose language this program speaks.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// A version: numeric segments (at least three), an optional prerelease, and build metadata that is ignored in comparisons.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    segments: Vec<u64>,
    /// How many segments were written; `~>` depends on it.
    written: usize,
    prerelease: String,
    metadata: String,
}

/// Not a version, or not a constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct VersionError(String);

impl FromStr for Version {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError(format!("\"{text}\" is not a version"));
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = rest.split_once('+').map_or((rest, None), |(r, m)| (r, Some(m)));
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (numbers, prerelease) = rest.split_at(digits);
        // `1.0beta`: a prerelease that begins with a letter needs no hyphen.
        let prerelease = match prerelease.strip_prefix('-') {
            Some("") => return Err(malformed()),
            Some(pre) => pre,
            None => prerelease,
        };
        let part_ok =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '~'));
        let parts_ok = |text: &str| text.split('.').all(part_ok);
        if !prerelease.is_empty() && !parts_ok(prerelease) || metadata.is_some_and(|m| !parts_ok(m)) {
            return Err(malformed());
        }
        let mut segments =
            numbers.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().map_err(|_| malformed())?;
        let written = segments.len();
        while segments.len() < 3 {
            segments.push(0);
        }
        Ok(Version {
            segments,
            written,
            prerelease: prerelease.to_owned(),
            metadata: metadata.unwrap_or_default().to_owned(),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments: Vec<String> = self.segments.iter().map(u64::to_string).collect();
        f.write_str(&segments.join("."))?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Version {
    /// Whether it is a prerelease.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn segment(&self, i: usize) -> u64 {
        self.segments.get(i).copied().unwrap_or(0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let longest = self.segments.len().max(other.segments.len());
        (0..longest)
            .map(|i| self.segment(i).cmp(&other.segment(i)))
            .find(|o| o.is_ne())
            .unwrap_or_else(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Pessimistic,
}

/// Longer operators first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 7] = [
    (">=", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("!=", Operator::NotEqual),
    ("~>", Operator::Pessimistic),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
];

/// `>= 1.2, < 2.0`: all parts must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraints(Vec<(Operator, Version)>);

impl FromStr for Constraints {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        text.split(',')
            .map(|part| {
                let part = part.trim();
                let (operator, rest) = OPERATORS
                    .iter()
                    .find_map(|(sign, operator)| Some((*operator, part.strip_prefix(sign)?)))
                    .unwrap_or((Operator::Equal, part));
                Ok((operator, rest.trim().parse()?))
            })
            .collect::<Result<_, _>>()
            .map(Constraints)
    }
}

impl Constraints {
    /// Whether a version satisfies every part. A prerelease satisfies only a part that names a prerelease of the same version.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().all(|(operator, bound)| allows(*operator, version, bound))
    }

    /// Whether a part asks for exactly this version.
    pub fn name_exactly(&self, version: &Version) -> bool {
        self.0.iter().any(|(operator, bound)| *operator == Operator::Equal && bound.cmp(version).is_eq())
    }

    /// Whether any part names a prerelease.
    pub fn name_prerelease(&self) -> bool {
        self.0.iter().any(|(_, bound)| bound.is_prerelease())
    }
}

fn allows(operator: Operator, version: &Version, bound: &Version) -> bool {
    let comparable = match (bound.is_prerelease(), version.is_prerelease()) {
        (true, true) => bound.segments == version.segments,
        (false, true) => false,
        _ => true,
    };
    match operator {
        Operator::Equal => version == bound || version.cmp(bound).is_eq(),
        Operator::NotEqual => version.cmp(bound).is_ne(),
        Operator::Greater => comparable && version > bound,
        Operator::Less => comparable && version < bound,
        Operator::GreaterEqual => comparable && version >= bound,
        Operator::LessEqual => comparable && version <= bound,
        Operator::Pessimistic => {
            comparable
                && (version.is_prerelease() || !bound.is_prerelease())
                && version >= bound
                && (0..bound.written.saturating_sub(1)).all(|i| version.segment(i) == bound.segment(i))
        }
    }
}

/// Checks the `required_providers` of all modules, which share one version of each provider, against the one the program has;
/// `provider_version` gives that, `None` for providers it does not have (which is reported elsewhere, where one is used).
/// `required_version` was checked when loading.
pub fn check_versions(config: &Config, provider_version: &dyn Fn(&ProviderSource) -> Option<String>) -> Diagnostics {
    let mut wanted = BTreeMap::new();
    collect(&config.root, &mut wanted);
    let mut diagnostics = Diagnostics::new();
    for (source, all) in wanted {
        let Some(have) = provider_version(&source) else { continue };
        let refuses = |w: &&Wanted<'_>| have.parse().is_ok_and(|have| !w.constraints.allow(&have));
        let refusing: Vec<&Wanted<'_>> = all.iter().filter(refuses).collect();
        let Some(first) = refusing.first() else { continue };
        let listed: Vec<String> = all.iter().map(|w| format!("\"{}\" in {}", w.text, w.module)).collect();
        let mut error = Diagnostic::error(
            "Unsupported provider version",
            format!(
                "No available version of {source} matches the given constraints: {}. All modules share one version of a provider; \
                 what this program implements is version {have}.",
                listed.join(", ")
            ),
        )
        .at(first.span)
        .hint("Relax the constraint if the configuration works with that version.");
        for other in refusing.iter().skip(1) {
            error = error.label(other.span, "and here");
        }
        diagnostics.push(error);
    }
    diagnostics
}

/// What a module asks of a provider's version.
struct Wanted<'a> {
    module: String,
    text: &'a str,
    constraints: Constraints,
    span: Span,
}

fn collect<'a>(module: &'a Module, out: &mut BTreeMap<ProviderSource, Vec<Wanted<'a>>>) {
    for required in module.required_providers.values() {
        let Some(text) = required.version.as_deref() else { continue };
        let Ok(constraints) = text.parse::<Constraints>() else { continue };
        let place = if module.path.is_root() { "the root module".to_owned() } else { module.path.to_string() };
        let wanted = Wanted { module: place, text, constraints, span: required.span };
        out.entry(required.source.clone()).or_default().push(wanted);
    }
    for child in module.children.values() {
        collect(child, out);
    }
}

/// Checks the `required_version` of one module. The loader does it before anything else, because a module for another version
/// may hold what this program cannot understand.
pub(super) fn check_required_version(module: &Module) -> Diagnostics {
    let Ok(ours) = TERRAFORM_VERSION.parse::<Version>() else { return Diagnostics::new() };
    let mut diagnostics = Diagnostics::new();
    for (text, span) in &module.required_versions {
        let Ok(constraints) = text.parse::<Constraints>() else { continue };
        if constraints.name_prerelease() {
            let detail = format!("Prerelease version constraints are not supported: \"{text}\".");
            diagnostics.push(Diagnostic::error("Invalid required_version constraint", detail).at(*span));
        } else if !constraints.allow(&ours) {
            let place =
                if module.path.is_root() { "This configuration".to_owned() } else { format!("Module {}", module.path) };
            diagnostics.push(
                Diagnostic::error(
                    "Unsupported Terraform Core version",
                    format!(
                        "{place} does not support Terraform version {TERRAFORM_VERSION}, whose language this program speaks: \
                         it requires \"{text}\"."
                    ),
                )
                .at(*span)
                .hint("Version constraints are normally set for good reason; change this one only if you know that it is too narrow."),
            );
        }
    }
    diagnostics
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn allow(constraints: &str, version: &str) -> bool {
        constraints.parse::<Constraints>().unwrap().allow(&version.parse().unwrap())
    }

    #[test]
    fn each_operator_means_what_it_says() {
        for (constraint, yes, no) in [
            ("1.2.3", "1.2.3", "1.2.4"),
            ("= 1.2", "1.2.0", "1.2.1"),
            ("!= 1.2", "1.2.1", "1.2.0"),
            ("> 1.2", "1.2.1", "1.2.0"),
            (">=1.2", "1.2.0", "1.1.9"),
            ("< 2", "1.99.0", "2.0.0"),
            ("<= 2", "2.0.0", "2.0.1"),
            ("~> 1.2", "1.9.0", "2.0.0"),
            ("~> 1.2.3", "1.2.9", "1.3.0"),
            ("~> 1", "5.0.0", "0.9.0"),
            (">= 1.0, < 2.0, != 1.5.0", "1.4.0", "1.5.0"),
        ] {
            assert!(allow(constraint, yes), "{constraint} {yes}");
            assert!(!allow(constraint, no), "{constraint} {no}");
        }
    }

    #[test]
    fn a_prerelease_satisfies_only_constraints_that_name_it() {
        assert!(!allow(">= 1.0", "2.0.0-beta1"));
        assert!(allow(">= 2.0.0-alpha", "2.0.0-beta1"));
        assert!(!allow(">= 1.0.0-alpha", "2.0.0-beta1"));
        assert!(allow("> 2.0.0-alpha", "2.0.0"));
        assert!(!allow("~> 2.0.0-alpha", "2.0.1"));
    }

    #[test]
    fn prereleases_order_by_their_parts() {
        let sorted = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"];
        let versions: Vec<Version> = sorted.iter().map(|v| v.parse().unwrap()).collect();
        assert!(versions.is_sorted());
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "x", "1.", ".1", "1.a", "1.0-", "1.0+", "1.0-a_b", ">> 1", "1.0,", "~1.0"] {
            assert!(text.parse::<Constraints>().is_err(), "{text}");
        }
        assert_eq!("v1.2".parse::<Version>().unwrap().to_string(), "1.2.0");
        assert_eq!("1.2.3-rc1+b5".parse::<Version>().unwrap().to_string(), "1.2.3-rc1+b5");
        assert_eq!("1.2beta".parse::<Version>().unwrap().to_string(), "1.2.0-beta");
    }
}
