//! Operating what was provisioned: what is told to whom when something happens to a pipeline.

pub mod alerts;
