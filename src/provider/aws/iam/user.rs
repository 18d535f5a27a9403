//! `aws_iam_user`. A new name or path is a rename, not a new user.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::{TagChange, Tags};
use super::super::wait::{IAM_PROPAGATION, propagating};
use super::role::tag_list;
use super::snapshot::Snapshot;
use super::{GONE, user_parts};
use async_trait::async_trait;
use std::time::Duration;

pub struct User;

struct Found {
    arn: String,
    name: String,
    path: String,
    id: String,
    boundary: Option<String>,
    tags: Tags,
}

/// Names of users and groups.
pub fn check_name(config: &Obj<'_>, checks: &mut Checks) {
    let Some(name) = config.value("name").and_then(crate::lang::value::Value::as_str) else { return };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "=,.@-_+".contains(c)) {
        let summary = "invalid value for name (must only contain alphanumeric characters, hyphens, underscores, commas, periods, @ symbols, plus and equals signs)";
        checks.wrong("name", summary, "");
    }
}

/// Predicts id and ARN, which follow from name and path.
pub fn predict_ids(aws: &Aws, change: &mut Change<'_>, kind: &str) {
    if !change.is_create() && !change.changed_any(&["name", "path"]) {
        return;
    }
    if !change.planned().known("name") || !change.planned().known("path") {
        change.unknown("id");
        change.unknown("arn");
        return;
    }
    let name = change.planned().str("name").to_owned();
    let path = change.planned().opt("path").unwrap_or("/").to_owned();
    match aws.global_arn("iam", &format!("{kind}{path}{name}")) {
        Some(arn) => change.set_str("arn", arn),
        None => change.unknown("arn"),
    }
    change.set_str("id", name);
}

/// The reason when IAM still knows of something that belongs to what is deleted.
pub fn in_use(failure: &Failure) -> Option<&'static str> {
    failure.is(&["DeleteConflict", "DeleteConflictException"]).then_some("something still belongs to it")
}

/// How long a delete waits for what was just removed from it (IAM tells every part of itself within seconds).
pub const PARTS_GONE: Duration = Duration::from_secs(20);

#[async_trait(?Send)]
impl ResourceType for User {
    fn name(&self) -> &'static str {
        "aws_iam_user"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_user.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict_ids(aws, change, "user");
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let tags = tag_list(&plan.string_map("tags_all"))?;
        cx.retry(IAM_PROPAGATION, propagating, || async {
            let call = cx.aws.iam().create_user().user_name(plan.str("name")).set_path(plan.string("path"));
            let call = call.set_permissions_boundary(plan.string("permissions_boundary"));
            call.set_tags(Some(tags.clone()).filter(|t| !t.is_empty())).send().await?;
            Ok(())
        })
        .await?;
        made.id(plan.str("name"));
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
        let attrs = Attrs::new()
            .str("id", &found.name)
            .str("name", found.name)
            .str("arn", found.arn)
            .str("path", found.path)
            .opt("permissions_boundary", found.boundary)
            .str("unique_id", found.id);
        Ok(Some(cx.aws.with_tags(attrs, found.tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, name) = (cx.aws.iam(), plan.str("name"));
        if plan.differs_any(prior, &["name", "path"]) {
            let call = iam.update_user().user_name(prior.str("id")).new_user_name(name);
            call.set_new_path(plan.string("path")).send().await?;
        }
        if plan.differs(prior, "permissions_boundary") {
            match plan.opt("permissions_boundary") {
                Some(arn) => {
                    iam.put_user_permissions_boundary().user_name(name).permissions_boundary(arn).send().await?;
                }
                None => {
                    iam.delete_user_permissions_boundary().user_name(name).send().await?;
                }
            }
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            iam.untag_user().user_name(name).set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            iam.tag_user().user_name(name).set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        user_parts::leave_groups(cx, name).await?;
        if prior.bool("force_destroy") {
            user_parts::delete_all(cx, name).await?;
        }
        cx.retry(PARTS_GONE, in_use, || async {
            cx.aws.iam().delete_user().user_name(name).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }
}

fn from_snapshot(aws: &Aws, name: &str) -> Option<Found> {
    let user = Snapshot::user(aws, name)?;
    // A boundary without its ARN says that there is one, not which.
    let boundary = match &user.permissions_boundary {
        Some(boundary) => Some(boundary.permissions_boundary_arn.clone()?),
        None => None,
    };
    Some(Found {
        arn: user.arn.clone()?,
        name: name.to_owned(),
        path: user.path.clone()?,
        id: user.user_id.clone()?,
        boundary,
        tags: user.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
    })
}

async fn from_calls(cx: &Cx<'_>, name: &str) -> Outcome<Option<Found>> {
    let Some(answer) = cx.aws.iam().get_user().user_name(name).send().await.or_gone(GONE)? else { return Ok(None) };
    Ok(answer.user.map(|user| Found {
        boundary: user.permissions_boundary.as_ref().and_then(|b| b.permissions_boundary_arn.clone()),
        tags: user.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
        arn: user.arn,
        name: user.user_name,
        path: user.path,
        id: user.user_id,
    }))
}
