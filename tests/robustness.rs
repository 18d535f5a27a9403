//! What no person would write on purpose: changed bytes, deep nesting, endless files, files that are none. There is a message in the
//! end, never a panic, a wait or an overflow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

#[path = "robustness/files.rs"]
mod files;
#[path = "robustness/fuzz.rs"]
mod fuzz;
