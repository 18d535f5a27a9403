//! `aws_iam_policy`: a managed policy with its versions. Its id is its ARN.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::{TagChange, Tags};
use super::super::wait::{IAM_PROPAGATION, propagating};
use super::document::decode;
use super::role::{check_name, tag_list};
use super::snapshot::Snapshot;
use super::{GONE, policy_tags};
use crate::provider::Mirror;
use async_trait::async_trait;

pub struct Policy;

/// Most versions IAM keeps of a policy.
const MAX_VERSIONS: usize = 5;

struct Found {
    arn: String,
    name: String,
    path: String,
    id: String,
    description: Option<String>,
    attachments: Option<i32>,
    document: String,
    tags: Tags,
}

#[async_trait(?Send)]
impl ResourceType for Policy {
    fn name(&self) -> &'static str {
        "aws_iam_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_policy.json")
    }

    fn mirrors(&self) -> &'static [Mirror] {
        &[Mirror {
            attribute: "attachment_count",
            of: &[
                "aws_iam_role_policy_attachment",
                "aws_iam_policy_attachment",
                "aws_iam_role_policy_attachments_exclusive",
                "aws_iam_user_policy_attachment",
                "aws_iam_group_policy_attachment",
            ],
        }]
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", 128, checks);
        check_name(config, "name_prefix", 102, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        // A new policy is attached to nothing.
        change.set("attachment_count", crate::lang::value::Value::number(0));
        let Some(name) = change.planned().string("name") else { return };
        change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
        if change.planned().known("path") {
            let path = change.planned().opt("path").unwrap_or("/").to_owned();
            let arn = aws.global_arn("iam", &format!("policy{path}{name}"));
            change.set_some("arn", arn.as_ref());
            change.set_some("id", arn);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let tags = tag_list(&plan.string_map("tags_all"))?;
        let answer = cx
            .retry(IAM_PROPAGATION, propagating, || async {
                let call = cx.aws.iam().create_policy().policy_name(&name).policy_document(plan.str("policy"));
                let call = call.set_path(plan.string("path")).set_description(plan.string("description"));
                Ok(call.set_tags(Some(tags.clone()).filter(|t| !t.is_empty())).send().await?)
            })
            .await?;
        let arn = answer.policy.and_then(|p| p.arn).unwrap_or_default();
        made.id(arn);
        made.set(Attrs::new().str("name", name));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let found = match from_snapshot(cx, arn).await? {
            Some(found) => found,
            None => match from_calls(cx, arn).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let attrs = Attrs::new()
            .str("id", &found.arn)
            .str("arn", found.arn)
            .int("attachment_count", found.attachments)
            .opt("description", found.description)
            .opt("name_prefix", naming::prefix_of(&found.name))
            .str("name", &found.name)
            .str("path", found.path)
            .str("policy", found.document)
            .str("policy_id", found.id);
        Ok(Some(cx.aws.with_tags(attrs, found.tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, arn) = (cx.aws.iam(), prior.str("id"));
        if plan.differs(prior, "policy") {
            make_room(cx, arn).await?;
            cx.retry(IAM_PROPAGATION, propagating, || async {
                let call = iam.create_policy_version().policy_arn(arn).policy_document(plan.str("policy"));
                call.set_as_default(true).send().await?;
                Ok(())
            })
            .await?;
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            iam.untag_policy().policy_arn(arn).set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            iam.tag_policy().policy_arn(arn).set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (iam, arn) = (cx.aws.iam(), prior.str("id"));
        let Some(versions) = versions(cx, arn).await? else { return Ok(()) };
        for version in versions.iter().filter(|v| !v.is_default_version) {
            let call = iam.delete_policy_version().policy_arn(arn);
            call.set_version_id(version.version_id.clone()).send().await.or_gone(GONE)?;
        }
        let passing = |f: &Failure| {
            f.is(&["DeleteConflict", "DeleteConflictException"]).then_some("the policy is still attached")
        };
        cx.retry(std::time::Duration::from_secs(20), passing, || async {
            iam.delete_policy().policy_arn(arn).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("id", id).str("arn", id))
    }
}

async fn versions(cx: &Cx<'_>, arn: &str) -> Outcome<Option<Vec<aws_sdk_iam::types::PolicyVersion>>> {
    let mut pages = cx.aws.iam().list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let mut all = Vec::new();
    loop {
        match pages.try_next().await.or_gone(GONE)? {
            None => return Ok(None),
            Some(None) => return Ok(Some(all)),
            Some(Some(version)) => all.push(version),
        }
    }
}

/// Deletes the oldest version that is not in force when there is no room for another.
async fn make_room(cx: &Cx<'_>, arn: &str) -> Outcome<()> {
    let all = versions(cx, arn).await?.unwrap_or_default();
    if all.len() < MAX_VERSIONS {
        return Ok(());
    }
    let number = |id: Option<&str>| id.and_then(|v| v.trim_start_matches('v').parse::<u64>().ok()).unwrap_or(u64::MAX);
    let oldest = all.iter().filter(|v| !v.is_default_version).min_by_key(|v| (v.create_date, number(v.version_id())));
    if let Some(id) = oldest.and_then(|v| v.version_id.clone()) {
        cx.aws.iam().delete_policy_version().policy_arn(arn).version_id(id).send().await.or_gone(GONE)?;
    }
    Ok(())
}

async fn from_snapshot(cx: &Cx<'_>, arn: &str) -> Outcome<Option<Found>> {
    let Some(policy) = Snapshot::policy(cx.aws, arn) else { return Ok(None) };
    let document =
        policy.policy_version_list().iter().find(|v| v.is_default_version).and_then(|v| v.document.as_deref());
    let (Some(name), Some(path), Some(id), Some(document)) =
        (policy.policy_name.clone(), policy.path.clone(), policy.policy_id.clone(), document.map(decode))
    else {
        return Ok(None);
    };
    Ok(Some(Found {
        arn: arn.to_owned(),
        name,
        path,
        id,
        description: policy.description.clone(),
        attachments: policy.attachment_count,
        document,
        tags: policy_tags::read(cx, arn).await?,
    }))
}

async fn from_calls(cx: &Cx<'_>, arn: &str) -> Outcome<Option<Found>> {
    let iam = cx.aws.iam();
    let Some(answer) = iam.get_policy().policy_arn(arn).send().await.or_gone(GONE)? else { return Ok(None) };
    let Some(policy) = answer.policy else { return Ok(None) };
    let version = policy.default_version_id().unwrap_or_default();
    let call = iam.get_policy_version().policy_arn(arn).version_id(version);
    let Some(answer) = call.send().await.or_gone(GONE)? else { return Ok(None) };
    let document = answer.policy_version.and_then(|v| v.document).unwrap_or_default();
    Ok(Some(Found {
        tags: policy.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
        arn: policy.arn.unwrap_or_default(),
        name: policy.policy_name.unwrap_or_default(),
        path: policy.path.unwrap_or_default(),
        id: policy.policy_id.unwrap_or_default(),
        description: policy.description,
        attachments: policy.attachment_count,
        document: decode(&document),
    }))
}
