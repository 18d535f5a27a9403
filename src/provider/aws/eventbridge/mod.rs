//! EventBridge: `aws_cloudwatch_event_rule`, `aws_cloudwatch_event_target`, and buses as data.

mod bulk;
mod bus_data;
mod ids;
mod rule;
mod target;
mod target_expand;
mod target_flatten;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service =
    Service { resources: &[&rule::Rule, &target::Target], data: &[&bus_data::BusData], bulk: Some(&bulk::Rules) };
