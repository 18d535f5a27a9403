//! The language: text to syntax tree, expressions to values. Pure: no network, and no panic on any input.

pub mod compose;
pub(crate) mod deep;
pub mod eval;
pub mod fmt;
pub mod functions;
pub mod syntax;
pub mod value;
