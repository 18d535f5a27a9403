//! The attributes of topics and subscriptions.

use crate::provider::aws::attribute_map::{Holds, Row, computed, read_only, row};

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
