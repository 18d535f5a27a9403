//! `aws_iam_role_policies_exclusive` and `aws_iam_role_policy_attachments_exclusive`: the policies of a role, all of them. What is not
//! named is removed from the role at every apply; deleting the resource removes nothing. They have no id; imports take the role's name.

use super::super::attrs::{Absent, Attrs};
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::resource::{Cx, Made, ResourceType};
use super::snapshot::Snapshot;
use super::{GONE, role_parts as parts};
use async_trait::async_trait;
use std::collections::BTreeSet;

/// What is held complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusive {
    /// Inline policies, by name.
    Inline,
    /// Attached managed policies, by ARN.
    Attached,
}

impl Exclusive {
    fn attribute(self) -> &'static str {
        match self {
            Exclusive::Inline => "policy_names",
            Exclusive::Attached => "policy_arns",
        }
    }

    /// What the role has; `None` when there is no such role.
    async fn have(self, cx: &Cx<'_>, role: &str) -> Outcome<Option<BTreeSet<String>>> {
        if let Some((detail, _)) = Snapshot::role(cx.aws, role) {
            return Ok(Some(match self {
                Exclusive::Inline => detail.role_policy_list().iter().filter_map(|p| p.policy_name.clone()).collect(),
                Exclusive::Attached => {
                    detail.attached_managed_policies().iter().filter_map(|p| p.policy_arn.clone()).collect()
                }
            }));
        }
        Ok(match self {
            Exclusive::Inline => parts::inline_names(cx, role).await.or_gone(GONE)?.map(BTreeSet::from_iter),
            Exclusive::Attached => parts::attached(cx, role).await?.map(BTreeSet::from_iter),
        })
    }

    async fn sync(self, cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let role = plan.str("role_name");
        let wanted: BTreeSet<String> = plan.strings(self.attribute()).into_iter().collect();
        let Some(have) = self.have(cx, role).await? else {
            return Err(Failure::said("Role not found", format!("There is no role {role:?}.")).attribute("role_name"));
        };
        for missing in wanted.difference(&have) {
            match self {
                Exclusive::Attached => parts::attach(cx, role, missing).await?,
                // Only a document makes an inline policy, and this resource has none.
                Exclusive::Inline => {
                    return Err(Failure::said(
                        "Inline policy not found",
                        format!(
                            "The role {role:?} has no inline policy {missing:?}. Declare it as aws_iam_role_policy and refer to that resource's name here, so that it is made first."
                        ),
                    )
                    .attribute(self.attribute()));
                }
            }
        }
        for other in have.difference(&wanted) {
            match self {
                Exclusive::Attached => parts::detach(cx, role, other).await?,
                Exclusive::Inline => parts::delete_inline(cx, role, other).await?,
            }
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl ResourceType for Exclusive {
    fn name(&self) -> &'static str {
        match self {
            Exclusive::Inline => "aws_iam_role_policies_exclusive",
            Exclusive::Attached => "aws_iam_role_policy_attachments_exclusive",
        }
    }

    fn schema(&self) -> &'static str {
        match self {
            Exclusive::Inline => include_str!("../schema/aws_iam_role_policies_exclusive.json"),
            Exclusive::Attached => include_str!("../schema/aws_iam_role_policy_attachments_exclusive.json"),
        }
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        self.sync(cx, plan).await?;
        made.id(plan.str("role_name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let role = prior.str("role_name");
        let have = self.have(cx, role).await?;
        Ok(have.map(|have| Attrs::new().str("role_name", role).strings(self.attribute(), have)))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        self.sync(cx, plan).await
    }

    async fn delete(&self, _cx: &Cx<'_>, _prior: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("role_name", id))
    }
}
