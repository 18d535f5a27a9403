//! Tags of managed policies, which no bulk call has.

use super::super::failure::{OrGone, Outcome};
use super::super::resource::Cx;
use super::super::tags::Tags;
use super::GONE;

/// The tags of a policy.
pub async fn read(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let mut pages = cx.aws.iam().list_policy_tags().policy_arn(arn).into_paginator().items().send();
    let mut tags = Tags::new();
    while let Some(Some(tag)) = pages.try_next().await.or_gone(GONE)? {
        tags.insert(tag.key, tag.value);
    }
    Ok(tags)
}
