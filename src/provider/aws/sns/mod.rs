//! SNS: topics, their policies and subscriptions.

mod attributes;
mod subscription;
mod topic;
mod topic_data;
mod topic_policy;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&topic::Topic, &topic_policy::TopicPolicy, &subscription::Subscription],
    data: &[&topic_data::TopicData],
    bulk: None,
};
