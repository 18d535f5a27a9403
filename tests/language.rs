//! The language against Terraform's own answers: what is accepted, what expressions evaluate to, and that no text makes it panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "language/calls.rs"]
mod calls;
#[path = "language/expressions.rs"]
mod expressions;
#[path = "language/fixture.rs"]
mod fixture;
#[path = "language/fmt.rs"]
mod fmt;
#[path = "language/fuzz.rs"]
mod fuzz;
#[path = "language/layouts.rs"]
mod layouts;
#[path = "language/provider_functions.rs"]
mod provider_functions;
#[path = "language/second_opinion.rs"]
mod second_opinion;
#[path = "language/syntax.rs"]
mod syntax;
#[path = "language/unknown.rs"]
mod unknown;
#[path = "language/validate.rs"]
mod validate;
