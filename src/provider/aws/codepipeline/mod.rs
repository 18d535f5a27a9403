//! CodePipeline: `aws_codepipeline`.

mod carry;
mod expand;
mod flatten;
mod pipeline;
mod predict;
mod token;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&pipeline::Pipeline], data: &[], bulk: None };
