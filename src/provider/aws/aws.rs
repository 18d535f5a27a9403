//! A configured account and region: what the types work with.

use super::clients::Clients;
use super::failure::{CallError, Failure};
use super::settings::Settings;
use super::tags::{self, Tags};
use super::written::Written;
use super::{credentials, http, partition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::symbol::Symbol;
use aws_types::SdkConfig;
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Who the credentials are.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// Of the caller.
    pub arn: String,
    /// Of the caller.
    pub user_id: String,
}

/// A configured account and region.
pub struct Aws {
    settings: Settings,
    sdk: SdkConfig,
    region: String,
    partition: &'static partition::Partition,
    identity: Option<Identity>,
    pub(super) clients: Clients,
    locks: Arc<Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>>,
    bulk: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    written: Arc<Written>,
}

impl Aws {
    /// Looks up region, credentials and account. One call to STS unless the block says to skip it.
    pub async fn connect(settings: Settings) -> Result<Self, Diagnostics> {
        let http = http::client(&settings)?;
        let sdk = credentials::load(&settings, http).await?;
        let Some(region) = sdk.region().map(|r| r.as_ref().to_owned()) else {
            return Err(Diagnostic::error(
                "Missing region",
                "No AWS region is configured: neither `region` in the provider block, nor AWS_REGION or AWS_DEFAULT_REGION, nor the profile names one.",
            )
            .hint("Set `region` in the provider \"aws\" block, or AWS_REGION.")
            .into());
        };
        let partition = match partition::of_region(&region) {
            Some(partition) => partition,
            None if settings.skip_region_validation => partition::by_id("aws").ok_or_else(Diagnostics::new)?,
            None => {
                return Err(Diagnostic::error("Invalid AWS Region", format!("invalid AWS Region: {region}"))
                    .hint("Check the spelling; for a region newer than this program set skip_region_validation = true.")
                    .into());
            }
        };
        let mut aws = Aws {
            settings,
            sdk,
            region,
            partition,
            identity: None,
            clients: Clients::default(),
            locks: Arc::default(),
            bulk: Mutex::default(),
            written: Arc::default(),
        };
        aws.identify().await?;
        Ok(aws)
    }

    /// For predictions without credentials and network: region (where the block does not name it) and account are symbols of `label`.
    pub fn offline(settings: Settings, label: &str) -> Self {
        let symbol = |attribute: &str| Symbol::new(label, attribute).text();
        let region = settings.region.clone().unwrap_or_else(|| symbol("region"));
        let partition = partition::of_region(&region).unwrap_or_else(partition::commercial);
        let account = match settings.allowed_accounts.as_slice() {
            [only] => only.clone(),
            _ => symbol("account_id"),
        };
        let sdk = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.clone()))
            .build();
        Aws {
            settings,
            sdk,
            region,
            partition,
            identity: Some(Identity { account, arn: symbol("caller_arn"), user_id: symbol("caller_id") }),
            clients: Clients::default(),
            locks: Arc::default(),
            bulk: Mutex::default(),
            written: Arc::default(),
        }
    }

    /// Shares what a run wrote with the other accounts of the run.
    #[must_use]
    pub fn sharing(mut self, written: Arc<Written>) -> Self {
        self.written = written;
        self
    }

    /// The same account, credentials and settings in another region, with clients and bulk reads of its own.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Aws {
            settings: self.settings.clone(),
            sdk: self.sdk.to_builder().region(aws_types::region::Region::new(region.to_owned())).build(),
            region: region.to_owned(),
            partition: self.partition,
            identity: self.identity.clone(),
            clients: Clients::default(),
            locks: Arc::clone(&self.locks),
            bulk: Mutex::default(),
            written: Arc::clone(&self.written),
        }
    }

    async fn identify(&mut self) -> Result<(), Diagnostics> {
        let s = &self.settings;
        let wanted = !s.allowed_accounts.is_empty() || !s.forbidden_accounts.is_empty();
        if s.skip_credentials_validation && s.skip_account && !wanted {
            return Ok(());
        }
        let answer = self.sts().get_caller_identity().send().await;
        let found = match answer {
            Ok(found) => found,
            Err(error) => {
                let failure = Failure::from(error);
                let diagnostic = failure.diagnostic("asking STS whose credentials these are");
                let unreachable = failure.call().is_some_and(|c: &CallError| c.code.is_empty());
                let skip = "Where there is no STS, set skip_requesting_account_id = true and skip_credentials_validation = true in the provider block.";
                return Err(if unreachable && diagnostic.hint.as_ref().is_some_and(|h| h.contains("endpoint")) {
                    let hint = diagnostic.hint.clone().unwrap_or_default();
                    diagnostic.hint(format!("{hint} {skip}")).into()
                } else {
                    diagnostic.into()
                });
            }
        };
        let account = found.account.unwrap_or_default();
        let refused = (!s.allowed_accounts.is_empty() && !s.allowed_accounts.contains(&account))
            || s.forbidden_accounts.contains(&account);
        if refused {
            return Err(Diagnostic::error(
                "AWS account ID not allowed",
                format!("The credentials belong to account {account}, which `allowed_account_ids` or `forbidden_account_ids` rules out."),
            )
            .hint("Use the credentials or the profile of the right account.")
            .into());
        }
        let arn = found.arn.unwrap_or_default();
        if let Some(partition) = arn.split(':').nth(1).and_then(partition::by_id) {
            self.partition = partition;
        }
        self.identity = Some(Identity { account, arn, user_id: found.user_id.unwrap_or_default() });
        Ok(())
    }

    /// The provider block.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What SDK clients are made from.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// `us-east-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The partition of the credentials, else of the region.
    pub fn partition(&self) -> &'static partition::Partition {
        self.partition
    }

    /// Whose credentials these are; `None` when the block says not to ask.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The account's twelve digits, if known.
    pub fn account(&self) -> Option<&str> {
        self.identity.as_ref().map(|i| i.account.as_str())
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, if the account is known.
    pub fn arn(&self, service: &str, resource: &str) -> Option<String> {
        Some(format!("arn:{}:{service}:{}:{}:{resource}", self.partition.id, self.region, self.account()?))
    }

    /// The same for services without regions, such as IAM.
    pub fn global_arn(&self, service: &str, resource: &str) -> Option<String> {
        Some(format!("arn:{}:{service}::{}:{resource}", self.partition.id, self.account()?))
    }

    /// The tags every object gets.
    pub fn default_tags(&self) -> &Tags {
        &self.settings.default_tags
    }

    /// An object's own tags over the default ones.
    pub fn merged_tags(&self, own: &Tags) -> Tags {
        let mut all = self.settings.default_tags.clone();
        all.extend(own.clone());
        all
    }

    /// Adds `tags` and `tags_all` to what a read found. `own` are the object's tags as last planned or stored.
    pub fn with_tags(
        &self,
        attrs: super::attrs::Attrs,
        remote: Tags,
        prior: &super::object::Obj<'_>,
    ) -> super::attrs::Attrs {
        let (own, all) =
            tags::split(remote, &self.settings.default_tags, &self.settings.ignore_tags, &prior.string_map("tags"));
        attrs.map("tags", own).map("tags_all", all)
    }

    /// Waits until nobody else holds this name: calls that AWS refuses side by side (S3 bucket configuration) take turns.
    pub async fn lock(&self, name: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(name.to_owned()).or_default())
        };
        lock.lock_owned().await
    }

    /// The resource policies that this run wrote.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// A service's store of what it read in bulk. Emptied before the first change is made.
    pub fn bulk<T: Default + Any + Send + Sync>(&self) -> Arc<T> {
        let mut all = self.bulk.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = Arc::clone(all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())));
        entry.downcast::<T>().unwrap_or_default()
    }

    /// Forgets everything read in bulk.
    pub fn forget_bulk(&self) {
        self.bulk.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
