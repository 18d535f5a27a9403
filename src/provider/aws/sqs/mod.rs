//! SQS: queues, and their policies managed apart from them.

mod attribute;
mod attributes;
mod queue;
mod queue_data;
mod url;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&queue::Queue, &attribute::POLICY, &attribute::REDRIVE_POLICY, &attribute::REDRIVE_ALLOW_POLICY],
    data: &[&queue_data::QueueData],
    bulk: None,
};
