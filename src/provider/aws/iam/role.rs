//! `aws_iam_role`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{OrGone, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::{TagChange, Tags};
use super::super::time::rfc3339;
use super::super::wait::{IAM_PROPAGATION, propagating};
use super::GONE;
use super::document::decode;
use super::role_parts as parts;
use super::snapshot::Snapshot;
use crate::domain::policy::equivalent;
use crate::lang::value::{Type, Value};
use crate::provider::Mirror;
use async_trait::async_trait;
use aws_sdk_iam::types::Tag;
use std::collections::{BTreeMap, BTreeSet};

pub struct Role;

/// Everything a read gathers, from a bulk or from single calls.
struct Found {
    arn: String,
    name: String,
    path: String,
    id: String,
    created: Option<String>,
    description: Option<String>,
    max_session_duration: Option<i32>,
    trust: String,
    boundary: Option<String>,
    tags: Tags,
    inline: BTreeMap<String, String>,
    attached: Vec<String>,
}

/// A tag as IAM takes it.
pub fn tag(key: &str, value: &str) -> Outcome<Tag> {
    Ok(Tag::builder().key(key).value(value).build()?)
}

/// A list of tags as IAM takes them.
pub fn tag_list(tags: &Tags) -> Outcome<Vec<Tag>> {
    tags.iter().map(|(k, v)| tag(k, v)).collect()
}

/// The configured inline policies; a block without a name says only that there are to be none.
fn inline_of(object: &Obj<'_>) -> BTreeMap<String, String> {
    let blocks = object.blocks("inline_policy");
    blocks.iter().filter_map(|b| Some((b.string("name")?, b.str("policy").to_owned()))).collect()
}

fn same_inline(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> bool {
    a.len() == b.len() && a.iter().all(|(name, p)| b.get(name).is_some_and(|q| equivalent(p, q)))
}

#[async_trait(?Send)]
impl ResourceType for Role {
    fn name(&self) -> &'static str {
        "aws_iam_role"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_role.json")
    }

    fn mirrors(&self) -> &'static [Mirror] {
        &[
            Mirror { attribute: "inline_policy", of: &["aws_iam_role_policy", "aws_iam_role_policies_exclusive"] },
            Mirror {
                attribute: "managed_policy_arns",
                of: &[
                    "aws_iam_role_policy_attachment",
                    "aws_iam_policy_attachment",
                    "aws_iam_role_policy_attachments_exclusive",
                ],
            },
        ]
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", 64, checks);
        check_name(config, "name_prefix", 38, checks);
        if let Some(description) = config.opt("description")
            && description.chars().count() > 1000
        {
            let length = description.chars().count();
            checks.wrong(
                "description",
                format!("expected length of description to be in the range (0 - 1000), got {length} characters"),
                "",
            );
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let name = change.planned().opt("name").map(str::to_owned);
            if let Some(name) = name {
                let path = change.planned().opt("path").unwrap_or("/").to_owned();
                if change.planned().known("path") {
                    change.set_some("arn", aws.global_arn("iam", &format!("role{path}{name}")));
                }
                change.set_str("name_prefix", naming::prefix_of(&name).unwrap_or_default());
                change.set_str("id", name);
            }
            if !change.config.has("managed_policy_arns") && change.config.known("managed_policy_arns") {
                change.set("managed_policy_arns", Value::set(Type::String, Vec::new()));
            }
            if let Some(ty) = change.config.value("inline_policy").map(Value::ty)
                && let (true, Some(element)) = (change.config.blocks("inline_policy").is_empty(), ty.element())
                && change.config.known("inline_policy")
            {
                change.set("inline_policy", Value::set(element.clone(), Vec::new()));
            }
            return;
        }
        // Inline policies of the same names and meaning are no change.
        if change.changed("inline_policy")
            && change.planned().known("inline_policy")
            && same_inline(&inline_of(&change.prior), &inline_of(&change.planned()))
        {
            change.keep("inline_policy");
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let tags = tag_list(&plan.string_map("tags_all"))?;
        cx.retry(IAM_PROPAGATION, propagating, || async {
            cx.aws
                .iam()
                .create_role()
                .role_name(&name)
                .assume_role_policy_document(plan.str("assume_role_policy"))
                .set_path(plan.string("path"))
                .set_description(plan.string("description"))
                .set_max_session_duration(plan.int32("max_session_duration"))
                .set_permissions_boundary(plan.string("permissions_boundary"))
                .set_tags(Some(tags.clone()).filter(|t| !t.is_empty()))
                .send()
                .await?;
            Ok(())
        })
        .await?;
        made.id(&name);
        made.set(Attrs::new().str("name", &name));
        for (policy, document) in inline_of(plan) {
            parts::put_inline(cx, &name, &policy, &document).await?;
        }
        for arn in plan.strings("managed_policy_arns") {
            parts::attach(cx, &name, &arn).await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let found = match from_snapshot(cx.aws, name) {
            Some(found) => found,
            None => match from_calls(cx, name).await? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let mut attrs = Attrs::new()
            .str("arn", found.arn)
            .str("assume_role_policy", found.trust)
            .opt("create_date", found.created)
            .opt("description", found.description)
            .str("id", &found.name)
            .strings("managed_policy_arns", found.attached)
            .int("max_session_duration", found.max_session_duration)
            .opt("name_prefix", naming::prefix_of(&found.name))
            .str("name", &found.name)
            .str("path", found.path)
            .opt("permissions_boundary", found.boundary)
            .str("unique_id", found.id);
        if !same_inline(&found.inline, &inline_of(prior)) || !prior.known("inline_policy") {
            let blocks = found.inline.into_iter().map(|(name, p)| Attrs::new().str("name", name).str("policy", p));
            attrs = attrs.blocks("inline_policy", blocks);
        }
        Ok(Some(cx.aws.with_tags(attrs, found.tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, name) = (cx.aws.iam(), prior.str("id"));
        if plan.differs(prior, "assume_role_policy") {
            cx.retry(IAM_PROPAGATION, propagating, || async {
                let call = iam.update_assume_role_policy().role_name(name);
                call.policy_document(plan.str("assume_role_policy")).send().await?;
                Ok(())
            })
            .await?;
        }
        if plan.differs_any(prior, &["description", "max_session_duration"]) {
            let call = iam.update_role().role_name(name).description(plan.str("description"));
            call.set_max_session_duration(plan.int32("max_session_duration")).send().await?;
        }
        if plan.differs(prior, "permissions_boundary") {
            match plan.opt("permissions_boundary") {
                Some(arn) => {
                    iam.put_role_permissions_boundary().role_name(name).permissions_boundary(arn).send().await?;
                }
                None => {
                    iam.delete_role_permissions_boundary().role_name(name).send().await?;
                }
            }
        }
        if plan.differs(prior, "inline_policy") {
            let (old, new) = (inline_of(prior), inline_of(plan));
            for policy in old.keys().filter(|n| !new.contains_key(*n)) {
                parts::delete_inline(cx, name, policy).await?;
            }
            for (policy, document) in new.iter().filter(|(n, d)| old.get(*n) != Some(d)) {
                parts::put_inline(cx, name, policy, document).await?;
            }
        }
        if plan.differs(prior, "managed_policy_arns") {
            let old: BTreeSet<String> = prior.strings("managed_policy_arns").into_iter().collect();
            let new: BTreeSet<String> = plan.strings("managed_policy_arns").into_iter().collect();
            for arn in old.difference(&new) {
                parts::detach(cx, name, arn).await?;
            }
            for arn in new.difference(&old) {
                parts::attach(cx, name, arn).await?;
            }
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            iam.untag_role().role_name(name).set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            iam.tag_role().role_name(name).set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        let delete = || async {
            cx.aws.iam().delete_role().role_name(name).send().await.or_gone(GONE)?;
            Ok(())
        };
        let conflict = |f: &super::super::failure::Failure| f.is(&["DeleteConflict", "DeleteConflictException"]);
        match delete().await {
            Err(failure) if conflict(&failure) => {}
            other => return other,
        }
        parts::leave_profiles(cx, name).await?;
        let force = prior.bool("force_detach_policies");
        if force || prior.has("managed_policy_arns") {
            for arn in parts::attached(cx, name).await?.unwrap_or_default() {
                parts::detach(cx, name, &arn).await?;
            }
        }
        if force || prior.has("inline_policy") {
            for policy in parts::inline_names(cx, name).await? {
                parts::delete_inline(cx, name, &policy).await?;
            }
        }
        let passing = |f: &super::super::failure::Failure| conflict(f).then_some("the role is still in use");
        cx.retry(IAM_PROPAGATION, passing, delete).await
    }
}

/// The pattern of IAM names, and their greatest length.
pub fn check_name(config: &Obj<'_>, attribute: &str, max: usize, checks: &mut Checks) {
    let Some(name) = config.opt(attribute) else { return };
    if name.len() > max {
        checks.wrong(
            attribute,
            format!("expected length of {attribute} to be in the range (1 - {max}), got {name}"),
            "",
        );
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        let detail = "Only letters, digits and +=,.@-_ are allowed.";
        checks.wrong(attribute, format!("invalid value for {attribute} (must match [\\w+=,.@-])"), detail);
    }
}

fn from_snapshot(aws: &Aws, name: &str) -> Option<Found> {
    let (role, extra) = Snapshot::role(aws, name)?;
    let inline = role
        .role_policy_list()
        .iter()
        .filter_map(|p| Some((p.policy_name.clone()?, decode(p.policy_document.as_deref()?))));
    Some(Found {
        arn: role.arn.clone()?,
        name: name.to_owned(),
        path: role.path.clone()?,
        id: role.role_id.clone()?,
        created: role.create_date.as_ref().map(rfc3339),
        description: extra.description,
        max_session_duration: extra.max_session_duration,
        trust: decode(role.assume_role_policy_document.as_deref()?),
        boundary: role.permissions_boundary.as_ref().and_then(|b| b.permissions_boundary_arn.clone()),
        tags: role.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
        inline: inline.collect(),
        attached: role.attached_managed_policies().iter().filter_map(|p| p.policy_arn.clone()).collect(),
    })
}

async fn from_calls(cx: &Cx<'_>, name: &str) -> Outcome<Option<Found>> {
    let Some(answer) = cx.aws.iam().get_role().role_name(name).send().await.or_gone(GONE)? else { return Ok(None) };
    let Some(role) = answer.role else { return Ok(None) };
    let (inline, attached) = futures::try_join!(parts::inline(cx, name), parts::attached(cx, name))?;
    Ok(Some(Found {
        trust: decode(role.assume_role_policy_document.as_deref().unwrap_or_default()),
        boundary: role.permissions_boundary.as_ref().and_then(|b| b.permissions_boundary_arn.clone()),
        tags: role.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
        arn: role.arn,
        name: role.role_name,
        path: role.path,
        id: role.role_id,
        created: Some(rfc3339(&role.create_date)),
        description: role.description,
        max_session_duration: role.max_session_duration,
        inline,
        attached: attached.unwrap_or_default(),
    }))
}
