//! Data `aws_codecommit_repository`: a repository by name.

use super::GONE;
use super::repository::attributes;
use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct RepositoryData;

#[async_trait(?Send)]
impl DataType for RepositoryData {
    fn name(&self) -> &'static str {
        "aws_codecommit_repository"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_codecommit_repository.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("repository_name");
        let call = cx.aws.codecommit().get_repository().repository_name(name);
        match call.send().await.or_gone(GONE)?.and_then(|f| f.repository_metadata) {
            Some(live) => Ok(attributes(&live)),
            None => Err(Failure::from(
                Diagnostic::error(
                    "Repository not found",
                    format!("There is no CodeCommit repository {name:?} in {}.", cx.aws.region()),
                )
                .hint("Check name and region."),
            )
            .attribute("repository_name")),
        }
    }
}
