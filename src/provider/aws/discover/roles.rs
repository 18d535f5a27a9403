//! Roles with their policies.

use super::{Lead, Search, last_name, resource_of};
use crate::provider::aws::failure::Failure;

impl Search<'_> {
    pub(super) async fn role(&mut self, arn: &str, because: &str) {
        if !self.reachable("role", arn) {
            return;
        }
        // Roles that AWS makes for its services cannot be managed.
        if resource_of(arn).starts_with("role/aws-service-role/") {
            return;
        }
        let name = last_name(arn).to_owned();
        let client = self.aws.iam();
        let answer = client.get_role().role_name(&name).send().await.map_err(Failure::from);
        let Some(answer) = self.read(format!("role {name}"), answer) else { return };
        self.found("aws_iam_role", &*name, &name, because);
        if let Some(boundary) =
            answer.role.as_ref().and_then(|r| r.permissions_boundary()).and_then(|b| b.permissions_boundary_arn())
        {
            self.policy(boundary, &format!("boundary of role {name}"));
        }
        let inline: Result<Vec<String>, _> =
            client.list_role_policies().role_name(&name).into_paginator().items().send().collect().await;
        let what = format!("inline policies of role {name}");
        let inline = self.list(what, &["aws_iam_role_policy"], inline.map_err(Failure::from));
        for policy in inline.unwrap_or_default() {
            let label = if policy.contains(&name) { policy.clone() } else { format!("{name}_{policy}") };
            self.found("aws_iam_role_policy", format!("{name}:{policy}"), &label, &format!("policy of role {name}"));
        }
        let attached: Result<Vec<_>, _> =
            client.list_attached_role_policies().role_name(&name).into_paginator().items().send().collect().await;
        let what = format!("policies attached to role {name}");
        let attached = self.list(what, &["aws_iam_role_policy_attachment"], attached.map_err(Failure::from));
        for policy in attached.unwrap_or_default() {
            let Some(arn) = policy.policy_arn() else { continue };
            let label = format!("{name}_{}", last_name(arn));
            let because = format!("attached to role {name}");
            self.policy(arn, &because);
            self.found("aws_iam_role_policy_attachment", format!("{name}/{arn}"), &label, &because);
        }
    }

    /// Policies of AWS's own have no account.
    fn policy(&mut self, arn: &str, because: &str) {
        if arn.split(':').nth(4).is_some_and(|account| account != "aws") {
            self.found("aws_iam_policy", arn, last_name(arn), because);
        }
    }

    /// A role, where there is one.
    pub(super) fn maybe_role(&mut self, arn: Option<&str>, because: &str) {
        if let Some(arn) = arn.filter(|arn| arn.contains(":role/")) {
            self.lead(Lead::Role(arn.to_owned()), because);
        }
    }
}
