//! All roles, users, groups and managed policies of the account with a handful of calls, for refreshes that read many of them.
//!
//! GetAccountAuthorizationDetails lacks a role's description and session length and a policy's tags: ListRoles has the former,
//! the latter are read singly.

use super::super::aws::Aws;
use super::super::failure::Outcome;
use super::super::resource::{Bulk, Cx};
use super::document::decode;
use super::principal::Principal;
use crate::provider::ReadHint;
use async_trait::async_trait;
use aws_sdk_iam::types::{AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail};
use aws_sdk_iam::types::{RoleDetail, UserDetail};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Fewest single calls that a bulk read must save.
const WORTH_IT: usize = 15;
/// What ListRoles adds.
#[derive(Debug, Clone, Default)]
pub struct RoleExtra {
    /// Description.
    pub description: Option<String>,
    /// Session length in seconds.
    pub max_session_duration: Option<i32>,
}

/// The policies of a user or a group.
#[derive(Debug, Default)]
pub struct Owned {
    /// Inline policies: name and document.
    pub inline: Vec<(String, String)>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

/// What was read in bulk.
#[derive(Default)]
pub struct Snapshot(Mutex<Content>);

#[derive(Default)]
struct Content {
    roles: HashMap<String, (Arc<RoleDetail>, RoleExtra)>,
    policies: HashMap<String, Arc<ManagedPolicyDetail>>,
    users: HashMap<String, (Arc<UserDetail>, Arc<Owned>)>,
    groups: HashMap<String, (Arc<GroupDetail>, Arc<Owned>)>,
}

impl Snapshot {
    fn look<T>(aws: &Aws, find: impl FnOnce(&Content) -> Option<T>) -> Option<T> {
        find(&aws.bulk::<Snapshot>().0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A role by name.
    pub fn role(aws: &Aws, name: &str) -> Option<(Arc<RoleDetail>, RoleExtra)> {
        Self::look(aws, |c| c.roles.get(name).cloned())
    }

    /// A managed policy by ARN.
    pub fn policy(aws: &Aws, arn: &str) -> Option<Arc<ManagedPolicyDetail>> {
        Self::look(aws, |c| c.policies.get(arn).cloned())
    }

    /// A user by name.
    pub fn user(aws: &Aws, name: &str) -> Option<Arc<UserDetail>> {
        Self::look(aws, |c| c.users.get(name).map(|(user, _)| Arc::clone(user)))
    }

    /// A group by name.
    pub fn group(aws: &Aws, name: &str) -> Option<Arc<GroupDetail>> {
        Self::look(aws, |c| c.groups.get(name).map(|(group, _)| Arc::clone(group)))
    }

    /// The policies of a user or a group.
    pub fn owned(aws: &Aws, kind: Principal, name: &str) -> Option<Arc<Owned>> {
        Self::look(aws, |c| match kind {
            Principal::User => c.users.get(name).map(|(_, owned)| Arc::clone(owned)),
            Principal::Group => c.groups.get(name).map(|(_, owned)| Arc::clone(owned)),
        })
    }
}

/// Fills the [`Snapshot`].
pub struct IamBulk;

/// What reading some objects singly would take, and what they are.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    calls: usize,
    roles: bool,
    policies: bool,
    users: bool,
    groups: bool,
}

impl Asked {
    fn of<'a>(types: impl Iterator<Item = &'a str>) -> Self {
        let mut asked = Self::default();
        for name in types {
            let (calls, kind) = match name {
                "aws_iam_role" => (3, &mut asked.roles),
                "aws_iam_role_policy"
                | "aws_iam_role_policy_attachment"
                | "aws_iam_role_policies_exclusive"
                | "aws_iam_role_policy_attachments_exclusive" => (1, &mut asked.roles),
                "aws_iam_policy" => (2, &mut asked.policies),
                "aws_iam_user" | "aws_iam_user_policy" | "aws_iam_user_policy_attachment" => (1, &mut asked.users),
                "aws_iam_group" | "aws_iam_group_policy" | "aws_iam_group_policy_attachment" => (1, &mut asked.groups),
                _ => continue,
            };
            asked.calls += calls;
            *kind = true;
        }
        asked
    }

    fn filter(&self) -> Vec<EntityType> {
        let all = [
            (self.roles, EntityType::Role),
            (self.policies, EntityType::LocalManagedPolicy),
            (self.users, EntityType::User),
            (self.groups, EntityType::Group),
        ];
        all.into_iter().filter(|(asked, _)| *asked).map(|(_, kind)| kind).collect()
    }
}

#[async_trait(?Send)]
impl Bulk for IamBulk {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let asked = Asked::of(hints.iter().map(|h| h.type_name.as_str()));
        if asked.calls < WORTH_IT {
            return;
        }
        // An account with very many roles may cost more pages than the single reads: never more than a third of them.
        let pages = (asked.calls / 3).max(4);
        if let Err(failure) = fetch(cx, &asked, pages).await {
            let why = if failure.is_denied() { "not allowed" } else { failure.code() };
            cx.progress.waiting(&format!("IAM objects are read one by one: iam:GetAccountAuthorizationDetails {why}"));
        }
    }
}

#[derive(Default)]
struct Details {
    roles: Vec<RoleDetail>,
    policies: Vec<ManagedPolicyDetail>,
    users: Vec<UserDetail>,
    groups: Vec<GroupDetail>,
}

async fn fetch(cx: &Cx<'_>, asked: &Asked, pages: usize) -> Outcome<()> {
    let extras = async { if asked.roles { extras(cx, pages).await } else { Ok(HashMap::new()) } };
    let (details, extras) = futures::join!(details(cx, asked, pages), extras);
    let (details, mut extras) = (details?, extras?);
    let snapshot = cx.aws.bulk::<Snapshot>();
    let mut content = snapshot.0.lock().unwrap_or_else(PoisonError::into_inner);
    for role in details.roles {
        let Some(name) = role.role_name.clone() else { continue };
        if let Some(extra) = extras.remove(&name) {
            content.roles.insert(name, (Arc::new(role), extra));
        }
    }
    content.policies = details.policies.into_iter().filter_map(|p| Some((p.arn.clone()?, Arc::new(p)))).collect();
    for user in details.users {
        let owned = Arc::new(owned(user.user_policy_list(), user.attached_managed_policies()));
        if let Some(name) = user.user_name.clone() {
            content.users.insert(name, (Arc::new(user), owned));
        }
    }
    for group in details.groups {
        let owned = Arc::new(owned(group.group_policy_list(), group.attached_managed_policies()));
        if let Some(name) = group.group_name.clone() {
            content.groups.insert(name, (Arc::new(group), owned));
        }
    }
    Ok(())
}

fn owned(inline: &[PolicyDetail], attached: &[AttachedPolicy]) -> Owned {
    let one = |p: &PolicyDetail| Some((p.policy_name.clone()?, decode(p.policy_document.as_deref()?)));
    Owned {
        inline: inline.iter().filter_map(one).collect(),
        attached: attached.iter().filter_map(|p| p.policy_arn.clone()).collect(),
    }
}

async fn details(cx: &Cx<'_>, asked: &Asked, pages: usize) -> Outcome<Details> {
    let filter = asked.filter();
    let (mut found, mut marker) = (Details::default(), None);
    for _ in 0..pages {
        let call = cx.aws.iam().get_account_authorization_details().set_filter(Some(filter.clone()));
        let page = call.max_items(1000).set_marker(marker).send().await?;
        found.roles.extend(page.role_detail_list.unwrap_or_default());
        found.policies.extend(page.policies.unwrap_or_default());
        found.users.extend(page.user_detail_list.unwrap_or_default());
        found.groups.extend(page.group_detail_list.unwrap_or_default());
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    Ok(found)
}

async fn extras(cx: &Cx<'_>, pages: usize) -> Outcome<HashMap<String, RoleExtra>> {
    let (mut extras, mut marker) = (HashMap::new(), None);
    for _ in 0..pages {
        let page = cx.aws.iam().list_roles().max_items(1000).set_marker(marker).send().await?;
        extras.extend(page.roles.into_iter().map(|r| {
            let extra = RoleExtra { description: r.description, max_session_duration: r.max_session_duration };
            (r.role_name, extra)
        }));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    Ok(extras)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_fetched() {
        let asked = Asked::of(["aws_iam_user", "aws_iam_user_policy", "aws_s3_bucket"].into_iter());
        assert_eq!(asked, Asked { calls: 2, users: true, ..Asked::default() });
        assert_eq!(asked.filter(), [EntityType::User]);
    }
}
