//! Everything a read of a bucket gathers: thirteen calls side by side, and the blocks that show their answers.

use super::super::attrs::Attrs;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::resource::Cx;
use super::super::tags::Tags;
use super::{bucket_policy, bucket_rules, encryption, regions};
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types::{CorsRule, LoggingEnabled, ObjectLockConfiguration};
use std::collections::{BTreeMap, BTreeSet};

/// Codes of aspects that are not configured, or that a partition or an emulator does not have.
const NOT_SET: &[&str] = &[
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchWebsiteConfiguration",
    "NoSuchLifecycleConfiguration",
    "ReplicationConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "ObjectLockConfigurationNotFoundError",
    "NoSuchTagSet",
    "MethodNotAllowed",
    "NotImplemented",
    "UnsupportedArgument",
    "UnsupportedOperation",
    "XNotImplemented",
];

/// Reads every aspect of a bucket that exists.
pub async fn read(cx: &Cx<'_>, bucket: &str, region: &str) -> Outcome<(Attrs, Tags)> {
    let s3 = cx.aws.s3();
    let acl = async { s3.get_bucket_acl().bucket(bucket).send().await.or_gone(NOT_SET) };
    let cors = async { s3.get_bucket_cors().bucket(bucket).send().await.or_gone(NOT_SET) };
    let website = async { s3.get_bucket_website().bucket(bucket).send().await.or_gone(NOT_SET) };
    let versioning = async { s3.get_bucket_versioning().bucket(bucket).send().await.or_gone(NOT_SET) };
    let acceleration = async { s3.get_bucket_accelerate_configuration().bucket(bucket).send().await.or_gone(NOT_SET) };
    let payer = async { s3.get_bucket_request_payment().bucket(bucket).send().await.or_gone(NOT_SET) };
    let logging = async { s3.get_bucket_logging().bucket(bucket).send().await.or_gone(NOT_SET) };
    let lifecycle = async { s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.or_gone(NOT_SET) };
    let replication = async { s3.get_bucket_replication().bucket(bucket).send().await.or_gone(NOT_SET) };
    let lock = async { s3.get_object_lock_configuration().bucket(bucket).send().await.or_gone(NOT_SET) };
    let policy = bucket_policy::get(cx, bucket);
    let encryption = encryption::get(cx, bucket, None);
    let (acl, cors, website, versioning, acceleration, payer) =
        futures::try_join!(acl, cors, website, versioning, acceleration, payer)?;
    let (logging, lifecycle, replication, lock, policy, encryption, tags) =
        futures::try_join!(logging, lifecycle, replication, lock, policy, encryption, tags(cx, bucket))?;

    let lock = lock.and_then(|l| l.object_lock_configuration);
    let lifecycle = lifecycle.and_then(|l| l.rules).unwrap_or_default();
    let replication = replication.and_then(|r| r.replication_configuration);
    let mut attrs = Attrs::new()
        .opt("policy", policy)
        .blocks("grant", acl.map(grants).unwrap_or_default())
        .blocks("cors_rule", cors.and_then(|c| c.cors_rules).unwrap_or_default().into_iter().map(cors_rule))
        .block("versioning", versioning.as_ref().map(versioning_block))
        .opt("acceleration_status", acceleration.and_then(|a| a.status).map(|s| s.as_str().to_owned()))
        .opt("request_payer", payer.and_then(|p| p.payer).map(|p| p.as_str().to_owned()))
        .block("logging", logging.and_then(|l| l.logging_enabled).map(logging_block))
        .blocks("lifecycle_rule", lifecycle.into_iter().map(bucket_rules::show_lifecycle))
        .block("replication_configuration", replication.map(bucket_rules::show_replication))
        .block(
            "server_side_encryption_configuration",
            encryption.map(|e| Attrs::new().blocks("rule", encryption::rules(e))),
        )
        .bool("object_lock_enabled", lock.is_some())
        .block("object_lock_configuration", lock.map(lock_block));
    attrs = match website {
        Some(website) => {
            let domain = regions::website_domain(cx.aws, region);
            attrs
                .block("website", Some(website_block(website)))
                .str("website_endpoint", format!("{bucket}.{domain}"))
                .str("website_domain", domain)
        }
        None => attrs.blocks("website", []).null("website_endpoint").null("website_domain"),
    };
    Ok((attrs, tags))
}

/// The tags of a bucket.
pub async fn tags(cx: &Cx<'_>, bucket: &str) -> Outcome<Tags> {
    let answer = cx.aws.s3().get_bucket_tagging().bucket(bucket).send().await.or_gone(NOT_SET);
    let answer = match answer {
        Err(Failure::Call(call)) if call.code == "NoSuchBucket" => None,
        other => other?,
    };
    Ok(answer.map(|a| a.tag_set.into_iter().map(|t| (t.key, t.value)).collect()).unwrap_or_default())
}

fn versioning_block(v: &GetBucketVersioningOutput) -> Attrs {
    let enabled = v.status.as_ref().is_some_and(|s| s.as_str() == "Enabled");
    let mfa = v.mfa_delete.as_ref().is_some_and(|s| s.as_str() == "Enabled");
    Attrs::new().bool("enabled", enabled).bool("mfa_delete", mfa)
}

fn logging_block(l: LoggingEnabled) -> Attrs {
    Attrs::new().str("target_bucket", l.target_bucket).str("target_prefix", l.target_prefix)
}

fn cors_rule(c: CorsRule) -> Attrs {
    let mut attrs = Attrs::new()
        .strings("allowed_methods", c.allowed_methods)
        .strings("allowed_origins", c.allowed_origins)
        .int("max_age_seconds", c.max_age_seconds);
    if let Some(headers) = c.allowed_headers {
        attrs = attrs.strings("allowed_headers", headers);
    }
    if let Some(headers) = c.expose_headers {
        attrs = attrs.strings("expose_headers", headers);
    }
    attrs
}

/// Grants by grantee, with all of its permissions.
fn grants(acl: GetBucketAclOutput) -> Vec<Attrs> {
    let mut by_grantee: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for grant in acl.grants.unwrap_or_default() {
        let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else { continue };
        let key = (grantee.r#type.as_str().to_owned(), grantee.id.unwrap_or_default(), grantee.uri.unwrap_or_default());
        by_grantee.entry(key).or_default().insert(permission.as_str().to_owned());
    }
    let show = |((kind, id, uri), permissions): ((String, String, String), BTreeSet<String>)| {
        Attrs::new().str("type", kind).str("id", id).str("uri", uri).strings("permissions", permissions)
    };
    by_grantee.into_iter().map(show).collect()
}

fn website_block(w: GetBucketWebsiteOutput) -> Attrs {
    let rules = w.routing_rules.filter(|r| !r.is_empty()).map(|r| bucket_rules::show_routing(&r));
    let redirect = w.redirect_all_requests_to.map(|r| match r.protocol {
        Some(protocol) => format!("{}://{}", protocol.as_str(), r.host_name),
        None => r.host_name,
    });
    Attrs::new()
        .opt("index_document", w.index_document.map(|d| d.suffix))
        .opt("error_document", w.error_document.map(|d| d.key))
        .opt("redirect_all_requests_to", redirect)
        .opt("routing_rules", rules)
}

fn lock_block(l: ObjectLockConfiguration) -> Attrs {
    let retention = l.rule.and_then(|r| r.default_retention).map(|r| {
        Attrs::new().int("days", r.days).int("years", r.years).opt("mode", r.mode.map(|m| m.as_str().to_owned()))
    });
    Attrs::new()
        .opt("object_lock_enabled", l.object_lock_enabled.map(|e| e.as_str().to_owned()))
        .block("rule", retention.map(|r| Attrs::new().block("default_retention", Some(r))))
}
