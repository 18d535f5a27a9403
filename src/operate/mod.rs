//! Operating what was provisioned: what is told to whom when something happens to a pipeline, and what belongs to a live one.

pub mod alerts;
pub mod discover;
