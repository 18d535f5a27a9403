//! `aws_s3_bucket_policy`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::propagating;
use super::super::written::Guarded;
use super::calls::{PATIENCE, busy, remove};
use async_trait::async_trait;

pub struct BucketPolicy;

const GONE: &[&str] = &["NoSuchBucketPolicy", "NoSuchBucket", "NotFound"];

/// The policy of a bucket.
pub async fn get(cx: &Cx<'_>, bucket: &str) -> Outcome<Option<String>> {
    let answer = cx.aws.s3().get_bucket_policy().bucket(bucket).send().await.or_gone(GONE)?;
    Ok(answer.and_then(|a| a.policy).filter(|p| !p.is_empty()))
}

/// Puts it; principals that were just made may not be known everywhere.
pub async fn put(cx: &Cx<'_>, bucket: &str, policy: &str) -> Outcome<()> {
    let _turn = cx.aws.lock(&format!("s3/{bucket}")).await;
    let passing = |f: &Failure| busy(f).or_else(|| propagating(f));
    cx.retry(PATIENCE, passing, || async {
        cx.aws.s3().put_bucket_policy().bucket(bucket).policy(policy).send().await?;
        cx.aws.written().note(Guarded::Bucket, bucket, policy);
        Ok(())
    })
    .await
}

/// Deletes it.
pub async fn delete(cx: &Cx<'_>, bucket: &str) -> Outcome<()> {
    remove(cx, bucket, || async {
        cx.aws.s3().delete_bucket_policy().bucket(bucket).send().await.or_gone(GONE)?;
        cx.aws.written().forget(Guarded::Bucket, bucket);
        Ok(())
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for BucketPolicy {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_policy"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_policy.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let bucket = change.planned().string("bucket");
        if change.is_create() {
            change.set_some("id", bucket);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan.str("bucket"), plan.str("policy")).await?;
        made.id(plan.str("bucket"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let found = get(cx, id).await?;
        Ok(found.map(|policy| Attrs::new().str("id", id).str("bucket", id).str("policy", policy)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan.str("policy")).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        delete(cx, prior.str("id")).await
    }
}
