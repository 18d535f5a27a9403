//! Data `aws_iam_role` and `aws_iam_policy`: a role by name, a managed policy by ARN or name.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::iam::document::decode;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::tags::Tags;
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;
use aws_sdk_iam::types as t;

/// Data `aws_iam_role`.
pub struct RoleData;

#[async_trait(?Send)]
impl DataType for RoleData {
    fn name(&self) -> &'static str {
        "aws_iam_role"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_role.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let answer = cx.aws.iam().get_role().role_name(config.str("name")).send().await?;
        let Some(role) = answer.role else {
            return Err(Failure::said("Role not found", format!("There is no role {:?}.", config.str("name"))));
        };
        let used = role.role_last_used().map(|used| {
            Attrs::new().opt("region", used.region()).opt("last_used_date", used.last_used_date().map(rfc3339))
        });
        let boundary = role.permissions_boundary().and_then(t::AttachedPermissionsBoundary::permissions_boundary_arn);
        let tags = cx.aws.settings().ignore_tags.visible(sdk_tags(role.tags()));
        Ok(Attrs::new()
            .str("id", role.role_name())
            .str("name", role.role_name())
            .str("arn", role.arn())
            .str("path", role.path())
            .str("unique_id", role.role_id())
            .str("create_date", rfc3339(role.create_date()))
            .opt("description", role.description())
            .int("max_session_duration", role.max_session_duration())
            .opt("permissions_boundary", boundary)
            .str("assume_role_policy", decode(role.assume_role_policy_document().unwrap_or_default()))
            .block("role_last_used", used)
            .map("tags", tags))
    }
}

/// Data `aws_iam_policy`.
pub struct PolicyData;

#[async_trait(?Send)]
impl DataType for PolicyData {
    fn name(&self) -> &'static str {
        "aws_iam_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_iam_policy.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let arn = match config.opt("arn") {
            Some(arn) => arn.to_owned(),
            None => by_name(cx, config).await?,
        };
        let client = cx.aws.iam();
        let Some(policy) = client.get_policy().policy_arn(&arn).send().await?.policy else {
            return Err(Failure::said("Policy not found", format!("There is no managed policy {arn}.")));
        };
        let version = client.get_policy_version().policy_arn(&arn);
        let version = version.version_id(policy.default_version_id().unwrap_or("v1")).send().await?.policy_version;
        let document = version.as_ref().and_then(t::PolicyVersion::document).map(decode);
        let tags = cx.aws.settings().ignore_tags.visible(sdk_tags(policy.tags()));
        Ok(Attrs::new()
            .str("id", arn.as_str())
            .str("arn", arn)
            .opt("name", policy.policy_name())
            .opt("path", policy.path())
            .opt("policy_id", policy.policy_id())
            .opt("description", policy.description())
            .int("attachment_count", policy.attachment_count())
            .opt("policy", document)
            .map("tags", tags))
    }
}

/// The ARN of the only policy with the configured name and path. Policies of AWS itself have one of a few paths, tried first.
async fn by_name(cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<String> {
    let (name, prefix) = (config.opt("name"), config.string("path_prefix"));
    let mut found = Vec::new();
    let mut pages = cx.aws.iam().list_policies().set_path_prefix(prefix.clone()).into_paginator().items().send();
    while let Some(policy) = pages.next().await {
        let policy = policy?;
        if name.is_none_or(|n| policy.policy_name() == Some(n)) {
            found.push(policy.arn.unwrap_or_default());
        }
    }
    let asked = format!("name {:?} and path prefix {:?}", name.unwrap_or("any"), prefix.as_deref().unwrap_or("/"));
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::said("no matching IAM Policy found", format!("There is no managed policy with {asked}."))),
        many => Err(Failure::said(
            "multiple IAM Policies matched",
            format!("{} managed policies have {asked}: {}. Use arn.", many.len(), many.join(", ")),
        )),
    }
}

fn sdk_tags(tags: &[t::Tag]) -> Tags {
    tags.iter().map(|t| (t.key().to_owned(), t.value().to_owned())).collect()
}
