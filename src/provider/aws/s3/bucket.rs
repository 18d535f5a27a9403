//! `aws_s3_bucket`, with the deprecated blocks it still has in 5.x.

use super::super::attrs::Attrs;
use super::super::aws::Aws;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::naming;
use super::super::object::Obj;
use super::super::planner::Change;
use super::super::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use super::super::tags::Tags;
use super::super::wait::Look;
use super::calls::{NO_BUCKET, PATIENCE, remove, write};
use super::{bucket_aspects as aspects, bucket_blocks as blocks, bucket_empty, regions};
use crate::diagnostics::Diagnostic;
use crate::lang::value::{Type, Value};
use crate::provider::Mirror;
use async_trait::async_trait;
use aws_sdk_s3::types::{BucketCannedAcl, BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};

pub struct Bucket;

/// The region that takes no location constraint.
const HOME: &str = "us-east-1";

/// Whether the bucket is there, and in which region.
async fn head(cx: &Cx<'_>, bucket: &str) -> Outcome<Option<Option<String>>> {
    let answer = cx.aws.s3().head_bucket().bucket(bucket).send().await.or_gone(NO_BUCKET)?;
    Ok(answer.map(|a| a.bucket_region))
}

/// The name rules of general purpose buckets (Amazon S3 user guide, bucket naming rules).
fn name_fault(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !(3..=63).contains(&name.len()) {
        Some("it must be 3 to 63 characters long")
    } else if !name.chars().all(allowed) {
        Some("only lowercase letters, digits, dots and hyphens are allowed")
    } else if !edge(name.chars().next()) || !edge(name.chars().next_back()) {
        Some("it must begin and end with a letter or digit")
    } else if name.contains("..") {
        Some("two dots may not stand side by side")
    } else if name.split('.').count() == 4 && name.split('.').all(|p| p.parse::<u8>().is_ok()) {
        Some("it may not look like an IP address")
    } else {
        None
    }
}

#[async_trait(?Send)]
impl ResourceType for Bucket {
    fn name(&self) -> &'static str {
        "aws_s3_bucket"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_s3_bucket.json")
    }

    fn mirrors(&self) -> &'static [Mirror] {
        &[
            Mirror { attribute: "acceleration_status", of: &["aws_s3_bucket_accelerate_configuration"] },
            Mirror { attribute: "cors_rule", of: &["aws_s3_bucket_cors_configuration"] },
            Mirror { attribute: "grant", of: &["aws_s3_bucket_acl", "aws_s3_bucket_logging"] },
            Mirror { attribute: "lifecycle_rule", of: &["aws_s3_bucket_lifecycle_configuration"] },
            Mirror { attribute: "logging", of: &["aws_s3_bucket_logging"] },
            Mirror { attribute: "object_lock_configuration", of: &["aws_s3_bucket_object_lock_configuration"] },
            Mirror { attribute: "policy", of: &["aws_s3_bucket_policy"] },
            Mirror { attribute: "replication_configuration", of: &["aws_s3_bucket_replication_configuration"] },
            Mirror { attribute: "request_payer", of: &["aws_s3_bucket_request_payment_configuration"] },
            Mirror {
                attribute: "server_side_encryption_configuration",
                of: &["aws_s3_bucket_server_side_encryption_configuration"],
            },
            Mirror { attribute: "versioning", of: &["aws_s3_bucket_versioning"] },
            Mirror { attribute: "website", of: &["aws_s3_bucket_website_configuration"] },
            Mirror { attribute: "website_domain", of: &["aws_s3_bucket_website_configuration"] },
            Mirror { attribute: "website_endpoint", of: &["aws_s3_bucket_website_configuration"] },
        ]
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(20), read: minutes(20), update: minutes(20), delete: minutes(60) }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(name) = config.opt("bucket")
            && let Some(fault) = name_fault(name)
        {
            checks.wrong(
                "bucket",
                "Invalid bucket name",
                format!("\"{name}\" cannot be the name of a bucket: {fault}."),
            );
        }
        if config.str("bucket_prefix").len() > 37 {
            let prefix = config.str("bucket_prefix");
            checks.wrong(
                "bucket_prefix",
                format!("expected length of bucket_prefix to be in the range (0 - 37), got {prefix}"),
                "",
            );
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() {
            let name = change.planned().string("bucket");
            change.set_str("region", aws.region());
            change.set_some("hosted_zone_id", regions::hosted_zone(aws.region()));
            if let Some(name) = name {
                change.set_str("arn", format!("arn:{}:s3:::{name}", aws.partition().id));
                change.set_str("bucket_domain_name", regions::domain(aws, &name));
                change.set_str("bucket_regional_domain_name", regions::regional_domain(aws, &name, aws.region()));
                change.set_str("bucket_prefix", naming::prefix_of(&name).unwrap_or_default());
                change.set_str("id", name);
            }
            new_bucket_has_nothing(change);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = match plan.opt("bucket") {
            Some(name) => name.to_owned(),
            None => naming::name(None, plan.opt("bucket_prefix")),
        };
        // In us-east-1 creating one's own bucket again succeeds silently: that would take over a bucket managed elsewhere.
        if head(cx, &name).await.ok().flatten().is_some() {
            return Err(Diagnostic::error(
                "Bucket already exists",
                format!("The bucket {name} exists already and belongs to this account."),
            )
            .hint("Choose another name, or take it over with an import block.")
            .into());
        }
        let mut config = CreateBucketConfiguration::builder();
        if cx.aws.region() != HOME {
            config = config.location_constraint(BucketLocationConstraint::from(cx.aws.region()));
        }
        let config = config.build();
        let locked = plan.bool("object_lock_enabled")
            || plan.block("object_lock_configuration").is_some_and(|l| l.str("object_lock_enabled") == "Enabled");
        let passing =
            |f: &Failure| f.is(&["OperationAborted"]).then_some("S3 is still busy with a bucket of this name");
        cx.retry(cx.timeout, passing, || async {
            let mut call = cx.aws.s3().create_bucket().bucket(&name);
            if cx.aws.region() != HOME {
                call = call.create_bucket_configuration(config.clone());
            }
            call = call.set_acl(plan.opt("acl").map(BucketCannedAcl::from));
            call.set_object_lock_enabled_for_bucket(locked.then_some(true)).send().await?;
            Ok(())
        })
        .await?;
        made.id(&name);
        made.set(Attrs::new().str("bucket", &name));
        cx.wait_until("the bucket to be visible", cx.timeout, || async {
            Ok(match head(cx, &name).await? {
                Some(_) => Look::Done(()),
                None => Look::NotYet("S3 does not show it yet".into()),
            })
        })
        .await?;
        put_tags(cx, &name, &Tags::new(), &plan.string_map("tags_all")).await?;
        let none = Value::null(Type::Dynamic);
        blocks::write_changes(cx, &name, &Obj::new(&none), plan).await
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let name = prior.str("id");
        let Some(region) = head(cx, name).await? else { return Ok(None) };
        let region = region.unwrap_or_else(|| cx.aws.region().to_owned());
        let found = match aspects::read(cx, name, &region).await {
            // Deleted between the calls.
            Err(failure) if failure.is(NO_BUCKET) => return Ok(None),
            other => other?,
        };
        let (attrs, tags) = found;
        let attrs = attrs
            .str("id", name)
            .str("bucket", name)
            .opt("bucket_prefix", naming::prefix_of(name))
            .str("arn", format!("arn:{}:s3:::{name}", cx.aws.partition().id))
            .str("bucket_domain_name", regions::domain(cx.aws, name))
            .str("bucket_regional_domain_name", regions::regional_domain(cx.aws, name, &region))
            .opt("hosted_zone_id", regions::hosted_zone(&region))
            .str("region", region);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        blocks::write_changes(cx, name, prior, plan).await?;
        put_tags(cx, name, &prior.string_map("tags_all"), &plan.string_map("tags_all")).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let name = prior.str("id");
        let delete = || async {
            cx.aws.s3().delete_bucket().bucket(name).send().await.or_gone(NO_BUCKET)?;
            Ok(())
        };
        match remove(cx, name, delete).await {
            Err(failure) if failure.is(&["BucketNotEmpty"]) && prior.bool("force_destroy") => {
                bucket_empty::empty(cx, name, prior.bool("object_lock_enabled")).await?;
                let passing =
                    |f: &Failure| f.is(&["BucketNotEmpty"]).then_some("S3 still counts objects in the bucket");
                cx.retry(PATIENCE, passing, || remove(cx, name, delete)).await?;
            }
            Err(failure) if failure.is(&["BucketNotEmpty"]) => {
                let d = failure.diagnostic(&cx.doing);
                return Err(d.hint("Empty it first, or set force_destroy = true, apply, and destroy again.").into());
            }
            other => other?,
        }
        cx.wait_until("the bucket to be gone", PATIENCE, || async {
            Ok(match head(cx, name).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("S3 still shows it".into()),
            })
        })
        .await
    }
}

/// What a new bucket surely has not, unless configured: known already in the plan.
fn new_bucket_has_nothing(change: &mut Change<'_>) {
    for name in ["cors_rule", "lifecycle_rule", "logging", "replication_configuration", "website"] {
        nothing(change, name);
    }
    let lock = change.config.has("object_lock_configuration") || !change.config.known("object_lock_configuration");
    if !lock && change.config.known("object_lock_enabled") && !change.config.bool("object_lock_enabled") {
        change.set("object_lock_enabled", Value::bool(false));
        nothing(change, "object_lock_configuration");
    }
    if change.config.known("policy") && !change.config.has("policy") {
        change.set_str("policy", "");
    }
    if change.config.known("acl") && !change.config.has("acl") {
        change.set("acl", Value::null(Type::String));
    }
    if change.config.known("website") && !change.config.has("website") {
        change.set("website_domain", Value::null(Type::String));
        change.set("website_endpoint", Value::null(Type::String));
    }
}

fn nothing(change: &mut Change<'_>, name: &str) {
    let Some(value) = change.config.value(name) else { return };
    if let (true, false, Some(element)) = (value.is_known(), change.config.has(name), value.ty().element()) {
        change.set(name, Value::list(element.clone(), Vec::new()));
    }
}

/// Tags are written as a whole: what is not ours (ignored tags, AWS's own) must be written back.
async fn put_tags(cx: &Cx<'_>, bucket: &str, old: &Tags, new: &Tags) -> Outcome<()> {
    if old == new {
        return Ok(());
    }
    let mut all = aspects::tags(cx, bucket).await?;
    all.retain(|key, _| !old.contains_key(key));
    all.extend(new.clone());
    if all.is_empty() {
        return write(cx, bucket, || async {
            cx.aws.s3().delete_bucket_tagging().bucket(bucket).send().await?;
            Ok(())
        })
        .await;
    }
    let list: Outcome<Vec<Tag>> = all.iter().map(|(k, v)| Ok(Tag::builder().key(k).value(v).build()?)).collect();
    let tagging = Tagging::builder().set_tag_set(Some(list?)).build()?;
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_tagging().bucket(bucket).tagging(tagging.clone()).send().await?;
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_are_checked_as_s3_does() {
        for good in ["abc", "my.bucket-1"] {
            assert_eq!(name_fault(good), None, "{good}");
        }
        for bad in ["ab", "Upper", "-a-b", "a..b", "192.168.0.1", "under_score"] {
            assert!(name_fault(bad).is_some(), "{bad}");
        }
    }
}
