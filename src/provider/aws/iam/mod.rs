//! IAM: roles, users and groups, their policies, managed policies, instance profiles, identity providers.

pub mod document;
mod exclusive;
mod group;
mod inline_policy;
mod instance_profile;
mod membership;
mod oidc_provider;
mod policy;
mod policy_attachment;
mod policy_tags;
mod principal;
mod principal_attachment;
mod role;
mod role_parts;
mod role_policy;
mod role_policy_attachment;
mod service_linked_role;
mod snapshot;
mod user;
mod user_parts;

use super::resource::Service;
use exclusive::Exclusive;
use inline_policy::InlinePolicy;
use principal::Principal;
use principal_attachment::PrincipalAttachment;

/// The service.
pub static SERVICE: Service = Service {
    resources: &[
        &role::Role,
        &role_policy::RolePolicy,
        &policy::Policy,
        &role_policy_attachment::RolePolicyAttachment,
        &Exclusive::Inline,
        &Exclusive::Attached,
        &user::User,
        &group::Group,
        &InlinePolicy(Principal::User),
        &InlinePolicy(Principal::Group),
        &PrincipalAttachment(Principal::User),
        &PrincipalAttachment(Principal::Group),
        &policy_attachment::PolicyAttachment,
        &instance_profile::InstanceProfile,
        &oidc_provider::OidcProvider,
        &service_linked_role::ServiceLinkedRole,
        &membership::GroupMembership,
        &membership::UserGroupMembership,
    ],
    data: &[],
    bulk: Some(&snapshot::IamBulk),
};

/// Codes with which IAM says that something is not there.
pub const GONE: &[&str] = &["NoSuchEntity", "NoSuchEntityException"];
