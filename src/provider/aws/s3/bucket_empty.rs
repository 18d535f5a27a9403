//! Empties a bucket before it is deleted (`force_destroy`): all objects, all versions, all delete markers.

use super::super::failure::{Failure, OrGone, Outcome};
use super::super::resource::Cx;
use super::calls::NO_BUCKET;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

/// Deletes everything in the bucket. `locked` lets governance-mode retention be overridden.
pub async fn empty(cx: &Cx<'_>, bucket: &str, locked: bool) -> Outcome<()> {
    let s3 = cx.aws.s3();
    let mut gone = 0usize;
    loop {
        // Always from the start: what was listed before is deleted by now.
        let Some(page) = s3.list_object_versions().bucket(bucket).max_keys(1000).send().await.or_gone(NO_BUCKET)?
        else {
            return Ok(());
        };
        let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
        let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
        let mut objects = Vec::new();
        for (key, version) in versions.chain(markers) {
            let Some(key) = key else { continue };
            objects.push(ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned)).build()?);
        }
        if objects.is_empty() {
            return Ok(());
        }
        let count = objects.len();
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build()?;
        let call = s3.delete_objects().bucket(bucket).delete(delete);
        let answer = call.set_bypass_governance_retention(locked.then_some(true)).send().await?;
        if let Some(error) = answer.errors().first() {
            let (key, code) = (error.key().unwrap_or_default(), error.code().unwrap_or_default());
            return Err(Failure::said(
                "Cannot empty the bucket",
                format!("Deleting {key} from {bucket}: {code}: {}.", error.message().unwrap_or_default()),
            ));
        }
        gone += count;
        cx.progress.waiting(&format!("emptying the bucket: {gone} objects and versions deleted"));
        if cx.progress.interrupted() {
            return Err(Failure::said(
                "Interrupted while emptying the bucket",
                format!("{gone} objects and versions are deleted so far."),
            ));
        }
    }
}
