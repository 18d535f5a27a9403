//! `aws_cloudwatch_event_permission`: one statement of a bus's policy that lets another account, or an organization, send events.

use super::bus_read::{self, GONE};
use super::ids::DEFAULT_BUS;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::{IAM_PROPAGATION, propagating};
use async_trait::async_trait;
use aws_sdk_eventbridge::types as t;
use serde_json::Value as Json;

/// The type.
pub struct Permission;

#[async_trait(?Send)]
impl ResourceType for Permission {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_permission"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_permission.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let names = (change.planned().string("event_bus_name"), change.planned().string("statement_id"));
        if let (Some(bus), Some(statement)) = names {
            change.set_str("id", id_of(&bus, &statement));
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let (bus, statement) = (plan.str("event_bus_name"), plan.str("statement_id"));
        put(cx, bus, statement, plan).await?;
        made.id(id_of(bus, statement));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (bus, id) = parse(prior.str("id"))?;
        let Some(policy) = bus_read::policy(cx, bus).await? else { return Ok(None) };
        Ok(statement(&policy, id).map(|found| attributes(&found).str("id", prior.str("id")).str("event_bus_name", bus)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (bus, statement) = parse(prior.str("id"))?;
        put(cx, bus, statement, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bus, statement) = parse(prior.str("id"))?;
        let _turn = cx.aws.lock(&format!("events policy {bus}")).await;
        let call = cx.aws.events().remove_permission().event_bus_name(bus).statement_id(statement);
        call.send().await.or_gone(GONE)?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let (bus, statement) = parse(id)?;
        Ok(Attrs::new().str("id", id_of(bus, statement)))
    }
}

fn id_of(bus: &str, statement: &str) -> String {
    if bus.is_empty() || bus == DEFAULT_BUS { statement.to_owned() } else { format!("{bus}/{statement}") }
}

/// Bus and statement of an id.
fn parse(id: &str) -> Outcome<(&str, &str)> {
    match id.rsplit_once('/') {
        None if !id.is_empty() => Ok((DEFAULT_BUS, id)),
        Some((bus, statement)) if !bus.is_empty() && !statement.is_empty() => Ok((bus, statement)),
        _ => Err(Failure::said(
            "Invalid permission id",
            format!("{id:?} is not the id of a permission: give STATEMENT_ID or EVENT_BUS_NAME/STATEMENT_ID."),
        )),
    }
}

/// EventBridge keeps statements in one document: changes of one bus take turns.
async fn put(cx: &Cx<'_>, bus: &str, statement: &str, plan: &Obj<'_>) -> Outcome<()> {
    let condition = match plan.block("condition") {
        Some(c) => Some(t::Condition::builder().key(c.str("key")).r#type(c.str("type")).value(c.str("value")).build()?),
        None => None,
    };
    let _turn = cx.aws.lock(&format!("events policy {bus}")).await;
    cx.retry(IAM_PROPAGATION, propagating, || {
        let call = cx.aws.events().put_permission().event_bus_name(bus).statement_id(statement);
        let call = call.action(plan.str("action")).principal(plan.str("principal"));
        let call = call.set_condition(condition.clone());
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}

/// The statement with this id.
fn statement(policy: &str, id: &str) -> Option<Json> {
    let policy: Json = serde_json::from_str(policy).ok()?;
    let statements = policy.get("Statement")?.as_array()?.clone();
    statements.into_iter().find(|s| s.get("Sid").and_then(Json::as_str) == Some(id))
}

fn attributes(statement: &Json) -> Attrs {
    let text = |name: &str| statement.get(name).and_then(Json::as_str);
    let principal = match statement.get("Principal") {
        Some(Json::String(all)) => Some(all.as_str()),
        Some(some) => some.get("AWS").and_then(Json::as_str).map(account),
        None => None,
    };
    let conditions = statement.get("Condition").and_then(Json::as_object).into_iter().flatten();
    let conditions = conditions.flat_map(|(ty, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, value)| {
            Attrs::new().str("type", ty.as_str()).str("key", key.as_str()).opt("value", value.as_str())
        })
    });
    Attrs::new()
        .opt("statement_id", text("Sid"))
        .opt("action", text("Action"))
        .opt("principal", principal)
        .blocks("condition", conditions.take(1))
}

/// The account of a principal: EventBridge stores accounts as the ARN of their root.
fn account(principal: &str) -> &str {
    if principal.starts_with("arn:") { principal.split(':').nth(4).unwrap_or(principal) } else { principal }
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
    fn ids_are_read_back() {
        for (bus, id) in [("default", "s"), ("b", "b/s"), ("aws.partner/x/y", "aws.partner/x/y/s")] {
            assert_eq!(id_of(bus, "s"), id);
            assert_eq!(parse(id).unwrap(), (bus, "s"));
        }
        assert!(parse("/s").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn a_statement_is_found_by_its_id_and_its_principal_is_the_account() {
        let policy = r#"{"Statement":[{"Sid":"a","Principal":"*","Action":"events:PutEvents"},
            {"Sid":"b","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"events:PutEvents",
             "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}"#;
        let found = attributes(&statement(policy, "b").unwrap());
        assert_eq!(found.get_str("principal"), Some("123456789012"));
        assert_eq!(attributes(&statement(policy, "a").unwrap()).get_str("principal"), Some("*"));
        assert!(statement(policy, "c").is_none());
    }
}
