//! CodeDeploy: applications, deployment groups and deployment configurations.

mod app;
mod bulk;
mod config;
mod expand;
mod flatten;
mod group;
mod tags;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&app::App, &group::DeploymentGroup, &config::DeploymentConfig],
    data: &[],
    bulk: Some(&bulk::Batches),
};

/// What CodeDeploy answers when an application does not exist.
const NO_APP: &str = "ApplicationDoesNotExistException";
/// What CodeDeploy answers when a deployment group does not exist.
const NO_GROUP: &str = "DeploymentGroupDoesNotExistException";
