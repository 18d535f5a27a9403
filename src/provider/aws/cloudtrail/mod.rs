//! CloudTrail: trails and event data stores.

mod access;
mod data_store;
mod selectors;
mod tags;
mod trail;

use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&data_store::DataStore, &trail::Trail], data: &[], bulk: None };
