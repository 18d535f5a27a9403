//! Rules of a replication configuration, to S3's shape and back.
//!
//! S3 has two forms of rules: one with a filter and a priority, and an older one with a prefix. A `filter` block makes the first.

use super::super::attrs::Attrs;
use super::super::failure::Outcome;
use super::super::object::Obj;
use aws_sdk_s3::types as t;

/// The rules as S3 takes them.
pub fn wanted(rules: &[Obj<'_>]) -> Outcome<Vec<t::ReplicationRule>> {
    rules.iter().map(rule).collect()
}

// Rules of the older form have a prefix.
#[allow(deprecated)]
fn rule(block: &Obj<'_>) -> Outcome<t::ReplicationRule> {
    let out = t::ReplicationRule::builder()
        .status(t::ReplicationRuleStatus::from(block.str("status")))
        .set_id(block.string("id"))
        .set_destination(block.block("destination").map(|d| destination(&d)).transpose()?)
        .set_delete_marker_replication(block.block("delete_marker_replication").map(|b| {
            let status = t::DeleteMarkerReplicationStatus::from(b.str("status"));
            t::DeleteMarkerReplication::builder().status(status).build()
        }))
        .set_existing_object_replication(
            block
                .block("existing_object_replication")
                .map(|b| {
                    let status = t::ExistingObjectReplicationStatus::from(b.str("status"));
                    t::ExistingObjectReplication::builder().status(status).build()
                })
                .transpose()?,
        )
        .set_source_selection_criteria(block.block("source_selection_criteria").map(|b| sources(&b)).transpose()?);
    Ok(match block.block("filter") {
        Some(wanted) => out.filter(filter(&wanted)?).priority(block.int32("priority").unwrap_or_default()),
        None => out.prefix(block.str("prefix")),
    }
    .build()?)
}

fn filter(block: &Obj<'_>) -> Outcome<t::ReplicationRuleFilter> {
    let out = t::ReplicationRuleFilter::builder();
    if let Some(both) = block.block("and") {
        let tags = both.string_map("tags").into_iter().map(|(key, value)| tag(&key, &value));
        let tags = tags.collect::<Outcome<Vec<_>>>()?;
        let and = t::ReplicationRuleAndOperator::builder().set_prefix(both.string("prefix"));
        return Ok(out.and(and.set_tags(Some(tags).filter(|tags| !tags.is_empty())).build()).build());
    }
    Ok(match block.block("tag") {
        Some(only) => out.tag(tag(only.str("key"), only.str("value"))?).build(),
        None => out.set_prefix(block.string("prefix")).build(),
    })
}

fn tag(key: &str, value: &str) -> Outcome<t::Tag> {
    Ok(t::Tag::builder().key(key).value(value).build()?)
}

fn minutes(block: Option<Obj<'_>>) -> Option<t::ReplicationTimeValue> {
    block.map(|b| t::ReplicationTimeValue::builder().set_minutes(b.int32("minutes")).build())
}

fn destination(block: &Obj<'_>) -> Outcome<t::Destination> {
    let owner = block
        .block("access_control_translation")
        .map(|b| t::AccessControlTranslation::builder().owner(t::OwnerOverride::from(b.str("owner"))).build());
    let metrics = block.block("metrics").map(|b| {
        let status = t::MetricsStatus::from(b.str("status"));
        t::Metrics::builder().status(status).set_event_threshold(minutes(b.block("event_threshold"))).build()
    });
    let time = block.block("replication_time").map(|b| {
        let status = t::ReplicationTimeStatus::from(b.str("status"));
        t::ReplicationTime::builder().status(status).set_time(minutes(b.block("time"))).build()
    });
    let key = block.block("encryption_configuration");
    let key =
        key.map(|b| t::EncryptionConfiguration::builder().replica_kms_key_id(b.str("replica_kms_key_id")).build());
    Ok(t::Destination::builder()
        .bucket(block.str("bucket"))
        .set_account(block.string("account"))
        .set_storage_class(block.opt("storage_class").map(t::StorageClass::from))
        .set_access_control_translation(owner.transpose()?)
        .set_encryption_configuration(key)
        .set_metrics(metrics.transpose()?)
        .set_replication_time(time.transpose()?)
        .build()?)
}

fn sources(block: &Obj<'_>) -> Outcome<t::SourceSelectionCriteria> {
    let replicas = block.block("replica_modifications").map(|b| {
        let status = t::ReplicaModificationsStatus::from(b.str("status"));
        t::ReplicaModifications::builder().status(status).build()
    });
    let encrypted = block.block("sse_kms_encrypted_objects").map(|b| {
        let status = t::SseKmsEncryptedObjectsStatus::from(b.str("status"));
        t::SseKmsEncryptedObjects::builder().status(status).build()
    });
    Ok(t::SourceSelectionCriteria::builder()
        .set_replica_modifications(replicas.transpose()?)
        .set_sse_kms_encrypted_objects(encrypted.transpose()?)
        .build())
}

/// A rule as it is stored.
// Rules of the older form have a prefix.
#[allow(deprecated)]
pub fn shown(rule: &t::ReplicationRule) -> Attrs {
    let status = |text: &str| Attrs::new().str("status", text);
    let sources = rule.source_selection_criteria().map(|s| {
        Attrs::new()
            .block("replica_modifications", s.replica_modifications().map(|r| status(r.status().as_str())))
            .block("sse_kms_encrypted_objects", s.sse_kms_encrypted_objects().map(|e| status(e.status().as_str())))
    });
    let deletions = rule.delete_marker_replication().and_then(|d| d.status()).map(|s| status(s.as_str()));
    Attrs::new()
        .opt("id", rule.id())
        .opt("prefix", rule.prefix())
        .int("priority", rule.priority())
        .str("status", rule.status().as_str())
        .block("delete_marker_replication", deletions)
        .block("destination", rule.destination().map(shown_destination))
        .block("existing_object_replication", rule.existing_object_replication().map(|e| status(e.status().as_str())))
        .block("filter", rule.filter().map(shown_filter))
        .block("source_selection_criteria", sources)
}

fn shown_filter(filter: &t::ReplicationRuleFilter) -> Attrs {
    let and = filter.and().map(|and| {
        let tags = and.tags().iter().map(|t| (t.key(), t.value()));
        Attrs::new().opt("prefix", and.prefix()).map("tags", tags)
    });
    let tag = filter.tag().map(|t| Attrs::new().str("key", t.key()).str("value", t.value()));
    let all = filter.prefix().is_none() && and.is_none() && tag.is_none();
    let attrs = Attrs::new().block("and", and).block("tag", tag);
    if all { attrs.null("prefix") } else { attrs.opt("prefix", filter.prefix()) }
}

fn shown_destination(destination: &t::Destination) -> Attrs {
    let minutes = |value: Option<&t::ReplicationTimeValue>| value.map(|v| Attrs::new().int("minutes", v.minutes()));
    let metrics = destination.metrics().map(|m| {
        Attrs::new().str("status", m.status().as_str()).block("event_threshold", minutes(m.event_threshold()))
    });
    let time = destination
        .replication_time()
        .map(|r| Attrs::new().str("status", r.status().as_str()).block("time", minutes(r.time())));
    let owner = destination.access_control_translation().map(|a| Attrs::new().str("owner", a.owner().as_str()));
    let key =
        destination.encryption_configuration().map(|e| Attrs::new().opt("replica_kms_key_id", e.replica_kms_key_id()));
    Attrs::new()
        .str("bucket", destination.bucket())
        .opt("account", destination.account())
        .opt("storage_class", destination.storage_class().map(t::StorageClass::as_str))
        .block("access_control_translation", owner)
        .block("encryption_configuration", key)
        .block("metrics", metrics)
        .block("replication_time", time)
}
