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

/// `most_recent` asks for the tag `latest`, as the original provider does; among several images it takes the newest.
async fn newest(cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Option<t::ImageDetail>> {
    let latest = config.bool("most_recent").then(|| "latest".to_owned());
    let id = t::ImageIdentifier::builder()
        .set_image_digest(config.string("image_digest"))
        .set_image_tag(config.string("image_tag").or(latest))
        .build();
    let call = cx.aws.ecr().describe_images().repository_name(config.str("repository_name"));
    let call = call.set_registry_id(config.string("registry_id"));
    let answer = call.image_ids(id).send().await.map_err(Failure::from).or_gone(GONE)?;
    let found = answer.and_then(|a| a.image_details).unwrap_or_default();
    Ok(found.into_iter().max_by_key(|image| image.image_pushed_at().map(aws_smithy_types::DateTime::secs)))
}
