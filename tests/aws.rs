//! The AWS provider against an AWS API: an emulator whose address stands in `PIPEWRIGHT_EMULATOR` (skipped without it).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

#[path = "aws/buckets_and_rules.rs"]
mod buckets_and_rules;
#[path = "aws/bulk.rs"]
mod bulk;
#[path = "aws/cases.rs"]
mod cases;
#[path = "aws/errors.rs"]
mod errors;
#[path = "aws/identities.rs"]
mod identities;
#[path = "aws/live.rs"]
mod live;
#[path = "aws/matrix.rs"]
mod matrix;
#[path = "aws/pipelines.rs"]
mod pipelines;
#[path = "aws/predicted.rs"]
mod predicted;
#[path = "aws/stored_like_terraform.rs"]
mod stored_like_terraform;
#[path = "aws/waiting.rs"]
mod waiting;
