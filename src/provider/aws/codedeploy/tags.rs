//! Tags of applications and deployment groups, all found by ARN.

use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use aws_sdk_codedeploy::types as t;

/// As the SDK takes them; `None` when there are none.
pub fn sdk(tags: Tags) -> Option<Vec<t::Tag>> {
    let tags: Vec<_> = tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect();
    Some(tags).filter(|t| !t.is_empty())
}

/// An object's tags.
pub async fn read(cx: &Cx<'_>, arn: &str, prior: &Obj<'_>) -> Outcome<Tags> {
    if let Some(tags) = tagging::confirmed(cx.aws, arn, prior) {
        return Ok(tags);
    }
    let (mut tags, mut next) = (Tags::new(), None);
    loop {
        let call = cx.aws.codedeploy().list_tags_for_resource().resource_arn(arn).set_next_token(next);
        let page = call.send().await?;
        let page_tags = page.tags.unwrap_or_default().into_iter();
        tags.extend(page_tags.filter_map(|t| Some((t.key?, t.value.unwrap_or_default()))));
        next = page.next_token;
        if next.is_none() {
            return Ok(tags);
        }
    }
}

/// Makes a change of an object's tags.
pub async fn write(cx: &Cx<'_>, arn: &str, change: TagChange) -> Outcome<()> {
    let client = cx.aws.codedeploy();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
    }
    if let Some(set) = sdk(change.set) {
        client.tag_resource().resource_arn(arn).set_tags(Some(set)).send().await?;
    }
    Ok(())
}
