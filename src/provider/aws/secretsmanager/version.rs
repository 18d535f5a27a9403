//! `aws_secretsmanager_secret_version`: one value of a secret, with the labels ("stages") by which it is asked for. The value may be given as
//! `secret_string`, as `secret_binary` (base64), or as `secret_string_wo`, which is never stored.

use super::is_gone;
use crate::lang::value::{Type, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::wait::{IAM_PROPAGATION, Look};
use async_trait::async_trait;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_sdk_secretsmanager::primitives::Blob;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

/// The type.
pub struct SecretVersion;

/// The label of the value that is in use. It can be moved, and never taken away.
const CURRENT: &str = "AWSCURRENT";
/// The label of the one before, which moves by itself.
const PREVIOUS: &str = "AWSPREVIOUS";

/// The secret and the version that an id names.
fn split(id: &str) -> Outcome<(&str, &str)> {
    match id.split_once('|') {
        Some((secret, version)) if !secret.is_empty() && !version.is_empty() => Ok((secret, version)),
        _ => {
            let detail = format!("\"{id}\" is not of the form SECRET_ID|VERSION_ID.");
            Err(Failure::said("Unexpected format of id", detail))
        }
    }
}

async fn find(cx: &Cx<'_>, secret: &str, version: &str) -> Outcome<Option<GetSecretValueOutput>> {
    let call = cx.aws.secrets_manager().get_secret_value().secret_id(secret).version_id(version);
    match call.send().await.map_err(Failure::from) {
        Ok(found) => Ok(Some(found)),
        Err(failure) if is_gone(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The version that has the label now.
async fn current(cx: &Cx<'_>, secret: &str) -> Outcome<Option<String>> {
    let pages = cx.aws.secrets_manager().list_secret_version_ids().secret_id(secret).into_paginator();
    let mut pages = pages.send();
    while let Some(page) = pages.next().await {
        for version in page?.versions() {
            if version.version_stages().iter().any(|stage| stage == CURRENT) {
                return Ok(version.version_id().map(str::to_owned));
            }
        }
    }
    Ok(None)
}

fn stages(object: &Obj<'_>) -> BTreeSet<String> {
    object.strings("version_stages").into_iter().collect()
}

#[async_trait(?Send)]
impl ResourceType for SecretVersion {
    fn name(&self) -> &'static str {
        "aws_secretsmanager_secret_version"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_secretsmanager_secret_version.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(text) = config.opt("secret_binary").filter(|t| STANDARD.decode(t).is_err()) {
            let detail = format!(
                "`secret_binary` must be base64, such as filebase64() gives; the {} characters given are not.",
                text.len()
            );
            checks.wrong("secret_binary", "Invalid base64", detail);
        }
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let unset = |change: &Change<'_>, name: &str| change.config.value(name).is_none_or(Value::is_null);
        if change.is_create() {
            let secret = change.planned().string("secret_id").filter(|id| id.starts_with("arn:"));
            change.set_some("arn", secret);
            // Without labels the new value becomes the one in use.
            if unset(change, "version_stages") {
                change.set("version_stages", Value::set(Type::String, vec![Value::string(CURRENT)]));
            }
        }
        if change.planned().known("secret_string_wo_version") {
            let hidden = change.planned().int("secret_string_wo_version").is_some();
            change.set("has_secret_string_wo", if hidden { Value::bool(true) } else { Value::null(Type::Bool) });
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let secret = plan.str("secret_id");
        let binary = match plan.opt("secret_binary") {
            None => None,
            Some(text) => {
                let bytes = STANDARD.decode(text);
                let bytes =
                    bytes.map_err(|e| Failure::said("Invalid base64", e.to_string()).attribute("secret_binary"))?;
                Some(Blob::new(bytes))
            }
        };
        let text = Obj::new(&cx.config).string("secret_string_wo").or_else(|| plan.string("secret_string"));
        let labels: Vec<String> = match cx.config.get("version_stages").is_none_or(Value::is_null) {
            true => Vec::new(),
            false => plan.strings("version_stages"),
        };
        let call = cx.aws.secrets_manager().put_secret_value().secret_id(secret);
        let call = call.set_secret_binary(binary).set_secret_string(text);
        let answer = call.set_version_stages(Some(labels).filter(|l| !l.is_empty())).send().await?;
        let version = answer.version_id.unwrap_or_default();
        made.id(format!("{secret}|{version}"));
        cx.wait_until("the new value to be known", IAM_PROPAGATION, || async {
            Ok(match find(cx, secret, &version).await? {
                Some(_) => Look::Done(()),
                None => Look::NotYet("Secrets Manager does not show it yet".into()),
            })
        })
        .await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let id = prior.str("id");
        let (secret, version) = split(id)?;
        let Some(found) = find(cx, secret, version).await? else { return Ok(None) };
        let config = Obj::new(&cx.config);
        let hidden = prior.bool("has_secret_string_wo") || config.opt("secret_string_wo").is_some();
        let binary = found.secret_binary().map(|b| STANDARD.encode(b.as_ref())).unwrap_or_default();
        let attrs = Attrs::new()
            .str("id", id)
            .opt("arn", found.arn())
            .str("secret_id", secret)
            .str("secret_binary", binary)
            .opt("version_id", found.version_id())
            .strings("version_stages", found.version_stages());
        Ok(Some(match hidden {
            true => attrs.bool("has_secret_string_wo", true).str("secret_string", ""),
            false => {
                let attrs = attrs.str("secret_string", found.secret_string().unwrap_or_default());
                // An import says that it is not hidden, a create says nothing.
                match prior.opt_bool("has_secret_string_wo") {
                    Some(false) => attrs.bool("has_secret_string_wo", false),
                    _ => attrs.null("has_secret_string_wo"),
                }
            }
        }))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (secret, version) = split(prior.str("id"))?;
        let (before, after) = (stages(prior), stages(plan));
        let label =
            |stage: &str| cx.aws.secrets_manager().update_secret_version_stage().secret_id(secret).version_stage(stage);
        let mut moved = false;
        for stage in after.difference(&before) {
            let mut call = label(stage).move_to_version_id(version);
            if stage == CURRENT {
                call = call.set_remove_from_version_id(current(cx, secret).await?);
                moved = true;
            }
            call.send().await?;
        }
        for stage in before.difference(&after) {
            // The one in use stays until another takes over, and the one before went with it.
            if stage == CURRENT || (moved && stage == PREVIOUS) {
                continue;
            }
            label(stage).remove_from_version_id(version).send().await?;
        }
        Ok(())
    }

    /// A value without labels is forgotten by AWS in time; the one in use stays with its secret.
    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (secret, version) = split(prior.str("id"))?;
        let Some(live) = find(cx, secret, version).await? else { return Ok(()) };
        let held = |stage: &&String| *stage != CURRENT && live.version_stages().contains(stage);
        for stage in stages(prior).iter().filter(held) {
            let call = cx.aws.secrets_manager().update_secret_version_stage().secret_id(secret).version_stage(stage);
            match call.remove_from_version_id(version).send().await.map_err(Failure::from) {
                Err(failure) if is_gone(&failure) => return Ok(()),
                Err(failure) => return Err(failure),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let (secret, _) = split(id)?;
        Ok(Attrs::new().str("id", id).str("secret_id", secret).bool("has_secret_string_wo", false))
    }
}
