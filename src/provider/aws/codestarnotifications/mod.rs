//! CodeStar notifications: `aws_codestarnotifications_notification_rule`.

mod rule;
mod targets;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&rule::Rule], data: &[], bulk: None };
