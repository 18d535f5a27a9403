//! `aws_ecr_lifecycle_policy`: which images of a repository are deleted when.

use super::lifecycle_rules::equivalent;
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;

/// The type.
pub struct LifecyclePolicy;

/// What ECR answers when there is no policy, or no repository for one.
const GONE: &[&str] = &["LifecyclePolicyNotFoundException", "RepositoryNotFoundException"];

#[async_trait(?Send)]
impl ResourceType for LifecyclePolicy {
    fn name(&self) -> &'static str {
        "aws_ecr_lifecycle_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_ecr_lifecycle_policy.json")
    }

    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        let texts = prior.as_str().zip(next.as_str());
        path == "policy" && texts.is_some_and(|(prior, next)| equivalent(prior, next))
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let repository = change.config.string("repository");
            change.set_some("id", repository);
            change.set_some("registry_id", aws.account());
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let repository = plan.str("repository");
        let call = cx.aws.ecr().put_lifecycle_policy().repository_name(repository);
        call.lifecycle_policy_text(plan.str("policy")).send().await?;
        made.id(repository);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.ecr().get_lifecycle_policy().repository_name(prior.str("id"));
        let Some(live) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        let text = live.lifecycle_policy_text().unwrap_or_default();
        let known = prior.opt("policy").filter(|known| equivalent(known, text)).map(str::to_owned);
        let policy = known.or_else(|| normal_json(text)).unwrap_or_else(|| text.to_owned());
        Ok(Some(
            Attrs::new()
                .opt("id", live.repository_name())
                .opt("registry_id", live.registry_id())
                .opt("repository", live.repository_name())
                .str("policy", policy),
        ))
    }

    /// Every attribute needs a new object.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.ecr().delete_lifecycle_policy().repository_name(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}
