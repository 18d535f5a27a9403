//! S3: buckets, the resources that configure one aspect of a bucket each, and objects.
//!
//! S3 refuses two configuration writes to one bucket side by side (`OperationAborted`): every write takes the bucket's turn
//! ([`calls::write`]) and is tried again when somebody else got in between.

mod acl;
mod bucket;
mod bucket_aspects;
mod bucket_blocks;
mod bucket_empty;
pub mod bucket_policy;
mod bucket_rules;
mod calls;
pub mod compatible;
mod cors;
mod encryption;
mod grantee;
mod lifecycle;
mod lifecycle_rules;
mod logging;
mod notification;
pub mod object;
mod object_upload;
mod object_versions;
mod ownership_controls;
mod public_access_block;
mod regions;
mod replication;
mod replication_rules;
mod versioning;
mod website;

use super::resource::Service;

/// The service.
pub static SERVICE: Service = Service {
    resources: &[
        &bucket::Bucket,
        &versioning::Versioning,
        &lifecycle::Lifecycle,
        &encryption::Encryption,
        &public_access_block::PublicAccessBlock,
        &bucket_policy::BucketPolicy,
        &acl::BucketAcl,
        &logging::Logging,
        &notification::Notification,
        &ownership_controls::Ownership,
        &replication::Replication,
        &website::Website,
        &cors::Cors,
        &object::Object,
    ],
    data: &[],
    bulk: None,
};
