//! Data sources `local_file` and `local_sensitive_file`.

use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::Progress;
use crate::provider::utility::attribute::{Attr, Kind, computed, required};
use crate::provider::utility::hashes::Checksums;
use crate::provider::utility::{Data, text};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One of the two types.
pub(super) struct File {
    name: &'static str,
    attributes: &'static [Attr],
}

pub(super) static FILE: File = File {
    name: "local_file",
    attributes: &[
        computed("content", Kind::Text),
        computed("content_base64", Kind::Text),
        computed("content_base64sha256", Kind::Text),
        computed("content_base64sha512", Kind::Text),
        computed("content_md5", Kind::Text),
        computed("content_sha1", Kind::Text),
        computed("content_sha256", Kind::Text),
        computed("content_sha512", Kind::Text),
        required("filename", Kind::Text),
        computed("id", Kind::Text),
    ],
};

pub(super) static SENSITIVE: File = File {
    name: "local_sensitive_file",
    attributes: &[
        computed("content", Kind::Text).secret(),
        computed("content_base64", Kind::Text).secret(),
        computed("content_base64sha256", Kind::Text),
        computed("content_base64sha512", Kind::Text),
        computed("content_md5", Kind::Text),
        computed("content_sha1", Kind::Text),
        computed("content_sha256", Kind::Text),
        computed("content_sha512", Kind::Text),
        required("filename", Kind::Text),
        computed("id", Kind::Text),
    ],
};

#[async_trait(?Send)]
impl Data for File {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attributes(&self) -> &'static [Attr] {
        self.attributes
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let path = text(config, "filename");
        let content = std::fs::read(path).map_err(|e| {
            let said = format!("The file at given path cannot be read.\n\nOriginal Error: open {path}: {e}");
            Diagnostics::from(Diagnostic::error("Read local file data source error", said))
        })?;
        let mut computed = Checksums::of(&content).of_content();
        computed.push(("content_base64", Value::string(STANDARD.encode(&content))));
        computed.push(("content", Value::string_normalized(&String::from_utf8_lossy(&content))));
        Ok((computed, Diagnostics::new()))
    }
}
