//! Ephemeral `aws_secretsmanager_secret_version`: the value of a secret.

use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;
use base64::Engine;

/// Ephemeral `aws_secretsmanager_secret_version`.
pub struct SecretVersion;

/// The stage of the version in use.
const CURRENT: &str = "AWSCURRENT";

#[async_trait(?Send)]
impl DataType for SecretVersion {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_secret_version"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/ephemeral.aws_secretsmanager_secret_version.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let (id, stage) = (config.string("version_id"), config.string("version_stage"));
        // A version named by its id may have any stage.
        let stage = stage.or_else(|| id.is_none().then(|| CURRENT.to_owned()));
        let secret = cx
            .aws
            .secrets_manager()
            .get_secret_value()
            .secret_id(config.str("secret_id"))
            .set_version_id(id)
            .set_version_stage(stage.clone())
            .send()
            .await?;
        let binary = secret.secret_binary().map(|b| base64::engine::general_purpose::STANDARD.encode(b.as_ref()));
        Ok(Attrs::new()
            .opt("arn", secret.arn())
            .opt("created_date", secret.created_date().map(rfc3339))
            .opt("secret_binary", binary)
            .opt("secret_string", secret.secret_string())
            .opt("version_id", secret.version_id())
            .opt("version_stage", stage)
            .strings("version_stages", secret.version_stages()))
    }
}
