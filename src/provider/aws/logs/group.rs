//! `aws_cloudwatch_log_group`: a log group with its retention and key.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types as t;
use std::time::Duration;

/// The type.
pub struct Group;

#[async_trait(?Send)]
impl ResourceType for Group {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_log_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_log_group.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        let name = change.config.string("name");
        if let Some(name) = name.filter(|_| change.is_create()) {
            change.set_some("arn", aws.arn("logs", &format!("log-group:{name}")));
            change.set_str("id", name);
        }
        // CloudWatch decides how long groups of this class keep what they have.
        let class = change.planned().str("log_group_class") == "DELIVERY";
        if class && !change.is_create() && !change.changed("log_group_class") {
            change.keep("retention_in_days");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let tags = plan.string_map("tags_all").into_iter().collect();
        let class = plan.opt("log_group_class");
        cx.aws
            .logs()
            .create_log_group()
            .log_group_name(&name)
            .set_log_group_class(class.map(t::LogGroupClass::from))
            .set_kms_key_id(plan.string("kms_key_id"))
            .set_tags(Some(tags).filter(|t: &std::collections::HashMap<_, _>| !t.is_empty()))
            .send()
            .await?;
        made.id(name.as_str());
        match plan.int32("retention_in_days").filter(|days| *days != 0 && class != Some("DELIVERY")) {
            Some(days) => put_retention(cx, &name, days).await,
            None => Ok(()),
        }
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = find(cx, prior.str("id")).await? else { return Ok(None) };
        let attrs = attributes(&live);
        let arn = attrs.get_str("arn").unwrap_or_default().to_owned();
        let tags = match tagging::confirmed(cx.aws, &arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, &arn).await?,
        };
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (name, client) = (prior.str("id"), cx.aws.logs());
        if plan.differs(prior, "retention_in_days") {
            match plan.int32("retention_in_days").filter(|days| *days != 0) {
                Some(days) => put_retention(cx, name, days).await?,
                None => {
                    client.delete_retention_policy().log_group_name(name).send().await?;
                }
            }
        }
        if plan.differs(prior, "kms_key_id") {
            match plan.opt("kms_key_id") {
                Some(key) => {
                    client.associate_kms_key().log_group_name(name).kms_key_id(key).send().await?;
                }
                None => {
                    client.disassociate_kms_key().log_group_name(name).send().await?;
                }
            }
        }
        let (change, arn) = (TagChange::between(prior, plan), prior.str("arn"));
        if !change.remove.is_empty() {
            client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            client.tag_resource().resource_arn(arn).set_tags(Some(change.set.into_iter().collect())).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        if prior.bool("skip_destroy") {
            return Ok(());
        }
        let busy = |f: &Failure| {
            f.says("OperationAbortedException", "try again").then_some("another change of the log group is under way")
        };
        let deleted = cx.retry(Duration::from_secs(60), busy, || {
            let call = cx.aws.logs().delete_log_group().log_group_name(prior.str("id"));
            async move { Ok(call.send().await?) }
        });
        deleted.await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }
}

async fn put_retention(cx: &Cx<'_>, name: &str, days: i32) -> Outcome<()> {
    let denied = |f: &Failure| {
        f.says("AccessDeniedException", "no identity-based policy allows the logs:PutRetentionPolicy action")
            .then_some("CloudWatch Logs does not know the new permissions yet")
    };
    cx.retry(IAM_PROPAGATION, denied, || {
        let call = cx.aws.logs().put_retention_policy().log_group_name(name).retention_in_days(days);
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}

/// A log group by its exact name.
pub async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<t::LogGroup>> {
    let mut pages = cx.aws.logs().describe_log_groups().log_group_name_prefix(name).into_paginator().items().send();
    while let Some(group) = pages.next().await {
        let group = group?;
        // Groups come sorted by name: the one asked for is the first with its name as prefix.
        if group.log_group_name() == Some(name) {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

/// What is stored of a log group, but for its tags.
pub fn attributes(live: &t::LogGroup) -> Attrs {
    let arn = live.arn().or(live.log_group_arn()).unwrap_or_default();
    Attrs::new()
        .opt("id", live.log_group_name())
        .opt("name", live.log_group_name())
        .opt("name_prefix", live.log_group_name().and_then(naming::prefix_of))
        .str("arn", arn.strip_suffix(":*").unwrap_or(arn))
        .opt("kms_key_id", live.kms_key_id())
        .opt("log_group_class", live.log_group_class().map(t::LogGroupClass::as_str))
        .int("retention_in_days", live.retention_in_days())
}

/// A log group's tags.
pub async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.logs().list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}
