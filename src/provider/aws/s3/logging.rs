//! `aws_s3_bucket_logging`: where a bucket's access logs go.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{self, NO_BUCKET, PATIENCE, named, predict_id, remove, split, write};
use super::grantee;
use async_trait::async_trait;
use aws_sdk_s3::types::{
    BucketLoggingStatus, BucketLogsPermission, LoggingEnabled, PartitionDateSource, PartitionedPrefix, SimplePrefix,
    TargetGrant, TargetObjectKeyFormat,
};

pub struct Logging;

const KEY_FORMAT: &str = "target_object_key_format";

fn wanted(plan: &Obj<'_>) -> Outcome<LoggingEnabled> {
    let mut grants = Vec::new();
    for grant in plan.blocks("target_grant") {
        let who = grant.block("grantee").map(|g| grantee::wanted(&g)).transpose()?;
        let permission = BucketLogsPermission::from(grant.str("permission"));
        grants.push(TargetGrant::builder().set_grantee(who).permission(permission).build());
    }
    let format = plan.block(KEY_FORMAT).map(|format| {
        let partitioned = format.block("partitioned_prefix").map(|p| {
            let source = p.opt("partition_date_source").map(PartitionDateSource::from);
            PartitionedPrefix::builder().set_partition_date_source(source).build()
        });
        let simple = (!format.blocks("simple_prefix").is_empty()).then(|| SimplePrefix::builder().build());
        TargetObjectKeyFormat::builder().set_partitioned_prefix(partitioned).set_simple_prefix(simple).build()
    });
    Ok(LoggingEnabled::builder()
        .target_bucket(plan.str("target_bucket"))
        .target_prefix(plan.str("target_prefix"))
        .set_target_grants(Some(grants).filter(|g| !g.is_empty()))
        .set_target_object_key_format(format)
        .build()?)
}

fn show(found: LoggingEnabled) -> Attrs {
    let grants = found.target_grants.unwrap_or_default().into_iter().map(|g| {
        Attrs::new()
            .opt("permission", g.permission.map(|p| p.as_str().to_owned()))
            .block("grantee", g.grantee.map(grantee::show))
    });
    let format = found.target_object_key_format.map(|f| {
        let partitioned = f
            .partitioned_prefix
            .map(|p| Attrs::new().opt("partition_date_source", p.partition_date_source.map(|s| s.as_str().to_owned())));
        Attrs::new()
            .block("partitioned_prefix", partitioned)
            .block("simple_prefix", f.simple_prefix.map(|_| Attrs::new()))
    });
    Attrs::new()
        .str("target_bucket", found.target_bucket)
        .str("target_prefix", found.target_prefix)
        .blocks("target_grant", grants)
        .block(KEY_FORMAT, format)
}

async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<LoggingEnabled>> {
    let call = cx.aws.s3().get_bucket_logging().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned));
    Ok(call.send().await.or_gone(NO_BUCKET)?.and_then(|a| a.logging_enabled))
}

async fn put(cx: &Cx<'_>, id: &str, plan: &Obj<'_>) -> Outcome<()> {
    let (bucket, owner) = split(id);
    let logging = wanted(plan)?;
    let status = BucketLoggingStatus::builder().logging_enabled(logging.clone()).build();
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_logging().bucket(bucket).bucket_logging_status(status.clone());
        call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("the logging configuration to be in force", PATIENCE, || async {
        Ok(match get(cx, bucket, owner).await? {
            Some(now) if now.target_bucket == logging.target_bucket && now.target_prefix == logging.target_prefix => {
                Look::Done(())
            }
            _ => Look::NotYet("S3 still shows the old one".into()),
        })
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Logging {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_logging"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_logging.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let id = calls::id(plan);
        put(cx, &id, plan).await?;
        made.id(id);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        Ok(get(cx, bucket, owner).await?.map(|found| named(id).with(show(found))))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, prior.str("id"), plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        remove(cx, bucket, || async {
            let none = BucketLoggingStatus::builder().build();
            let call = cx.aws.s3().put_bucket_logging().bucket(bucket).bucket_logging_status(none);
            call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(NO_BUCKET)?;
            Ok(())
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }
}
