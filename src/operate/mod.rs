//! Operating what was provisioned: what is told to whom when something happens to a pipeline, what belongs to a live one, and
//! configuration for it.

pub mod alerts;
pub mod discover;
pub mod importing;
