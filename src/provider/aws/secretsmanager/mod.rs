//! Secrets Manager: secrets and the versions of their values. The data types stand with the other look-ups.

mod replicas;
mod secret;
mod version;

use crate::provider::aws::failure::Failure;
use crate::provider::aws::resource::Service;

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[&secret::Secret, &version::SecretVersion], data: &[], bulk: None };

/// Whether a secret or version is not there, or is on its way out.
fn is_gone(failure: &Failure) -> bool {
    failure.is(&["ResourceNotFoundException"])
        || failure.says("InvalidRequestException", "was deleted")
        || failure.says("InvalidRequestException", "marked for deletion")
}
