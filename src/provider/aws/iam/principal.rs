//! What users and groups have in common: inline policies and attached managed policies. Roles have theirs in
//! [`super::role_parts`].

use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::resource::Cx;
use super::super::wait::{IAM_PROPAGATION, propagating};
use super::GONE;
use super::document::decode;
use super::snapshot::Snapshot;

/// A kind of principal that is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A user.
    User,
    /// A group of users.
    Group,
}

impl Principal {
    /// The attribute that names it.
    pub fn attribute(self) -> &'static str {
        match self {
            Principal::User => "user",
            Principal::Group => "group",
        }
    }

    /// One inline policy's document; `None` when it or its owner is gone.
    pub async fn inline_document(self, cx: &Cx<'_>, owner: &str, name: &str) -> Outcome<Option<String>> {
        if let Some(found) = self.bulk(cx.aws, owner)
            && let Some((_, document)) = found.inline.iter().find(|(n, _)| n == name)
        {
            return Ok(Some(document.clone()));
        }
        let iam = cx.aws.iam();
        let document = match self {
            Principal::User => {
                let call = iam.get_user_policy().user_name(owner).policy_name(name);
                call.send().await.or_gone(GONE)?.map(|p| p.policy_document)
            }
            Principal::Group => {
                let call = iam.get_group_policy().group_name(owner).policy_name(name);
                call.send().await.or_gone(GONE)?.map(|p| p.policy_document)
            }
        };
        Ok(document.map(|d| decode(&d)))
    }

    /// Puts an inline policy.
    pub async fn put_inline(self, cx: &Cx<'_>, owner: &str, name: &str, document: &str) -> Outcome<()> {
        let iam = cx.aws.iam();
        cx.retry(IAM_PROPAGATION, propagating, || async {
            match self {
                Principal::User => {
                    let call = iam.put_user_policy().user_name(owner).policy_name(name);
                    call.policy_document(document).send().await?;
                }
                Principal::Group => {
                    let call = iam.put_group_policy().group_name(owner).policy_name(name);
                    call.policy_document(document).send().await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Deletes an inline policy.
    pub async fn delete_inline(self, cx: &Cx<'_>, owner: &str, name: &str) -> Outcome<()> {
        let iam = cx.aws.iam();
        match self {
            Principal::User => {
                iam.delete_user_policy().user_name(owner).policy_name(name).send().await.or_gone(GONE)?;
            }
            Principal::Group => {
                iam.delete_group_policy().group_name(owner).policy_name(name).send().await.or_gone(GONE)?;
            }
        }
        Ok(())
    }

    /// Whether a managed policy is attached.
    pub async fn has_attached(self, cx: &Cx<'_>, owner: &str, arn: &str) -> Outcome<bool> {
        if self.bulk(cx.aws, owner).is_some_and(|found| found.attached.iter().any(|a| a == arn)) {
            return Ok(true);
        }
        let iam = cx.aws.iam();
        let mut marker = None;
        loop {
            let (policies, next) = match self {
                Principal::User => {
                    let call = iam.list_attached_user_policies().user_name(owner).set_marker(marker);
                    let Some(page) = call.send().await.or_gone(GONE)? else { return Ok(false) };
                    (page.attached_policies, page.marker.filter(|_| page.is_truncated))
                }
                Principal::Group => {
                    let call = iam.list_attached_group_policies().group_name(owner).set_marker(marker);
                    let Some(page) = call.send().await.or_gone(GONE)? else { return Ok(false) };
                    (page.attached_policies, page.marker.filter(|_| page.is_truncated))
                }
            };
            if policies.unwrap_or_default().iter().any(|p| p.policy_arn.as_deref() == Some(arn)) {
                return Ok(true);
            }
            marker = next;
            if marker.is_none() {
                return Ok(false);
            }
        }
    }

    /// Attaches a managed policy.
    pub async fn attach(self, cx: &Cx<'_>, owner: &str, arn: &str) -> Outcome<()> {
        let iam = cx.aws.iam();
        cx.retry(IAM_PROPAGATION, concurrent, || async {
            match self {
                Principal::User => {
                    iam.attach_user_policy().user_name(owner).policy_arn(arn).send().await?;
                }
                Principal::Group => {
                    iam.attach_group_policy().group_name(owner).policy_arn(arn).send().await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Detaches a managed policy.
    pub async fn detach(self, cx: &Cx<'_>, owner: &str, arn: &str) -> Outcome<()> {
        let iam = cx.aws.iam();
        cx.retry(IAM_PROPAGATION, concurrent, || async {
            match self {
                Principal::User => {
                    iam.detach_user_policy().user_name(owner).policy_arn(arn).send().await.or_gone(GONE)?;
                }
                Principal::Group => {
                    iam.detach_group_policy().group_name(owner).policy_arn(arn).send().await.or_gone(GONE)?;
                }
            }
            Ok(())
        })
        .await
    }

    fn bulk(self, aws: &Aws, owner: &str) -> Option<std::sync::Arc<super::snapshot::Owned>> {
        Snapshot::owned(aws, self, owner)
    }
}

/// The reason when IAM is busy with another change of the same principal.
pub fn concurrent(failure: &Failure) -> Option<&'static str> {
    failure
        .is(&["ConcurrentModification", "ConcurrentModificationException"])
        .then_some("another change of the same principal is under way")
}
