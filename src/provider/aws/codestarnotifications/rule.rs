//! `aws_codestarnotifications_notification_rule`: tells people about what happens to a pipeline, project or repository.

use super::targets;
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_codestarnotifications::types as t;
use std::collections::HashMap;

/// The type.
pub struct Rule;

/// Attributes an UpdateNotificationRule carries.
const DECLARED: &[&str] = &["detail_type", "event_type_ids", "name", "status"];
/// Most event types of a rule (the original provider's limit).
const MOST_EVENTS: usize = 200;

#[async_trait(?Send)]
impl ResourceType for Rule {
    fn name(&self) -> &'static str {
        "aws_codestarnotifications_notification_rule"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codestarnotifications_notification_rule.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        let Some(events) = config.value("event_type_ids").filter(|v| v.is_wholly_known()).and_then(Value::elements)
        else {
            return;
        };
        let (summary, limit) = match events.len() {
            0 => ("Not enough list items", "requires 1 item minimum".to_owned()),
            n if n > MOST_EVENTS => ("Too many list items", format!("supports {MOST_EVENTS} item maximum")),
            _ => return,
        };
        let detail = format!("Attribute event_type_ids {limit}, but config has {} declared.", events.len());
        checks.wrong("event_type_ids", summary, detail);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags: HashMap<_, _> = plan.string_map("tags_all").into_iter().collect();
        let answer = cx
            .aws
            .notifications()
            .create_notification_rule()
            .name(plan.str("name"))
            .resource(plan.str("resource"))
            .detail_type(plan.str("detail_type").into())
            .set_event_type_ids(Some(plan.strings("event_type_ids")))
            .set_status(plan.opt("status").map(t::NotificationRuleStatus::from))
            .set_targets(Some(targets::expand(plan)))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(answer.arn.unwrap_or_default());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.notifications().describe_notification_rule().arn(prior.str("id"));
        let Some(live) = call.send().await.or_gone(&["ResourceNotFoundException"])? else { return Ok(None) };
        let tags = live.tags().cloned().unwrap_or_default().into_iter().collect();
        let attrs = Attrs::new()
            .str("id", live.arn())
            .str("arn", live.arn())
            .opt("name", live.name())
            .opt("resource", live.resource())
            .opt("detail_type", live.detail_type().map(t::DetailType::as_str))
            .opt("status", live.status().map(t::NotificationRuleStatus::as_str))
            .strings("event_type_ids", live.event_types().iter().filter_map(t::EventTypeSummary::event_type_id))
            .blocks("target", live.targets().iter().map(targets::flatten));
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (client, arn) = (cx.aws.notifications(), prior.str("id"));
        let (before, after) = (targets::addresses(prior), targets::addresses(plan));
        if plan.differs_any(prior, DECLARED) || before != after {
            client
                .update_notification_rule()
                .arn(arn)
                .name(plan.str("name"))
                .detail_type(plan.str("detail_type").into())
                .set_event_type_ids(Some(plan.strings("event_type_ids")))
                .set_status(plan.opt("status").map(t::NotificationRuleStatus::from))
                .set_targets(Some(targets::expand(plan)))
                .send()
                .await?;
        }
        let change = TagChange::between(prior, plan);
        if !change.remove.is_empty() {
            client.untag_resource().arn(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            client.tag_resource().arn(arn).set_tags(Some(change.set.into_iter().collect())).send().await?;
        }
        targets::clean_up(cx, arn, before.difference(&after)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        // Deleting what is not there is no error.
        cx.aws.notifications().delete_notification_rule().arn(prior.str("id")).send().await?;
        targets::clean_up(cx, prior.str("id"), &targets::addresses(prior)).await
    }
}
