//! `aws_iam_group`. A new name or path is a rename, not a new group.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::GONE;
use super::snapshot::Snapshot;
use super::user::{PARTS_GONE, check_name, in_use, predict_ids};
use async_trait::async_trait;

pub struct Group;

#[async_trait(?Send)]
impl ResourceType for Group {
    fn name(&self) -> &'static str {
        "aws_iam_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_group.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, checks);
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        predict_ids(aws, change, "group");
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let call = cx.aws.iam().create_group().group_name(plan.str("name"));
        call.set_path(plan.string("path")).send().await?;
        made.id(plan.str("name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let attrs = |name: &str, arn: &str, path: &str, id: &str| {
            Attrs::new().str("id", name).str("name", name).str("arn", arn).str("path", path).str("unique_id", id)
        };
        if let Some(found) = Snapshot::group(cx.aws, name)
            && let (Some(arn), Some(path), Some(id)) = (found.arn(), found.path(), found.group_id())
        {
            return Ok(Some(attrs(name, arn, path, id)));
        }
        let answer = cx.aws.iam().get_group().group_name(name).max_items(1).send().await.or_gone(GONE)?;
        let group = answer.and_then(|a| a.group);
        Ok(group.map(|g| attrs(&g.group_name, &g.arn, &g.path, &g.group_id)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, &["name", "path"]) {
            let call = cx.aws.iam().update_group().group_name(prior.str("id"));
            call.new_group_name(plan.str("name")).set_new_path(plan.string("path")).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        cx.retry(PARTS_GONE, in_use, || async {
            cx.aws.iam().delete_group().group_name(name).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }
}
