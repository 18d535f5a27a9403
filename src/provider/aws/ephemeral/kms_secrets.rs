//! Ephemeral `aws_kms_secrets`: texts encrypted with KMS, decrypted.

use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::EncryptionAlgorithmSpec;
use base64::Engine;

/// Ephemeral `aws_kms_secrets`.
pub struct Secrets;

#[async_trait(?Send)]
impl DataType for Secrets {
    fn name(&self) -> &'static str {
        "aws_kms_secrets"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/ephemeral.aws_kms_secrets.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let mut texts = Vec::new();
        for secret in config.blocks("secret") {
            let name = secret.str("name").to_owned();
            let bad = |what: &str| {
                let detail = format!("The payload of the secret {name:?} {what}.");
                Failure::said("Secret cannot be decrypted", detail).attribute("secret")
            };
            let payload = base64::engine::general_purpose::STANDARD.decode(secret.str("payload").trim());
            let payload = payload.map_err(|_| bad("is not Base64"))?;
            let context = secret.string_map("context");
            let grants = secret.strings("grant_tokens");
            let answer = cx
                .aws
                .kms()
                .decrypt()
                .ciphertext_blob(Blob::new(payload))
                .set_encryption_context((!context.is_empty()).then(|| context.into_iter().collect()))
                .set_encryption_algorithm(secret.opt("encryption_algorithm").map(EncryptionAlgorithmSpec::from))
                .set_grant_tokens((!grants.is_empty()).then_some(grants))
                .set_key_id(secret.string("key_id"))
                .send()
                .await?;
            let bytes = answer.plaintext.map(Blob::into_inner).unwrap_or_default();
            texts.push((name.clone(), String::from_utf8(bytes).map_err(|_| bad("does not decrypt to a text"))?));
        }
        Ok(Attrs::new().map("plaintext", texts))
    }
}
