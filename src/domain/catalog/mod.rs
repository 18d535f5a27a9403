//! What AWS offers, as data: IAM's actions, resource types, condition keys and managed policies.

pub mod iam;
