//! Tags of trails and event data stores.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::tags::{TagChange, Tags};
use aws_sdk_cloudtrail::types as t;

/// Tags as the SDK takes them.
pub fn sdk_tags(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// An object's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.cloudtrail().list_tags().resource_id_list(arn).send().await?;
    let tags = answer.resource_tag_list().iter().flat_map(t::ResourceTag::tags_list);
    Ok(tags.map(|t| (t.key().to_owned(), t.value().unwrap_or_default().to_owned())).collect())
}

/// Removes and sets what differs.
pub async fn write_tags(cx: &Cx<'_>, arn: &str, change: TagChange) -> Outcome<()> {
    if !change.remove.is_empty() {
        let gone = change.remove.into_iter().map(|k| t::Tag::builder().key(k).build());
        let gone = gone.collect::<Result<Vec<_>, _>>()?;
        cx.aws.cloudtrail().remove_tags().resource_id(arn).set_tags_list(Some(gone)).send().await?;
    }
    if !change.set.is_empty() {
        cx.aws.cloudtrail().add_tags().resource_id(arn).set_tags_list(Some(sdk_tags(change.set)?)).send().await?;
    }
    Ok(())
}
