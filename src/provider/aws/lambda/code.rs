//! The code of a function: a zip file here, an object in S3, or an image.

use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types as t;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Where the code comes from; the file is read.
pub async fn source(plan: &Obj<'_>) -> Outcome<t::FunctionCode> {
    let zip = match plan.opt("filename") {
        Some(path) => Some(read(path).await?),
        None => None,
    };
    Ok(t::FunctionCode::builder()
        .set_zip_file(zip)
        .set_image_uri(plan.string("image_uri"))
        .set_s3_bucket(plan.string("s3_bucket"))
        .set_s3_key(plan.string("s3_key"))
        .set_s3_object_version(plan.string("s3_object_version"))
        .build())
}

async fn read(path: &str) -> Outcome<Blob> {
    let bytes = tokio::fs::read(path).await.map_err(|error| {
        Failure::said("Cannot read the function's code", format!("{path}: {error}.")).attribute("filename")
    })?;
    Ok(Blob::new(bytes))
}

/// Size in bytes and SHA-256 in base64 of a file, as Lambda shows them; `None` when it cannot be read.
pub fn fingerprint(path: &str) -> Option<(i64, String)> {
    let mut file = std::fs::File::open(path).ok()?;
    let (mut digest, mut size) = (Sha256::new(), 0i64);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).ok()?;
        if read == 0 {
            return Some((size, STANDARD.encode(digest.finalize())));
        }
        digest.update(buffer.get(..read)?);
        size += i64::try_from(read).ok()?;
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_size_and_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.zip");
        std::fs::write(&path, b"abc").unwrap();
        let found = fingerprint(path.to_str().unwrap());
        assert_eq!(found, Some((3, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".into())));
        assert_eq!(fingerprint("no such file"), None);
    }
}
