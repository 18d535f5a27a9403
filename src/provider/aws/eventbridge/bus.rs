//! `aws_cloudwatch_event_bus`: an event bus of one's own, or one that a partner's events arrive on.

use super::bus_read::{self, GONE};
use super::tags::{read_tags, sdk_tags, write_tags};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_eventbridge::types as t;

/// The type.
pub struct Bus;

/// Attributes an UpdateEventBus carries.
const DECLARED: &[&str] = &["dead_letter_config", "description", "kms_key_identifier"];

#[async_trait(?Send)]
impl ResourceType for Bus {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_bus"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_bus.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if config.opt("name") == Some(super::ids::DEFAULT_BUS) {
            let detail = "cannot be 'default': every account has that bus already. Rules and policies name it without an aws_cloudwatch_event_bus.";
            checks.wrong("name", "invalid value for name", detail);
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create()
            && let Some(name) = change.config.string("name")
        {
            change.set_some("arn", aws.arn("events", &format!("event-bus/{name}")));
            change.set_str("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("name");
        let tags = sdk_tags(plan.string_map("tags_all").into_iter().collect())?;
        cx.aws
            .events()
            .create_event_bus()
            .name(name)
            .set_event_source_name(plan.string("event_source_name"))
            .set_description(plan.string("description"))
            .set_kms_key_identifier(plan.string("kms_key_identifier"))
            .set_dead_letter_config(dead_letters(plan))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(name);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = bus_read::find(cx, prior.str("id")).await? else { return Ok(None) };
        let arn = live.arn().unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        let letters = live.dead_letter_config().map(|d| Attrs::new().opt("arn", d.arn()));
        let attrs = Attrs::new()
            .opt("id", live.name())
            .opt("name", live.name())
            .str("arn", arn)
            .opt("description", live.description())
            .opt("kms_key_identifier", live.kms_key_identifier())
            .block("dead_letter_config", letters);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, DECLARED) {
            // What is left out of the call stays as it is: what is to go is sent empty.
            let key = plan.opt("kms_key_identifier").or(prior.opt("kms_key_identifier").map(|_| ""));
            let letters = dead_letters(plan)
                .or_else(|| prior.block("dead_letter_config").map(|_| t::DeadLetterConfig::builder().build()));
            cx.aws
                .events()
                .update_event_bus()
                .name(prior.str("id"))
                .description(plan.str("description"))
                .set_kms_key_identifier(key.map(str::to_owned))
                .set_dead_letter_config(letters)
                .send()
                .await?;
        }
        write_tags(cx, prior.str("arn"), &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.events().delete_event_bus().name(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

fn dead_letters(plan: &Obj<'_>) -> Option<t::DeadLetterConfig> {
    let block = plan.block("dead_letter_config")?;
    Some(t::DeadLetterConfig::builder().set_arn(block.string("arn")).build())
}
