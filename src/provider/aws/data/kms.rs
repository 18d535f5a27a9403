//! Data `aws_kms_key` and `aws_kms_alias`: keys made elsewhere.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::kms::check_name;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use crate::provider::aws::time::rfc3339;
use async_trait::async_trait;
use aws_sdk_kms::types as t;

/// Data `aws_kms_key`.
pub struct KeyData;

#[async_trait(?Send)]
impl DataType for KeyData {
    fn name(&self) -> &'static str {
        "aws_kms_key"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_kms_key.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let grants = Some(config.strings("grant_tokens")).filter(|g| !g.is_empty());
        let answer = cx.aws.kms().describe_key().key_id(config.str("key_id")).set_grant_tokens(grants).send().await?;
        let Some(key) = answer.key_metadata else {
            return Err(Failure::said("Key not found", format!("There is no key {:?}.", config.str("key_id"))));
        };
        let attrs = attributes(&key);
        let attrs = match key.deletion_date() {
            Some(date) => attrs.str("deletion_date", rfc3339(date)),
            None => attrs.null("deletion_date"),
        };
        Ok(match key.valid_to() {
            Some(date) => attrs.str("valid_to", rfc3339(date)),
            None => attrs.null("valid_to"),
        })
    }
}

#[allow(deprecated, reason = "the original provider still stores the key spec under its former name too")]
fn attributes(key: &t::KeyMetadata) -> Attrs {
    let regional = |k: &t::MultiRegionKey| Attrs::new().opt("arn", k.arn()).opt("region", k.region());
    let multi = key.multi_region_configuration().map(|m| {
        Attrs::new()
            .opt("multi_region_key_type", m.multi_region_key_type().map(t::MultiRegionKeyType::as_str))
            .block("primary_key", m.primary_key().map(regional))
            .blocks("replica_keys", m.replica_keys().iter().map(regional))
    });
    Attrs::new()
        .str("id", key.key_id())
        .opt("arn", key.arn())
        .opt("aws_account_id", key.aws_account_id())
        .opt("cloud_hsm_cluster_id", key.cloud_hsm_cluster_id())
        .opt("creation_date", key.creation_date().map(rfc3339))
        .opt("custom_key_store_id", key.custom_key_store_id())
        .opt("customer_master_key_spec", key.customer_master_key_spec().map(t::CustomerMasterKeySpec::as_str))
        .opt("description", key.description())
        .bool("enabled", key.enabled())
        .opt("expiration_model", key.expiration_model().map(t::ExpirationModelType::as_str))
        .opt("key_manager", key.key_manager().map(t::KeyManagerType::as_str))
        .opt("key_spec", key.key_spec().map(t::KeySpec::as_str))
        .opt("key_state", key.key_state().map(t::KeyState::as_str))
        .opt("key_usage", key.key_usage().map(t::KeyUsageType::as_str))
        .bool("multi_region", key.multi_region())
        .block("multi_region_configuration", multi)
        .opt("origin", key.origin().map(t::OriginType::as_str))
        .int("pending_deletion_window_in_days", key.pending_deletion_window_in_days())
        .block("xks_key_configuration", key.xks_key_configuration().map(|x| Attrs::new().opt("id", x.id())))
}

/// Data `aws_kms_alias`.
pub struct AliasData;

#[async_trait(?Send)]
impl DataType for AliasData {
    fn name(&self) -> &'static str {
        "aws_kms_alias"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_kms_alias.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        check_name(config, "name", checks);
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let mut pages = cx.aws.kms().list_aliases().into_paginator().items().send();
        let mut found = None;
        while let Some(alias) = pages.next().await {
            let alias = alias?;
            if alias.alias_name() == Some(name) {
                found = Some(alias);
                break;
            }
        }
        let Some(alias) = found else {
            return Err(Failure::said(
                "Alias not found",
                format!("There is no KMS alias {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name"));
        };
        // The alias of a key AWS will make when it is first needed has no target yet: asking for the key makes it.
        let arn = alias.alias_arn().unwrap_or_default();
        let asked = alias.target_key_id().unwrap_or(arn);
        let key = cx.aws.kms().describe_key().key_id(asked).send().await?.key_metadata;
        Ok(Attrs::new()
            .str("id", arn)
            .str("arn", arn)
            .str("name", name)
            .opt("target_key_arn", key.as_ref().and_then(t::KeyMetadata::arn))
            .opt("target_key_id", key.as_ref().map(t::KeyMetadata::key_id)))
    }
}
