//! `aws_s3_bucket_public_access_block`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{PATIENCE, remove, write};
use async_trait::async_trait;
use aws_sdk_s3::types::PublicAccessBlockConfiguration;

pub struct PublicAccessBlock;

const GONE: &[&str] = &["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket", "NotFound"];

fn wanted(object: &Obj<'_>) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(object.bool("block_public_acls"))
        .block_public_policy(object.bool("block_public_policy"))
        .ignore_public_acls(object.bool("ignore_public_acls"))
        .restrict_public_buckets(object.bool("restrict_public_buckets"))
        .build()
}

async fn get(cx: &Cx<'_>, bucket: &str) -> Outcome<Option<PublicAccessBlockConfiguration>> {
    let answer = cx.aws.s3().get_public_access_block().bucket(bucket).send().await.or_gone(GONE)?;
    Ok(answer.and_then(|a| a.public_access_block_configuration))
}

async fn put(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let config = wanted(plan);
    write(cx, bucket, || async {
        cx.aws
            .s3()
            .put_public_access_block()
            .bucket(bucket)
            .public_access_block_configuration(config.clone())
            .send()
            .await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the public access block to be in force", PATIENCE, || async {
        Ok(match get(cx, bucket).await? {
            Some(now) if now == config => Look::Done(()),
            _ => Look::NotYet("S3 still shows the old one".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for PublicAccessBlock {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_public_access_block"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_public_access_block.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let bucket = change.planned().string("bucket");
        if change.is_create() {
            change.set_some("id", bucket);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        made.id(plan.str("bucket"));
        put(cx, plan.str("bucket"), plan).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let attrs = |c: PublicAccessBlockConfiguration| {
            Attrs::new()
                .str("id", id)
                .str("bucket", id)
                .bool("block_public_acls", c.block_public_acls)
                .bool("block_public_policy", c.block_public_policy)
                .bool("ignore_public_acls", c.ignore_public_acls)
                .bool("restrict_public_buckets", c.restrict_public_buckets)
        };
        Ok(get(cx, id).await?.map(attrs))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let bucket = prior.str("id");
        remove(cx, bucket, || async {
            cx.aws.s3().delete_public_access_block().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }
}
