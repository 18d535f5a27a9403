//! Tags of connections and hosts, found by ARN.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use aws_sdk_codeconnections::types as t;

/// As the SDK takes them.
pub fn sdk(tags: Tags) -> Outcome<Vec<t::Tag>> {
    Ok(tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect::<Result<_, _>>()?)
}

/// An object's tags.
pub async fn read(cx: &Cx<'_>, arn: &str, prior: &Obj<'_>) -> Outcome<Tags> {
    if let Some(tags) = tagging::confirmed(cx.aws, arn, prior) {
        return Ok(tags);
    }
    let answer = cx.aws.codeconnections().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect())
}

/// Makes a change of an object's tags.
pub async fn write(cx: &Cx<'_>, arn: &str, change: TagChange) -> Outcome<()> {
    let client = cx.aws.codeconnections();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
    }
    if !change.set.is_empty() {
        client.tag_resource().resource_arn(arn).set_tags(Some(sdk(change.set)?)).send().await?;
    }
    Ok(())
}
