//! CloudWatch Logs: log groups, and policies that let services write to them.

mod group;
mod group_data;
mod resource_policy;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service {
    resources: &[&group::Group, &resource_policy::ResourcePolicy],
    data: &[&group_data::GroupData],
    bulk: Some(&resource_policy::Policies),
};
