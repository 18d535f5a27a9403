//! The few calls the backend makes, with the bucket's encryption, checksum and conditions: get, put, delete, list.

use super::failure::{Attempt, Failed};
use super::settings::{Encryption, Settings};
use crate::diagnostics::{Diagnostic, Diagnostics};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ServerSideEncryption};
use std::sync::Arc;
use std::time::Duration;

/// A bucket and how to talk to it.
#[derive(Clone)]
pub(super) struct Bucket {
    client: Client,
    pub(super) settings: Arc<Settings>,
}

/// An object as read.
pub(super) struct Object {
    /// Its content.
    pub(super) bytes: Vec<u8>,
    /// Names this content.
    pub(super) etag: Option<String>,
    /// When it was written, RFC 3339.
    pub(super) modified: String,
}

/// What must hold for a put to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing.
    None,
    /// The key is free.
    Free,
    /// The object still has this ETag.
    Unchanged(String),
}

/// What came of a put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Put {
    /// Stored; the ETag if the server gives one.
    Stored(Option<String>),
    /// The condition did not hold.
    Refused,
    /// The server does not know conditions.
    Unconditional,
}

/// How often a put is repeated when another conditional write of the same key was under way.
const CONFLICT_TRIES: u32 = 5;

impl Bucket {
    pub(super) fn new(client: Client, settings: Arc<Settings>) -> Self {
        Bucket { client, settings }
    }

    fn name(&self) -> &str {
        &self.settings.bucket
    }

    fn attempt<'a>(&'a self, doing: &'static str, action: &'static str, key: &'a str) -> Attempt<'a> {
        Attempt { doing, action, bucket: self.name(), key }
    }

    /// An object; `None` when there is none.
    pub(super) async fn get(&self, key: &str, doing: &'static str) -> Result<Option<Object>, Diagnostics> {
        let mut call = self.client.get_object().bucket(self.name()).key(key);
        if let Encryption::Customer(own) = &self.settings.encryption {
            call = call.sse_customer_algorithm("AES256").sse_customer_key(&own.key).sse_customer_key_md5(&own.md5);
        }
        let answer = match call.send().await.map_err(Failed::from) {
            Ok(answer) => answer,
            Err(failed) if failed.is_missing_object() => return Ok(None),
            Err(failed) => return Err(failed.diagnostic(self.attempt(doing, "s3:GetObject", key)).into()),
        };
        let modified = answer.last_modified.map(|t| t.to_string()).unwrap_or_default();
        let bytes = answer.body.collect().await.map_err(|e| {
            let detail = format!("While {doing} at s3://{}/{key}: the answer broke off: {e}.", self.name());
            Diagnostic::error("Incomplete answer from S3", detail).hint("Repeat the command.")
        })?;
        Ok(Some(Object { bytes: bytes.to_vec(), etag: answer.e_tag, modified }))
    }

    /// Stores an object.
    pub(super) async fn put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
        doing: &'static str,
    ) -> Result<Put, Diagnostics> {
        for attempt in 1.. {
            let failed = match self.put_once(key, bytes, condition).await {
                Ok(etag) => return Ok(Put::Stored(etag)),
                Err(failed) => failed,
            };
            let conditional = *condition != Condition::None;
            if conditional && failed.is_conflict() && attempt < CONFLICT_TRIES {
                tokio::time::sleep(Duration::from_millis(100 * u64::from(attempt))).await;
                continue;
            }
            if conditional && failed.is_not_implemented() {
                return Ok(Put::Unconditional);
            }
            // With If-Match, an object that is gone is a change too.
            let changed = failed.is_missing_object() && matches!(condition, Condition::Unchanged(_));
            if conditional && (failed.is_refused() || failed.is_conflict() || changed) {
                return Ok(Put::Refused);
            }
            return Err(failed.diagnostic(self.attempt(doing, "s3:PutObject", key)).into());
        }
        Ok(Put::Refused)
    }

    async fn put_once(&self, key: &str, bytes: &[u8], condition: &Condition) -> Result<Option<String>, Failed> {
        let settings = &self.settings;
        let mut call = self
            .client
            .put_object()
            .bucket(self.name())
            .key(key)
            .content_type("application/json")
            .body(ByteStream::from(bytes.to_vec()))
            .set_acl(settings.acl.clone());
        call = match condition {
            Condition::None => call,
            Condition::Free => call.if_none_match("*"),
            Condition::Unchanged(etag) => call.if_match(etag),
        };
        call = match &settings.encryption {
            Encryption::Bucket => call,
            Encryption::S3 => call.server_side_encryption(ServerSideEncryption::Aes256),
            Encryption::Kms(id) => call.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(id),
            Encryption::Customer(own) => {
                call.sse_customer_algorithm("AES256").sse_customer_key(&own.key).sse_customer_key_md5(&own.md5)
            }
        };
        let answer = if settings.checksum {
            call.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await
        } else {
            let plain = aws_sdk_s3::config::Builder::new()
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
            call.customize().config_override(plain).send().await
        };
        Ok(answer?.e_tag)
    }

    /// Deletes an object; with an ETag only that one, where the server knows conditions. False when another one is there now.
    pub(super) async fn delete(&self, key: &str, etag: Option<&str>, doing: &'static str) -> Result<bool, Diagnostics> {
        let call = self.client.delete_object().bucket(self.name()).key(key);
        let mut answer = call.clone().set_if_match(etag.map(str::to_owned)).send().await.map_err(Failed::from);
        if etag.is_some() && answer.as_ref().is_err_and(Failed::is_not_implemented) {
            answer = call.send().await.map_err(Failed::from);
        }
        match answer {
            Ok(_) => Ok(true),
            Err(failed) if failed.is_missing_object() => Ok(true),
            Err(failed) if etag.is_some() && (failed.is_refused() || failed.is_conflict()) => Ok(false),
            Err(failed) => Err(failed.diagnostic(self.attempt(doing, "s3:DeleteObject", key)).into()),
        }
    }

    /// All keys with a prefix. The error tells whether the caller may not list.
    pub(super) async fn keys(&self, prefix: &str) -> Result<Vec<String>, (bool, Diagnostics)> {
        let mut keys = Vec::new();
        let mut pages =
            self.client.list_objects_v2().bucket(self.name()).prefix(prefix).max_keys(1000).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(Failed::from).map_err(|failed| {
                let attempt = self.attempt("listing workspaces", "s3:ListBucket", "");
                (failed.is_denied(), failed.diagnostic(attempt).into())
            })?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|o| o.key));
        }
        Ok(keys)
    }
}
