//! `aws_cloudwatch_log_resource_policy`: lets AWS services, such as EventBridge, write to log groups of the account.

use crate::provider::ReadHint;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Bulk, Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types as t;
use std::sync::{Arc, Mutex, PoisonError};

/// The type.
pub struct ResourcePolicy;

#[async_trait(?Send)]
impl ResourceType for ResourcePolicy {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_log_resource_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_log_resource_policy.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let name = change.config.string("policy_name");
            change.set_some("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan).await?;
        made.id(plan.str("policy_name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let known = cx.aws.bulk::<Found>().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let all = match known {
            Some(all) => all,
            None => Arc::new(list(cx).await?),
        };
        let live = all.iter().find(|p| p.policy_name() == Some(name));
        let Some(document) = live.and_then(t::ResourcePolicy::policy_document) else { return Ok(None) };
        let document = normal_json(document).unwrap_or_else(|| document.to_owned());
        Ok(Some(Attrs::new().str("id", name).str("policy_name", name).str("policy_document", document)))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.logs().delete_resource_policy().policy_name(prior.str("id"));
        call.send().await.or_gone(&["ResourceNotFoundException"])?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("id", id).str("policy_name", id))
    }
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let document = normal_json(plan.str("policy_document")).ok_or_else(|| {
        Failure::said("Invalid policy", "A resource policy must be a JSON document.").attribute("policy_document")
    })?;
    let call = cx.aws.logs().put_resource_policy().policy_name(plan.str("policy_name")).policy_document(document);
    call.send().await?;
    Ok(())
}

async fn list(cx: &Cx<'_>) -> Outcome<Vec<t::ResourcePolicy>> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let page = cx.aws.logs().describe_resource_policies().set_next_token(next).send().await?;
        all.extend(page.resource_policies.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

/// All policies of the account, if they were listed.
#[derive(Default)]
pub struct Found(Mutex<Option<Arc<Vec<t::ResourcePolicy>>>>);

/// Lists them once for all: there is no other way to read one either.
pub struct Policies;

#[async_trait(?Send)]
impl Bulk for Policies {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        if hints.iter().filter(|h| h.type_name == "aws_cloudwatch_log_resource_policy").count() < 2 {
            return;
        }
        if let Ok(all) = list(cx).await {
            let found = cx.aws.bulk::<Found>();
            *found.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(all));
        }
    }
}
