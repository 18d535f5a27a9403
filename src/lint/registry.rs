//! All rules, by family. A rule is added in its family's file and nowhere else.

use super::comments;
use super::rule::Rule;
use super::rules::FAMILIES;

/// All rules in the order of their documentation.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.iter()).chain(comments::RULES)
}

/// The rule with this id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
