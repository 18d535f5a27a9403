//! CodeBuild: `aws_codebuild_project`.

mod bulk;
mod expand;
mod flatten;
mod predict;
mod project;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&project::Project], data: &[], bulk: Some(&bulk::Projects) };
