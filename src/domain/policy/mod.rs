//! IAM policy documents: parsed, in a canonical form, compared by meaning, and evaluated.
//!
//! Two documents are equivalent when AWS would treat them alike: the order of statements, actions, resources, principals and
//! condition values does not matter, nor whether one value stands alone or in a list, nor whether an account is written as its
//! number or as its root ARN, nor the case of condition keys. Nothing here fails on odd input: what is not a policy is `None`.
//!
//! [`evaluate()`] follows AWS's order of evaluation in three values: texts may hold [`symbol`]s for what is not known yet, facts about
//! the request may be unknown, and the answer is `Unknown` exactly when these could turn it.

mod condition;
mod document;
mod equal;
mod evaluate;
mod glob;
mod operator;
mod request;
mod statement;
pub mod symbol;
#[cfg(test)]
mod tests;
mod truth;
mod variables;

pub use document::{Policy, Principals, Statement};
pub use equal::equivalent;
pub use evaluate::{
    Deciding, Decision, Named, Policies, ResourceKind, Verdict, evaluate, is_resource_policy, names_everyone, trusts,
};
pub use glob::{covers, covers_ignoring_case, overlap, overlap_ignoring_case, same};
pub use operator::{Comparison, Operator, Order, Quantifier};
pub use request::{Caller, Context, Fact, Request, account_of};
pub use statement::Naming;
pub use truth::Truth;
