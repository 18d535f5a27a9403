//! `aws_s3_bucket_ownership_controls`: who owns what others put into a bucket, and whether access control lists count.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{PATIENCE, remove, write};
use async_trait::async_trait;
use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};

pub struct Ownership;

const GONE: &[&str] = &["OwnershipControlsNotFoundError", "NoSuchBucket", "NotFound"];

async fn get(cx: &Cx<'_>, bucket: &str) -> Outcome<Option<OwnershipControls>> {
    let answer = cx.aws.s3().get_bucket_ownership_controls().bucket(bucket).send().await.or_gone(GONE)?;
    Ok(answer.and_then(|a| a.ownership_controls))
}

async fn put(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let mut controls = OwnershipControls::builder();
    for rule in plan.blocks("rule") {
        let ownership = ObjectOwnership::from(rule.str("object_ownership"));
        controls = controls.rules(OwnershipControlsRule::builder().object_ownership(ownership).build()?);
    }
    let controls = controls.build()?;
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_ownership_controls().bucket(bucket);
        call.ownership_controls(controls.clone()).send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the ownership controls to be in force", PATIENCE, || async {
        Ok(match get(cx, bucket).await? {
            Some(now) if now == controls => Look::Done(()),
            _ => Look::NotYet("S3 still shows the old ones".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Ownership {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_ownership_controls"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_ownership_controls.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let bucket = change.planned().string("bucket");
        if change.is_create() {
            change.set_some("id", bucket);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan.str("bucket"), plan).await?;
        made.id(plan.str("bucket"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let bucket = prior.str("id");
        let rule = |r: OwnershipControlsRule| Attrs::new().str("object_ownership", r.object_ownership.as_str());
        Ok(get(cx, bucket).await?.map(|controls| {
            Attrs::new().str("id", bucket).str("bucket", bucket).blocks("rule", controls.rules.into_iter().map(rule))
        }))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let bucket = prior.str("id");
        remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_ownership_controls().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }
}
