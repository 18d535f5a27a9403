//! IAM: service roles, roles of actions, builds and event rules, and their policies.

mod attachments;
mod breadth;
mod conditions;
mod escalation;
mod grammar;
mod least;
mod passing;
mod resources;
mod sharing;
mod trust;

use crate::lint::rule::Rule;

/// The family.
pub static RULES: &[Rule] = &[
    grammar::IAM001,
    breadth::IAM002,
    resources::IAM003,
    resources::IAM004,
    passing::IAM005,
    passing::IAM006,
    escalation::IAM007,
    escalation::IAM008,
    least::IAM009,
    least::IAM010,
    trust::IAM011,
    trust::IAM012,
    trust::IAM013,
    breadth::IAM014,
    attachments::IAM015,
    least::IAM016,
    conditions::IAM017,
    grammar::IAM018,
    grammar::IAM019,
    sharing::IAM020,
    sharing::IAM021,
    passing::IAM022,
    super::owners::IAM023,
];
