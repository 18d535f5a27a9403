//! `aws_cloudwatch_event_bus_policy`: the whole policy of a bus. It and `aws_cloudwatch_event_permission` own the same statements:
//! only one of them may be used for a bus.

use super::bus_read::{self, GONE};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::{IAM_PROPAGATION, propagating};
use async_trait::async_trait;

/// The type.
pub struct BusPolicy;

#[async_trait(?Send)]
impl ResourceType for BusPolicy {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_bus_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_bus_policy.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let bus = change.planned().string("event_bus_name");
            change.set_some("id", bus);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let bus = plan.str("event_bus_name");
        put(cx, bus, plan).await?;
        made.id(bus);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let bus = prior.str("id");
        let Some(policy) = bus_read::policy(cx, bus).await? else { return Ok(None) };
        let policy = normal_json(&policy).unwrap_or(policy);
        Ok(Some(Attrs::new().str("id", bus).str("event_bus_name", bus).str("policy", policy)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let bus = prior.str("id");
        let _turn = cx.aws.lock(&format!("events policy {bus}")).await;
        let call = cx.aws.events().remove_permission().event_bus_name(bus).remove_all_permissions(true);
        call.send().await.or_gone(GONE)?;
        Ok(())
    }
}

async fn put(cx: &Cx<'_>, bus: &str, plan: &Obj<'_>) -> Outcome<()> {
    let policy = normal_json(plan.str("policy")).ok_or_else(|| {
        Failure::said("Invalid policy", "The policy of an event bus must be a JSON document.").attribute("policy")
    })?;
    let _turn = cx.aws.lock(&format!("events policy {bus}")).await;
    cx.retry(IAM_PROPAGATION, propagating, || {
        let call = cx.aws.events().put_permission().event_bus_name(bus).policy(&policy);
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}
