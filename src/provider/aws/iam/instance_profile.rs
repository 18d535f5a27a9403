//! `aws_iam_instance_profile`: what hands a role to an EC2 instance.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::TagChange;
use super::super::time::rfc3339;
use super::super::wait::IAM_PROPAGATION;
use super::GONE;
use super::role::{check_name, tag_list};
use async_trait::async_trait;

pub struct InstanceProfile;

async fn add_role(cx: &Cx<'_>, profile: &str, role: &str) -> Outcome<()> {
    let passing = |f: &Failure| {
        let unknown = f.is(&["NoSuchEntity", "NoSuchEntityException"]) && f.message().contains("he role with name");
        let fresh = f.message().contains("Invalid IAM Instance Profile name");
        (unknown || fresh).then_some("IAM does not know the role everywhere yet")
    };
    cx.retry(IAM_PROPAGATION, passing, || async {
        let call = cx.aws.iam().add_role_to_instance_profile();
        call.instance_profile_name(profile).role_name(role).send().await?;
        Ok(())
    })
    .await
}

async fn remove_role(cx: &Cx<'_>, profile: &str, role: &str) -> Outcome<()> {
    let call = cx.aws.iam().remove_role_from_instance_profile().instance_profile_name(profile);
    call.role_name(role).send().await.or_gone(GONE)?;
    Ok(())
}

#[async_trait(?Send)]
impl ResourceType for InstanceProfile {
    fn name(&self) -> &'static str {
        "aws_iam_instance_profile"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_instance_profile.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", 128, checks);
        check_name(config, "name_prefix", 102, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            // A role that is taken away is stored as empty, one that never was as null.
            let planned = change.planned();
            if change.prior.opt("role").is_some() && planned.known("role") && planned.opt("role").is_none() {
                change.set_str("role", "");
            }
            return;
        }
        let Some(name) = change.planned().string("name") else { return };
        change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
        if change.planned().known("path") {
            let path = change.planned().opt("path").unwrap_or("/").to_owned();
            change.set_some("arn", aws.global_arn("iam", &format!("instance-profile{path}{name}")));
        }
        change.set_str("id", name);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let tags = tag_list(&plan.string_map("tags_all"))?;
        let call = cx.aws.iam().create_instance_profile().instance_profile_name(&name).set_path(plan.string("path"));
        call.set_tags(Some(tags).filter(|t| !t.is_empty())).send().await?;
        made.id(&name);
        made.set(Attrs::new().str("name", &name));
        if let Some(role) = plan.opt("role") {
            add_role(cx, &name, role).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.iam().get_instance_profile().instance_profile_name(prior.str("id"));
        let Some(profile) = call.send().await.or_gone(GONE)?.and_then(|a| a.instance_profile) else { return Ok(None) };
        let tags = profile.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let attrs = Attrs::new()
            .str("id", &profile.instance_profile_name)
            .str("arn", profile.arn)
            .str("create_date", rfc3339(&profile.create_date))
            .opt("name_prefix", naming::prefix_of(&profile.instance_profile_name))
            .str("name", profile.instance_profile_name)
            .str("path", profile.path)
            .str("unique_id", profile.instance_profile_id);
        let role = profile.roles.into_iter().next().map(|r| r.role_name);
        // An unset role stays null, one that was taken away outside becomes empty.
        let attrs = match role {
            None if prior.opt("role").is_none() => attrs,
            role => attrs.opt("role", role),
        };
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, name) = (cx.aws.iam(), prior.str("id"));
        if plan.differs(prior, "role") {
            if let Some(role) = prior.opt("role") {
                remove_role(cx, name, role).await?;
            }
            if let Some(role) = plan.opt("role") {
                add_role(cx, name, role).await?;
            }
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            let call = iam.untag_instance_profile().instance_profile_name(name);
            call.set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            let call = iam.tag_instance_profile().instance_profile_name(name);
            call.set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        if let Some(role) = prior.opt("role") {
            remove_role(cx, name, role).await?;
        }
        cx.aws.iam().delete_instance_profile().instance_profile_name(name).send().await.or_gone(GONE)?;
        Ok(())
    }
}
