//! Waits end with the first answer that agrees, say what differs meanwhile, and are not made where nothing was written. A canned S3 does.

use super::live::{Live, Told, endpoint, inject, say};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn rules(days: u32) -> String {
    format!(
        "<LifecycleConfiguration><Rule><ID>all</ID><Filter></Filter><Status>Enabled</Status><Expiration><Days>{days}</Days></Expiration></Rule></LifecycleConfiguration>"
    )
}

/// An S3 with one bucket whose lifecycle rules it shows as they were before for some answers after they were written.
struct Slow {
    stale: u32,
    asked: AtomicU32,
}

impl Slow {
    async fn answer(&self, mut stream: TcpStream) {
        let (mut request, mut length) = (vec![0u8; 65536], 0);
        while let Ok(n) = stream.read(&mut request[length..]).await {
            length += n;
            let text = String::from_utf8_lossy(&request[..length]).to_string();
            let whole =
                text.starts_with("GET") || text.contains("</LifecycleConfiguration>") || text.contains("Action=");
            if n > 0 && !whole {
                continue;
            }
            let body = if text.contains("GetCallerIdentity") {
                IDENTITY.to_owned()
            } else if text.starts_with("GET") {
                let before = self.asked.fetch_add(1, Ordering::SeqCst);
                rules(if before < self.stale { 5 } else { 30 })
            } else {
                String::new()
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            return;
        }
    }
}

async fn serve(stale: u32) -> (Arc<Slow>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let slow = Arc::new(Slow { stale, asked: AtomicU32::new(0) });
    let server = Arc::clone(&slow);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.answer(stream).await });
        }
    });
    (slow, address)
}

const TYPE: &str = "aws_s3_bucket_lifecycle_configuration";

#[tokio::test]
async fn a_lifecycle_configuration_is_waited_for_until_the_first_agreeing_answer() {
    let (s3, address) = serve(2).await;
    let live = Live::new(&address, json!({})).await;
    let config = json!({ "bucket": "b", "rule": [
        { "id": "all", "status": "Enabled", "filter": [{}], "expiration": [{ "days": 30 }] }] });
    let (made, told) = live.watched(TYPE, &live.config(TYPE, &config)).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("wanted [") && told[0].contains("30") && told[0].contains("got [") && told[0].contains('5')
    );
    // Two that disagree, one that agrees, and the read that is stored.
    assert_eq!(s3.asked.load(Ordering::SeqCst), 4);
    // A refresh asks once.
    let again = live.read(TYPE, &made).await;
    assert_eq!(again.value, made.value);
    assert_eq!(s3.asked.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn rules_that_are_shown_at_once_are_not_waited_for() {
    let (s3, address) = serve(0).await;
    let live = Live::new(&address, json!({})).await;
    let config = json!({ "bucket": "b", "rule": [
        { "id": "all", "status": "Enabled", "filter": [{}], "expiration": [{ "days": 30 }] }] });
    let (_, told) = live.watched(TYPE, &live.config(TYPE, &config)).await;
    assert_eq!((told, s3.asked.load(Ordering::SeqCst)), (Vec::new(), 2));
}

/// A bucket whose policy allows CloudTrail these actions; without any it has none.
async fn bucket(live: &Live, name: &str, actions: &[(&str, &str)]) {
    let config = live.config("aws_s3_bucket", &json!({ "bucket": name, "force_destroy": true }));
    live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &config).await;
    if actions.is_empty() {
        return;
    }
    let statement = |(action, path): &(&str, &str)| {
        json!({
            "Effect": "Allow", "Action": action, "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Resource": format!("arn:aws:s3:::{name}{path}"),
        })
    };
    let statements: Vec<_> = actions.iter().map(statement).collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let config = live.config("aws_s3_bucket_policy", &json!({ "bucket": name, "policy": policy }));
    live.apply("aws_s3_bucket_policy", &live.none("aws_s3_bucket_policy"), &config).await;
}

const GET_ACL: (&str, &str) = ("s3:GetBucketAcl", "");
const PUT_LOGS: (&str, &str) = ("s3:PutObject", "/AWSLogs/*");

/// A run in an account of its own: faults meant for one test must not meet another.
async fn run_in(endpoint: &str, account: &str) -> Live {
    Live::new(endpoint, json!({ "access_key": account })).await
}

/// What is said and waited for when a trail on this bucket is refused.
async fn refused_trail(live: &Live, bucket: &str) -> (String, Vec<String>) {
    let config = json!({ "name": "refused", "s3_bucket_name": bucket });
    let told = Told::default();
    let said = live.refused_after("aws_cloudtrail", &live.config("aws_cloudtrail", &config), &told).await;
    (say(&said), told.0.into_inner().unwrap())
}

#[tokio::test]
async fn a_trail_on_a_bucket_without_policy_fails_at_once_and_says_what_belongs_in_it() {
    let Some(endpoint) = endpoint() else { return };
    let live = run_in(&endpoint, "111100000001").await;
    bucket(&live, "trail-no-policy", &[]).await;
    let (said, told) = refused_trail(&live, "trail-no-policy").await;
    assert_eq!(told, Vec::<String>::new());
    assert!(said.contains("InsufficientS3BucketPolicyException"), "{said}");
    for part in ["has no policy", "s3:GetBucketAcl", "arn:aws:s3:::trail-no-policy/AWSLogs/111100000001/*"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
}

#[tokio::test]
async fn a_bucket_policy_of_this_run_that_lacks_something_is_not_waited_for() {
    let Some(endpoint) = endpoint() else { return };
    let live = run_in(&endpoint, "111100000002").await;
    bucket(&live, "trail-half-policy", &[GET_ACL]).await;
    let (said, told) = refused_trail(&live, "trail-half-policy").await;
    assert_eq!(told, Vec::<String>::new());
    assert!(said.contains("does not allow cloudtrail.amazonaws.com s3:PutObject on"), "{said}");
    assert!(!said.contains("s3:GetBucketAcl on"), "{said}");
}

#[tokio::test]
async fn a_bucket_policy_written_in_this_run_is_waited_for_and_an_older_one_is_not() {
    let Some(endpoint) = endpoint() else { return };
    let live = run_in(&endpoint, "111100000003").await;
    bucket(&live, "trail-new-policy", &[GET_ACL, PUT_LOGS]).await;
    let refusing = |times: u32| {
        json!({
            "account": "111100000003", "service": "cloudtrail", "operation": "CreateTrail", "status": 400, "times": times,
            "code": "InsufficientS3BucketPolicyException", "message": "Incorrect S3 bucket policy is detected for bucket",
        })
    };
    inject(&endpoint, &refusing(2));
    let config = live.config("aws_cloudtrail", &json!({ "name": "settles", "s3_bucket_name": "trail-new-policy" }));
    let (made, told) = live.watched("aws_cloudtrail", &config).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("the bucket's new policy is not known to CloudTrail yet (attempt 1)"), "{told:?}");
    live.delete("aws_cloudtrail", &made).await;
    // Another run: the policy is as good, but nothing is on its way.
    let later = run_in(&endpoint, "111100000003").await;
    inject(&endpoint, &refusing(1));
    let (said, told) = refused_trail(&later, "trail-new-policy").await;
    assert_eq!(told, Vec::<String>::new());
    assert!(said.contains("seems to allow what a trail needs"), "{said}");
}

#[tokio::test]
async fn a_topic_that_does_not_let_cloudtrail_publish_is_not_waited_for() {
    let Some(endpoint) = endpoint() else { return };
    let live = run_in(&endpoint, "111100000004").await;
    bucket(&live, "trail-topic", &[GET_ACL, PUT_LOGS]).await;
    let topic = live.config("aws_sns_topic", &json!({ "name": "trail-closed" }));
    live.apply("aws_sns_topic", &live.none("aws_sns_topic"), &topic).await;
    let config = json!({ "name": "refused", "s3_bucket_name": "trail-topic", "sns_topic_name": "trail-closed" });
    let told = Told::default();
    let said = live.refused_after("aws_cloudtrail", &live.config("aws_cloudtrail", &config), &told).await;
    assert_eq!(told.0.into_inner().unwrap(), Vec::<String>::new());
    assert!(say(&said).contains("must allow cloudtrail.amazonaws.com sns:Publish on arn:aws:sns:"), "{}", say(&said));
}
