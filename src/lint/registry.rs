//! All rules, by family. A rule is added in its family's file and nowhere else.

use super::comments;
use super::rule::Rule;
use super::rules::FAMILIES;

/// All rules in the order of their documentation.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.iter()).chain(comments::RULES)
}

/// The rules whose findings `lint -fix` repairs, where the source holds what is wrong: those with one safe repair.
pub const REPAIRED: &[&str] = &[
    "CP008", "CP010", "CP011", "CP012", "PL003", "IAM001", "IAM003", "IAM009", "IAM010", "IAM011", "IAM016", "IAM018",
    "IAM022", "S3001", "S3002", "S3005", "S3011", "S3014", "EV002", "EV003", "EV005", "EV007", "EV012", "CT001",
    "CT002", "IGN002",
];

/// The rule with this id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
