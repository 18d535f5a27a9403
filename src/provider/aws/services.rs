//! The services this provider knows.

use super::iam;
use super::resource::Service;

/// All of them.
pub static SERVICES: &[&Service] = &[&iam::SERVICE];
