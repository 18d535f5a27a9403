//! IAM policy documents: parsed, in a canonical form, and compared by meaning.
//!
//! Two documents are equivalent when AWS would treat them alike: the order of statements, actions, resources, principals and
//! condition values does not matter, nor whether one value stands alone or in a list, nor whether an account is written as its
//! number or as its root ARN, nor the case of condition keys. Nothing here fails on odd input: what is not a policy is `None`.

mod document;
mod equal;

pub use document::{Policy, Principals, Statement};
pub use equal::equivalent;
