//! Output for programs, with Terraform's structure: the event stream, the plan and the state.

pub mod configuration;
pub mod mask;
pub mod plan;
pub mod state;
pub mod stream;
