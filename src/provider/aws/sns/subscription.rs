//! `aws_sns_topic_subscription`: an endpoint that gets a topic's messages. E-mail and most HTTP endpoints must confirm it themselves.

use super::attributes::SUBSCRIPTION;
use crate::lang::value::Value;
use crate::provider::aws::attribute_map;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::Look;
use async_trait::async_trait;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::time::Duration;

/// The type.
pub struct Subscription;

const GONE: &[&str] = &["NotFound", "NotFoundException"];
const TWO_MINUTES: Duration = Duration::from_secs(120);

#[async_trait(?Send)]
impl ResourceType for Subscription {
    fn name(&self) -> &'static str {
        "aws_sns_topic_subscription"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_sns_topic_subscription.json")
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        path == "delivery_policy"
            && prior.as_str().zip(next.as_str()).is_some_and(|(a, b)| match (delivery(a), delivery(b)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            })
    }

    /// The scope of filters goes with the filter policy: without one there is none, and when it is no longer configured it falls
    /// back to the default.
    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.config.known("filter_policy") || !change.config.known("filter_policy_scope") {
            return;
        }
        let scoped = change.config.opt("filter_policy_scope").is_some();
        if change.config.opt("filter_policy").is_none() {
            if scoped {
                change.checks.wrong(
                    "filter_policy_scope",
                    "Missing filter policy",
                    "filter_policy is required when filter_policy_scope is set.",
                );
            } else {
                change.set_str("filter_policy_scope", "");
            }
        } else if !scoped && change.prior.opt("filter_policy_scope").is_some() {
            change.set_str("filter_policy_scope", "MessageAttributes");
        } else if !scoped && change.prior.opt("filter_policy").is_none() {
            change.unknown("filter_policy_scope");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let protocol = plan.str("protocol");
        let sent = attribute_map::for_create(SUBSCRIPTION, plan).into_iter();
        let sent: HashMap<_, _> = sent.map(|(row, value)| (row.api.to_owned(), value)).collect();
        let call =
            cx.aws.sns().subscribe().topic_arn(plan.str("topic_arn")).protocol(protocol).endpoint(plan.str("endpoint"));
        let call = call.set_attributes(Some(sent).filter(|a| !a.is_empty())).return_subscription_arn(true);
        let arn = call.send().await?.subscription_arn.unwrap_or_default();
        made.id(arn.as_str());
        let http = protocol.starts_with("http");
        if protocol.starts_with("email") || (http && !plan.bool("endpoint_auto_confirms")) {
            return Ok(());
        }
        let minutes = plan.int("confirmation_timeout_in_minutes").and_then(|n| u64::try_from(n).ok()).unwrap_or(1);
        let timeout = if http { Duration::from_secs(60 * minutes) } else { TWO_MINUTES };
        cx.wait_until("the subscription's confirmation", timeout, || async {
            let live = find(cx, &arn).await?;
            let pending = live.as_ref().and_then(|a| a.get("PendingConfirmation")).map(String::as_str);
            Ok(match pending {
                Some("true") => Look::NotYet(format!("the endpoint {} has not confirmed yet", plan.str("endpoint"))),
                Some(_) => Look::Done(()),
                None => Look::NotYet("SNS does not show it yet".into()),
            })
        })
        .await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let live = find(cx, prior.str("id")).await?;
        Ok(live.map(|live| attribute_map::read(SUBSCRIPTION, &live).str("id", prior.str("id"))))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let mut changes = attribute_map::for_update(SUBSCRIPTION, prior, plan);
        // A nested filter is only valid with scope MessageBody: the scope goes first when it widens, last when it narrows.
        changes.sort_by_key(|(row, value)| match (row.name, value.as_str()) {
            ("filter_policy_scope", "MessageBody") => 0,
            ("filter_policy_scope", _) => 2,
            _ => 1,
        });
        for (row, value) in changes {
            let value = match row.name {
                "filter_policy" if value.is_empty() => Some("{}".to_owned()),
                "filter_policy_scope" if value.is_empty() => continue,
                "redrive_policy" if value.is_empty() => None,
                _ => Some(value),
            };
            let call = cx.aws.sns().set_subscription_attributes().subscription_arn(prior.str("id"));
            call.attribute_name(row.api).set_attribute_value(value).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        match cx.aws.sns().unsubscribe().subscription_arn(arn).send().await.map_err(Failure::from) {
            Ok(_) => {}
            Err(failure) if failure.is(GONE) => return Ok(()),
            // SNS forgets unconfirmed ones by itself after three days.
            Err(failure) if failure.message().contains("pending confirmation") => return Ok(()),
            Err(failure) => return Err(failure),
        }
        cx.wait_until("the subscription's end", TWO_MINUTES.min(cx.timeout), || async {
            Ok(match find(cx, arn).await? {
                Some(_) => Look::NotYet("SNS still shows it".into()),
                None => Look::Done(()),
            })
        })
        .await
    }
}

async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<HashMap<String, String>>> {
    let answer = cx.aws.sns().get_subscription_attributes().subscription_arn(arn).send().await;
    Ok(answer.or_gone(GONE)?.and_then(|a| a.attributes).filter(|a| !a.is_empty()))
}

/// A delivery policy without what SNS adds to it: only the members it documents, without zeros.
fn delivery(text: &str) -> Option<Json> {
    const RETRY: &[&str] = &[
        "backoffFunction",
        "maxDelayTarget",
        "minDelayTarget",
        "numMaxDelayRetries",
        "numMinDelayRetries",
        "numNoDelayRetries",
        "numRetries",
    ];
    let json: Json = serde_json::from_str(text).ok()?;
    let set = |v: &Json| !(v.is_null() || v == &Json::from(0) || v == &Json::from(false) || v == &Json::from(""));
    let part = |name: &str, members: &[&str]| {
        let part = json.get(name)?.as_object()?;
        let members = members.iter().filter_map(|m| Some(((*m).to_owned(), part.get(*m).filter(|v| set(v))?.clone())));
        Some((name.to_owned(), Json::Object(members.collect())))
    };
    let mut out: serde_json::Map<_, _> = [
        part("healthyRetryPolicy", RETRY),
        part("sicklyRetryPolicy", RETRY),
        part("throttlePolicy", &["maxReceivesPerSecond"]),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(guaranteed) = json.get("guaranteed").filter(|v| set(v)) {
        out.insert("guaranteed".into(), guaranteed.clone());
    }
    Some(Json::Object(out))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn delivery_policies_are_compared_without_what_sns_adds() {
        let configured = r#"{"healthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":20,"numRetries":4}}"#;
        let live = r#"{"guaranteed":false,"sicklyRetryPolicy":null,"throttlePolicy":null,"healthyRetryPolicy":{"maxDelayTarget":20,"minDelayTarget":5,"numRetries":4,"numNoDelayRetries":0},"x":1}"#;
        assert_eq!(delivery(configured), delivery(live));
        assert_ne!(delivery(configured), delivery(&live.replace("\"numRetries\":4", "\"numRetries\":3")));
    }
}
