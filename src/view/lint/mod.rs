//! What lint found, one file per format.

pub mod human;
pub mod json;
