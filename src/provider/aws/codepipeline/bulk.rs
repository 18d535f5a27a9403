//! Webhooks and custom action types are listed once for all that will be read: AWS has no call for a single one.

use super::action_type::id_of;
use super::webhook;
use crate::provider::ReadHint;
use crate::provider::aws::answers::{Answers, Walk, asked};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_codepipeline::types as t;

/// The bulk read.
pub struct Listings;

#[async_trait(?Send)]
impl Bulk for Listings {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        futures::future::join(webhooks(cx, hints), action_types(cx, hints)).await;
    }
}

async fn webhooks(cx: &Cx<'_>, hints: &[ReadHint]) {
    let answers = cx.aws.bulk::<Answers<t::ListWebhookItem>>();
    let mut walk = Walk::new(asked(hints, "aws_codepipeline_webhook", "id"));
    let mut next = None;
    while walk.goes_on() {
        let call = cx.aws.codepipeline().list_webhooks().max_results(webhook::PAGE).set_next_token(next);
        let Ok(page) = call.send().await else { return };
        for webhook in page.webhooks.unwrap_or_default() {
            let arn = webhook.arn().unwrap_or_default().to_owned();
            walk.meet(&answers, &arn, webhook);
        }
        next = page.next_token;
        if next.is_none() {
            return walk.end(&answers);
        }
    }
}

async fn action_types(cx: &Cx<'_>, hints: &[ReadHint]) {
    let answers = cx.aws.bulk::<Answers<t::ActionType>>();
    let mut walk = Walk::new(asked(hints, "aws_codepipeline_custom_action_type", "id"));
    let mut next = None;
    while walk.goes_on() {
        let call = cx.aws.codepipeline().list_action_types().action_owner_filter(t::ActionOwner::Custom);
        let Ok(page) = call.set_next_token(next).send().await else { return };
        for listed in page.action_types {
            let id = id_of(&listed);
            walk.meet(&answers, &id, listed);
        }
        next = page.next_token;
        if next.is_none() {
            return walk.end(&answers);
        }
    }
}
