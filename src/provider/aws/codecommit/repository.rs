//! `aws_codecommit_repository`: a Git repository. Its name can change in place, and with it everything that follows from the name.

use super::GONE;
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use async_trait::async_trait;
use aws_sdk_codecommit::types as t;
use std::collections::HashMap;

/// The type.
pub struct Repository;

#[async_trait(?Send)]
impl ResourceType for Repository {
    fn name(&self) -> &'static str {
        "aws_codecommit_repository"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codecommit_repository.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() && !change.changed("repository_name") {
            return;
        }
        let Some(name) = change.config.string("repository_name") else {
            for attribute in ["arn", "clone_url_http", "clone_url_ssh", "id"] {
                change.unknown(attribute);
            }
            return;
        };
        let host = format!("git-codecommit.{}.{}/v1/repos/{name}", aws.region(), aws.partition().dns_suffix);
        change.set_some("arn", aws.arn("codecommit", &name));
        change.set_str("clone_url_http", format!("https://{host}"));
        change.set_str("clone_url_ssh", format!("ssh://{host}"));
        change.set_str("id", name);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = plan.str("repository_name");
        let tags: HashMap<_, _> = plan.string_map("tags_all").into_iter().collect();
        cx.aws
            .codecommit()
            .create_repository()
            .repository_name(name)
            .set_repository_description(plan.string("description"))
            .set_kms_key_id(plan.string("kms_key_id"))
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .send()
            .await?;
        made.id(name);
        match plan.opt("default_branch") {
            Some(branch) => set_default_branch(cx, name, branch).await,
            None => Ok(()),
        }
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let Some(live) = find(cx, prior.str("id")).await? else { return Ok(None) };
        let arn = live.arn().unwrap_or_default();
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        let mut attrs = attributes(&live).opt("description", live.repository_description());
        // A branch counts only where the configuration names one: the first push decides otherwise.
        if let Some(branch) = live.default_branch().filter(|_| prior.opt("default_branch").is_some()) {
            attrs = attrs.str("default_branch", branch);
        }
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (client, name) = (cx.aws.codecommit(), plan.str("repository_name"));
        if plan.differs(prior, "repository_name") {
            client.update_repository_name().old_name(prior.str("id")).new_name(name).send().await?;
        }
        if plan.differs(prior, "default_branch")
            && let Some(branch) = plan.opt("default_branch")
        {
            set_default_branch(cx, name, branch).await?;
        }
        if plan.differs(prior, "description") {
            let call = client.update_repository_description().repository_name(name);
            call.repository_description(plan.str("description")).send().await?;
        }
        if plan.differs(prior, "kms_key_id") {
            let call = client.update_repository_encryption_key().repository_name(name);
            call.kms_key_id(plan.str("kms_key_id")).send().await?;
        }
        write_tags(cx, plan.opt("arn").unwrap_or(prior.str("arn")), TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.codecommit().delete_repository().repository_name(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

/// A repository without commits has no branches: its default branch is settled by the first push, and told then.
async fn set_default_branch(cx: &Cx<'_>, name: &str, branch: &str) -> Outcome<()> {
    let client = cx.aws.codecommit();
    let branches = client.list_branches().repository_name(name).send().await?.branches.unwrap_or_default();
    if branches.is_empty() {
        cx.progress.waiting("the repository has no branches yet: its default branch stays as the first push makes it");
        return Ok(());
    }
    let call = client.update_default_branch().repository_name(name).default_branch_name(branch);
    match call.send().await.map_err(Failure::from) {
        Err(failure) if failure.is(&["BranchDoesNotExistException"]) => Err(Failure::said(
            "The default branch does not exist",
            format!("Repository {name:?} has no branch {branch:?}; it has {}.", branches.join(", ")),
        )
        .attribute("default_branch")),
        other => other.map(|_| ()),
    }
}

async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<t::RepositoryMetadata>> {
    if let Some(known) = cx.aws.bulk::<Answers<t::RepositoryMetadata>>().take(name) {
        return Ok(known);
    }
    let found = cx.aws.codecommit().get_repository().repository_name(name).send().await.or_gone(GONE)?;
    Ok(found.and_then(|f| f.repository_metadata))
}

/// What resource and data have in common.
pub fn attributes(live: &t::RepositoryMetadata) -> Attrs {
    Attrs::new()
        .opt("id", live.repository_name())
        .opt("arn", live.arn())
        .opt("clone_url_http", live.clone_url_http())
        .opt("clone_url_ssh", live.clone_url_ssh())
        .opt("kms_key_id", live.kms_key_id())
        .opt("repository_id", live.repository_id())
        .opt("repository_name", live.repository_name())
}

async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let (mut tags, mut next) = (Tags::new(), None);
    loop {
        let call = cx.aws.codecommit().list_tags_for_resource().resource_arn(arn).set_next_token(next);
        let page = call.send().await?;
        tags.extend(page.tags.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Ok(tags);
        }
    }
}

async fn write_tags(cx: &Cx<'_>, arn: &str, change: TagChange) -> Outcome<()> {
    let client = cx.aws.codecommit();
    if !change.remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
    }
    if !change.set.is_empty() {
        client.tag_resource().resource_arn(arn).set_tags(Some(change.set.into_iter().collect())).send().await?;
    }
    Ok(())
}
