//! Terraform's state: the version 4 model and codec, backends, and locks.

pub mod model;
