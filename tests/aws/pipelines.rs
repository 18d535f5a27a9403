//! A pipeline whose role was made a moment ago: the wait is told, and ends as soon as CodePipeline can assume the role.

use super::live::{Live, endpoint, inject};
use pipewright::lang::value::Value;
use serde_json::json;

/// An account of its own.
const ACCOUNT: &str = "210000000001";

/// Lets the emulator refuse the next CreatePipeline as CodePipeline does while it does not know a role.
fn refuse_once(endpoint: &str) {
    let fault = json!({ "account": ACCOUNT, "service": "codepipeline", "operation": "CreatePipeline", "times": 1,
        "code": "InvalidStructureException", "status": 400,
        "message": "CodePipeline is not authorized to perform AssumeRole on role new" });
    inject(endpoint, &fault);
}

#[tokio::test]
async fn a_pipeline_waits_for_its_new_role() {
    let Some(endpoint) = endpoint() else { return };
    let live = Live::new(&endpoint, json!({ "access_key": ACCOUNT })).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "codepipeline.amazonaws.com" } }] });
    let role = json!({ "name": "new", "assume_role_policy": trust.to_string() });
    let role = live.apply("aws_iam_role", &live.none("aws_iam_role"), &live.config("aws_iam_role", &role)).await;
    let bucket = live.config("aws_s3_bucket", &json!({ "bucket": "waiting-pipeline" }));
    let bucket = live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &bucket).await;
    let action = |name: &str, category: &str, provider: &str| json!({ "name": name, "category": category, "owner": "AWS", "provider": provider, "version": "1" });
    let mut source = action("Source", "Source", "S3");
    source["output_artifacts"] = json!(["s"]);
    source["configuration"] = json!({ "S3Bucket": "waiting-pipeline", "S3ObjectKey": "k" });
    let config = live.config(
        "aws_codepipeline",
        &json!({
            "name": "waiting", "role_arn": role.value.get("arn").and_then(Value::as_str).unwrap(),
            "artifact_store": [{ "location": "waiting-pipeline", "type": "S3" }],
            "stage": [{ "name": "Source", "action": [source] },
                { "name": "Ok", "action": [action("Ok", "Approval", "Manual")] }],
        }),
    );
    refuse_once(&endpoint);
    let (made, told) = live.watched("aws_codepipeline", &config).await;
    assert!(told.iter().any(|t| t.starts_with("CodePipeline cannot assume the role yet (attempt 1)")), "{told:?}");
    live.delete("aws_codepipeline", &made).await;
    live.delete("aws_s3_bucket", &bucket).await;
    live.delete("aws_iam_role", &role).await;
}
