//! What AWS refuses for a moment or because of others: a bucket that is busy, several writes to one bucket, a rule with targets.

use super::live::{Live, endpoint, inject, say};
use pipewright::lang::value::Value;
use pipewright::provider::{ApplyRequest, Silent};
use serde_json::json;

/// An account of its own.
const ACCOUNT: &str = "210000000002";

async fn live() -> Option<(String, Live)> {
    let endpoint = endpoint()?;
    let live = Live::new(&endpoint, json!({ "access_key": ACCOUNT })).await;
    Some((endpoint, live))
}

#[tokio::test]
async fn a_busy_bucket_is_written_again() {
    let Some((endpoint, live)) = live().await else { return };
    let bucket = live.config("aws_s3_bucket", &json!({ "bucket": "busy-bucket" }));
    let bucket = live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &bucket).await;
    inject(
        &endpoint,
        &json!({ "account": ACCOUNT, "service": "s3", "operation": "PutBucketOwnershipControls", "times": 1,
        "code": "OperationAborted", "status": 409,
        "message": "A conflicting conditional operation is currently in progress against this resource. Please try again." }),
    );
    let controls = json!({ "bucket": "busy-bucket", "rule": [{ "object_ownership": "BucketOwnerEnforced" }] });
    let ty = "aws_s3_bucket_ownership_controls";
    let (controls, told) = live.watched(ty, &live.config(ty, &controls)).await;
    assert!(told.iter().any(|t| t.starts_with("another change of the bucket is under way (attempt 1)")), "{told:?}");
    live.delete(ty, &controls).await;
    live.delete("aws_s3_bucket", &bucket).await;
}

#[tokio::test]
async fn the_parts_of_one_bucket_are_written_side_by_side() {
    let Some((_, live)) = live().await else { return };
    let bucket = live.config("aws_s3_bucket", &json!({ "bucket": "many-parts" }));
    let bucket = live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &bucket).await;
    let parts = [
        (
            "aws_s3_bucket_versioning",
            json!({ "bucket": "many-parts", "versioning_configuration": [{ "status": "Enabled" }] }),
        ),
        ("aws_s3_bucket_public_access_block", json!({ "bucket": "many-parts", "block_public_acls": true })),
        (
            "aws_s3_bucket_ownership_controls",
            json!({ "bucket": "many-parts", "rule": [{ "object_ownership": "BucketOwnerEnforced" }] }),
        ),
        (
            "aws_s3_bucket_lifecycle_configuration",
            json!({ "bucket": "many-parts", "rule": [
            { "id": "all", "status": "Enabled", "filter": [{}], "expiration": [{ "days": 30 }] }] }),
        ),
    ];
    let made = futures::future::join_all(parts.iter().map(|(ty, config)| {
        let (config, live) = (live.config(ty, config), &live);
        async move { (*ty, live.watched(ty, &config).await.0) }
    }));
    for (ty, object) in made.await {
        let again = live.read(ty, &object).await;
        assert_eq!(again.value, object.value, "{ty}");
        live.delete(ty, &object).await;
    }
    live.delete("aws_s3_bucket", &bucket).await;
}

#[tokio::test]
async fn a_policy_whose_principal_is_new_is_written_again() {
    let Some((endpoint, live)) = live().await else { return };
    let bucket = live.config("aws_s3_bucket", &json!({ "bucket": "new-principal" }));
    let bucket = live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &bucket).await;
    inject(
        &endpoint,
        &json!({ "account": ACCOUNT, "service": "s3", "operation": "PutBucketPolicy", "times": 1,
        "code": "MalformedPolicy", "status": 400, "message": "Invalid principal in policy" }),
    );
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }, "Resource": "arn:aws:s3:::new-principal/*" }] });
    let ty = "aws_s3_bucket_policy";
    let config = live.config(ty, &json!({ "bucket": "new-principal", "policy": policy.to_string() }));
    let (made, told) = live.watched(ty, &config).await;
    assert!(told.iter().any(|t| t.starts_with("a principal in the policy is not known everywhere yet")), "{told:?}");
    live.delete(ty, &made).await;
    live.delete("aws_s3_bucket", &bucket).await;
}

#[tokio::test]
async fn targets_that_keep_a_rule_from_going_are_named() {
    let Some((_, live)) = live().await else { return };
    let rule = json!({ "name": "kept", "schedule_expression": "rate(1 hour)" });
    let rule = live
        .apply(
            "aws_cloudwatch_event_rule",
            &live.none("aws_cloudwatch_event_rule"),
            &live.config("aws_cloudwatch_event_rule", &rule),
        )
        .await;
    let target = json!({ "rule": "kept", "target_id": "foreign", "arn": format!("arn:aws:sqs:us-east-1:{ACCOUNT}:q") });
    let ty = "aws_cloudwatch_event_target";
    let target = live.apply(ty, &live.none(ty), &live.config(ty, &target)).await;
    let none = live.none("aws_cloudwatch_event_rule");
    let address = "aws_cloudwatch_event_rule.kept".parse().unwrap();
    let request = ApplyRequest {
        address: &address,
        type_name: "aws_cloudwatch_event_rule",
        prior: &rule.value,
        planned: &none.value,
        config: &none.value,
        private: &rule.private,
        progress: &Silent,
    };
    let refused = live.provider.apply(request).await;
    let said = say(&refused.diagnostics);
    assert!(refused.diagnostics.has_errors() && !refused.object.value.is_null(), "{said}");
    assert!(said.contains("The rule still has targets") && said.contains("foreign (arn:aws:sqs:"), "{said}");
    live.delete(ty, &target).await;
    live.delete("aws_cloudwatch_event_rule", &rule).await;
    let gone = live.read("aws_cloudwatch_event_rule", &rule).await;
    assert_eq!(gone.value, Value::null(gone.value.ty()));
}
