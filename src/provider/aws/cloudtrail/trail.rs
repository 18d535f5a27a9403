//! `aws_cloudtrail`: a trail, with what it records and whether it does.

use super::access;
use super::selectors;
use super::tags::{read_tags, sdk_tags, write_tags};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::TagChange;
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use aws_sdk_cloudtrail::types as t;
use serde_json::Value as Json;

/// The type.
pub struct Trail;

/// Attributes an UpdateTrail carries.
const DECLARED: &[&str] = &[
    "cloud_watch_logs_group_arn",
    "cloud_watch_logs_role_arn",
    "enable_log_file_validation",
    "include_global_service_events",
    "is_multi_region_trail",
    "is_organization_trail",
    "kms_key_id",
    "s3_bucket_name",
    "s3_key_prefix",
    "sns_topic_name",
];

#[async_trait(?Send)]
impl ResourceType for Trail {
    fn name(&self) -> &'static str {
        "aws_cloudtrail"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudtrail.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            change.set_str("home_region", aws.region());
            let name = change.planned().string("name");
            // The trail of an organization belongs to its management account, which may be another one.
            let own =
                change.planned().known("is_organization_trail") && !change.planned().bool("is_organization_trail");
            if let Some(arn) = name.filter(|_| own).and_then(|name| aws.arn("cloudtrail", &format!("trail/{name}"))) {
                change.set_str("arn", &arn);
                change.set_str("id", &arn);
            }
        }
        if change.is_create() || change.changed("sns_topic_name") {
            let topic = change.config.known("sns_topic_name").then(|| change.config.str("sns_topic_name").to_owned());
            match topic {
                Some(topic) if topic.is_empty() || topic.starts_with("arn:") => change.set_str("sns_topic_arn", topic),
                Some(topic) if aws.account().is_some() => change.set_some("sns_topic_arn", aws.arn("sns", &topic)),
                _ => change.unknown("sns_topic_arn"),
            }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = sdk_tags(plan.string_map("tags_all"))?;
        let call = cx
            .aws
            .cloudtrail()
            .create_trail()
            .name(plan.str("name"))
            .s3_bucket_name(plan.str("s3_bucket_name"))
            .include_global_service_events(plan.opt_bool("include_global_service_events").unwrap_or(true))
            .enable_log_file_validation(plan.bool("enable_log_file_validation"))
            .is_multi_region_trail(plan.bool("is_multi_region_trail"))
            .is_organization_trail(plan.bool("is_organization_trail"))
            .set_cloud_watch_logs_log_group_arn(plan.string("cloud_watch_logs_group_arn"))
            .set_cloud_watch_logs_role_arn(plan.string("cloud_watch_logs_role_arn"))
            .set_kms_key_id(plan.string("kms_key_id"))
            .set_s3_key_prefix(plan.string("s3_key_prefix"))
            .set_sns_topic_name(plan.string("sns_topic_name"))
            .set_tags_list(Some(tags).filter(|t| !t.is_empty()));
        let answer = cx.retry(
            IAM_PROPAGATION,
            |f| access::settling(cx, plan, f),
            || {
                let call = call.clone();
                async move { Ok(call.send().await?) }
            },
        );
        let arn = match answer.await {
            Ok(made) => made.trail_arn.unwrap_or_default(),
            Err(failure) => return Err(access::explained(cx, plan, failure).await),
        };
        made.id(arn.as_str());
        if plan.opt_bool("enable_logging").unwrap_or(true) {
            cx.aws.cloudtrail().start_logging().name(&arn).send().await?;
        }
        if plan.has("event_selector") {
            put_events(cx, &arn, plan).await?;
        }
        if plan.has("advanced_event_selector") {
            put_advanced(cx, &arn, plan).await?;
        }
        if plan.has("insight_selector") {
            put_insights(cx, &arn, plan).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let client = cx.aws.cloudtrail();
        let id = prior.str("id");
        let found = client.describe_trails().trail_name_list(id).send().await.or_gone(&["TrailNotFoundException"])?;
        let live = found.and_then(|f| f.trail_list).unwrap_or_default().into_iter().next();
        let Some(live) = live else { return Ok(None) };
        let arn = live.trail_arn().unwrap_or(id);
        let status = client.get_trail_status().name(arn).send().await.or_gone(&["TrailNotFoundException"])?;
        let Some(status) = status else { return Ok(None) };
        let mut attrs = attributes(&live, cx.aws.account()).bool("enable_logging", status.is_logging());
        // Without the flag a trail has nothing but what every trail has. Some emulators never set it: then the call itself tells.
        let imported = prior.opt("s3_bucket_name").is_none();
        if imported
            || live.has_custom_event_selectors() == Some(true)
            || prior.has("event_selector")
            || prior.has("advanced_event_selector")
        {
            let answer = client.get_event_selectors().trail_name(arn).send().await?;
            let declared = prior.has("event_selector");
            attrs = attrs
                .blocks("event_selector", selectors::events_attrs(answer.event_selectors(), declared))
                .blocks("advanced_event_selector", selectors::advanced_attrs(answer.advanced_event_selectors()));
        }
        if imported || live.has_insight_selectors() == Some(true) || prior.has("insight_selector") {
            let answer = client.get_insight_selectors().trail_name(arn).send().await;
            let answer = answer.or_gone(&["InsightNotEnabledException"])?;
            let live = answer.map(|a| a.insight_selectors.unwrap_or_default()).unwrap_or_default();
            attrs = attrs.blocks("insight_selector", selectors::insights_attrs(&live));
        }
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        if plan.differs_any(prior, DECLARED) {
            update_trail(cx, prior, plan).await?;
        }
        if plan.differs(prior, "enable_logging") {
            if plan.opt_bool("enable_logging").unwrap_or(true) {
                cx.aws.cloudtrail().start_logging().name(arn).send().await?;
            } else {
                cx.aws.cloudtrail().stop_logging().name(arn).send().await?;
            }
        }
        // Setting one kind replaces the other: the one that goes is not touched when the other comes.
        let (basic, advanced) = (plan.differs(prior, "event_selector"), plan.differs(prior, "advanced_event_selector"));
        if advanced && plan.has("advanced_event_selector") {
            put_advanced(cx, arn, plan).await?;
        } else if basic || advanced {
            put_events(cx, arn, plan).await?;
        }
        if plan.differs(prior, "insight_selector") {
            put_insights(cx, arn, plan).await?;
        }
        write_tags(cx, arn, TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        // A trail of this account and region goes by its name, which every emulator understands; any other by its ARN.
        let name = prior
            .opt("name")
            .filter(|n| cx.aws.arn("cloudtrail", &format!("trail/{n}")).as_deref() == Some(prior.str("id")));
        let call = cx.aws.cloudtrail().delete_trail().name(name.unwrap_or(prior.str("id")));
        call.send().await.or_gone(&["TrailNotFoundException"])?;
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let arn = if id.starts_with("arn:") { None } else { cx.aws.arn("cloudtrail", &format!("trail/{id}")) };
        Ok(Attrs::new().str("id", arn.unwrap_or_else(|| id.to_owned())))
    }

    /// Objects of version 0 had the name as id.
    fn upgrade(&self, version: u64, mut attributes: Json) -> Json {
        if version == 0
            && let Some(arn) = attributes.get("arn").and_then(Json::as_str).filter(|a| !a.is_empty()).map(str::to_owned)
            && let Some(fields) = attributes.as_object_mut()
        {
            fields.insert("id".into(), arn.into());
        }
        attributes
    }
}

async fn update_trail(cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let changed = |name: &str| plan.differs(prior, name);
    let text = |name: &str| changed(name).then(|| plan.str(name).to_owned());
    let flag = |name: &str| changed(name).then(|| plan.bool(name));
    // These two are only accepted together.
    let logs = changed("cloud_watch_logs_role_arn") || changed("cloud_watch_logs_group_arn");
    let both = |name: &str| logs.then(|| plan.str(name).to_owned());
    let call = cx
        .aws
        .cloudtrail()
        .update_trail()
        .name(prior.str("id"))
        .set_cloud_watch_logs_role_arn(both("cloud_watch_logs_role_arn"))
        .set_cloud_watch_logs_log_group_arn(both("cloud_watch_logs_group_arn"))
        .set_enable_log_file_validation(flag("enable_log_file_validation"))
        .set_include_global_service_events(flag("include_global_service_events"))
        .set_is_multi_region_trail(flag("is_multi_region_trail"))
        .set_is_organization_trail(flag("is_organization_trail"))
        .set_kms_key_id(text("kms_key_id"))
        .set_s3_bucket_name(text("s3_bucket_name"))
        .set_s3_key_prefix(text("s3_key_prefix"))
        .set_sns_topic_name(text("sns_topic_name"));
    let answer = cx.retry(
        IAM_PROPAGATION,
        |f| access::settling(cx, plan, f),
        || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        },
    );
    match answer.await {
        Ok(_) => Ok(()),
        Err(failure) => Err(access::explained(cx, plan, failure).await),
    }
}

async fn put_events(cx: &Cx<'_>, arn: &str, plan: &Obj<'_>) -> Outcome<()> {
    let call = cx.aws.cloudtrail().put_event_selectors().trail_name(arn);
    call.set_event_selectors(Some(selectors::events(plan))).send().await?;
    Ok(())
}

async fn put_advanced(cx: &Cx<'_>, arn: &str, plan: &Obj<'_>) -> Outcome<()> {
    let call = cx.aws.cloudtrail().put_event_selectors().trail_name(arn);
    call.set_advanced_event_selectors(Some(selectors::advanced(plan)?)).send().await?;
    Ok(())
}

async fn put_insights(cx: &Cx<'_>, arn: &str, plan: &Obj<'_>) -> Outcome<()> {
    let call = cx.aws.cloudtrail().put_insight_selectors().trail_name(arn);
    call.set_insight_selectors(Some(selectors::insights(plan))).send().await?;
    Ok(())
}

fn attributes(live: &t::Trail, account: Option<&str>) -> Attrs {
    // A topic of this account and region goes by its name, another by its ARN.
    let topic = live.sns_topic_arn().map(|arn| {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        match parts.as_slice() {
            [_, _, _, region, owner, name] if Some(*region) == live.home_region() && Some(*owner) == account => *name,
            _ => arn,
        }
    });
    Attrs::new()
        .opt("id", live.trail_arn())
        .opt("arn", live.trail_arn())
        .opt("name", live.name())
        .opt("home_region", live.home_region())
        .opt("s3_bucket_name", live.s3_bucket_name())
        .opt("s3_key_prefix", live.s3_key_prefix())
        .opt("kms_key_id", live.kms_key_id())
        .opt("sns_topic_arn", live.sns_topic_arn())
        .opt("sns_topic_name", topic)
        .opt("cloud_watch_logs_group_arn", live.cloud_watch_logs_log_group_arn())
        .opt("cloud_watch_logs_role_arn", live.cloud_watch_logs_role_arn())
        .bool("enable_log_file_validation", live.log_file_validation_enabled())
        .bool("include_global_service_events", live.include_global_service_events())
        .bool("is_multi_region_trail", live.is_multi_region_trail())
        .bool("is_organization_trail", live.is_organization_trail())
}
