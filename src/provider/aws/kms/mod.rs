//! KMS: keys and their aliases.

mod alias;
mod key;

pub use alias::check_name;

use super::resource::Service;

/// The service.
pub static SERVICE: Service = Service { resources: &[&key::Key, &alias::Alias], data: &[], bulk: None };

/// Code with which KMS says that something is not there.
const GONE: &[&str] = &["NotFoundException"];
