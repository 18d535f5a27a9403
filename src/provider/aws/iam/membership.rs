//! `aws_iam_group_membership` (all users of a group) and `aws_iam_user_group_membership` (some groups of a user).

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming::unique_suffix;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::GONE;
use async_trait::async_trait;
use std::collections::BTreeSet;

/// `aws_iam_group_membership`.
pub struct GroupMembership;

/// `aws_iam_user_group_membership`.
pub struct UserGroupMembership;

async fn add(cx: &Cx<'_>, group: &str, user: &str) -> Outcome<()> {
    cx.aws.iam().add_user_to_group().group_name(group).user_name(user).send().await?;
    Ok(())
}

/// That user, group or membership is gone already is no error.
async fn remove(cx: &Cx<'_>, group: &str, user: &str) -> Outcome<()> {
    cx.aws.iam().remove_user_from_group().group_name(group).user_name(user).send().await.or_gone(GONE)?;
    Ok(())
}

/// The users of a group; `None` when there is no such group.
async fn users_of(cx: &Cx<'_>, group: &str) -> Outcome<Option<BTreeSet<String>>> {
    let mut users = BTreeSet::new();
    let mut pages = cx.aws.iam().get_group().group_name(group).into_paginator().send();
    while let Some(page) = pages.next().await {
        let Some(page) = page.or_gone(GONE)? else { return Ok(None) };
        users.extend(page.users.into_iter().map(|u| u.user_name));
    }
    Ok(Some(users))
}

/// The groups of a user; `None` when there is no such user.
async fn groups_of(cx: &Cx<'_>, user: &str) -> Outcome<Option<BTreeSet<String>>> {
    let mut groups = BTreeSet::new();
    let mut pages = cx.aws.iam().list_groups_for_user().user_name(user).into_paginator().send();
    while let Some(page) = pages.next().await {
        let Some(page) = page.or_gone(GONE)? else { return Ok(None) };
        groups.extend(page.groups.into_iter().map(|g| g.group_name));
    }
    Ok(Some(groups))
}

/// Users in groups, as (group, user).
type Memberships = BTreeSet<(String, String)>;

fn of_group(object: &Obj<'_>) -> Memberships {
    object.strings("users").into_iter().map(|user| (object.str("group").to_owned(), user)).collect()
}

fn of_user(object: &Obj<'_>) -> Memberships {
    object.strings("groups").into_iter().map(|group| (group, object.str("user").to_owned())).collect()
}

/// Ends what is no longer wanted, and begins what is new.
async fn exchange(cx: &Cx<'_>, before: &Memberships, after: &Memberships) -> Outcome<()> {
    for (group, user) in before.difference(after) {
        remove(cx, group, user).await?;
    }
    for (group, user) in after.difference(before) {
        add(cx, group, user).await?;
    }
    Ok(())
}

#[async_trait(?Send)]
impl ResourceType for GroupMembership {
    fn name(&self) -> &'static str {
        "aws_iam_group_membership"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_group_membership.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let name = change.planned().string("name");
        if change.is_create() {
            change.set_some("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        // Whoever is added stays in the state, also when a later one is refused.
        made.id(plan.str("name"));
        exchange(cx, &Memberships::new(), &of_group(plan)).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let group = prior.str("group");
        let found = users_of(cx, group).await?;
        let attrs = || Attrs::new().str("id", prior.str("id")).str("name", prior.str("name")).str("group", group);
        Ok(found.map(|users| attrs().strings("users", users)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        exchange(cx, &of_group(prior), &of_group(plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        exchange(cx, &of_group(prior), &Memberships::new()).await
    }

    async fn import(&self, _cx: &Cx<'_>, _id: &str) -> Outcome<Attrs> {
        let detail = "The provider's aws_iam_group_membership cannot be imported: no object of IAM holds its name.";
        Err(Failure::said("Resource type cannot be imported", detail))
    }
}

#[async_trait(?Send)]
impl ResourceType for UserGroupMembership {
    fn name(&self) -> &'static str {
        "aws_iam_user_group_membership"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_user_group_membership.json")
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        made.id(format!("terraform-{}", unique_suffix()));
        exchange(cx, &Memberships::new(), &of_user(plan)).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let user = prior.str("user");
        let Some(found) = groups_of(cx, user).await? else { return Ok(None) };
        // Other groups of the user are other resources' business.
        let mine = prior.strings("groups");
        let kept: Vec<String> = found.into_iter().filter(|g| mine.contains(g)).collect();
        Ok(Some(Attrs::new().str("id", prior.str("id")).str("user", user).strings("groups", kept)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        exchange(cx, &of_user(prior), &of_user(plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        exchange(cx, &of_user(prior), &Memberships::new()).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let mut parts = id.split('/');
        let user = parts.next().unwrap_or_default();
        let groups: Vec<&str> = parts.collect();
        if user.is_empty() || groups.is_empty() || groups.iter().any(|g| g.is_empty()) {
            let detail = format!("\"{id}\" is not of the form USER_NAME/GROUP_NAME1/GROUP_NAME2/….");
            return Err(Failure::said("Unexpected format of import id", detail));
        }
        Ok(Attrs::new().str("id", format!("terraform-{}", unique_suffix())).str("user", user).strings("groups", groups))
    }
}
