//! The field itself, pure: what pipelines, permissions and policies are, without talking to anything.

pub mod policy;
