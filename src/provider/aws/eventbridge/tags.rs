//! Tags of rules and buses.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::tags::{TagChange, Tags};
use aws_sdk_eventbridge::types as t;

/// Tags as the SDK takes them.
pub fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// An object's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.events().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags().iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect())
}

/// Removes and sets what differs.
pub async fn write_tags(cx: &Cx<'_>, arn: &str, change: &TagChange) -> Outcome<()> {
    let client = cx.aws.events();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove.clone())).send().await?;
    }
    if !change.set.is_empty() {
        client.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set.clone())?)).send().await?;
    }
    Ok(())
}
