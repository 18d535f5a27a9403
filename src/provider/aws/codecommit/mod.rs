//! CodeCommit: `aws_codecommit_repository`, its triggers, and approval rule templates with their associations.

mod bulk;
mod repository;
mod repository_data;
mod template;
mod template_association;
mod template_data;
mod trigger;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[
        &repository::Repository,
        &trigger::Trigger,
        &template::Template,
        &template_association::TemplateAssociation,
    ],
    data: &[&repository_data::RepositoryData, &template_data::TemplateData],
    bulk: Some(&bulk::Repositories),
};

/// What CodeCommit answers when a repository does not exist.
const GONE: &[&str] = &["RepositoryDoesNotExistException"];
