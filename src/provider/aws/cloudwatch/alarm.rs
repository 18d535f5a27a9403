//! `aws_cloudwatch_metric_alarm`: an alarm on one metric, or on an expression over several.

use super::alarm_bulk::Found;
use super::{alarm_checks, alarm_queries};
use crate::lang::value::{Number, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use async_trait::async_trait;
use aws_sdk_cloudwatch::types as t;

/// The type.
pub struct Alarm;

/// What CloudWatch answers when there is no such alarm.
const GONE: &[&str] = &["ResourceNotFound", "ResourceNotFoundException"];

#[async_trait(?Send)]
impl ResourceType for Alarm {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_metric_alarm"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_metric_alarm.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        alarm_checks::check(config, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        if let Some(name) = change.config.string("alarm_name") {
            change.set_some("arn", aws.arn("cloudwatch", &format!("alarm:{name}")));
            change.set_str("id", name);
        }
        let few = "evaluate_low_sample_count_percentiles";
        if change.config.value(few).is_none_or(Value::is_null) {
            change.set_str(few, "");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan, plan.string_map("tags_all")).await?;
        made.id(plan.str("alarm_name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = find(cx, prior.str("id")).await? else { return Ok(None) };
        let arn = live.alarm_arn().unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        Ok(Some(cx.aws.with_tags(attributes(&live), tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let fields = plan.as_value().fields().into_iter().flatten();
        let mut declared = fields.filter(|(name, _)| !matches!(name.as_ref(), "tags" | "tags_all"));
        if declared.any(|(name, _)| plan.differs(prior, name)) {
            put(cx, plan, Tags::new()).await?;
        }
        let (change, arn) = (TagChange::between(prior, plan), prior.str("arn"));
        let client = cx.aws.cloudwatch();
        if !change.remove.is_empty() {
            client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            client.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set))).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.cloudwatch().delete_alarms().alarm_names(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

/// PutMetricAlarm replaces the whole alarm but its tags, which only a new one takes.
async fn put(cx: &Cx<'_>, plan: &Obj<'_>, tags: Tags) -> Outcome<()> {
    let some = |name: &str| Some(plan.strings(name)).filter(|s| !s.is_empty());
    let positive = |name: &str| plan.int32(name).filter(|n| *n != 0);
    let fixed = plan.opt("threshold_metric_id").is_none();
    let threshold = plan.value("threshold").and_then(Value::as_number).map(Number::to_f64).unwrap_or_default();
    let queries = alarm_queries::expand(plan);
    cx.aws
        .cloudwatch()
        .put_metric_alarm()
        .alarm_name(plan.str("alarm_name"))
        .comparison_operator(plan.str("comparison_operator").into())
        .evaluation_periods(plan.int32("evaluation_periods").unwrap_or_default())
        .treat_missing_data(plan.str("treat_missing_data"))
        .actions_enabled(plan.opt_bool("actions_enabled").unwrap_or(true))
        .set_alarm_actions(some("alarm_actions"))
        .set_ok_actions(some("ok_actions"))
        .set_insufficient_data_actions(some("insufficient_data_actions"))
        .set_alarm_description(plan.string("alarm_description"))
        .set_datapoints_to_alarm(positive("datapoints_to_alarm"))
        .set_dimensions(Some(alarm_queries::dimensions(plan)).filter(|d| !d.is_empty()))
        .set_evaluate_low_sample_count_percentile(plan.string("evaluate_low_sample_count_percentiles"))
        .set_extended_statistic(plan.string("extended_statistic"))
        .set_metric_name(plan.string("metric_name"))
        .set_metrics(Some(queries).filter(|q| !q.is_empty()))
        .set_namespace(plan.string("namespace"))
        .set_period(positive("period"))
        .set_statistic(plan.opt("statistic").map(t::Statistic::from))
        .set_threshold(fixed.then_some(threshold))
        .set_threshold_metric_id(plan.string("threshold_metric_id"))
        .set_unit(plan.opt("unit").map(t::StandardUnit::from))
        .set_tags(Some(sdk_tags(tags)).filter(|t| !t.is_empty()))
        .send()
        .await?;
    Ok(())
}

async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<t::MetricAlarm>> {
    if let Some(known) = cx.aws.bulk::<Found>().take(name) {
        return Ok(known);
    }
    let call = cx.aws.cloudwatch().describe_alarms().alarm_names(name).alarm_types(t::AlarmType::MetricAlarm);
    Ok(call.send().await?.metric_alarms.unwrap_or_default().into_iter().find(|a| a.alarm_name() == Some(name)))
}

fn attributes(live: &t::MetricAlarm) -> Attrs {
    let threshold = live.threshold().and_then(Number::from_f64).unwrap_or_else(|| Number::from(0));
    let mut attrs = Attrs::new()
        .opt("id", live.alarm_name())
        .opt("alarm_name", live.alarm_name())
        .opt("arn", live.alarm_arn())
        .bool("actions_enabled", live.actions_enabled())
        .strings("alarm_actions", live.alarm_actions())
        .strings("ok_actions", live.ok_actions())
        .strings("insufficient_data_actions", live.insufficient_data_actions())
        .opt("alarm_description", live.alarm_description())
        .opt("comparison_operator", live.comparison_operator().map(t::ComparisonOperator::as_str))
        .int("datapoints_to_alarm", live.datapoints_to_alarm())
        .map("dimensions", alarm_queries::dimensions_map(live.dimensions()))
        .opt("evaluate_low_sample_count_percentiles", live.evaluate_low_sample_count_percentile())
        .int("evaluation_periods", live.evaluation_periods())
        .opt("extended_statistic", live.extended_statistic())
        .opt("metric_name", live.metric_name())
        .opt("namespace", live.namespace())
        .int("period", live.period())
        .opt("statistic", live.statistic().map(t::Statistic::as_str))
        .value("threshold", Value::number(threshold))
        .opt("threshold_metric_id", live.threshold_metric_id())
        .str("treat_missing_data", live.treat_missing_data().unwrap_or("missing"))
        .opt("unit", live.unit().map(t::StandardUnit::as_str));
    if !live.metrics().is_empty() {
        attrs = attrs.blocks("metric_query", alarm_queries::flatten(live.metrics()));
    }
    attrs
}

fn sdk_tags(tags: Tags) -> Vec<t::Tag> {
    tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect()
}

async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.cloudwatch().list_tags_for_resource().resource_arn(arn).send().await?;
    let tag = |t: &t::Tag| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()));
    Ok(answer.tags().iter().filter_map(tag).collect())
}
