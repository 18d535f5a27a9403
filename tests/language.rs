//! The language against Terraform's own answers: what is accepted, what expressions evaluate to, and that no text makes it panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "language/expressions.rs"]
mod expressions;
#[path = "language/fixture.rs"]
mod fixture;
#[path = "language/fuzz.rs"]
mod fuzz;
#[path = "language/second_opinion.rs"]
mod second_opinion;
#[path = "language/syntax.rs"]
mod syntax;
#[path = "language/unknown.rs"]
mod unknown;
