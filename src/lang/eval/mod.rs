//! Expressions to values.

mod suggest;

pub use suggest::did_you_mean;
