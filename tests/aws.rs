//! The AWS provider against an AWS API: an emulator whose address stands in `PIPEWRIGHT_EMULATOR` (skipped without it).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

#[path = "aws/bulk.rs"]
mod bulk;
#[path = "aws/cases.rs"]
mod cases;
#[path = "aws/errors.rs"]
mod errors;
#[path = "aws/live.rs"]
mod live;
#[path = "aws/pipelines.rs"]
mod pipelines;
#[path = "aws/stored_like_terraform.rs"]
mod stored_like_terraform;
