//! How buckets are written to: one at a time, and again when S3 was busy; and the ids of per-bucket configurations.

use super::super::attrs::Attrs;
use super::super::failure::{Failure, Outcome};
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::Cx;
use std::future::Future;
use std::time::Duration;

/// How long S3 may be busy with a bucket, or a new bucket be unknown somewhere.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Codes with which S3 says that a bucket is not there.
pub const NO_BUCKET: &[&str] = &["NoSuchBucket", "NotFound"];

/// The reason when S3 is busy, or does not know the bucket everywhere yet.
pub fn busy(failure: &Failure) -> Option<&'static str> {
    match failure.code() {
        "OperationAborted" => Some("another change of the bucket is under way"),
        "NoSuchBucket" => Some("the bucket is not known everywhere yet"),
        "ServiceUnavailable" | "InternalError" => Some("S3 is busy"),
        _ => None,
    }
}

/// Writes to a bucket: alone, and again while S3 is busy with it.
pub async fn write<T, F, Fut>(cx: &Cx<'_>, bucket: &str, call: F) -> Outcome<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Outcome<T>>,
{
    let _turn = cx.aws.lock(&format!("s3/{bucket}")).await;
    cx.retry(PATIENCE, busy, call).await
}

/// The same for removals: that the bucket is gone is not worth waiting.
pub async fn remove<T, F, Fut>(cx: &Cx<'_>, bucket: &str, call: F) -> Outcome<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Outcome<T>>,
{
    let _turn = cx.aws.lock(&format!("s3/{bucket}")).await;
    cx.retry(PATIENCE, |f| busy(f).filter(|_| f.code() != "NoSuchBucket"), call).await
}

/// `BUCKET`, or `BUCKET,OWNER`.
pub fn id(object: &Obj<'_>) -> String {
    match object.opt("expected_bucket_owner") {
        Some(owner) => format!("{},{owner}", object.str("bucket")),
        None => object.str("bucket").to_owned(),
    }
}

/// The bucket and the owner an id names.
pub fn split(id: &str) -> (&str, Option<&str>) {
    match id.split_once(',') {
        Some((bucket, owner)) => (bucket, Some(owner)),
        None => (id, None),
    }
}

/// The attributes an id tells, for reads.
pub fn named(id: &str) -> Attrs {
    let (bucket, owner) = split(id);
    Attrs::new().str("id", id).str("bucket", bucket).opt("expected_bucket_owner", owner)
}

/// Predicts the id of a new per-bucket configuration.
pub fn predict_id(change: &mut Change<'_>) {
    let planned = change.planned();
    if change.is_create() && planned.opt("bucket").is_some() && planned.known("expected_bucket_owner") {
        let id = id(&planned);
        change.set_str("id", id);
    }
}
