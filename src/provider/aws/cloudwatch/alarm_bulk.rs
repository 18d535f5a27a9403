//! Alarms are described a hundred at a time.

use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_cloudwatch::types as t;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most names of one DescribeAlarms (API reference).
const CHUNK: usize = 100;

/// What was read; `None` for an alarm that is gone.
#[derive(Default)]
pub struct Found(Mutex<HashMap<String, Option<t::MetricAlarm>>>);

impl Found {
    /// What is known of an alarm. Each answer is given once.
    pub fn take(&self, name: &str) -> Option<Option<t::MetricAlarm>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }
}

/// The bulk read.
pub struct Alarms;

#[async_trait(?Send)]
impl Bulk for Alarms {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let alarms = hints.iter().filter(|h| h.type_name == "aws_cloudwatch_metric_alarm");
        let mut names: Vec<String> =
            alarms.filter_map(|h| h.prior.get("id").and_then(Value::as_str).map(str::to_owned)).collect();
        names.sort();
        names.dedup();
        if names.len() < 2 {
            return;
        }
        let found = cx.aws.bulk::<Found>();
        let calls = names.chunks(CHUNK).map(|names| async move {
            let call = cx.aws.cloudwatch().describe_alarms().set_alarm_names(Some(names.to_vec()));
            let call = call.alarm_types(t::AlarmType::MetricAlarm).max_records(i32::try_from(CHUNK).unwrap_or(100));
            (names, call.send().await)
        });
        for (names, answer) in futures::future::join_all(calls).await {
            let Ok(answer) = answer else { continue };
            let mut known = found.0.lock().unwrap_or_else(PoisonError::into_inner);
            // A further page would mean that some of the names are on it.
            if answer.next_token.is_none() {
                known.extend(names.iter().map(|name| (name.clone(), None)));
            }
            for alarm in answer.metric_alarms.unwrap_or_default() {
                known.insert(alarm.alarm_name().unwrap_or_default().to_owned(), Some(alarm));
            }
        }
    }
}
