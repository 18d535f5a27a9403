//! All roles and managed policies of the account with a handful of calls, for refreshes that read many of them.
//!
//! GetAccountAuthorizationDetails lacks a role's description and session length and a policy's tags: ListRoles has the former,
//! the latter are read singly.

use super::super::aws::Aws;
use super::super::failure::Outcome;
use super::super::resource::{Bulk, Cx};
use crate::provider::ReadHint;
use async_trait::async_trait;
use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail};
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

/// What was read in bulk.
#[derive(Default)]
pub struct Snapshot(Mutex<Content>);

#[derive(Default)]
struct Content {
    roles: HashMap<String, (Arc<RoleDetail>, RoleExtra)>,
    policies: HashMap<String, Arc<ManagedPolicyDetail>>,
}

impl Snapshot {
    /// A role by name.
    pub fn role(aws: &Aws, name: &str) -> Option<(Arc<RoleDetail>, RoleExtra)> {
        aws.bulk::<Snapshot>().0.lock().unwrap_or_else(PoisonError::into_inner).roles.get(name).cloned()
    }

    /// A managed policy by ARN.
    pub fn policy(aws: &Aws, arn: &str) -> Option<Arc<ManagedPolicyDetail>> {
        aws.bulk::<Snapshot>().0.lock().unwrap_or_else(PoisonError::into_inner).policies.get(arn).cloned()
    }
}

/// Fills the [`Snapshot`].
pub struct IamBulk;

/// How many calls reading these objects singly would take.
fn single_calls(hints: &[ReadHint]) -> (usize, bool) {
    let count = |name: &str| hints.iter().filter(|h| h.type_name == name).count();
    let policies = count("aws_iam_policy");
    let calls = 3 * count("aws_iam_role")
        + count("aws_iam_role_policy")
        + count("aws_iam_role_policy_attachment")
        + 2 * policies;
    (calls, policies > 0)
}

#[async_trait]
impl Bulk for IamBulk {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let (calls, policies) = single_calls(hints);
        if calls < WORTH_IT {
            return;
        }
        // An account with very many roles may cost more pages than the single reads: never more than a third of them.
        let pages = (calls / 3).max(4);
        if let Err(failure) = fetch(cx, policies, pages).await {
            let why = if failure.is_denied() { "not allowed" } else { failure.code() };
            cx.progress.waiting(&format!("IAM objects are read one by one: iam:GetAccountAuthorizationDetails {why}"));
        }
    }
}

async fn fetch(cx: &Cx<'_>, policies: bool, pages: usize) -> Outcome<()> {
    let (details, extras) = futures::join!(details(cx, policies, pages), extras(cx, pages));
    let (roles, policies) = details?;
    let mut extras = extras?;
    let snapshot = cx.aws.bulk::<Snapshot>();
    let mut content = snapshot.0.lock().unwrap_or_else(PoisonError::into_inner);
    for role in roles {
        let Some(name) = role.role_name.clone() else { continue };
        if let Some(extra) = extras.remove(&name) {
            content.roles.insert(name, (Arc::new(role), extra));
        }
    }
    content.policies = policies.into_iter().filter_map(|p| Some((p.arn.clone()?, Arc::new(p)))).collect();
    Ok(())
}

async fn details(cx: &Cx<'_>, policies: bool, pages: usize) -> Outcome<(Vec<RoleDetail>, Vec<ManagedPolicyDetail>)> {
    let mut filter = vec![EntityType::Role];
    if policies {
        filter.push(EntityType::LocalManagedPolicy);
    }
    let (mut roles, mut found, mut marker) = (Vec::new(), Vec::new(), None);
    for _ in 0..pages {
        let call = cx.aws.iam().get_account_authorization_details().set_filter(Some(filter.clone()));
        let page = call.max_items(1000).set_marker(marker).send().await?;
        roles.extend(page.role_detail_list.unwrap_or_default());
        found.extend(page.policies.unwrap_or_default());
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            break;
        }
    }
    Ok((roles, found))
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
