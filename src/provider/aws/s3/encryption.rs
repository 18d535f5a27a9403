//! `aws_s3_bucket_server_side_encryption_configuration`.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::calls::{self, named, predict_id, remove, split, write};
use async_trait::async_trait;
use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

pub struct Encryption;

const GONE: &[&str] = &["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket", "NotFound"];
const BY_DEFAULT: &str = "apply_server_side_encryption_by_default";

/// The configuration the `rule` blocks of an object ask for; also those of `aws_s3_bucket`'s own block.
pub fn wanted(rules: &[Obj<'_>]) -> Outcome<ServerSideEncryptionConfiguration> {
    let mut out = ServerSideEncryptionConfiguration::builder();
    for rule in rules {
        let mut built = ServerSideEncryptionRule::builder().set_bucket_key_enabled(rule.opt_bool("bucket_key_enabled"));
        if let Some(default) = rule.block(BY_DEFAULT) {
            let default = ServerSideEncryptionByDefault::builder()
                .sse_algorithm(ServerSideEncryption::from(default.str("sse_algorithm")))
                .set_kms_master_key_id(default.string("kms_master_key_id"))
                .build()?;
            built = built.apply_server_side_encryption_by_default(default);
        }
        out = out.rules(built.build());
    }
    Ok(out.build()?)
}

/// The `rule` blocks that show a configuration.
pub fn rules(config: ServerSideEncryptionConfiguration) -> Vec<Attrs> {
    let rule = |r: ServerSideEncryptionRule| {
        let default = r.apply_server_side_encryption_by_default.map(|d| {
            Attrs::new().opt("kms_master_key_id", d.kms_master_key_id).str("sse_algorithm", d.sse_algorithm.as_str())
        });
        Attrs::new().block(BY_DEFAULT, default).bool("bucket_key_enabled", r.bucket_key_enabled)
    };
    config.rules.into_iter().map(rule).collect()
}

/// The configuration of a bucket.
pub async fn get(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<Option<ServerSideEncryptionConfiguration>> {
    let call = cx.aws.s3().get_bucket_encryption().bucket(bucket).set_expected_bucket_owner(owner.map(str::to_owned));
    Ok(call.send().await.or_gone(GONE)?.and_then(|a| a.server_side_encryption_configuration))
}

/// Puts it.
pub async fn put(
    cx: &Cx<'_>,
    bucket: &str,
    owner: Option<&str>,
    config: &ServerSideEncryptionConfiguration,
) -> Outcome<()> {
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_encryption().bucket(bucket);
        let call = call.set_expected_bucket_owner(owner.map(str::to_owned));
        call.server_side_encryption_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

/// Goes back to what S3 does by itself.
pub async fn delete(cx: &Cx<'_>, bucket: &str, owner: Option<&str>) -> Outcome<()> {
    remove(cx, bucket, || async {
        let call = cx.aws.s3().delete_bucket_encryption().bucket(bucket);
        call.set_expected_bucket_owner(owner.map(str::to_owned)).send().await.or_gone(GONE)?;
        Ok(())
    })
    .await
}

#[async_trait(?Send)]
impl ResourceType for Encryption {
    fn name(&self) -> &'static str {
        "aws_s3_bucket_server_side_encryption_configuration"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket_server_side_encryption_configuration.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        predict_id(change);
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let id = calls::id(plan);
        let (bucket, owner) = split(&id);
        put(cx, bucket, owner, &wanted(&plan.blocks("rule"))?).await?;
        made.id(&id);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (bucket, owner) = split(id);
        Ok(get(cx, bucket, owner).await?.map(|config| named(id).blocks("rule", rules(config))))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        put(cx, bucket, owner, &wanted(&plan.blocks("rule"))?).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, owner) = split(prior.str("id"));
        delete(cx, bucket, owner).await
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(named(id))
    }
}
