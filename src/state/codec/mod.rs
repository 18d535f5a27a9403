//! The state file, version 4: text to [`State`](super::model::State) and back, byte for byte as Terraform lays it out.

pub mod json;
