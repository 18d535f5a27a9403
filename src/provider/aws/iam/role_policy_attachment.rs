//! `aws_iam_role_policy_attachment`: a managed policy on a role. Its id is made up; imports take `ROLE/POLICY_ARN`.

use super::super::attrs::Attrs;
use super::super::failure::{Failure, Outcome};
use super::super::naming::unique_suffix;
use super::super::object::Obj;
use super::super::resource::{Cx, Made, ResourceType};
use super::role_parts as parts;
use super::snapshot::Snapshot;
use async_trait::async_trait;

pub struct RolePolicyAttachment;

#[async_trait(?Send)]
impl ResourceType for RolePolicyAttachment {
    fn name(&self) -> &'static str {
        "aws_iam_role_policy_attachment"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_role_policy_attachment.json")
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let role = plan.str("role");
        parts::attach(cx, role, plan.str("policy_arn")).await?;
        made.id(format!("{role}-{}", unique_suffix()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (role, arn) = (prior.str("role"), prior.str("policy_arn"));
        let bulk = Snapshot::role(cx.aws, role).is_some_and(|(detail, _)| {
            detail.attached_managed_policies().iter().any(|p| p.policy_arn.as_deref() == Some(arn))
        });
        let attached = bulk || parts::attached(cx, role).await?.is_some_and(|all| all.iter().any(|a| a == arn));
        Ok(attached.then(|| Attrs::new().str("id", prior.str("id")).str("role", role).str("policy_arn", arn)))
    }

    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        parts::detach(cx, prior.str("role"), prior.str("policy_arn")).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        match id.split_once('/') {
            Some((role, arn)) if !role.is_empty() && !arn.is_empty() => {
                Ok(Attrs::new().str("id", format!("{role}-{arn}")).str("role", role).str("policy_arn", arn))
            }
            _ => Err(Failure::said(
                "Unexpected format of import id",
                format!("\"{id}\" is not of the form ROLE_NAME/POLICY_ARN."),
            )),
        }
    }
}
