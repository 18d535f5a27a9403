//! `aws_iam_policy_attachment`: everything a managed policy is attached to. Whoever else has the policy loses it; the types for one
//! role, user or group do not have that effect. Its id is its name; it cannot be imported.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::GONE;
use super::principal::Principal;
use super::role_parts;
use async_trait::async_trait;
use std::collections::BTreeSet;

pub struct PolicyAttachment;

/// Who has the policy.
#[derive(Debug, Default)]
struct Entities {
    groups: Vec<String>,
    roles: Vec<String>,
    users: Vec<String>,
}

async fn entities(cx: &Cx<'_>, arn: &str) -> Outcome<Option<Entities>> {
    let (mut found, mut marker) = (Entities::default(), None);
    loop {
        let call = cx.aws.iam().list_entities_for_policy().policy_arn(arn).set_marker(marker);
        let Some(page) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        found.groups.extend(page.policy_groups.unwrap_or_default().into_iter().filter_map(|g| g.group_name));
        found.roles.extend(page.policy_roles.unwrap_or_default().into_iter().filter_map(|r| r.role_name));
        found.users.extend(page.policy_users.unwrap_or_default().into_iter().filter_map(|u| u.user_name));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            let none = found.groups.is_empty() && found.roles.is_empty() && found.users.is_empty();
            return Ok((!none).then_some(found));
        }
    }
}

async fn attach(cx: &Cx<'_>, kind: &str, name: &str, arn: &str) -> Outcome<()> {
    match kind {
        "groups" => Principal::Group.attach(cx, name, arn).await,
        "users" => Principal::User.attach(cx, name, arn).await,
        _ => role_parts::attach(cx, name, arn).await,
    }
}

async fn detach(cx: &Cx<'_>, kind: &str, name: &str, arn: &str) -> Outcome<()> {
    match kind {
        "groups" => Principal::Group.detach(cx, name, arn).await,
        "users" => Principal::User.detach(cx, name, arn).await,
        _ => role_parts::detach(cx, name, arn).await,
    }
}

const KINDS: [&str; 3] = ["groups", "roles", "users"];

#[async_trait(?Send)]
impl ResourceType for PolicyAttachment {
    fn name(&self) -> &'static str {
        "aws_iam_policy_attachment"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_policy_attachment.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let name = change.planned().string("name");
        if change.is_create() {
            change.set_some("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        for kind in KINDS {
            for name in plan.strings(kind) {
                attach(cx, kind, &name, plan.str("policy_arn")).await?;
                made.id(plan.str("name"));
            }
        }
        made.id(plan.str("name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(found) = entities(cx, prior.str("policy_arn")).await? else { return Ok(None) };
        Ok(Some(
            Attrs::new()
                .str("id", prior.str("id"))
                .strings("groups", found.groups)
                .strings("roles", found.roles)
                .strings("users", found.users),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let arn = plan.str("policy_arn");
        for kind in KINDS {
            let old: BTreeSet<String> = prior.strings(kind).into_iter().collect();
            let new: BTreeSet<String> = plan.strings(kind).into_iter().collect();
            for name in old.difference(&new) {
                detach(cx, kind, name, arn).await?;
            }
            for name in new.difference(&old) {
                attach(cx, kind, name, arn).await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        for kind in KINDS {
            for name in prior.strings(kind) {
                detach(cx, kind, &name, prior.str("policy_arn")).await?;
            }
        }
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, _id: &str) -> Outcome<Attrs> {
        Err(Failure::said("resource aws_iam_policy_attachment doesn't support import", NO_IMPORT))
    }
}

const NO_IMPORT: &str = "Import the attachments one by one, as aws_iam_role_policy_attachment, aws_iam_user_policy_attachment and aws_iam_group_policy_attachment.";
