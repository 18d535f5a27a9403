//! Step Functions: state machines.

mod definition;
mod state_machine;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&state_machine::StateMachine], data: &[], bulk: None };
