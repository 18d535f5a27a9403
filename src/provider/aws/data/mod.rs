//! Data types that belong to no service of their own here: who and where we are, policy documents, and look-ups of things made elsewhere.

pub mod go_json;
mod iam;
mod identity;
mod kms;
mod place;
mod policy_document;
mod policy_document_data;
mod s3_bucket;
mod sdk_hash;

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
    ],
    bulk: None,
};
