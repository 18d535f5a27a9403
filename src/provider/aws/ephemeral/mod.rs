//! Ephemeral resources: secrets that are read for the length of a run and kept nowhere.
//!
//! Each is a [`DataType`] whose read opens it. None of them holds anything that would have to be given back.

mod kms_secrets;
mod lambda_invocation;
mod random_password;
mod secret_version;
mod ssm_parameter;

use super::resource::DataType;

/// All of them.
pub static TYPES: &[&dyn DataType] = &[
    &kms_secrets::Secrets,
    &lambda_invocation::Invocation,
    &random_password::RandomPassword,
    &secret_version::SecretVersion,
    &ssm_parameter::Parameter,
];
