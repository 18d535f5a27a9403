//! Data `aws_secretsmanager_secret` and `aws_secretsmanager_secret_version`.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::equivalence::normal_json;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;

/// Data `aws_secretsmanager_secret`: a secret without its value.
pub struct Secret;

const GONE: &[&str] = &["ResourceNotFoundException", "InvalidRequestException"];

#[async_trait(?Send)]
impl DataType for Secret {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_secret"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_secretsmanager_secret.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let client = cx.aws.secrets_manager();
        let (attribute, id) = match config.opt("arn") {
            Some(arn) => ("arn", arn),
            None => ("name", config.str("name")),
        };
        let found = client.describe_secret().secret_id(id).send().await;
        let found = found.map_err(|e| not_found(e.into(), attribute, format!("There is no secret {id:?}.")))?;
        if found.deleted_date.is_some() {
            let said = Failure::said("Secret not found", format!("The secret {id:?} is scheduled for deletion."));
            return Err(said.attribute(attribute));
        }
        let arn = found.arn.unwrap_or_default();
        let policy = client.get_resource_policy().secret_id(&arn).send().await?.resource_policy;
        let tags = found.tags.unwrap_or_default().into_iter();
        let tags = tags.filter_map(|t| Some((t.key?, t.value.unwrap_or_default()))).collect();
        Ok(Attrs::new()
            .str("id", &arn)
            .str("arn", arn)
            .opt("name", found.name)
            .opt("created_date", found.created_date.as_ref().map(rfc3339))
            .opt("last_changed_date", found.last_changed_date.as_ref().map(rfc3339))
            .opt("description", found.description)
            .opt("kms_key_id", found.kms_key_id)
            .opt("policy", policy.map(|p| normal_json(&p).unwrap_or(p)))
            .map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}

/// Data `aws_secretsmanager_secret_version`: a value of a secret. The schema marks it sensitive.
pub struct SecretVersion;

#[async_trait(?Send)]
impl DataType for SecretVersion {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_secret_version"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_secretsmanager_secret_version.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let (id, stage) = (config.str("secret_id"), config.str("version_stage"));
        let version = config.string("version_id");
        let asked = version.clone().unwrap_or_else(|| stage.to_owned());
        let stage = version.is_none().then(|| stage.to_owned());
        let call = cx.aws.secrets_manager().get_secret_value().secret_id(id);
        let found = call.set_version_id(version).set_version_stage(stage).send().await;
        let found = found.map_err(|e| {
            not_found(e.into(), "secret_id", format!("Secrets Manager secret {id:?} version {asked:?} not found."))
        })?;
        let binary = found.secret_binary.map(|b| String::from_utf8_lossy(b.as_ref()).into_owned());
        Ok(Attrs::new()
            .str("id", format!("{id}|{asked}"))
            .opt("arn", found.arn)
            .opt("created_date", found.created_date.as_ref().map(rfc3339))
            .opt("secret_string", found.secret_string)
            .opt("secret_binary", binary)
            .opt("version_id", found.version_id)
            .strings("version_stages", found.version_stages.unwrap_or_default()))
    }
}

fn not_found(failure: Failure, attribute: &str, detail: String) -> Failure {
    if failure.is(GONE) { Failure::said("Secret not found", detail).attribute(attribute) } else { failure }
}
