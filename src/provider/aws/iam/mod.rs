//! IAM: roles, their policies, managed policies.

pub mod document;
mod policy;
mod policy_tags;
mod role;
mod role_parts;
mod role_policy;
mod role_policy_attachment;
mod snapshot;

use super::resource::Service;

/// The service.
pub static SERVICE: Service = Service {
    resources: &[&role::Role, &role_policy::RolePolicy, &policy::Policy, &role_policy_attachment::RolePolicyAttachment],
    data: &[],
    bulk: Some(&snapshot::IamBulk),
};

/// Codes with which IAM says that something is not there.
const GONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];
