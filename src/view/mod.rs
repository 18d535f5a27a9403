//! What people and programs see. One file per output; rendering is a pure function from values to text, and only
//! [`terminal`] writes. Colours are semantic roles, mapped in one place.

pub mod alerts;
pub mod approvals;
pub mod console;
pub mod diagnostic;
pub mod graph;
pub mod importing;
pub mod json;
pub mod lint;
pub mod plan;
pub mod progress;
pub mod provider_schema;
pub mod state;
pub mod style;
pub mod terminal;
pub mod text_diff;
pub mod value;
