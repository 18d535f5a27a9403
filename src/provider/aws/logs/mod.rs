//! CloudWatch Logs: `aws_cloudwatch_log_group`.

mod group;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&group::Group], data: &[], bulk: None };
