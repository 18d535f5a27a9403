//! `aws_sns_topic_policy`: who may use a topic, managed apart from it. A topic always has a policy: deleting puts the first one back.

use super::topic::{find, put_policy};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;

/// The type.
pub struct TopicPolicy;

#[async_trait(?Send)]
impl ResourceType for TopicPolicy {
    fn name(&self) -> &'static str {
        "aws_sns_topic_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_sns_topic_policy.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let arn = change.planned().string("arn");
        let own =
            arn.as_deref().zip(aws.account()).is_some_and(|(arn, account)| arn.split(':').nth(4) == Some(account));
        change.set_some("id", arn);
        if own {
            change.set_some("owner", aws.account());
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put_policy(cx, plan.str("arn"), plan.str("policy")).await?;
        made.id(plan.str("arn"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = find(cx, prior.str("id")).await? else { return Ok(None) };
        let text = |name: &str| live.get(name).map(String::as_str);
        let Some(policy) = text("Policy").filter(|p| !p.is_empty()) else { return Ok(None) };
        Ok(Some(
            Attrs::new()
                .str("id", prior.str("id"))
                .opt("arn", text("TopicArn"))
                .opt("owner", text("Owner"))
                .str("policy", policy),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put_policy(cx, prior.str("id"), plan.str("policy")).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (arn, owner) = (prior.str("id"), prior.str("owner"));
        match put_policy(cx, arn, &first_policy(arn, owner)).await {
            Err(failure) if failure.is(&["NotFound", "NotFoundException"]) => Ok(()),
            other => other,
        }
    }
}

/// The policy SNS gives a new topic: its owner may do everything.
fn first_policy(arn: &str, owner: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
        "Receive",
    ];
    serde_json::json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.map(|a| format!("SNS:{a}")),
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": owner } },
        }],
    })
    .to_string()
}
