//! Topics and queues, and what else runs on messages.

use super::{Lead, Search, last_name};
use crate::provider::aws::failure::{Failure, OrGone};
use aws_sdk_sqs::types::QueueAttributeName as Attribute;

impl Search<'_> {
    pub(super) async fn topic(&mut self, arn: &str, because: &str) {
        if !self.reachable("topic", arn) {
            return;
        }
        let name = last_name(arn).to_owned();
        let client = self.aws.sns();
        let answer = client.get_topic_attributes().topic_arn(arn).send().await.map_err(Failure::from);
        let Some(answer) = self.read(format!("topic {name}"), answer) else { return };
        let attribute = |key: &str| answer.attributes().and_then(|a| a.get(key)).cloned();
        self.found("aws_sns_topic", arn, &name, because);
        self.maybe_key(attribute("KmsMasterKeyId").as_deref(), &format!("encrypts topic {name}"));
        if attribute("Policy").is_some_and(|policy| !is_born_with(&policy)) {
            self.found("aws_sns_topic_policy", arn, &name, &format!("policy of topic {name}"));
        }
        let listed: Result<Vec<_>, _> =
            client.list_subscriptions_by_topic().topic_arn(arn).into_paginator().items().send().collect().await;
        let what = format!("subscriptions of topic {name}");
        let listed = self.list(what, &["aws_sns_topic_subscription"], listed.map_err(Failure::from));
        for one in listed.unwrap_or_default() {
            let (id, endpoint) = (one.subscription_arn().unwrap_or_default(), one.endpoint().unwrap_or_default());
            if !id.starts_with("arn:") {
                self.missing(
                    format!("subscription of {endpoint} to topic {name}"),
                    "It waits to be confirmed, and has no identity before.",
                );
                continue;
            }
            let because = format!("subscription to topic {name}");
            let label = format!("{name}_{}", last_name(endpoint));
            self.found("aws_sns_topic_subscription", id, &label, &because);
            self.target(endpoint, &because);
        }
    }

    pub(super) async fn queue(&mut self, arn: &str, because: &str) {
        if !self.reachable("queue", arn) {
            return;
        }
        let name = last_name(arn).to_owned();
        let client = self.aws.sqs();
        let answer = client.get_queue_url().queue_name(&name).send().await.map_err(Failure::from);
        let Some(url) = self.read(format!("queue {name}"), answer).and_then(|a| a.queue_url) else { return };
        let wanted = [Attribute::Policy, Attribute::RedrivePolicy, Attribute::KmsMasterKeyId];
        let answer = client.get_queue_attributes().queue_url(&url).set_attribute_names(Some(wanted.to_vec()));
        let answer = answer.send().await.map_err(Failure::from);
        self.found("aws_sqs_queue", &*url, &name, because);
        let Some(answer) = self.list(format!("attributes of queue {name}"), &["aws_sqs_queue_policy"], answer) else {
            return;
        };
        let attribute =
            |key: &Attribute| answer.attributes().and_then(|a| a.get(key)).filter(|v| !v.is_empty()).cloned();
        if attribute(&Attribute::Policy).is_some() {
            self.found("aws_sqs_queue_policy", &*url, &name, &format!("policy of queue {name}"));
        }
        self.maybe_key(attribute(&Attribute::KmsMasterKeyId).as_deref(), &format!("encrypts queue {name}"));
        let redrive = attribute(&Attribute::RedrivePolicy);
        let redrive = redrive.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let dead = redrive.as_ref().and_then(|r| r.get("deadLetterTargetArn")).and_then(|a| a.as_str());
        if let Some(dead) = dead {
            self.lead(Lead::Queue(dead.to_owned()), format!("dead letters of queue {name}"));
        }
    }

    /// A function's code cannot be read back, so its configuration would never be complete.
    pub(super) async fn function(&mut self, id: &str, because: &str) {
        let name = id.split(":function:").nth(1).unwrap_or(id);
        if self.is_wide() {
            if !id.starts_with("arn:") || self.reachable("function", id) {
                self.function_with_policy(name.split(':').next().unwrap_or(name), because).await;
            }
            return;
        }
        self.missing(
            format!("function {name} ({because})"),
            "The code of a function cannot be turned into configuration. Write its aws_lambda_function block by hand and import it.",
        );
    }

    async fn function_with_policy(&mut self, name: &str, because: &str) {
        let answer = self.aws.lambda().get_policy().function_name(name).send().await;
        let answer = answer.or_gone(&["ResourceNotFoundException"]);
        self.found("aws_lambda_function", name, name, because);
        let what = format!("policy of function {name}");
        let Some(answer) = self.list(what, &["aws_lambda_permission"], answer).flatten() else { return };
        let policy: serde_json::Value = answer.policy().and_then(|p| serde_json::from_str(p).ok()).unwrap_or_default();
        for statement in policy.get("Statement").and_then(|s| s.as_array()).into_iter().flatten() {
            if let Some(sid) = statement.get("Sid").and_then(|s| s.as_str()) {
                let because = format!("policy of function {name}");
                self.found("aws_lambda_permission", format!("{name}/{sid}"), &format!("{name}_{sid}"), &because);
            }
        }
    }

    pub(super) async fn state_machine(&mut self, arn: &str, because: &str) {
        if !self.reachable("state machine", arn) {
            return;
        }
        let answer = self.aws.sfn().describe_state_machine().state_machine_arn(arn).send().await;
        let name = last_name(arn).to_owned();
        let Some(found) = self.read(format!("state machine {name}"), answer.map_err(Failure::from)) else { return };
        self.found("aws_sfn_state_machine", arn, &name, because);
        self.maybe_role(Some(found.role_arn()), &format!("role of state machine {name}"));
        let destinations = found.logging_configuration().map(|l| l.destinations()).unwrap_or_default();
        let groups =
            destinations.iter().filter_map(|d| d.cloud_watch_logs_log_group()).filter_map(|g| g.log_group_arn());
        for group in groups.filter_map(super::logs::group_of) {
            self.lead(Lead::LogGroup(group.to_owned()), format!("log of state machine {name}"));
        }
    }
}

/// Whether a topic's policy is the one every topic begins with: SNS gives its statement this id.
fn is_born_with(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<serde_json::Value>(policy) else { return false };
    let statements = document.get("Statement").and_then(|s| s.as_array()).map(Vec::as_slice).unwrap_or_default();
    matches!(statements, [only] if only.get("Sid").and_then(|s| s.as_str()) == Some("__default_statement_ID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_new_topic_is_no_policy_of_its_own() {
        assert!(is_born_with(r#"{"Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID"}]}"#));
        assert!(!is_born_with(r#"{"Statement":[{"Sid":"__default_statement_ID"},{"Sid":"x"}]}"#));
        assert!(!is_born_with(r#"{"Statement":[{"Sid":"DenyPlainHttp"}]}"#));
    }
}
