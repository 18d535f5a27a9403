//! KMS keys with their aliases.

use super::{Lead, Search, last_name};
use crate::provider::aws::failure::Failure;
use aws_sdk_kms::types as t;

impl Search<'_> {
    /// A key, where there is one that could be the account's own.
    pub(super) fn maybe_key(&mut self, id: Option<&str>, because: &str) {
        if let Some(id) = id.filter(|id| !id.is_empty() && !id.contains("alias/aws/")) {
            self.lead(Lead::Key(id.to_owned()), because);
        }
    }

    pub(super) async fn key(&mut self, id: &str, because: &str) {
        if id.contains("alias/aws/") || (id.starts_with("arn:") && !self.reachable("key", id)) {
            return;
        }
        let client = self.aws.kms();
        let answer = client.describe_key().key_id(id).send().await.map_err(Failure::from);
        let Some(metadata) = self.read(format!("key {id}"), answer).and_then(|a| a.key_metadata) else { return };
        if metadata.key_manager() == Some(&t::KeyManagerType::Aws) {
            return;
        }
        let key = metadata.key_id().to_owned();
        let listed: Result<Vec<_>, _> =
            client.list_aliases().key_id(&key).into_paginator().items().send().collect().await;
        let aliases = self.read(format!("aliases of key {key}"), listed.map_err(Failure::from)).unwrap_or_default();
        let names: Vec<&str> = aliases.iter().filter_map(|a| a.alias_name()).collect();
        let called = names.first().and_then(|name| name.strip_prefix("alias/")).unwrap_or(&key);
        self.found("aws_kms_key", &*key, called, because);
        for name in names {
            self.found("aws_kms_alias", name, last_name(name), &format!("alias of key {key}"));
        }
    }
}
