//! The language against Terraform's own answers: what is accepted, and what expressions evaluate to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "language/syntax.rs"]
mod syntax;
