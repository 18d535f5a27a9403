//! Tags of CodePipeline's objects, all found by ARN.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::tags::{TagChange, Tags};
use aws_sdk_codepipeline::types as t;

/// As the SDK takes them.
pub fn sdk(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// An object's tags.
pub async fn read(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let call = cx.aws.codepipeline().list_tags_for_resource().resource_arn(arn);
    let mut pages = call.into_paginator().items().send();
    let mut tags = Tags::new();
    while let Some(tag) = pages.next().await {
        let tag = tag?;
        tags.insert(tag.key, tag.value);
    }
    Ok(tags)
}

/// Makes a change of an object's tags.
pub async fn write(cx: &Cx<'_>, arn: &str, change: &TagChange) -> Outcome<()> {
    let client = cx.aws.codepipeline();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove.clone())).send().await?;
    }
    if !change.set.is_empty() {
        client.tag_resource().resource_arn(arn).set_tags(Some(sdk(change.set.clone())?)).send().await?;
    }
    Ok(())
}
