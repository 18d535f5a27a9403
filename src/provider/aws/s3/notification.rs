//! `aws_s3_bucket_notification`: which events of a bucket go where. A bucket has one such configuration; deleting it empties it.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming::unique_suffix;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::calls::{NO_BUCKET, PATIENCE, busy, remove};
use async_trait::async_trait;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput as Found;
use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
    NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter, TopicConfiguration,
};

pub struct Notification;

fn id_of(block: &Obj<'_>, kind: &str) -> String {
    block.string("id").unwrap_or_else(|| format!("tf-s3-{kind}-{}", unique_suffix()))
}

fn events(block: &Obj<'_>) -> Vec<Event> {
    block.strings("events").iter().map(|e| Event::from(e.as_str())).collect()
}

fn filter(block: &Obj<'_>) -> Option<NotificationConfigurationFilter> {
    let rule = |name: FilterRuleName, attribute: &str| {
        block.opt(attribute).map(|value| FilterRule::builder().name(name).value(value).build())
    };
    let rules: Vec<FilterRule> =
        [rule(FilterRuleName::Prefix, "filter_prefix"), rule(FilterRuleName::Suffix, "filter_suffix")]
            .into_iter()
            .flatten()
            .collect();
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.clone())).build();
    (!rules.is_empty()).then(|| NotificationConfigurationFilter::builder().key(key).build())
}

fn wanted(plan: &Obj<'_>) -> Outcome<NotificationConfiguration> {
    let mut out = NotificationConfiguration::builder();
    if plan.bool("eventbridge") {
        out = out.event_bridge_configuration(EventBridgeConfiguration::builder().build());
    }
    for block in plan.blocks("lambda_function") {
        let one = LambdaFunctionConfiguration::builder().id(id_of(&block, "lambda")).set_filter(filter(&block));
        let one = one.lambda_function_arn(block.str("lambda_function_arn"));
        out = out.lambda_function_configurations(one.set_events(Some(events(&block))).build()?);
    }
    for block in plan.blocks("queue") {
        let one = QueueConfiguration::builder().id(id_of(&block, "queue")).set_filter(filter(&block));
        let one = one.queue_arn(block.str("queue_arn"));
        out = out.queue_configurations(one.set_events(Some(events(&block))).build()?);
    }
    for block in plan.blocks("topic") {
        let one = TopicConfiguration::builder().id(id_of(&block, "topic")).set_filter(filter(&block));
        let one = one.topic_arn(block.str("topic_arn"));
        out = out.topic_configurations(one.set_events(Some(events(&block))).build()?);
    }
    Ok(out.build())
}

fn show(id: Option<String>, events: &[Event], filter: Option<NotificationConfigurationFilter>) -> Attrs {
    let mut attrs = Attrs::new().opt("id", id).strings("events", events.iter().map(Event::as_str));
    for rule in filter.and_then(|f| f.key).and_then(|k| k.filter_rules).unwrap_or_default() {
        let name = rule.name.as_ref().map(|n| n.as_str().to_ascii_lowercase()).unwrap_or_default();
        attrs = match name.as_str() {
            "prefix" => attrs.opt("filter_prefix", rule.value),
            "suffix" => attrs.opt("filter_suffix", rule.value),
            _ => attrs,
        };
    }
    attrs
}

/// In the order in which they were: S3 does not promise one. Ids that S3 was only just told leave its order as it is.
fn ordered<T>(mut found: Vec<T>, prior: &Obj<'_>, block: &str, id: impl Fn(&T) -> Option<&str>) -> Vec<T> {
    let before: Vec<Option<String>> = prior.blocks(block).iter().map(|b| b.string("id")).collect();
    if before.iter().any(Option::is_none) {
        return found;
    }
    let place = |one: &T| {
        let id = id(one).map(str::to_owned);
        before.iter().position(|b| *b == id).unwrap_or(usize::MAX)
    };
    found.sort_by_key(place);
    found
}

fn attributes(found: Found, bucket: &str, prior: &Obj<'_>) -> Attrs {
    let lambdas = found.lambda_function_configurations.unwrap_or_default();
    let lambdas = ordered(lambdas, prior, "lambda_function", |c| c.id.as_deref());
    let queues = ordered(found.queue_configurations.unwrap_or_default(), prior, "queue", |c| c.id.as_deref());
    let topics = ordered(found.topic_configurations.unwrap_or_default(), prior, "topic", |c| c.id.as_deref());
    Attrs::new()
        .str("id", bucket)
        .str("bucket", bucket)
        .bool("eventbridge", found.event_bridge_configuration.is_some())
        .blocks(
            "lambda_function",
            lambdas
                .into_iter()
                .map(|c| show(c.id, &c.events, c.filter).str("lambda_function_arn", c.lambda_function_arn)),
        )
        .blocks("queue", queues.into_iter().map(|c| show(c.id, &c.events, c.filter).str("queue_arn", c.queue_arn)))
        .blocks("topic", topics.into_iter().map(|c| show(c.id, &c.events, c.filter).str("topic_arn", c.topic_arn)))
}

/// S3 asks the destinations whether it may send; their policies may be too new to be known.
fn passing(failure: &Failure) -> Option<&'static str> {
    let unsure = failure.says("InvalidArgument", "Unable to validate the following destination configurations");
    busy(failure).or_else(|| unsure.then_some("a destination does not let S3 send to it yet"))
}

async fn put(cx: &Cx<'_>, bucket: &str, config: NotificationConfiguration) -> Outcome<()> {
    let _turn = cx.aws.lock(&format!("s3/{bucket}")).await;
    // A policy that really is missing is told after a short while, not after all of the patience.
    let start = std::time::Instant::now();
    let patient = |f: &Failure| {
        let refused = f.code() == "InvalidArgument" && start.elapsed().as_secs() > 20;
        passing(f).filter(|_| !refused)
    };
    cx.retry(PATIENCE, patient, || async {
        let call = cx.aws.s3().put_bucket_notification_configuration().bucket(bucket);
        call.notification_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Notification {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_notification"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_notification.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let bucket = change.planned().string("bucket");
        if change.is_create() {
            change.set_some("id", bucket);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let bucket = plan.str("bucket");
        put(cx, bucket, wanted(plan)?).await?;
        made.id(bucket);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let bucket = prior.str("id");
        let call = cx.aws.s3().get_bucket_notification_configuration().bucket(bucket);
        Ok(call.send().await.or_gone(NO_BUCKET)?.map(|found| attributes(found, bucket, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), wanted(plan)?).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let bucket = prior.str("id");
        remove(cx, bucket, || async {
            let none = NotificationConfiguration::builder().build();
            let call = cx.aws.s3().put_bucket_notification_configuration().bucket(bucket);
            call.notification_configuration(none).send().await.or_gone(NO_BUCKET)?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::lang::value::Value;

    #[test]
    fn configurations_keep_the_order_in_which_they_were() {
        let block = |id: &str| Value::object_of([("id", Value::string(id))]);
        let blocks = Value::list(block("a").ty(), vec![block("b"), block("a")]);
        let prior = Value::object_of([("queue", blocks)]);
        let found = ordered(vec!["new", "a", "b"], &Obj::new(&prior), "queue", |id| Some(id));
        assert_eq!(found, ["b", "a", "new"]);
    }
}
