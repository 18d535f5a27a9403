//! S3: buckets and the resources that configure one aspect of a bucket each.
//!
//! S3 refuses two configuration writes to one bucket side by side (`OperationAborted`): every write takes the bucket's turn
//! ([`calls::write`]) and is tried again when somebody else got in between.

mod bucket;
mod bucket_aspects;
mod bucket_blocks;
mod bucket_empty;
mod bucket_policy;
mod bucket_rules;
mod calls;
pub mod compatible;
mod encryption;
mod lifecycle;
mod lifecycle_rules;
mod public_access_block;
mod regions;
mod versioning;

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
    ],
    data: &[],
    bulk: None,
};
