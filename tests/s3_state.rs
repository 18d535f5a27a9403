//! State in S3, against an emulator (`localstack/emulator run -- cargo test --test s3_state`): the layout, the lock, who may write
//! what when, workspaces, moving states between backends, and Terraform on the other side.
//!
//! Without AWS_ENDPOINT_URL the tests say that they were skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

#[path = "s3_state/backend.rs"]
mod backend;
#[path = "s3_state/commands.rs"]
mod commands;
#[path = "s3_state/fixture.rs"]
mod fixture;
#[path = "s3_state/modules.rs"]
mod modules;
#[path = "s3_state/terraform.rs"]
mod terraform;
