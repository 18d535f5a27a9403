//! Data `aws_ecr_repository`: a repository by name, with the tags of its newest image.

use super::repository::{attributes, find, read_tags};
use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_ecr::types as t;

/// The type.
pub struct RepositoryData;

#[async_trait(?Send)]
impl DataType for RepositoryData {
    fn name(&self) -> &'static str {
        "aws_ecr_repository"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_ecr_repository.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let Some(live) = find(cx, name, config.string("registry_id")).await? else {
            return Err(Failure::from(
                Diagnostic::error(
                    "Repository not found",
                    format!("There is no ECR repository {name:?} in {}.", cx.aws.region()),
                )
                .hint("Check name and region; for another account's repository set registry_id."),
            )
            .attribute("name"));
        };
        let tags = read_tags(cx, live.repository_arn().unwrap_or_default()).await?;
        let newest = newest_image(cx, &live).await?;
        let newest = newest.map(|image| image.image_tags.unwrap_or_default()).unwrap_or_default();
        Ok(attributes(&live)
            .strings("most_recent_image_tags", newest)
            .map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}

async fn newest_image(cx: &Cx<'_>, live: &t::Repository) -> Outcome<Option<t::ImageDetail>> {
    let call = cx.aws.ecr().describe_images().set_repository_name(live.repository_name.clone());
    let mut pages = call.set_registry_id(live.registry_id.clone()).into_paginator().items().send();
    let mut newest: Option<t::ImageDetail> = None;
    while let Some(image) = pages.next().await {
        let image = image?;
        if newest.as_ref().is_none_or(|n| n.image_pushed_at() < image.image_pushed_at()) {
            newest = Some(image);
        }
    }
    Ok(newest)
}
