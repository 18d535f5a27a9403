//! Data `aws_s3_object`, `aws_s3_objects` and `aws_canonical_user_id`.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::s3::object::{NO_OBJECT, clean_key, described};
use async_trait::async_trait;
use aws_sdk_s3::types::{ChecksumMode, EncodingType, RequestPayer};

/// Data `aws_s3_object`: an object, with its content where that is text.
pub struct ObjectData;

/// Content types that are text beside `text/…`.
const TEXTS: &[&str] = &[
    "application/atom+xml",
    "application/json",
    "application/ld+json",
    "application/x-csh",
    "application/x-httpd-php",
    "application/x-sh",
    "application/xhtml+xml",
    "application/xml",
    "application/x-sql",
    "application/yaml",
];

fn is_text(content_type: &str) -> bool {
    TEXTS.contains(&content_type) || content_type.strip_prefix("text/").is_some_and(|rest| !rest.is_empty())
}

/// `Mon, 02 Jan 2006 15:04:05 UTC`.
fn rfc1123(time: &aws_smithy_types::DateTime) -> Option<String> {
    let time = jiff::Timestamp::from_second(time.secs()).ok()?;
    Some(time.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string())
}

#[async_trait(?Send)]
impl DataType for ObjectData {
    fn name(&self) -> &'static str {
        "aws_s3_object"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_s3_object.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let (s3, bucket, key) = (cx.aws.s3(), config.str("bucket"), clean_key(config.str("key")));
        let (version, range) = (config.string("version_id"), config.string("range"));
        let call = s3.head_object().bucket(bucket).key(&key).set_version_id(version.clone()).set_range(range.clone());
        let call = call.set_checksum_mode(config.opt("checksum_mode").map(ChecksumMode::from));
        let Some(found) = call.send().await.or_gone(NO_OBJECT)? else {
            let said =
                Failure::said("Object not found", format!("There is no object {key:?} in the bucket {bucket:?}."));
            return Err(said.attribute("key"));
        };
        let id = match &version {
            Some(version) => format!("{bucket}/{}@{version}", config.str("key")),
            None => format!("{bucket}/{}", config.str("key")),
        };
        let mut attrs = described(cx.aws, bucket, &key, &found)
            .str("id", id)
            .int("content_length", found.content_length)
            .opt("expiration", found.expiration)
            .opt("expires", found.expires_string)
            .opt("last_modified", found.last_modified.as_ref().and_then(rfc1123))
            .opt("sse_kms_key_id", found.ssekms_key_id)
            .opt("website_redirect_location", found.website_redirect_location);
        if found.content_type.as_deref().is_some_and(is_text) {
            let call = s3.get_object().bucket(bucket).key(&key).set_version_id(found.version_id).set_range(range);
            let body = call.send().await?.body.collect().await.map_err(|e| {
                Failure::said("Cannot read the object", format!("The content of {bucket}/{key} broke off: {e}."))
            })?;
            attrs = attrs.str("body", String::from_utf8_lossy(&body.into_bytes()));
        }
        let tags = s3.get_object_tagging().bucket(bucket).key(&key).set_version_id(version).send().await?;
        let tags = tags.tag_set.into_iter().map(|t| (t.key, t.value)).collect();
        Ok(attrs.map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}

/// Data `aws_s3_objects`: the keys of a bucket.
pub struct ObjectsData;

/// Most keys on a page (API reference, ListObjectsV2).
const PAGE: i64 = 1000;

#[async_trait(?Send)]
impl DataType for ObjectsData {
    fn name(&self) -> &'static str {
        "aws_s3_objects"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_s3_objects.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let bucket = config.str("bucket");
        let most = config.int("max_keys").unwrap_or(PAGE);
        let (mut keys, mut owners, mut prefixes, mut charged) = (Vec::new(), Vec::new(), Vec::new(), None);
        let mut token = None;
        'pages: loop {
            let call = cx.aws.s3().list_objects_v2().bucket(bucket).set_continuation_token(token);
            let call = call
                .set_delimiter(config.string("delimiter"))
                .set_encoding_type(config.opt("encoding_type").map(EncodingType::from))
                .set_fetch_owner(config.opt_bool("fetch_owner").filter(|on| *on))
                .set_prefix(config.string("prefix"))
                .set_request_payer(config.opt("request_payer").map(RequestPayer::from))
                .set_start_after(config.string("start_after"))
                .set_max_keys(i32::try_from(most.min(PAGE)).ok());
            let page = call.send().await?;
            charged = page.request_charged.or(charged);
            prefixes.extend(page.common_prefixes.unwrap_or_default().into_iter().filter_map(|p| p.prefix));
            for object in page.contents.unwrap_or_default() {
                if keys.len() as i64 >= most {
                    break 'pages;
                }
                keys.extend(object.key);
                owners.extend(object.owner.and_then(|o| o.id));
            }
            token = page.next_continuation_token.filter(|_| page.is_truncated == Some(true));
            if token.is_none() {
                break;
            }
        }
        Ok(Attrs::new()
            .str("id", bucket)
            .strings("common_prefixes", prefixes)
            .strings("keys", keys)
            .strings("owners", owners)
            .opt("request_charged", charged.map(|c| c.as_str().to_owned())))
    }
}

/// Data `aws_canonical_user_id`: how S3 names the account.
pub struct CanonicalUser;

#[async_trait(?Send)]
impl DataType for CanonicalUser {
    fn name(&self) -> &'static str {
        "aws_canonical_user_id"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_canonical_user_id.json")
    }

    async fn read(&self, cx: &Cx<'_>, _config: &Obj<'_>) -> Outcome<Attrs> {
        let answer = cx.aws.s3().list_buckets().send().await?;
        let Some(owner) = answer.owner else {
            return Err(Failure::said(
                "Canonical user id not found",
                "S3 did not tell who owns the account's buckets.",
            ));
        };
        #[allow(deprecated)] // Still answered by S3-compatible servers, and stored by the original provider.
        let display_name = owner.display_name;
        Ok(Attrs::new().opt("id", owner.id).opt("display_name", display_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_is_shown() {
        assert!(is_text("text/plain") && is_text("application/json"));
        assert!(!is_text("text/") && !is_text("application/zip") && !is_text("application/octet-stream"));
    }

    #[test]
    fn times_are_written_as_go_writes_them() {
        let time = aws_smithy_types::DateTime::from_secs(1_136_214_245);
        assert_eq!(rfc1123(&time).as_deref(), Some("Mon, 02 Jan 2006 15:04:05 UTC"));
    }
}
