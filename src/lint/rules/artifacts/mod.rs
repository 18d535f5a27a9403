//! S3: where artifacts are kept, and the key they are encrypted with.

mod access;
mod encryption;
mod keeping;
mod repairs;

pub(super) use access::buckets;
pub(super) use repairs::add_notification;

use crate::lint::rule::Rule;

/// The family, by id.
pub static RULES: &[Rule] = &[
    access::S3001,
    access::S3002,
    encryption::S3003,
    encryption::S3004,
    keeping::S3005,
    keeping::S3006,
    keeping::S3007,
    keeping::S3008,
    access::S3009,
    encryption::S3010,
    encryption::S3011,
    access::S3012,
    access::S3013,
    keeping::S3014,
    super::owners::S3015,
];
