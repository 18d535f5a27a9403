//! Notification rules of the developer tools, and alarms.

use super::Search;
use crate::provider::aws::failure::Failure;
use aws_sdk_codestarnotifications::types as t;

const NOTIFICATIONS: &[&str] = &["aws_codestarnotifications_notification_rule"];

impl Search<'_> {
    /// Rules about anything found so far.
    pub(super) async fn notification_rules(&mut self) {
        let client = self.aws.notifications();
        let resources: Vec<String> = self.arns.iter().filter(|arn| !arn.contains(":s3:")).cloned().collect();
        for arn in resources {
            let filter = t::ListNotificationRulesFilter::builder()
                .name(t::ListNotificationRulesFilterName::Resource)
                .value(&arn)
                .build();
            let Ok(filter) = filter else { continue };
            let listed: Result<Vec<_>, _> =
                client.list_notification_rules().filters(filter).into_paginator().items().send().collect().await;
            let listed =
                self.list(format!("notification rules of {arn}"), NOTIFICATIONS, listed.map_err(Failure::from));
            for rule in listed.unwrap_or_default() {
                if let Some(rule) = rule.arn() {
                    self.notification_rule(rule, &arn).await;
                }
            }
        }
    }

    async fn notification_rule(&mut self, rule: &str, about: &str) {
        let answer = self.aws.notifications().describe_notification_rule().arn(rule).send().await;
        let Some(found) = self.list(format!("notification rule {rule}"), NOTIFICATIONS, answer.map_err(Failure::from))
        else {
            return;
        };
        let name = found.name().unwrap_or(rule).to_owned();
        self.found("aws_codestarnotifications_notification_rule", rule, &name, &format!("tells of {about}"));
        for target in found.targets() {
            if let Some(address) = target.target_address() {
                self.target(address, &format!("target of notification rule {name}"));
            }
        }
    }

    /// Alarms on metrics of the pipeline and its projects.
    pub(super) async fn alarms(&mut self) {
        let listed: Result<Vec<_>, _> = {
            let pages = self.aws.cloudwatch().describe_alarms().into_paginator().send();
            pages.collect().await
        };
        let Some(pages) = self.read("alarms", listed.map_err(Failure::from)) else { return };
        let alarms: Vec<_> = pages.iter().flat_map(|page| page.metric_alarms()).cloned().collect();
        for alarm in alarms {
            let ours = alarm.dimensions().iter().any(|dimension| {
                let field = match dimension.name() {
                    Some("PipelineName") => "pipeline",
                    Some("ProjectName") => "project-name",
                    _ => return false,
                };
                dimension.value().is_some_and(|value| self.mentions.contains(&(field, value.to_owned())))
            });
            if let (true, Some(name)) = (ours, alarm.alarm_name()) {
                self.found("aws_cloudwatch_metric_alarm", name, name, "watches the pipeline");
                for action in alarm.alarm_actions().iter().chain(alarm.ok_actions()) {
                    self.target(action, &format!("is told by alarm {name}"));
                }
            }
        }
    }
}
