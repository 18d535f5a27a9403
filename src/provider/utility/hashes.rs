//! Checksums of contents in the notations that types of these providers show.

use crate::lang::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Digest as _;

/// Lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The checksums of one content.
pub(super) struct Checksums {
    pub md5: String,
    pub sha1: String,
    pub sha256: String,
    pub base64_sha256: String,
    pub sha512: String,
    pub base64_sha512: String,
}

impl Checksums {
    pub(super) fn of(content: &[u8]) -> Self {
        let sha256 = sha2::Sha256::digest(content);
        let sha512 = sha2::Sha512::digest(content);
        Checksums {
            md5: hexadecimal(&md5::Md5::digest(content)),
            sha1: hexadecimal(&sha1::Sha1::digest(content)),
            sha256: hexadecimal(&sha256),
            base64_sha256: STANDARD.encode(sha256),
            sha512: hexadecimal(&sha512),
            base64_sha512: STANDARD.encode(sha512),
        }
    }

    /// As files have them: `content_md5` … and `id`.
    pub(super) fn of_content(&self) -> Vec<(&'static str, Value)> {
        let value = |text: &String| Value::string(text.clone());
        vec![
            ("content_md5", value(&self.md5)),
            ("content_sha1", value(&self.sha1)),
            ("content_sha256", value(&self.sha256)),
            ("content_base64sha256", value(&self.base64_sha256)),
            ("content_sha512", value(&self.sha512)),
            ("content_base64sha512", value(&self.base64_sha512)),
            ("id", value(&self.sha1)),
        ]
    }

    /// As archives have them: `output_md5` … and `id`.
    pub(super) fn of_output(&self) -> Vec<(&'static str, Value)> {
        let value = |text: &String| Value::string(text.clone());
        vec![
            ("output_md5", value(&self.md5)),
            ("output_sha", value(&self.sha1)),
            ("output_sha256", value(&self.sha256)),
            ("output_base64sha256", value(&self.base64_sha256)),
            ("output_sha512", value(&self.sha512)),
            ("output_base64sha512", value(&self.base64_sha512)),
            ("id", value(&self.sha1)),
        ]
    }
}
