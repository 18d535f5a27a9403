//! `aws_iam_user_policy_attachment` and `aws_iam_group_policy_attachment`: a managed policy on a user or a group. Their ids are made
//! up; imports take `OWNER/POLICY_ARN`.

use super::super::attrs::Attrs;
use super::super::failure::{Failure, Outcome};
use super::super::naming::unique_suffix;
use super::super::object::Obj;
use super::super::resource::{Cx, Made, ResourceType};
use super::principal::Principal;
use async_trait::async_trait;

/// Both types.
pub struct PrincipalAttachment(pub Principal);

#[async_trait(?Send)]
impl ResourceType for PrincipalAttachment {
    fn name(&self) -> &'static str {
        match self.0 {
            Principal::User => "aws_iam_user_policy_attachment",
            Principal::Group => "aws_iam_group_policy_attachment",
        }
    }

    fn schema(&self) -> &'static str {
        match self.0 {
            Principal::User => include_str!("../schema/aws_iam_user_policy_attachment.json"),
            Principal::Group => include_str!("../schema/aws_iam_group_policy_attachment.json"),
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let owner = plan.str(self.0.attribute());
        self.0.attach(cx, owner, plan.str("policy_arn")).await?;
        made.id(format!("{owner}-{}", unique_suffix()));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (owner, arn) = (prior.str(self.0.attribute()), prior.str("policy_arn"));
        let attached = self.0.has_attached(cx, owner, arn).await?;
        let attrs = || Attrs::new().str("id", prior.str("id")).str(self.0.attribute(), owner).str("policy_arn", arn);
        Ok(attached.then(attrs))
    }

    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        self.0.detach(cx, prior.str(self.0.attribute()), prior.str("policy_arn")).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        match id.split_once('/') {
            Some((owner, arn)) if !owner.is_empty() && !arn.is_empty() => Ok(Attrs::new()
                .str("id", format!("{owner}-{arn}"))
                .str(self.0.attribute(), owner)
                .str("policy_arn", arn)),
            _ => {
                let wanted = format!("{}_NAME/POLICY_ARN", self.0.attribute().to_ascii_uppercase());
                Err(Failure::said("Unexpected format of import id", format!("\"{id}\" is not of the form {wanted}.")))
            }
        }
    }
}
