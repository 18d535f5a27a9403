//! Deletes all versions of one object, delete markers too.

use super::super::failure::{Failure, OrGone, Outcome};
use super::super::resource::Cx;
use super::object::NO_OBJECT;
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus};

/// Deletes them. With `force`, governance-mode retention is overridden and legal holds are lifted.
pub async fn delete_all(cx: &Cx<'_>, bucket: &str, key: &str, force: bool) -> Outcome<()> {
    let s3 = cx.aws.s3();
    let (mut after_key, mut after_version): (Option<String>, Option<String>) = (None, None);
    loop {
        let call = s3.list_object_versions().bucket(bucket).prefix(key);
        let call = call.set_key_marker(after_key).set_version_id_marker(after_version);
        let Some(page) = call.send().await.or_gone(NO_OBJECT)? else { return Ok(()) };
        // The prefix also finds keys that only begin like this one.
        let all = page.versions().iter().map(|v| (v.key(), v.version_id()));
        let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
        for (_, version) in all.chain(markers).filter(|(found, _)| *found == Some(key)) {
            delete(cx, bucket, key, version, force).await?;
        }
        if page.is_truncated != Some(true) {
            return Ok(());
        }
        (after_key, after_version) = (page.next_key_marker, page.next_version_id_marker);
    }
}

async fn delete(cx: &Cx<'_>, bucket: &str, key: &str, version: Option<&str>, force: bool) -> Outcome<()> {
    let s3 = cx.aws.s3();
    let version = version.map(str::to_owned);
    let once = |bypass: bool| {
        let call = s3.delete_object().bucket(bucket).key(key).set_version_id(version.clone());
        let call = call.set_bypass_governance_retention(bypass.then_some(true));
        async move {
            call.send().await.or_gone(NO_OBJECT)?;
            Ok::<(), Failure>(())
        }
    };
    match once(force).await {
        // Where nothing can be locked there is nothing to bypass, and S3 does not take the question.
        Err(failure) if failure.says("InvalidArgument", "bypass-governance-retention") => once(false).await,
        Err(failure) if force && failure.is_denied() => {
            let off = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
            let call = s3.put_object_legal_hold().bucket(bucket).key(key).set_version_id(version.clone());
            // That the hold cannot be lifted is not the news: that the version cannot be deleted is.
            call.legal_hold(off).send().await.map_err(|_| failure)?;
            once(force).await
        }
        other => other,
    }
}
