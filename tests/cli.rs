//! The program as a person meets it: arguments in; exit code, text, state files out. One folder of its own and a scrubbed environment for each test.
//!
//! Tests that need an AWS API run under `localstack/emulator run -- cargo test --test cli`, each in an account of its own, and say so
//! when they are skipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it is skipped"
)]

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/approvals.rs"]
mod approvals;
#[path = "cli/aws.rs"]
mod aws;
#[path = "cli/ephemeral.rs"]
mod ephemeral;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/harness.rs"]
mod harness;
#[path = "cli/importing.rs"]
mod importing;
#[path = "cli/inspect.rs"]
mod inspect;
#[path = "cli/interrupted.rs"]
mod interrupted;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/options.rs"]
mod options;
#[path = "cli/profiles.rs"]
mod profiles;
#[path = "cli/provisioners.rs"]
mod provisioners;
#[path = "cli/regions.rs"]
mod regions;
#[path = "cli/saved_plans.rs"]
mod saved_plans;
#[path = "cli/ssh_server.rs"]
mod ssh_server;
#[path = "cli/state_commands.rs"]
mod state_commands;
#[path = "cli/state_files.rs"]
mod state_files;
#[path = "cli/utility.rs"]
mod utility;
#[path = "cli/validate.rs"]
mod validate;
#[path = "cli/wording.rs"]
mod wording;
#[path = "cli/wrong_input.rs"]
mod wrong_input;
