//! CloudTrail: `aws_cloudtrail`.

mod selectors;
mod trail;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&trail::Trail], data: &[], bulk: None };
