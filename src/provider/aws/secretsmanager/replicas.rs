//! Copies of a secret in other regions.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::Cx;
use crate::provider::aws::time::rfc3339;
use aws_sdk_secretsmanager::types as t;
use std::collections::BTreeMap;

/// The block.
pub const REPLICA: &str = "replica";

/// The regions an object names, with the key of each, where one is named.
fn regions(object: &Obj<'_>) -> BTreeMap<String, Option<String>> {
    let of = |b: &Obj<'_>| (b.str("region").to_owned(), b.string("kms_key_id").filter(|k| !k.is_empty()));
    object.blocks(REPLICA).iter().map(of).collect()
}

fn sdk((region, key): (&String, &Option<String>)) -> t::ReplicaRegionType {
    t::ReplicaRegionType::builder().region(region).set_kms_key_id(key.clone()).build()
}

/// What a new secret is copied to.
pub fn wanted(plan: &Obj<'_>) -> Option<Vec<t::ReplicaRegionType>> {
    Some(regions(plan).iter().map(sdk).collect::<Vec<_>>()).filter(|r| !r.is_empty())
}

/// What there is.
pub fn shown(found: &[t::ReplicationStatusType]) -> Vec<Attrs> {
    let one = |r: &t::ReplicationStatusType| {
        Attrs::new()
            .opt("region", r.region())
            .opt("kms_key_id", r.kms_key_id())
            .opt("last_accessed_date", r.last_accessed_date().map(rfc3339))
            .opt("status", r.status().map(t::StatusType::as_str))
            .opt("status_message", r.status_message())
    };
    found.iter().map(one).collect()
}

/// Removes copies that are no longer wanted or are wanted under another key, and makes those that are new.
pub async fn change(cx: &Cx<'_>, id: &str, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let (before, after) = (regions(prior), regions(plan));
    let other = |region: &str, key: &Option<String>, there: &BTreeMap<String, Option<String>>| match there.get(region) {
        None => true,
        // A key that is not named is the one there is.
        Some(found) => key.is_some() && found.is_some() && key != found,
    };
    let gone: Vec<String> = before.iter().filter(|(r, k)| other(r, k, &after)).map(|(r, _)| r.clone()).collect();
    remove(cx, id, gone).await?;
    let new: Vec<_> = after.iter().filter(|(r, k)| other(r, k, &before)).map(sdk).collect();
    if !new.is_empty() {
        let call = cx.aws.secrets_manager().replicate_secret_to_regions().secret_id(id);
        let call = call.force_overwrite_replica_secret(plan.bool("force_overwrite_replica_secret"));
        call.set_add_replica_regions(Some(new)).send().await?;
    }
    Ok(())
}

/// Removes all copies: a secret that has some cannot be deleted.
pub async fn remove_all(cx: &Cx<'_>, id: &str, prior: &Obj<'_>) -> Outcome<()> {
    remove(cx, id, regions(prior).into_keys().collect()).await
}

async fn remove(cx: &Cx<'_>, id: &str, regions: Vec<String>) -> Outcome<()> {
    if regions.is_empty() {
        return Ok(());
    }
    let call = cx.aws.secrets_manager().remove_regions_from_replication().secret_id(id);
    call.set_remove_replica_regions(Some(regions)).send().await.or_gone(&["ResourceNotFoundException"])?;
    Ok(())
}
