//! SNS keeps everything as attributes of text: tables of our names for them, and the way there and back.

use crate::lang::value::{Kind, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::object::{Obj, is_zero};
use std::collections::HashMap;

/// What kind of value an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Any text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Ours.
    pub name: &'static str,
    /// SNS's.
    pub api: &'static str,
    /// Its values.
    pub holds: Holds,
    /// May be set, not only read.
    pub settable: bool,
    /// SNS chooses a value when none is set.
    pub computed: bool,
}

const fn row(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: true, computed: false }
}

const fn computed(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: true, computed: true }
}

const fn read_only(name: &'static str, api: &'static str, holds: Holds) -> Row {
    Row { name, api, holds, settable: false, computed: true }
}

/// Of a topic.
pub const TOPIC: &[Row] = &[
    row("application_failure_feedback_role_arn", "ApplicationFailureFeedbackRoleArn", Holds::Text),
    row("application_success_feedback_role_arn", "ApplicationSuccessFeedbackRoleArn", Holds::Text),
    row("application_success_feedback_sample_rate", "ApplicationSuccessFeedbackSampleRate", Holds::Number),
    row("archive_policy", "ArchivePolicy", Holds::Text),
    read_only("arn", "TopicArn", Holds::Text),
    read_only("beginning_archive_time", "BeginningArchiveTime", Holds::Text),
    row("content_based_deduplication", "ContentBasedDeduplication", Holds::Flag),
    row("delivery_policy", "DeliveryPolicy", Holds::Text),
    row("display_name", "DisplayName", Holds::Text),
    computed("fifo_throughput_scope", "FifoThroughputScope", Holds::Text),
    row("fifo_topic", "FifoTopic", Holds::Flag),
    row("firehose_failure_feedback_role_arn", "FirehoseFailureFeedbackRoleArn", Holds::Text),
    row("firehose_success_feedback_role_arn", "FirehoseSuccessFeedbackRoleArn", Holds::Text),
    row("firehose_success_feedback_sample_rate", "FirehoseSuccessFeedbackSampleRate", Holds::Number),
    row("http_failure_feedback_role_arn", "HTTPFailureFeedbackRoleArn", Holds::Text),
    row("http_success_feedback_role_arn", "HTTPSuccessFeedbackRoleArn", Holds::Text),
    row("http_success_feedback_sample_rate", "HTTPSuccessFeedbackSampleRate", Holds::Number),
    row("kms_master_key_id", "KmsMasterKeyId", Holds::Text),
    row("lambda_failure_feedback_role_arn", "LambdaFailureFeedbackRoleArn", Holds::Text),
    row("lambda_success_feedback_role_arn", "LambdaSuccessFeedbackRoleArn", Holds::Text),
    row("lambda_success_feedback_sample_rate", "LambdaSuccessFeedbackSampleRate", Holds::Number),
    read_only("owner", "Owner", Holds::Text),
    computed("policy", "Policy", Holds::Text),
    computed("signature_version", "SignatureVersion", Holds::Number),
    row("sqs_failure_feedback_role_arn", "SQSFailureFeedbackRoleArn", Holds::Text),
    row("sqs_success_feedback_role_arn", "SQSSuccessFeedbackRoleArn", Holds::Text),
    row("sqs_success_feedback_sample_rate", "SQSSuccessFeedbackSampleRate", Holds::Number),
    computed("tracing_config", "TracingConfig", Holds::Text),
];

/// Of a subscription. Topic, protocol and endpoint are parameters of Subscribe.
pub const SUBSCRIPTION: &[Row] = &[
    read_only("arn", "SubscriptionArn", Holds::Text),
    read_only("confirmation_was_authenticated", "ConfirmationWasAuthenticated", Holds::Flag),
    row("delivery_policy", "DeliveryPolicy", Holds::Text),
    read_only("endpoint", "Endpoint", Holds::Text),
    row("filter_policy", "FilterPolicy", Holds::Text),
    computed("filter_policy_scope", "FilterPolicyScope", Holds::Text),
    read_only("owner_id", "Owner", Holds::Text),
    read_only("pending_confirmation", "PendingConfirmation", Holds::Flag),
    read_only("protocol", "Protocol", Holds::Text),
    row("raw_message_delivery", "RawMessageDelivery", Holds::Flag),
    row("redrive_policy", "RedrivePolicy", Holds::Text),
    row("replay_policy", "ReplayPolicy", Holds::Text),
    row("subscription_role_arn", "SubscriptionRoleArn", Holds::Text),
    read_only("topic_arn", "TopicArn", Holds::Text),
];

/// What a new object must be given: everything set that is not what SNS would assume. A configured number counts even when it is 0.
pub fn for_create(rows: &[Row], plan: &Obj<'_>) -> Vec<(Row, String)> {
    let wanted = rows.iter().filter(|r| r.settable).filter_map(|row| {
        let value = plan.value(row.name).filter(|v| v.is_known() && !v.is_null())?;
        let zero = is_zero(value) && (row.holds != Holds::Number || row.computed);
        if zero { None } else { Some((*row, text(value)?)) }
    });
    wanted.collect()
}

/// What changes from one object to another.
pub fn for_update(rows: &[Row], prior: &Obj<'_>, plan: &Obj<'_>) -> Vec<(Row, String)> {
    let changed = rows.iter().filter(|row| row.settable && plan.differs(prior, row.name)).filter_map(|row| {
        let value = plan.value(row.name)?;
        if !value.is_known() {
            return None;
        }
        let unset = match row.holds {
            Holds::Text => "",
            Holds::Flag => "false",
            Holds::Number => "0",
        };
        Some((*row, text(value).unwrap_or_else(|| unset.to_owned())))
    });
    changed.collect()
}

fn text(value: &Value) -> Option<String> {
    match value.kind() {
        Kind::String(text) => Some(text.to_string()),
        Kind::Bool(truth) => Some(truth.to_string()),
        Kind::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The attributes SNS returned; those it did not are absent.
pub fn read(rows: &[Row], live: &HashMap<String, String>) -> Attrs {
    rows.iter().fold(Attrs::new(), |attrs, row| {
        let value = live.get(row.api);
        match row.holds {
            Holds::Text => attrs.opt(row.name, value.map(String::as_str)),
            Holds::Flag => attrs.bool(row.name, value.map(|v| v.eq_ignore_ascii_case("true"))),
            Holds::Number => attrs.int(row.name, value.and_then(|v| v.parse::<i64>().ok())),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::lang::value::Type;

    fn names(changes: &[(Row, String)]) -> Vec<(&str, &str)> {
        changes.iter().map(|(row, value)| (row.api, value.as_str())).collect()
    }

    #[test]
    fn a_create_sends_what_is_set() {
        let plan = Value::object_of([
            ("fifo_topic", Value::bool(false)),
            ("display_name", Value::string("x")),
            ("sqs_success_feedback_sample_rate", Value::number(0)),
            ("http_success_feedback_sample_rate", Value::null(Type::Number)),
            ("signature_version", Value::unknown(Type::Number)),
        ]);
        let sent = for_create(TOPIC, &Obj::new(&plan));
        assert_eq!(names(&sent), [("DisplayName", "x"), ("SQSSuccessFeedbackSampleRate", "0")]);
    }

    #[test]
    fn an_update_empties_what_is_no_longer_set() {
        let prior = Value::object_of([("display_name", Value::string("x")), ("kms_master_key_id", Value::string("k"))]);
        let plan =
            Value::object_of([("display_name", Value::null(Type::String)), ("kms_master_key_id", Value::string("k"))]);
        let sent = for_update(TOPIC, &Obj::new(&prior), &Obj::new(&plan));
        assert_eq!(names(&sent), [("DisplayName", "")]);
    }
}
