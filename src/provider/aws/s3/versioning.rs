//! `aws_s3_bucket_versioning`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::wait::Look;
use super::calls::{self, NO_BUCKET, PATIENCE, named, predict_id, remove, split, write};
use async_trait::async_trait;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration};

pub struct Versioning;

/// What S3 does not answer: never switched on.
const DISABLED: &str = "Disabled";

async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<GetBucketVersioningOutput>> {
    let call = cx.aws.s3().get_bucket_versioning().bucket(bucket);
    call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(NO_BUCKET)
}

async fn put(cx: &Cx<'_>, object: &Obj<'_>, status: &str) -> Outcome<()> {
    let id = calls::id(object);
    let (bucket, owner) = split(&id);
    let mfa_delete = object.block("versioning_configuration").and_then(|b| b.string("mfa_delete"));
    let config = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::from(status))
        .set_mfa_delete(mfa_delete.as_deref().map(MfaDelete::from))
        .build();
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_versioning().bucket(bucket).versioning_configuration(config.clone());
        let call = call.set_expected_bucket_owner(owner.map(str::to_owned)).set_mfa(object.string("mfa"));
        call.send().await?;
        Ok(())
    })
    .await?;
    cx.wait_until("versioning to be in force", PATIENCE, || async {
        let now = get(cx, bucket, owner).await?.and_then(|v| v.status);
        Ok(match now {
            Some(now) if now.as_str() == status => Look::Done(()),
            now => Look::NotYet(format!("S3 still says {}", now.as_ref().map_or(DISABLED, |s| s.as_str()))),
        })
    })
    .await
}

fn status<'a>(object: &Obj<'a>) -> &'a str {
    object.block("versioning_configuration").map(|b| b.str("status")).unwrap_or_default()
}

#[async_trait(?Send)]
impl ResourceType for Versioning {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_versioning"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_versioning.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
        let (old, new) = (status(&change.prior).to_owned(), status(&change.planned()).to_owned());
        if matches!(old.as_str(), "Enabled" | "Suspended") && new == DISABLED {
            let summary = format!("versioning_configuration.status cannot be updated from '{old}' to '{new}'");
            let detail = "Versioning that was on once can only be suspended: use status = \"Suspended\".";
            change.checks.wrong("versioning_configuration", summary, detail);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        if status(plan) != DISABLED {
            put(cx, plan, status(plan)).await?;
        }
        made.id(calls::id(plan));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        let attrs = |v: GetBucketVersioningOutput| {
            let block = Attrs::new()
                .str("status", v.status.as_ref().map_or(DISABLED, |s| s.as_str()))
                .opt("mfa_delete", v.mfa_delete.as_ref().map(|m| m.as_str()));
            named(id).block("versioning_configuration", Some(block))
        };
        Ok(get(cx, bucket, owner).await?.map(attrs))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan, status(plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        if status(prior) == DISABLED {
            return Ok(());
        }
        let id = calls::id(prior);
        let (bucket, owner) = split(&id);
        // What was on can only be suspended.
        let config = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        remove(cx, bucket, || async {
            let call = cx.aws.s3().put_bucket_versioning().bucket(bucket).versioning_configuration(config.clone());
            call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(NO_BUCKET)?;
            Ok(())
        })
        .await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }
}
