//! `local_file` and `local_sensitive_file`.

use super::contents;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Initial, Kind, computed, optional, required};
use crate::provider::utility::hashes::{Checksums, hexadecimal};
use crate::provider::utility::{Resource, exactly_one, text, wrong};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Digest as _;
use std::path::Path;

/// One of the two types.
pub(super) struct File {
    name: &'static str,
    attributes: &'static [Attr],
    /// Arguments of which one has the content.
    sources: &'static [&'static str],
}

const fn content(name: &'static str) -> Attr {
    optional(name, Kind::Text).replaces()
}

const fn permission(name: &'static str, default: &'static str) -> Attr {
    optional(name, Kind::Text).or(Initial::Text(default)).replaces()
}

pub(super) static FILE: File = File {
    name: "local_file",
    attributes: &[
        content("content"),
        content("content_base64"),
        computed("content_base64sha256", Kind::Text),
        computed("content_base64sha512", Kind::Text),
        computed("content_md5", Kind::Text),
        computed("content_sha1", Kind::Text),
        computed("content_sha256", Kind::Text),
        computed("content_sha512", Kind::Text),
        permission("directory_permission", "0777"),
        permission("file_permission", "0777"),
        required("filename", Kind::Text).replaces(),
        computed("id", Kind::Text),
        content("sensitive_content").secret().outdated(),
        content("source"),
    ],
    sources: &["content", "sensitive_content", "content_base64", "source"],
};

pub(super) static SENSITIVE: File = File {
    name: "local_sensitive_file",
    attributes: &[
        content("content").secret(),
        content("content_base64").secret(),
        computed("content_base64sha256", Kind::Text),
        computed("content_base64sha512", Kind::Text),
        computed("content_md5", Kind::Text),
        computed("content_sha1", Kind::Text),
        computed("content_sha256", Kind::Text),
        computed("content_sha512", Kind::Text),
        permission("directory_permission", "0700"),
        permission("file_permission", "0700"),
        required("filename", Kind::Text).replaces(),
        computed("id", Kind::Text),
        content("source"),
    ],
    sources: &["content", "content_base64", "source"],
};

fn bytes(planned: &Value) -> Result<Vec<u8>, String> {
    let set = |name: &str| planned.get(name).and_then(Value::as_str);
    if let Some(secret) = set("sensitive_content") {
        return Ok(secret.as_bytes().to_vec());
    }
    if let Some(encoded) = set("content_base64") {
        return STANDARD.decode(encoded).map_err(|e| e.to_string());
    }
    match set("source") {
        Some(path) => std::fs::read(path).map_err(|e| format!("open {path}: {e}")),
        None => Ok(text(planned, "content").as_bytes().to_vec()),
    }
}

#[async_trait(?Send)]
impl Resource for File {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attributes(&self) -> &'static [Attr] {
        self.attributes
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        exactly_one(config, self.sources, found);
        for name in ["file_permission", "directory_permission"] {
            if let Some(given) = config.get(name).and_then(Value::as_str)
                && let Err(why) = contents::mode(given)
            {
                found.push(wrong(name, "Invalid File Permission String Value", why));
            }
        }
    }

    async fn create(&self, planned: &Value, _: &dyn Progress) -> Result<Value, Diagnostics> {
        let content = bytes(planned).map_err(|why| {
            let said =
                format!("An unexpected error occurred while parsing local file content\n\nOriginal Error: {why}");
            Diagnostics::from(Diagnostic::error("Create local file error", said))
        })?;
        let mode = |name: &str| contents::mode(text(planned, name)).unwrap_or(0o700);
        let path = Path::new(text(planned, "filename"));
        contents::write(path, &content, mode("file_permission"), mode("directory_permission"))?;
        let all = Checksums::of(&content).of_content();
        Ok(all.into_iter().fold(planned.clone(), |object, (name, value)| object.with_field(name, value)))
    }

    /// A file that is not there, or that has another content, is gone: it is written again.
    async fn read(&self, object: &Value) -> Result<Option<Value>, Diagnostics> {
        let path = text(object, "filename");
        match std::fs::read(path) {
            Ok(content) => {
                Ok((hexadecimal(&sha1::Sha1::digest(&content)) == text(object, "id")).then(|| object.clone()))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => {
                let said =
                    format!("An unexpected error occurred while reading the file\n\nOriginal Error: {path}: {e}");
                Err(Diagnostic::error("Read local file error", said).into())
            }
        }
    }

    async fn delete(&self, object: &Value, _: &dyn Progress) -> Result<(), Diagnostics> {
        let path = text(object, "filename");
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Diagnostic::error("Delete local file error", format!("The file cannot be removed: {path}: {e}"))
                    .into())
            }
            _ => Ok(()),
        }
    }
}
