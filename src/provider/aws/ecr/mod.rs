//! Elastic Container Registry: `aws_ecr_repository` with its lifecycle policy and repository policy; repositories, images and the
//! password of a registry as data.

mod authorization_token_data;
mod bulk;
mod image_data;
mod lifecycle_policy;
mod lifecycle_rules;
mod repository;
mod repository_data;
mod repository_policy;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&repository::Repository, &lifecycle_policy::LifecyclePolicy, &repository_policy::RepositoryPolicy],
    data: &[
        &authorization_token_data::AuthorizationTokenData,
        &image_data::ImageData,
        &repository_data::RepositoryData,
    ],
    bulk: Some(&bulk::Repositories),
};

/// What ECR answers when a repository does not exist.
const GONE: &[&str] = &["RepositoryNotFoundException"];
