//! The attributes of a queue, and waiting until SQS shows those that were set: it may take up to a minute.

use crate::domain::policy;
use crate::provider::aws::attribute_map::{Holds, Row, computed, read_only, row};
use crate::provider::aws::equivalence::same_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::resource::Cx;
use crate::provider::aws::wait::{Look, propagating};
use aws_sdk_sqs::types::QueueAttributeName;
use std::collections::HashMap;
use std::time::Duration;

/// Values by SQS's names.
pub type Live = HashMap<String, String>;

/// What SQS answers when there is no such queue, in its JSON and its older protocol.
pub const GONE: &[&str] = &["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];
/// The reuse period SQS assumes, and does not show for queues without a key.
pub const REUSE_PERIOD: i64 = 300;

/// How long a policy that SQS calls invalid is tried again: it says the same of an invalid one and of a principal it does not know yet.
const PRINCIPALS: Duration = Duration::from_secs(30);

/// Of a queue.
pub const QUEUE: &[Row] = &[
    read_only("arn", "QueueArn", Holds::Text),
    row("content_based_deduplication", "ContentBasedDeduplication", Holds::Flag),
    computed("deduplication_scope", "DeduplicationScope", Holds::Text),
    row("delay_seconds", "DelaySeconds", Holds::Number),
    row("fifo_queue", "FifoQueue", Holds::Flag),
    computed("fifo_throughput_limit", "FifoThroughputLimit", Holds::Text),
    computed("kms_data_key_reuse_period_seconds", "KmsDataKeyReusePeriodSeconds", Holds::Number),
    row("kms_master_key_id", "KmsMasterKeyId", Holds::Text),
    row("max_message_size", "MaximumMessageSize", Holds::Number),
    row("message_retention_seconds", "MessageRetentionPeriod", Holds::Number),
    computed("policy", "Policy", Holds::Text),
    row("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds", Holds::Number),
    computed("redrive_allow_policy", "RedriveAllowPolicy", Holds::Text),
    computed("redrive_policy", "RedrivePolicy", Holds::Text),
    computed("sqs_managed_sse_enabled", "SqsManagedSseEnabled", Holds::Flag),
    row("visibility_timeout_seconds", "VisibilityTimeout", Holds::Number),
];

/// All attributes of a queue; `None` when it is gone.
pub async fn find(cx: &Cx<'_>, url: &str) -> Outcome<Option<Live>> {
    let call = cx.aws.sqs().get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    let answer = call.send().await.or_gone(GONE)?;
    let live = answer.and_then(|a| a.attributes).unwrap_or_default();
    let live: Live = live.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect();
    Ok(Some(live).filter(|l| !l.is_empty()))
}

/// Sets attributes and waits until SQS shows them.
pub async fn put(cx: &Cx<'_>, url: &str, wanted: &Live) -> Outcome<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    cx.retry(PRINCIPALS.min(cx.timeout), unknown_principal, || {
        let call = cx.aws.sqs().set_queue_attributes().queue_url(url).set_attributes(Some(sdk(wanted)));
        async move { Ok(call.send().await?) }
    })
    .await?;
    settled(cx, url, wanted).await
}

/// The attributes as the SDK takes them.
pub fn sdk(attributes: &Live) -> HashMap<QueueAttributeName, String> {
    attributes.iter().map(|(name, value)| (QueueAttributeName::from(name.as_str()), value.clone())).collect()
}

/// A principal of the policy that is not known everywhere yet. SQS says so with a general code.
pub fn unknown_principal(failure: &Failure) -> Option<&'static str> {
    let invalid = failure.is(&["InvalidAttributeValue", "InvalidParameterValue"]);
    if invalid && failure.message().contains("Policy") {
        return Some("SQS does not know a principal of the policy yet");
    }
    propagating(failure)
}

/// Waits until SQS shows these values.
pub async fn settled(cx: &Cx<'_>, url: &str, wanted: &Live) -> Outcome<()> {
    cx.wait_until("the queue's attributes", cx.timeout, || async {
        let Some(live) = find(cx, url).await? else {
            return Ok(Look::NotYet("SQS does not show the queue yet".into()));
        };
        Ok(match different(wanted, &live) {
            Some((name, value)) => {
                let shown = live.get(name).map_or("nothing", String::as_str);
                Look::NotYet(format!("SQS shows {name} as {shown} instead of {value}"))
            }
            None => Look::Done(()),
        })
    })
    .await
}

/// An attribute that is not shown as wanted.
fn different<'a>(wanted: &'a Live, live: &Live) -> Option<(&'a str, &'a str)> {
    let encrypted = live.get("KmsMasterKeyId").is_some_and(|k| !k.is_empty());
    let same = |name: &str, value: &str| match (name, live.get(name)) {
        // SQS shows it only where it has a meaning.
        ("KmsDataKeyReusePeriodSeconds", None) => !encrypted || value == REUSE_PERIOD.to_string(),
        (_, None) => value.is_empty() || value == "false",
        ("Policy", Some(shown)) => shown == value || policy::equivalent(shown, value),
        ("RedrivePolicy" | "RedriveAllowPolicy", Some(shown)) => same_redrive(shown, value),
        (_, Some(shown)) => shown == value,
    };
    wanted.iter().find(|(name, value)| !same(name, value)).map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Whether two redrive policies mean the same: SQS takes numbers in quotes and shows them without.
pub fn same_redrive(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        let mut json: serde_json::Value = serde_json::from_str(text).ok()?;
        if let Some(count) = json.get_mut("maxReceiveCount")
            && let Some(number) = count.as_str().and_then(|c| c.parse::<i64>().ok())
        {
            *count = number.into();
        }
        Some(json)
    };
    a == b || same_json(a, b) || plain(a).is_some_and(|a| plain(b) == Some(a))
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

    fn live(pairs: &[(&str, &str)]) -> Live {
        pairs.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect()
    }

    #[test]
    fn numbers_in_quotes_are_the_same_redrive_policy() {
        let (a, b) = (
            r#"{"deadLetterTargetArn":"d","maxReceiveCount":4}"#,
            r#"{"maxReceiveCount":"4","deadLetterTargetArn":"d"}"#,
        );
        assert!(same_redrive(a, b));
        assert!(!same_redrive(a, r#"{"deadLetterTargetArn":"d","maxReceiveCount":5}"#));
        assert!(!same_redrive(a, ""));
    }

    #[test]
    fn what_is_shown_otherwise_is_waited_for() {
        let wanted = live(&[("DelaySeconds", "5"), ("KmsDataKeyReusePeriodSeconds", "600"), ("Policy", "")]);
        assert_eq!(different(&wanted, &live(&[("DelaySeconds", "0")])), Some(("DelaySeconds", "5")));
        assert_eq!(different(&wanted, &live(&[("DelaySeconds", "5")])), None);
        let keyed = live(&[("DelaySeconds", "5"), ("KmsMasterKeyId", "k")]);
        assert_eq!(different(&wanted, &keyed), Some(("KmsDataKeyReusePeriodSeconds", "600")));
    }
}
