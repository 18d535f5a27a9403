//! The deprecated rules inside `aws_s3_bucket` itself: lifecycle, replication and website routing, from blocks to S3 and back.

use super::super::attrs::Attrs;
use super::super::failure::{Failure, Outcome};
use super::super::object::Obj;
use super::super::time;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, AccessControlTranslation, Condition, DeleteMarkerReplication,
    DeleteMarkerReplicationStatus, Destination, EncryptionConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter, Metrics, MetricsStatus, NoncurrentVersionExpiration,
    NoncurrentVersionTransition, OwnerOverride, Protocol, Redirect, ReplicationConfiguration, ReplicationRule,
    ReplicationRuleAndOperator, ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTime, ReplicationTimeStatus,
    ReplicationTimeValue, RoutingRule, SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus,
    StorageClass, Tag, Transition, TransitionStorageClass,
};
use std::collections::BTreeMap;

fn tags(object: &Obj<'_>, name: &str) -> Outcome<Vec<Tag>> {
    object.string_map(name).iter().map(|(k, v)| Ok(Tag::builder().key(k).value(v).build()?)).collect()
}

fn tag_map(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter().map(|t| (t.key, t.value)).collect()
}

/// `lifecycle_rule` blocks as S3 takes them.
pub fn lifecycle(rules: &[Obj<'_>]) -> Outcome<Vec<LifecycleRule>> {
    rules.iter().map(lifecycle_rule).collect()
}

fn lifecycle_rule(r: &Obj<'_>) -> Outcome<LifecycleRule> {
    let status = if r.bool("enabled") { ExpirationStatus::Enabled } else { ExpirationStatus::Disabled };
    let tags = tags(r, "tags")?;
    let filter = if tags.is_empty() {
        LifecycleRuleFilter::builder().prefix(r.str("prefix")).build()
    } else {
        let and = LifecycleRuleAndOperator::builder().prefix(r.str("prefix")).set_tags(Some(tags)).build();
        LifecycleRuleFilter::builder().and(and).build()
    };
    let id = r.string("id").unwrap_or_else(|| format!("tf-s3-lifecycle-{}", super::super::naming::unique_suffix()));
    let mut out = LifecycleRule::builder().id(id).status(status).filter(filter);
    if let Some(days) = r.int32("abort_incomplete_multipart_upload_days").filter(|d| *d > 0) {
        let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build();
        out = out.abort_incomplete_multipart_upload(abort);
    }
    if let Some(e) = r.block("expiration") {
        let expiration = LifecycleExpiration::builder()
            .set_date(e.opt("date").and_then(day))
            .set_days(e.int32("days").filter(|d| *d > 0))
            .set_expired_object_delete_marker(e.opt_bool("expired_object_delete_marker").filter(|m| *m));
        out = out.expiration(expiration.build());
    }
    if let Some(n) = r.block("noncurrent_version_expiration") {
        let days = n.int32("days").filter(|d| *d > 0);
        out =
            out.noncurrent_version_expiration(NoncurrentVersionExpiration::builder().set_noncurrent_days(days).build());
    }
    for t in r.blocks("transition") {
        let date = t.opt("date").and_then(day);
        let days = t.int32("days").filter(|_| date.is_none());
        let class = TransitionStorageClass::from(t.str("storage_class"));
        out = out.transitions(Transition::builder().set_date(date).set_days(days).storage_class(class).build());
    }
    for t in r.blocks("noncurrent_version_transition") {
        let class = TransitionStorageClass::from(t.str("storage_class"));
        let transition =
            NoncurrentVersionTransition::builder().set_noncurrent_days(t.int32("days")).storage_class(class);
        out = out.noncurrent_version_transitions(transition.build());
    }
    Ok(out.build()?)
}

/// A day or a time.
fn day(text: &str) -> Option<aws_smithy_types::DateTime> {
    time::parse(text).or_else(|| time::parse(&format!("{text}T00:00:00Z")))
}

/// One of them as a block.
pub fn show_lifecycle(r: LifecycleRule) -> Attrs {
    #[allow(deprecated, reason = "rules of the older form have a prefix")]
    let mut prefix = r.prefix.unwrap_or_default();
    let mut tags = BTreeMap::new();
    if let Some(f) = r.filter {
        if let Some(and) = f.and {
            prefix = and.prefix.unwrap_or(prefix);
            tags = tag_map(and.tags.unwrap_or_default());
        } else {
            prefix = f.prefix.unwrap_or(prefix);
            tags.extend(f.tag.map(|t| (t.key, t.value)));
        }
    }
    let date = |d: &aws_smithy_types::DateTime| time::rfc3339(d).chars().take(10).collect::<String>();
    let expiration = r.expiration.map(|e| {
        Attrs::new()
            .opt("date", e.date.as_ref().map(date))
            .int("days", e.days)
            .bool("expired_object_delete_marker", e.expired_object_delete_marker)
    });
    let transition = |t: Transition| {
        let attrs = Attrs::new().opt("date", t.date.as_ref().map(date)).int("days", t.days);
        attrs.opt("storage_class", t.storage_class.map(|c| c.as_str().to_owned()))
    };
    let noncurrent = |t: NoncurrentVersionTransition| {
        let attrs = Attrs::new().int("days", t.noncurrent_days);
        attrs.opt("storage_class", t.storage_class.map(|c| c.as_str().to_owned()))
    };
    let attrs = Attrs::new()
        .opt("id", r.id)
        .str("prefix", prefix)
        .bool("enabled", r.status == ExpirationStatus::Enabled)
        .int(
            "abort_incomplete_multipart_upload_days",
            r.abort_incomplete_multipart_upload.and_then(|a| a.days_after_initiation),
        )
        .block("expiration", expiration)
        .block(
            "noncurrent_version_expiration",
            r.noncurrent_version_expiration.map(|n| Attrs::new().int("days", n.noncurrent_days)),
        )
        .blocks("transition", r.transitions.unwrap_or_default().into_iter().map(transition))
        .blocks(
            "noncurrent_version_transition",
            r.noncurrent_version_transitions.unwrap_or_default().into_iter().map(noncurrent),
        );
    if tags.is_empty() { attrs } else { attrs.map("tags", tags) }
}

/// The `replication_configuration` block as S3 takes it.
pub fn replication(block: &Obj<'_>) -> Outcome<ReplicationConfiguration> {
    let rules: Outcome<Vec<ReplicationRule>> = block.blocks("rules").iter().map(replication_rule).collect();
    Ok(ReplicationConfiguration::builder().role(block.str("role")).set_rules(Some(rules?)).build()?)
}

fn replication_rule(r: &Obj<'_>) -> Outcome<ReplicationRule> {
    let d = r
        .block("destination")
        .ok_or_else(|| Failure::said("Missing destination", "A replication rule needs a `destination` block."))?;
    let mut destination = Destination::builder()
        .bucket(d.str("bucket"))
        .set_storage_class(d.opt("storage_class").map(StorageClass::from))
        .set_account(d.string("account_id"));
    if let Some(key) = d.string("replica_kms_key_id") {
        destination =
            destination.encryption_configuration(EncryptionConfiguration::builder().replica_kms_key_id(key).build());
    }
    if let Some(a) = d.block("access_control_translation") {
        let owner = OwnerOverride::from(a.str("owner"));
        destination = destination.access_control_translation(AccessControlTranslation::builder().owner(owner).build()?);
    }
    let minutes = |b: &Obj<'_>| b.int32("minutes").map(|m| ReplicationTimeValue::builder().minutes(m).build());
    if let Some(t) = d.block("replication_time") {
        let status = ReplicationTimeStatus::from(t.str("status"));
        destination =
            destination.replication_time(ReplicationTime::builder().status(status).set_time(minutes(&t)).build()?);
    }
    if let Some(m) = d.block("metrics") {
        let metrics = Metrics::builder().status(MetricsStatus::from(m.str("status"))).set_event_threshold(minutes(&m));
        destination = destination.metrics(metrics.build()?);
    }
    let mut out = ReplicationRule::builder()
        .set_id(r.string("id"))
        .status(ReplicationRuleStatus::from(r.str("status")))
        .destination(destination.build()?);
    if let Some(kms) = r.block("source_selection_criteria").and_then(|s| s.block("sse_kms_encrypted_objects")) {
        let status = if kms.bool("enabled") {
            SseKmsEncryptedObjectsStatus::Enabled
        } else {
            SseKmsEncryptedObjectsStatus::Disabled
        };
        let objects = SseKmsEncryptedObjects::builder().status(status).build()?;
        out = out
            .source_selection_criteria(SourceSelectionCriteria::builder().sse_kms_encrypted_objects(objects).build());
    }
    match r.block("filter") {
        None => {
            #[allow(deprecated, reason = "rules of the older form have a prefix")]
            let with_prefix = out.prefix(r.str("prefix"));
            out = with_prefix;
        }
        Some(f) => {
            let tags = tags(&f, "tags")?;
            let filter = if tags.is_empty() {
                ReplicationRuleFilter::builder().prefix(f.str("prefix")).build()
            } else {
                let and = ReplicationRuleAndOperator::builder().prefix(f.str("prefix")).set_tags(Some(tags)).build();
                ReplicationRuleFilter::builder().and(and).build()
            };
            let marker = match r.opt("delete_marker_replication_status") {
                Some(status) => DeleteMarkerReplicationStatus::from(status),
                None => DeleteMarkerReplicationStatus::Disabled,
            };
            out = out
                .filter(filter)
                .priority(r.int32("priority").unwrap_or(0))
                .delete_marker_replication(DeleteMarkerReplication::builder().status(marker).build());
        }
    }
    Ok(out.build()?)
}

/// The replication of a bucket as a block.
pub fn show_replication(c: ReplicationConfiguration) -> Attrs {
    Attrs::new().str("role", c.role).blocks("rules", c.rules.into_iter().map(show_replication_rule))
}

fn show_replication_rule(r: ReplicationRule) -> Attrs {
    let destination = r.destination.map(|d| {
        let time = |v: Option<ReplicationTimeValue>| v.and_then(|v| v.minutes);
        let rtc =
            d.replication_time.map(|t| Attrs::new().int("minutes", time(t.time)).str("status", t.status.as_str()));
        let metrics =
            d.metrics.map(|m| Attrs::new().int("minutes", time(m.event_threshold)).str("status", m.status.as_str()));
        let owner = d.access_control_translation.map(|a| Attrs::new().str("owner", a.owner.as_str()));
        Attrs::new()
            .str("bucket", d.bucket)
            .opt("storage_class", d.storage_class.map(|c| c.as_str().to_owned()))
            .opt("account_id", d.account)
            .opt("replica_kms_key_id", d.encryption_configuration.and_then(|e| e.replica_kms_key_id))
            .block("replication_time", rtc)
            .block("metrics", metrics)
            .block("access_control_translation", owner)
    });
    let criteria = r.source_selection_criteria.and_then(|s| s.sse_kms_encrypted_objects).map(|k| {
        let enabled = k.status == SseKmsEncryptedObjectsStatus::Enabled;
        Attrs::new().block("sse_kms_encrypted_objects", Some(Attrs::new().bool("enabled", enabled)))
    });
    let filter = r.filter.map(|f| {
        let (prefix, tags) = match (f.and, f.tag) {
            (Some(and), _) => (and.prefix, tag_map(and.tags.unwrap_or_default())),
            (None, tag) => (f.prefix, tag_map(tag.into_iter().collect())),
        };
        let attrs = Attrs::new().opt("prefix", prefix);
        if tags.is_empty() { attrs } else { attrs.map("tags", tags) }
    });
    let marker =
        r.delete_marker_replication.and_then(|m| m.status).filter(|s| *s == DeleteMarkerReplicationStatus::Enabled);
    #[allow(deprecated, reason = "rules of the older form have a prefix")]
    let prefix = r.prefix;
    Attrs::new()
        .opt("id", r.id)
        .opt("prefix", prefix)
        .int("priority", r.priority)
        .str("status", r.status.as_str())
        .opt("delete_marker_replication_status", marker.map(|m| m.as_str().to_owned()))
        .block("destination", destination)
        .block("source_selection_criteria", criteria)
        .block("filter", filter)
}

/// `website.routing_rules`, a JSON text in S3's own field names.
pub fn routing(text: &str) -> Outcome<Vec<RoutingRule>> {
    let bad = |why: String| Failure::said("Invalid routing rules", format!("`website.routing_rules` {why}."));
    let json: serde_json::Value = serde_json::from_str(text).map_err(|e| bad(format!("is not JSON: {e}")))?;
    let rules = json.as_array().ok_or_else(|| bad("must be a JSON list".into()))?;
    let word = |json: &serde_json::Value, name: &str| json.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let one = |rule: &serde_json::Value| {
        let redirect = rule.get("Redirect").ok_or_else(|| bad("has a rule without Redirect".into()))?;
        let redirect = Redirect::builder()
            .set_host_name(word(redirect, "HostName"))
            .set_http_redirect_code(word(redirect, "HttpRedirectCode"))
            .set_protocol(word(redirect, "Protocol").as_deref().map(Protocol::from))
            .set_replace_key_prefix_with(word(redirect, "ReplaceKeyPrefixWith"))
            .set_replace_key_with(word(redirect, "ReplaceKeyWith"));
        let condition = rule.get("Condition").map(|c| {
            Condition::builder()
                .set_http_error_code_returned_equals(word(c, "HttpErrorCodeReturnedEquals"))
                .set_key_prefix_equals(word(c, "KeyPrefixEquals"))
                .build()
        });
        Ok(RoutingRule::builder().redirect(redirect.build()).set_condition(condition).build())
    };
    rules.iter().map(one).collect()
}

/// The same JSON text, compact and with sorted keys.
pub fn show_routing(rules: &[RoutingRule]) -> String {
    let mut out = Vec::new();
    for rule in rules {
        let mut json = serde_json::Map::new();
        let put = |fields: Vec<(&str, Option<&str>)>| -> serde_json::Value {
            fields
                .into_iter()
                .filter_map(|(k, v)| Some((k.to_owned(), v?.into())))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        if let Some(c) = &rule.condition {
            let fields = vec![
                ("HttpErrorCodeReturnedEquals", c.http_error_code_returned_equals()),
                ("KeyPrefixEquals", c.key_prefix_equals()),
            ];
            json.insert("Condition".into(), put(fields));
        }
        if let Some(r) = &rule.redirect {
            let fields = vec![
                ("HostName", r.host_name()),
                ("HttpRedirectCode", r.http_redirect_code()),
                ("Protocol", r.protocol().map(Protocol::as_str)),
                ("ReplaceKeyPrefixWith", r.replace_key_prefix_with()),
                ("ReplaceKeyWith", r.replace_key_with()),
            ];
            json.insert("Redirect".into(), put(fields));
        }
        out.push(serde_json::Value::Object(json));
    }
    super::super::equivalence::normal_json(&serde_json::Value::Array(out).to_string()).unwrap_or_default()
}
