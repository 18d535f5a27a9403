//! Writes the deprecated blocks inside `aws_s3_bucket`, each with its own call, when they change.

use super::super::failure::{OrGone, Outcome};
use super::super::object::Obj;
use super::super::resource::Cx;
use super::calls::{remove, write};
use super::{bucket_policy, bucket_rules, encryption};
use aws_sdk_s3::types::{
    AccelerateConfiguration, AccessControlPolicy, BucketAccelerateStatus, BucketCannedAcl,
    BucketLifecycleConfiguration, BucketLoggingStatus, BucketVersioningStatus, CorsConfiguration, CorsRule,
    DefaultRetention, ErrorDocument, Grant, Grantee, IndexDocument, LoggingEnabled, MfaDelete, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, Payer, Permission, Protocol, RedirectAllRequestsTo,
    RequestPaymentConfiguration, Type, VersioningConfiguration, WebsiteConfiguration,
};

const GONE: &[&str] = &["NoSuchBucket", "NotFound"];

/// Brings every block that differs between the two objects to what is planned.
pub async fn write_changes(cx: &Cx<'_>, bucket: &str, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let changed = |name: &str| plan.known(name) && plan.differs(prior, name);
    if changed("policy") {
        match plan.opt("policy") {
            Some(policy) => bucket_policy::put(cx, bucket, policy).await?,
            None => bucket_policy::delete(cx, bucket).await?,
        }
    }
    if changed("cors_rule") {
        cors(cx, bucket, plan).await?;
    }
    if changed("website") {
        website(cx, bucket, plan).await?;
    }
    if changed("versioning") {
        versioning(cx, bucket, prior, plan).await?;
    }
    if changed("acl") && plan.has("acl") {
        let acl = BucketCannedAcl::from(plan.str("acl"));
        write(cx, bucket, || async {
            cx.aws.s3().put_bucket_acl().bucket(bucket).acl(acl.clone()).send().await?;
            Ok(())
        })
        .await?;
    }
    if changed("grant") {
        grants(cx, bucket, plan).await?;
    }
    if changed("logging") {
        logging(cx, bucket, plan).await?;
    }
    if changed("lifecycle_rule") {
        lifecycle(cx, bucket, plan).await?;
    }
    if changed("acceleration_status") && plan.has("acceleration_status") {
        let status = BucketAccelerateStatus::from(plan.str("acceleration_status"));
        let config = AccelerateConfiguration::builder().status(status).build();
        write(cx, bucket, || async {
            let call = cx.aws.s3().put_bucket_accelerate_configuration().bucket(bucket);
            call.accelerate_configuration(config.clone()).send().await?;
            Ok(())
        })
        .await?;
    }
    if changed("request_payer") && plan.has("request_payer") {
        let config = RequestPaymentConfiguration::builder().payer(Payer::from(plan.str("request_payer"))).build()?;
        write(cx, bucket, || async {
            let call = cx.aws.s3().put_bucket_request_payment().bucket(bucket);
            call.request_payment_configuration(config.clone()).send().await?;
            Ok(())
        })
        .await?;
    }
    if changed("replication_configuration") {
        replication(cx, bucket, plan).await?;
    }
    if changed("server_side_encryption_configuration") {
        match plan.block("server_side_encryption_configuration") {
            Some(block) => encryption::put(cx, bucket, None, &encryption::wanted(&block.blocks("rule"))?).await?,
            None => encryption::delete(cx, bucket, None).await?,
        }
    }
    if changed("object_lock_configuration") {
        object_lock(cx, bucket, plan).await?;
    }
    Ok(())
}

async fn cors(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let list = |b: &Obj<'_>, name: &str| Some(b.strings(name)).filter(|l| !l.is_empty());
    let rule = |b: &Obj<'_>| -> Outcome<CorsRule> {
        Ok(CorsRule::builder()
            .set_allowed_headers(list(b, "allowed_headers"))
            .set_allowed_methods(Some(b.strings("allowed_methods")))
            .set_allowed_origins(Some(b.strings("allowed_origins")))
            .set_expose_headers(list(b, "expose_headers"))
            .set_max_age_seconds(b.int32("max_age_seconds").filter(|s| *s > 0))
            .build()?)
    };
    let rules: Outcome<Vec<CorsRule>> = plan.blocks("cors_rule").iter().map(rule).collect();
    let rules = rules?;
    if rules.is_empty() {
        return remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_cors().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await;
    }
    let config = CorsConfiguration::builder().set_cors_rules(Some(rules)).build()?;
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_cors().bucket(bucket).cors_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn website(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let Some(w) = plan.block("website") else {
        return remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_website().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await;
    };
    let mut config = WebsiteConfiguration::builder();
    if let Some(suffix) = w.opt("index_document") {
        config = config.index_document(IndexDocument::builder().suffix(suffix).build()?);
    }
    if let Some(key) = w.opt("error_document") {
        config = config.error_document(ErrorDocument::builder().key(key).build()?);
    }
    if let Some(target) = w.opt("redirect_all_requests_to") {
        let (protocol, host) = target.split_once("://").map_or((None, target), |(p, h)| (Some(Protocol::from(p)), h));
        config = config
            .redirect_all_requests_to(RedirectAllRequestsTo::builder().set_protocol(protocol).host_name(host).build()?);
    }
    if let Some(text) = w.opt("routing_rules") {
        config = config.set_routing_rules(Some(bucket_rules::routing(text)?));
    }
    let config = config.build();
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_website().bucket(bucket).website_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn versioning(cx: &Cx<'_>, bucket: &str, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let on = |o: &Obj<'_>, name: &str| o.block("versioning").is_some_and(|v| v.bool(name));
    let (enabled, mfa) = (on(plan, "enabled"), on(plan, "mfa_delete"));
    // A new bucket has versioning off without being told.
    if prior.is_null() && !enabled && !mfa {
        return Ok(());
    }
    let status = if enabled { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
    let mut config = VersioningConfiguration::builder().status(status);
    if mfa || on(prior, "mfa_delete") {
        config = config.mfa_delete(if mfa { MfaDelete::Enabled } else { MfaDelete::Disabled });
    }
    let config = config.build();
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_versioning().bucket(bucket).versioning_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn grants(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let s3 = cx.aws.s3();
    let blocks = plan.blocks("grant");
    if blocks.is_empty() {
        let acl = plan.opt("acl").map_or(BucketCannedAcl::Private, BucketCannedAcl::from);
        return write(cx, bucket, || async {
            s3.put_bucket_acl().bucket(bucket).acl(acl.clone()).send().await?;
            Ok(())
        })
        .await;
    }
    let owner = s3.get_bucket_acl().bucket(bucket).send().await?.owner;
    let mut all = Vec::new();
    for block in blocks {
        for permission in block.strings("permissions") {
            let grantee = Grantee::builder()
                .r#type(Type::from(block.str("type")))
                .set_id(block.string("id"))
                .set_uri(block.string("uri"))
                .build()?;
            all.push(Grant::builder().grantee(grantee).permission(Permission::from(permission.as_str())).build());
        }
    }
    let policy = AccessControlPolicy::builder().set_owner(owner).set_grants(Some(all)).build();
    write(cx, bucket, || async {
        s3.put_bucket_acl().bucket(bucket).access_control_policy(policy.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn logging(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let mut status = BucketLoggingStatus::builder();
    if let Some(l) = plan.block("logging") {
        let enabled =
            LoggingEnabled::builder().target_bucket(l.str("target_bucket")).target_prefix(l.str("target_prefix"));
        status = status.logging_enabled(enabled.build()?);
    }
    let status = status.build();
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_logging().bucket(bucket).bucket_logging_status(status.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn lifecycle(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let rules = bucket_rules::lifecycle(&plan.blocks("lifecycle_rule"))?;
    if rules.is_empty() {
        return remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_lifecycle().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await;
    }
    let config = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
    write(cx, bucket, || async {
        let call = cx.aws.s3().put_bucket_lifecycle_configuration().bucket(bucket);
        call.lifecycle_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn replication(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let Some(block) = plan.block("replication_configuration") else {
        return remove(cx, bucket, || async {
            cx.aws.s3().delete_bucket_replication().bucket(bucket).send().await.or_gone(GONE)?;
            Ok(())
        })
        .await;
    };
    let config = bucket_rules::replication(&block)?;
    write(cx, bucket, || async {
        cx.aws.s3().put_bucket_replication().bucket(bucket).replication_configuration(config.clone()).send().await?;
        Ok(())
    })
    .await
}

async fn object_lock(cx: &Cx<'_>, bucket: &str, plan: &Obj<'_>) -> Outcome<()> {
    let Some(block) = plan.block("object_lock_configuration") else { return Ok(()) };
    let retention = block.block("rule").and_then(|r| r.block("default_retention"));
    let Some(retention) = retention else { return Ok(()) };
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::from(retention.str("mode")))
        .set_days(retention.int32("days").filter(|d| *d > 0))
        .set_years(retention.int32("years").filter(|y| *y > 0))
        .build();
    let config = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(retention).build())
        .build();
    write(cx, bucket, || async {
        cx.aws
            .s3()
            .put_object_lock_configuration()
            .bucket(bucket)
            .object_lock_configuration(config.clone())
            .send()
            .await?;
        Ok(())
    })
    .await
}
