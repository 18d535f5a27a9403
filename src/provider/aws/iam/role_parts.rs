//! What belongs to a role beside itself: inline policies, attached policies, instance profiles.

use super::super::failure::{OrGone, Outcome};
use super::super::resource::Cx;
use super::super::wait::{IAM_PROPAGATION, propagating};
use super::GONE;
use super::document::decode;
use std::collections::BTreeMap;

/// Names of the inline policies.
pub async fn inline_names(cx: &Cx<'_>, role: &str) -> Outcome<Vec<String>> {
    let mut pages = cx.aws.iam().list_role_policies().role_name(role).into_paginator().items().send();
    let mut names = Vec::new();
    while let Some(name) = pages.try_next().await? {
        names.push(name);
    }
    Ok(names)
}

/// The inline policies, name to document.
pub async fn inline(cx: &Cx<'_>, role: &str) -> Outcome<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    for name in inline_names(cx, role).await? {
        if let Some(document) = inline_document(cx, role, &name).await? {
            out.insert(name, document);
        }
    }
    Ok(out)
}

/// One inline policy's document.
pub async fn inline_document(cx: &Cx<'_>, role: &str, name: &str) -> Outcome<Option<String>> {
    let found = cx.aws.iam().get_role_policy().role_name(role).policy_name(name).send().await.or_gone(GONE)?;
    Ok(found.map(|p| decode(&p.policy_document)))
}

/// Puts an inline policy.
pub async fn put_inline(cx: &Cx<'_>, role: &str, name: &str, document: &str) -> Outcome<()> {
    cx.retry(IAM_PROPAGATION, propagating, || async {
        let call = cx.aws.iam().put_role_policy().role_name(role).policy_name(name).policy_document(document);
        call.send().await?;
        Ok(())
    })
    .await
}

/// Deletes an inline policy.
pub async fn delete_inline(cx: &Cx<'_>, role: &str, name: &str) -> Outcome<()> {
    cx.aws.iam().delete_role_policy().role_name(role).policy_name(name).send().await.or_gone(GONE)?;
    Ok(())
}

/// ARNs of the attached managed policies; `None` when there is no such role.
pub async fn attached(cx: &Cx<'_>, role: &str) -> Outcome<Option<Vec<String>>> {
    let mut pages = cx.aws.iam().list_attached_role_policies().role_name(role).into_paginator().items().send();
    let mut arns = Vec::new();
    loop {
        match pages.try_next().await.or_gone(GONE)? {
            None => return Ok(None),
            Some(None) => return Ok(Some(arns)),
            Some(Some(policy)) => arns.extend(policy.policy_arn),
        }
    }
}

/// Attaches a managed policy. A policy that was just made may not be known everywhere.
pub async fn attach(cx: &Cx<'_>, role: &str, arn: &str) -> Outcome<()> {
    cx.retry(
        IAM_PROPAGATION,
        |f| {
            f.is(&["ConcurrentModification", "ConcurrentModificationException"])
                .then_some("another change of the role is under way")
        },
        || async {
            cx.aws.iam().attach_role_policy().role_name(role).policy_arn(arn).send().await?;
            Ok(())
        },
    )
    .await
}

/// Detaches a managed policy.
pub async fn detach(cx: &Cx<'_>, role: &str, arn: &str) -> Outcome<()> {
    cx.retry(
        IAM_PROPAGATION,
        |f| {
            f.is(&["ConcurrentModification", "ConcurrentModificationException"])
                .then_some("another change of the role is under way")
        },
        || async {
            cx.aws.iam().detach_role_policy().role_name(role).policy_arn(arn).send().await.or_gone(GONE)?;
            Ok(())
        },
    )
    .await
}

/// Takes the role out of its instance profiles.
pub async fn leave_profiles(cx: &Cx<'_>, role: &str) -> Outcome<()> {
    let mut pages = cx.aws.iam().list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    while let Some(Some(profile)) = pages.try_next().await.or_gone(GONE)? {
        let call = cx.aws.iam().remove_role_from_instance_profile().role_name(role);
        call.instance_profile_name(profile.instance_profile_name).send().await.or_gone(GONE)?;
    }
    Ok(())
}
