//! Data types that belong to no service of their own here: who and where we are, policy documents, and look-ups of things made elsewhere.

pub mod go_json;
mod iam;
mod iam_lists;
mod iam_principals;
mod identity;
mod kms;
mod known;
mod place;
mod policy_document;
mod policy_document_data;
mod s3_bucket;
mod s3_object;
mod sdk_hash;
mod secrets;
mod zones;

use super::resource::Service;

/// These types.
pub static SERVICE: Service = Service {
    resources: &[],
    data: &[
        &identity::CallerIdentity,
        &place::RegionData,
        &place::PartitionData,
        &policy_document_data::PolicyDocument,
        &iam::RoleData,
        &iam::PolicyData,
        &s3_bucket::BucketData,
        &kms::KeyData,
        &kms::AliasData,
        &iam_lists::RolesData,
        &iam_lists::SessionContext,
        &iam_principals::UserData,
        &iam_principals::GroupData,
        &iam_principals::OidcProviderData,
        &s3_object::ObjectData,
        &s3_object::ObjectsData,
        &s3_object::CanonicalUser,
        &secrets::Secret,
        &secrets::SecretVersion,
        &known::ServicePrincipal,
        &known::DefaultTags,
        &known::ArnParts,
        &zones::Zones,
    ],
    bulk: None,
};
