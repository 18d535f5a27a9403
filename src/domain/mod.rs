//! The field itself, pure: what pipelines, events, permissions and policies are, without talking to anything.

pub mod catalog;
pub mod needs;
pub mod pattern;
pub mod pipeline;
pub mod policy;
