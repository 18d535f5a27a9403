//! What a user may have that keeps it from being deleted: groups, keys, devices, certificates, a password.

use super::super::failure::{Failure, OrGone, Outcome};
use super::super::resource::Cx;
use super::super::wait::IAM_PROPAGATION;
use super::GONE;

/// Takes the user out of its groups.
pub async fn leave_groups(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let mut pages = iam.list_groups_for_user().user_name(user).into_paginator().items().send();
    while let Some(Some(group)) = pages.try_next().await.or_gone(GONE)? {
        let call = iam.remove_user_from_group().user_name(user).group_name(group.group_name);
        call.send().await.or_gone(GONE)?;
    }
    Ok(())
}

/// Deletes everything that was made for the user beside Terraform (`force_destroy`).
pub async fn delete_all(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    access_keys(cx, user).await?;
    ssh_keys(cx, user).await?;
    devices(cx, user).await?;
    password(cx, user).await?;
    certificates(cx, user).await?;
    service_credentials(cx, user).await
}

async fn access_keys(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let mut pages = iam.list_access_keys().user_name(user).into_paginator().items().send();
    while let Some(Some(key)) = pages.try_next().await.or_gone(GONE)? {
        let call = iam.delete_access_key().user_name(user).set_access_key_id(key.access_key_id);
        call.send().await.or_gone(GONE)?;
    }
    Ok(())
}

async fn ssh_keys(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let mut pages = iam.list_ssh_public_keys().user_name(user).into_paginator().items().send();
    while let Some(Some(key)) = pages.try_next().await.or_gone(GONE)? {
        let call = iam.delete_ssh_public_key().user_name(user).ssh_public_key_id(key.ssh_public_key_id);
        call.send().await.or_gone(GONE)?;
    }
    Ok(())
}

/// Deactivates all devices; virtual ones, whose serial numbers are ARNs, are deleted too.
async fn devices(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let mut pages = iam.list_mfa_devices().user_name(user).into_paginator().items().send();
    while let Some(Some(device)) = pages.try_next().await.or_gone(GONE)? {
        let serial = device.serial_number;
        iam.deactivate_mfa_device().user_name(user).serial_number(&serial).send().await.or_gone(GONE)?;
        if serial.contains(":mfa/") {
            iam.delete_virtual_mfa_device().serial_number(&serial).send().await.or_gone(GONE)?;
        }
    }
    Ok(())
}

async fn password(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let passing = |f: &Failure| {
        f.is(&["EntityTemporarilyUnmodifiable", "EntityTemporarilyUnmodifiableException"])
            .then_some("the login profile is still being made")
    };
    cx.retry(IAM_PROPAGATION, passing, || async {
        cx.aws.iam().delete_login_profile().user_name(user).send().await.or_gone(GONE)?;
        Ok(())
    })
    .await
}

async fn certificates(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let mut pages = iam.list_signing_certificates().user_name(user).into_paginator().items().send();
    while let Some(Some(certificate)) = pages.try_next().await.or_gone(GONE)? {
        let call = iam.delete_signing_certificate().user_name(user).certificate_id(certificate.certificate_id);
        call.send().await.or_gone(GONE)?;
    }
    Ok(())
}

async fn service_credentials(cx: &Cx<'_>, user: &str) -> Outcome<()> {
    let iam = cx.aws.iam();
    let listed = iam.list_service_specific_credentials().user_name(user).send().await.or_gone(GONE)?;
    for one in listed.and_then(|l| l.service_specific_credentials).unwrap_or_default() {
        let call = iam.delete_service_specific_credential().user_name(user);
        call.service_specific_credential_id(one.service_specific_credential_id).send().await.or_gone(GONE)?;
    }
    Ok(())
}
