//! Puts an object: in one request, or in parts where it is large. Small and large are told apart as the original provider does, so
//! that an object gets the same ETag from both.

use super::super::failure::{Failure, Outcome};
use super::super::object::Obj;
use super::super::resource::Cx;
use super::super::tags::Tags;
use super::super::time;
use super::object::clean_key;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ObjectCannedAcl, ObjectLockLegalHoldStatus,
    ObjectLockMode, ServerSideEncryption, StorageClass,
};
use base64::Engine;
use std::path::PathBuf;

/// Size of a part, and of the largest object that is put in one request: 5 MiB, the smallest part S3 takes.
const PART: usize = 5 * 1024 * 1024;
/// Most parts of an upload (Amazon S3 user guide, multipart upload limits).
const MOST_PARTS: usize = 10_000;

/// `~/file` is in the home directory.
fn path_of(source: &str) -> PathBuf {
    match (source.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(source),
    }
}

/// What is put: a file's bytes, a text, decoded base64, or nothing.
async fn body(plan: &Obj<'_>) -> Outcome<Vec<u8>> {
    if let Some(source) = plan.opt("source") {
        let path = path_of(source);
        return tokio::fs::read(&path).await.map_err(|e| {
            Failure::said("Cannot read the object's source", format!("{}: {e}.", path.display())).attribute("source")
        });
    }
    if let Some(text) = plan.opt("content") {
        return Ok(text.as_bytes().to_vec());
    }
    let Some(text) = plan.opt("content_base64") else { return Ok(Vec::new()) };
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|e| {
        Failure::said("Invalid base64", format!("The content of the object is not base64: {e}."))
            .attribute("content_base64")
    })
}

/// Percent-encoded for a header: `a=b&c=d`.
fn tagging(tags: &Tags) -> Option<String> {
    let encode = |text: &str| {
        text.bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect::<String>()
    };
    let pairs: Vec<String> = tags.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    Some(pairs.join("&")).filter(|t| !t.is_empty())
}

/// Headers that both ways of putting an object take.
macro_rules! headers {
    ($call:expr, $plan:expr, $tags:expr) => {{
        let (plan, kms) = ($plan, $plan.string("kms_key_id"));
        let encryption = match (&kms, plan.opt("server_side_encryption")) {
            (_, Some(said)) => Some(ServerSideEncryption::from(said)),
            (Some(_), None) => Some(ServerSideEncryption::AwsKms),
            (None, None) => None,
        };
        let metadata = plan.string_map("metadata");
        $call
            .bucket(plan.str("bucket"))
            .key(clean_key(plan.str("key")))
            .set_acl(plan.opt("acl").map(ObjectCannedAcl::from))
            .set_bucket_key_enabled(plan.opt_bool("bucket_key_enabled").filter(|on| *on))
            .set_cache_control(plan.string("cache_control"))
            .set_checksum_algorithm(plan.opt("checksum_algorithm").map(ChecksumAlgorithm::from))
            .set_content_disposition(plan.string("content_disposition"))
            .set_content_encoding(plan.string("content_encoding"))
            .set_content_language(plan.string("content_language"))
            .set_content_type(plan.string("content_type"))
            .set_ssekms_key_id(kms)
            .set_server_side_encryption(encryption)
            .set_metadata(Some(metadata.into_iter().collect()))
            .set_object_lock_legal_hold_status(
                plan.opt("object_lock_legal_hold_status").map(ObjectLockLegalHoldStatus::from),
            )
            .set_object_lock_mode(plan.opt("object_lock_mode").map(ObjectLockMode::from))
            .set_object_lock_retain_until_date(plan.opt("object_lock_retain_until_date").and_then(time::parse))
            .set_storage_class(plan.opt("storage_class").map(StorageClass::from))
            .set_website_redirect_location(plan.string("website_redirect"))
            .set_tagging(tagging($tags))
    }};
}

/// Puts the object that `plan` describes, with these tags.
pub async fn upload(cx: &Cx<'_>, plan: &Obj<'_>, tags: &Tags) -> Outcome<()> {
    let body = body(plan).await?;
    if body.len() > PART {
        return in_parts(cx, plan, tags, &body).await;
    }
    cx.retry(super::calls::PATIENCE, super::calls::busy, || async {
        let call = headers!(cx.aws.s3().put_object(), plan, tags);
        call.body(ByteStream::from(body.clone())).send().await?;
        Ok(())
    })
    .await
}

async fn in_parts(cx: &Cx<'_>, plan: &Obj<'_>, tags: &Tags, body: &[u8]) -> Outcome<()> {
    let (s3, bucket, key) = (cx.aws.s3(), plan.str("bucket"), clean_key(plan.str("key")));
    let started = cx
        .retry(super::calls::PATIENCE, super::calls::busy, || async {
            Ok(headers!(s3.create_multipart_upload(), plan, tags).send().await?)
        })
        .await?;
    let id = started.upload_id.unwrap_or_default();
    match parts(cx, plan, &id, body).await {
        Ok(parts) => {
            let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
            let call = s3.complete_multipart_upload().bucket(bucket).key(key).upload_id(&id);
            call.multipart_upload(whole).send().await?;
            Ok(())
        }
        Err(failure) => {
            // Parts that belong to no object cost money until they are given up.
            let aborted = s3.abort_multipart_upload().bucket(bucket).key(key).upload_id(&id).send().await;
            if aborted.is_err() {
                cx.progress.waiting(&format!("the unfinished upload {id} of {bucket} could not be given up"));
            }
            Err(failure)
        }
    }
}

async fn parts(cx: &Cx<'_>, plan: &Obj<'_>, id: &str, body: &[u8]) -> Outcome<Vec<CompletedPart>> {
    let (bucket, key) = (plan.str("bucket"), clean_key(plan.str("key")));
    let size = PART.max(body.len().div_ceil(MOST_PARTS));
    let count = body.len().div_ceil(size);
    let mut done = Vec::with_capacity(count);
    for (part, number) in body.chunks(size).zip(1i32..) {
        if cx.progress.interrupted() {
            return Err(Failure::said(
                "Interrupted while uploading",
                format!("{} of {count} parts of the object were uploaded.", done.len()),
            ));
        }
        cx.progress.waiting(&format!("uploading part {number} of {count}"));
        let call = cx.aws.s3().upload_part().bucket(bucket).key(&key).upload_id(id).part_number(number);
        let call = call.set_checksum_algorithm(plan.opt("checksum_algorithm").map(ChecksumAlgorithm::from));
        let sent = call.body(ByteStream::from(part.to_vec())).send().await?;
        done.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(sent.e_tag)
                .set_checksum_crc32(sent.checksum_crc32)
                .set_checksum_crc32_c(sent.checksum_crc32_c)
                .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
                .set_checksum_sha1(sent.checksum_sha1)
                .set_checksum_sha256(sent.checksum_sha256)
                .build(),
        );
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_encoded_for_the_header() {
        let tags = [("a b".to_owned(), "c&d".to_owned()), ("e".to_owned(), String::new())].into();
        assert_eq!(tagging(&tags).as_deref(), Some("a%20b=c%26d&e="));
        assert_eq!(tagging(&Tags::new()), None);
    }

    #[test]
    fn other_paths_stay_as_they_are() {
        assert_eq!(path_of("a/~/b"), PathBuf::from("a/~/b"));
    }
}
