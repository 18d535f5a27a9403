//! `aws_s3_bucket_replication_configuration`: what of a bucket is copied where.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{self, PATIENCE, predict_id, remove};
use super::replication_rules as rules;
use async_trait::async_trait;
use aws_sdk_s3::types::ReplicationConfiguration;

pub struct Replication;

const GONE: &[&str] = &["ReplicationConfigurationNotFoundError", "NoSuchBucket", "NotFound"];

async fn get(cx: &Cx<'_>, bucket: &str) -> Outcome<Option<ReplicationConfiguration>> {
    let answer = cx.aws.s3().get_bucket_replication().bucket(bucket).send().await.or_gone(GONE)?;
    Ok(answer.and_then(|a| a.replication_configuration))
}

/// Why a write may succeed a moment later: a new bucket's versioning is not in force everywhere yet.
fn passing(failure: &Failure) -> Option<&'static str> {
    let versioning = failure.code() == "InvalidRequest" && failure.message().contains("Versioning must be 'Enabled'");
    if versioning { Some("the versioning of the bucket is not in force yet") } else { calls::busy(failure) }
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let bucket = plan.str("bucket");
    let wanted = ReplicationConfiguration::builder()
        .role(plan.str("role"))
        .set_rules(Some(rules::wanted(&plan.blocks("rule"))?))
        .build()?;
    let _turn = cx.aws.lock(&format!("s3/{bucket}")).await;
    cx.retry(PATIENCE, passing, || async {
        let call = cx.aws.s3().put_bucket_replication().bucket(bucket).set_token(plan.string("token"));
        call.replication_configuration(wanted.clone()).send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the replication configuration to be in force", PATIENCE, || async {
        Ok(match get(cx, bucket).await? {
            Some(now) if now.role == wanted.role && now.rules.len() == wanted.rules.len() => Look::Done(()),
            _ => Look::NotYet("S3 still shows the old one".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Replication {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_replication_configuration"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_replication_configuration.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan).await?;
        made.id(plan.str("bucket"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let bucket = prior.str("id");
        let Some(found) = get(cx, bucket).await? else { return Ok(None) };
        let attrs = Attrs::new().str("id", bucket).str("bucket", bucket).str("role", found.role);
        Ok(Some(attrs.blocks("rule", found.rules.iter().map(rules::shown))))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let bucket = prior.str("id");
        remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_replication().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await
    }
}
