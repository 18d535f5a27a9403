//! CloudWatch: metric alarms and dashboards.

mod alarm;
mod alarm_bulk;
mod alarm_checks;
mod alarm_queries;
mod dashboard;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service =
    Service { resources: &[&alarm::Alarm, &dashboard::Dashboard], data: &[], bulk: Some(&alarm_bulk::Alarms) };
