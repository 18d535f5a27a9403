//! `aws_s3_object`: an object in a bucket. Its id is its key. A change of the content or of what S3 keeps with it puts the object
//! anew; its access list, lock and tags are changed by themselves.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::{TagChange, Tags};
use super::super::time;
use super::object_upload::upload;
use super::object_versions as versions;
use crate::lang::value::Value;
use async_trait::async_trait;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{
    ChecksumMode, ObjectCannedAcl, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention,
    ObjectLockRetentionMode, Tag, Tagging,
};

pub struct Object;

/// Codes with which S3 says that an object is not there.
pub const NO_OBJECT: &[&str] = &["NoSuchKey", "NoSuchBucket", "NotFound"];

/// Attributes whose change puts the object anew.
const CONTENT: &[&str] = &[
    "bucket_key_enabled",
    "cache_control",
    "checksum_algorithm",
    "content_base64",
    "content_disposition",
    "content_encoding",
    "content_language",
    "content_type",
    "content",
    "etag",
    "kms_key_id",
    "metadata",
    "server_side_encryption",
    "source",
    "source_hash",
    "storage_class",
    "website_redirect",
];

/// What only the next read tells after the object was put anew.
const TOLD_BY_S3: &[&str] =
    &["version_id", "checksum_crc32", "checksum_crc32c", "checksum_crc64nvme", "checksum_sha1", "checksum_sha256"];

/// The key as it is sent: without `./` and slashes in front, and with single slashes inside.
pub fn clean_key(key: &str) -> String {
    let key = key.strip_prefix("./").unwrap_or(key).trim_start_matches('/');
    let mut out = String::with_capacity(key.len());
    for c in key.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

/// The ARN of an object.
pub fn arn(aws: &Aws, bucket: &str, key: &str) -> String {
    format!("arn:{}:s3:::{bucket}/{key}", aws.partition().id)
}

/// What HeadObject says of an object, as the resource and the data source both have it.
pub fn described(aws: &Aws, bucket: &str, key: &str, found: &HeadObjectOutput) -> Attrs {
    Attrs::new()
        .str("arn", arn(aws, bucket, key))
        .bool("bucket_key_enabled", found.bucket_key_enabled)
        .opt("cache_control", found.cache_control())
        .opt("checksum_crc32", found.checksum_crc32())
        .opt("checksum_crc32c", found.checksum_crc32_c())
        .opt("checksum_crc64nvme", found.checksum_crc64_nvme())
        .opt("checksum_sha1", found.checksum_sha1())
        .opt("checksum_sha256", found.checksum_sha256())
        .opt("content_disposition", found.content_disposition())
        .opt("content_encoding", found.content_encoding())
        .opt("content_language", found.content_language())
        .opt("content_type", found.content_type())
        .opt("etag", found.e_tag().map(|e| e.trim_matches('"')))
        .map("metadata", found.metadata.clone().unwrap_or_default())
        .opt("object_lock_legal_hold_status", found.object_lock_legal_hold_status().map(|s| s.as_str()))
        .opt("object_lock_mode", found.object_lock_mode().map(|m| m.as_str()))
        .opt("object_lock_retain_until_date", found.object_lock_retain_until_date().map(time::rfc3339))
        .opt("server_side_encryption", found.server_side_encryption().map(|s| s.as_str()))
        .str("storage_class", found.storage_class().map_or("STANDARD", |s| s.as_str()))
        .opt("version_id", found.version_id())
}

/// Whether the provider's default tags do not apply (`override_provider`).
fn overrides_default_tags(object: &Obj<'_>) -> bool {
    let defaults = object.block("override_provider").and_then(|o| o.block("default_tags"));
    defaults.is_some_and(|d| d.string_map("tags").is_empty())
}

async fn tags(cx: &Cx<'_>, bucket: &str, key: &str) -> Outcome<Tags> {
    let answer = cx.aws.s3().get_object_tagging().bucket(bucket).key(key).send().await.or_gone(NO_OBJECT)?;
    Ok(answer.map(|a| a.tag_set.into_iter().map(|t| (t.key, t.value)).collect()).unwrap_or_default())
}

/// Changes the tags; those of others, which `ignore_tags` hides, stay.
async fn write_tags(cx: &Cx<'_>, bucket: &str, key: &str, change: &TagChange) -> Outcome<()> {
    let mut all = tags(cx, bucket, key).await?;
    all.retain(|name, _| !change.remove.contains(name));
    all.extend(change.set.clone());
    let set = all.into_iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect::<Result<Vec<_>, _>>()?;
    let s3 = cx.aws.s3();
    if set.is_empty() {
        s3.delete_object_tagging().bucket(bucket).key(key).send().await?;
    } else {
        let tagging = Tagging::builder().set_tag_set(Some(set)).build()?;
        s3.put_object_tagging().bucket(bucket).key(key).tagging(tagging).send().await?;
    }
    Ok(())
}

async fn write_retention(cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>, key: &str) -> Outcome<()> {
    let until = |o: &Obj<'_>| o.opt("object_lock_retain_until_date").and_then(time::parse);
    let (old, new) = (until(prior), until(plan));
    let mode = plan.opt("object_lock_mode").map(ObjectLockRetentionMode::from);
    let retention = ObjectLockRetention::builder().set_mode(mode).set_retain_until_date(new).build();
    // To shorten or lift a retention needs to be asked for.
    let shorter = match (old, new) {
        (_, None) => true,
        (Some(old), Some(new)) => new < old,
        _ => false,
    };
    let bypass = (plan.differs(prior, "object_lock_retain_until_date") && shorter).then_some(true);
    let call = cx.aws.s3().put_object_retention().bucket(plan.str("bucket")).key(key).retention(retention);
    call.set_bypass_governance_retention(bypass).send().await?;
    Ok(())
}

#[async_trait(?Send)]
impl ResourceType for Object {
    fn name(&self) -> &'static str {
        "aws_s3_object"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_object.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        for key in config.string_map("metadata").keys().filter(|key| key.to_lowercase() != **key) {
            checks.wrong("metadata", format!("Metadata must be lowercase only. Offending key: {key:?}"), "");
        }
        let wanted = config.block("override_provider").and_then(|o| o.block("default_tags"));
        if wanted.is_some_and(|d| d.has("tags")) {
            let detail = "Only an empty map is allowed: it keeps the provider's default tags off this object.";
            checks.wrong("override_provider", "expected the number of default_tags.tags to be 0", detail);
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if overrides_default_tags(&change.config) && change.planned().known("tags") {
            let own = change.planned().string_map("tags");
            let own = own.into_iter().map(|(k, v)| (k.into(), Value::string_normalized(&v))).collect();
            change.set("tags_all", Value::map(crate::lang::value::Type::String, own));
        }
        if change.is_create() {
            let (bucket, key) = (change.planned().string("bucket"), change.planned().string("key"));
            if let (Some(bucket), Some(key)) = (bucket, &key) {
                change.set_str("arn", arn(aws, &bucket, &clean_key(key)));
            }
            change.set_some("id", key);
            if change.config.known("storage_class") && !change.config.has("storage_class") {
                change.set_str("storage_class", "STANDARD");
            }
            return;
        }
        if change.changed_any(CONTENT) {
            for name in TOLD_BY_S3 {
                change.unknown(name);
            }
            if change.config.value("etag").is_none_or(Value::is_null) {
                change.unknown("etag");
            }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        upload(cx, plan, &plan.string_map("tags_all")).await?;
        made.id(plan.str("key"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (bucket, key) = (prior.str("bucket"), clean_key(prior.str("key")));
        let mode = prior.opt("checksum_algorithm").map(|_| ChecksumMode::Enabled);
        let call = cx.aws.s3().head_object().bucket(bucket).key(&key).set_checksum_mode(mode);
        let Some(found) = call.send().await.or_gone(NO_OBJECT)? else { return Ok(None) };
        let mut attrs = described(cx.aws, bucket, &key, &found)
            .str("id", prior.str("id"))
            .str("bucket", bucket)
            .str("key", prior.str("key"))
            .opt("website_redirect", found.website_redirect_location);
        if let Some(key) = found.ssekms_key_id {
            attrs = attrs.str("kms_key_id", key);
        }
        Ok(Some(cx.aws.with_tags(attrs, tags(cx, bucket, &key).await?, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, CONTENT) {
            return upload(cx, plan, &plan.string_map("tags_all")).await;
        }
        let (s3, bucket, key) = (cx.aws.s3(), plan.str("bucket"), clean_key(plan.str("key")));
        if plan.differs(prior, "acl") {
            let call = s3.put_object_acl().bucket(bucket).key(&key);
            call.set_acl(plan.opt("acl").map(ObjectCannedAcl::from)).send().await?;
        }
        if plan.differs(prior, "object_lock_legal_hold_status") {
            let status = plan.opt("object_lock_legal_hold_status").unwrap_or("OFF");
            let hold = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::from(status)).build();
            s3.put_object_legal_hold().bucket(bucket).key(&key).legal_hold(hold).send().await?;
        }
        if plan.differs_any(prior, &["object_lock_mode", "object_lock_retain_until_date"]) {
            write_retention(cx, prior, plan, &key).await?;
        }
        let change = TagChange::between(prior, plan);
        if !change.is_empty() {
            write_tags(cx, bucket, &key, &change).await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bucket, key) = (prior.str("bucket"), clean_key(prior.str("key")));
        if prior.opt("version_id").is_some() {
            return versions::delete_all(cx, bucket, &key, prior.bool("force_destroy")).await;
        }
        cx.aws.s3().delete_object().bucket(bucket).key(key).send().await.or_gone(NO_OBJECT)?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let rest = id.strip_prefix("s3://").unwrap_or(id);
        match rest.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Attrs::new().str("id", key).str("bucket", bucket).str("key", key))
            }
            _ => Err(Failure::said(
                "Unexpected format of import id",
                format!("id {id} should be in format <bucket>/<key> or s3://<bucket>/<key>"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cleaned_as_they_were_always_sent() {
        assert_eq!(clean_key("./a//b/c"), "a/b/c");
        assert_eq!(clean_key("//a"), "a");
        assert_eq!(clean_key("a/"), "a/");
    }
}
