//! `aws_ecr_repository_policy`: who may use a repository.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;

/// The type.
pub struct RepositoryPolicy;

/// What ECR answers when there is no policy, or no repository for one.
const GONE: &[&str] = &["RepositoryPolicyNotFoundException", "RepositoryNotFoundException"];

#[async_trait(?Send)]
impl ResourceType for RepositoryPolicy {
    fn name(&self) -> &'static str {
        "aws_ecr_repository_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_ecr_repository_policy.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let repository = change.config.string("repository");
            change.set_some("id", repository);
            change.set_some("registry_id", aws.account());
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan).await?;
        made.id(plan.str("repository"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.ecr().get_repository_policy().repository_name(prior.str("id"));
        let Some(live) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        let text = live.policy_text().unwrap_or_default();
        Ok(Some(
            Attrs::new()
                .opt("id", live.repository_name())
                .opt("registry_id", live.registry_id())
                .opt("repository", live.repository_name())
                .str("policy", normal_json(text).unwrap_or_else(|| text.to_owned())),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.ecr().delete_repository_policy().repository_name(prior.str("id"));
        call.set_registry_id(prior.string("registry_id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    cx.retry(IAM_PROPAGATION.min(cx.timeout), unknown_principal, || {
        let call = cx.aws.ecr().set_repository_policy().repository_name(plan.str("repository"));
        let call = call.policy_text(plan.str("policy"));
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}

/// ECR says no more than this of a principal it does not know yet.
fn unknown_principal(failure: &Failure) -> Option<&'static str> {
    failure
        .says("InvalidParameterException", "Invalid repository policy provided")
        .then_some("a principal in the policy is not known everywhere yet")
}
