//! `aws_cloudwatch_event_archive`: keeps a bus's events, all or those of a pattern, to replay them later.

use super::bus_read::GONE;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;

/// The type.
pub struct Archive;

#[async_trait(?Send)]
impl ResourceType for Archive {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_archive"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_archive.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create()
            && let Some(name) = change.config.string("name")
        {
            change.set_some("arn", aws.arn("events", &format!("archive/{name}")));
            change.set_str("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("name");
        cx.aws
            .events()
            .create_archive()
            .archive_name(name)
            .event_source_arn(plan.str("event_source_arn"))
            .set_description(plan.string("description"))
            .set_event_pattern(plan.string("event_pattern"))
            .set_retention_days(plan.int32("retention_days").filter(|days| *days != 0))
            .send()
            .await?;
        made.id(name);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let answer = cx.aws.events().describe_archive().archive_name(prior.str("id")).send().await.or_gone(GONE)?;
        let Some(live) = answer else { return Ok(None) };
        let pattern = live.event_pattern().map(|p| normal_json(p).unwrap_or_else(|| p.to_owned()));
        Ok(Some(
            Attrs::new()
                .opt("id", live.archive_name())
                .opt("name", live.archive_name())
                .opt("arn", live.archive_arn())
                .opt("description", live.description())
                .opt("event_pattern", pattern)
                .opt("event_source_arn", live.event_source_arn())
                .int("retention_days", live.retention_days()),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        // What is left out of the call stays as it is: what is to go is sent empty.
        let text = |name: &str| plan.opt(name).or(prior.opt(name).map(|_| "")).map(str::to_owned);
        cx.aws
            .events()
            .update_archive()
            .archive_name(prior.str("id"))
            .set_description(text("description"))
            .set_event_pattern(text("event_pattern"))
            .retention_days(plan.int32("retention_days").unwrap_or_default())
            .send()
            .await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.events().delete_archive().archive_name(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}
