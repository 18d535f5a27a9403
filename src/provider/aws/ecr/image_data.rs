//! Data `aws_ecr_image`: an image of a repository by digest or tag, or the newest one.

use super::repository::find;
use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_ecr::types as t;

/// The type.
pub struct ImageData;

/// What ECR answers when image or repository does not exist.
const GONE: &[&str] = &["ImageNotFoundException", "RepositoryNotFoundException"];

#[async_trait(?Send)]
impl DataType for ImageData {
    fn name(&self) -> &'static str {
        "aws_ecr_image"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_ecr_image.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let repository = config.str("repository_name");
        let Some(image) = newest(cx, config).await? else {
            return Err(Diagnostic::error(
                "Image not found",
                format!("ECR repository {repository:?} in {} has no such image.", cx.aws.region()),
            )
            .hint("Check repository, tag and digest; the image must have been pushed before.")
            .into());
        };
        let uri = find(cx, repository, image.registry_id.clone()).await?.and_then(|r| r.repository_uri);
        let digest = image.image_digest().unwrap_or_default();
        Ok(Attrs::new()
            .str("id", digest)
            .str("image_digest", digest)
            .int("image_pushed_at", image.image_pushed_at().map(aws_smithy_types::DateTime::secs))
            .int("image_size_in_bytes", image.image_size_in_bytes())
            .strings("image_tags", image.image_tags())
            .str("image_uri", format!("{}@{digest}", uri.unwrap_or_default()))
            .opt("registry_id", image.registry_id())
            .opt("repository_name", image.repository_name()))
    }
}

/// The image of this digest and tag; without either (`most_recent`) that of all images which was pushed last, whatever its tags are.
async fn newest(cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Option<t::ImageDetail>> {
    let (digest, tag) = (config.string("image_digest"), config.string("image_tag"));
    let asked = digest.is_some() || tag.is_some();
    let id = t::ImageIdentifier::builder().set_image_digest(digest).set_image_tag(tag).build();
    let call = cx.aws.ecr().describe_images().repository_name(config.str("repository_name"));
    let call = call.set_registry_id(config.string("registry_id")).set_image_ids(asked.then(|| vec![id]));
    let mut pages = call.into_paginator().send();
    let mut found: Option<t::ImageDetail> = None;
    while let Some(page) = pages.next().await {
        let Some(page) = page.map_err(Failure::from).or_gone(GONE)? else { return Ok(None) };
        let pushed = |image: &t::ImageDetail| image.image_pushed_at().map(aws_smithy_types::DateTime::as_nanos);
        let images = page.image_details.unwrap_or_default().into_iter().chain(found);
        found = images.max_by_key(pushed);
    }
    Ok(found)
}
