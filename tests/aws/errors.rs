//! What is said when AWS cannot be reached, does not know the caller, or refuses. No emulator needed: a few canned answers do.

use super::live::{Live, endpoint};
use pipewright::diagnostics::Diagnostics;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
    )
}

/// A server that knows who is calling and answers everything else with this error.
async fn refusing(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let body = body.clone();
            tokio::spawn(async move {
                let mut request = vec![0u8; 65536];
                let mut length = 0;
                // Requests here are small: headers and body come before the client waits.
                while let Ok(n) = stream.read(&mut request[length..]).await {
                    length += n;
                    let text = String::from_utf8_lossy(&request[..length]).to_string();
                    if n == 0 || text.contains("Action=") || text.starts_with("GET") || text.starts_with("HEAD") {
                        let (status, body) = if text.contains("GetCallerIdentity") {
                            ("200 OK", IDENTITY)
                        } else {
                            (status, body.as_str())
                        };
                        let answer = format!(
                            "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\nx-amzn-requestid: req-1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                            body.len()
                        );
                        let _ = stream.write_all(answer.as_bytes()).await;
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A server that knows who is calling and nothing else.
pub async fn account_only() -> String {
    refusing("403 Forbidden", error("AccessDenied", "only the caller is known here")).await
}

fn only(diagnostics: &Diagnostics) -> (String, String, String) {
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    let d = diagnostics.iter().next().unwrap();
    (d.summary.clone(), d.detail.clone(), d.hint.clone().unwrap_or_default())
}

#[tokio::test]
async fn a_denied_call_names_the_permission_and_the_request_id() {
    let address = refusing("403 Forbidden", error("AccessDenied", "User me is not authorized")).await;
    let live = Live::new(&address, json!({})).await;
    let config = live.config("aws_iam_role", &json!({"name": "r", "assume_role_policy": "{}"}));
    let (summary, detail, hint) = only(&live.refused("aws_iam_role", &config).await);
    assert_eq!(summary, "Not allowed to call iam:CreateRole");
    assert_eq!(
        detail,
        "Creating aws_iam_role.test: iam:CreateRole answered AccessDenied: User me is not authorized (request id req-1)"
    );
    assert_eq!(hint, "The credentials in use need the permission iam:CreateRole on this resource.");
}

#[tokio::test]
async fn a_name_that_is_taken_points_to_import() {
    let address = refusing("409 Conflict", error("EntityAlreadyExists", "Role with name r already exists.")).await;
    let live = Live::new(&address, json!({})).await;
    let config = live.config("aws_iam_role", &json!({"name": "r", "assume_role_policy": "{}"}));
    let (summary, _, hint) = only(&live.refused("aws_iam_role", &config).await);
    assert_eq!(summary, "iam:CreateRole failed: EntityAlreadyExists");
    assert!(hint.contains("import block"), "{hint}");
}

#[tokio::test]
async fn an_unreachable_endpoint_is_told_within_seconds() {
    let start = Instant::now();
    let (_, said) = Live::try_new("http://127.0.0.1:9", json!({})).await;
    let (summary, _, hint) = only(&said);
    assert_eq!(summary, "Cannot reach sts");
    assert!(hint.contains("AWS_ENDPOINT_URL"), "{hint}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_account_that_is_not_allowed_is_refused() {
    let address = refusing("400 Bad Request", String::new()).await;
    let (_, said) = Live::try_new(&address, json!({"allowed_account_ids": ["999999999999"]})).await;
    let (summary, detail, _) = only(&said);
    assert_eq!(summary, "AWS account ID not allowed");
    assert!(detail.contains("123456789012"), "{detail}");
}

#[tokio::test]
async fn an_expired_session_says_how_to_go_on() {
    let address =
        refusing("403 Forbidden", error("ExpiredToken", "The security token included in the request is expired")).await;
    let live = Live::new(&address, json!({})).await;
    let config = live.config("aws_iam_role", &json!({"name": "r", "assume_role_policy": "{}"}));
    let (_, _, hint) = only(&live.refused("aws_iam_role", &config).await);
    assert!(hint.contains("sign in again"), "{hint}");
}

#[tokio::test]
async fn a_profile_without_credentials_says_where_they_may_stand() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let settings = json!({
        "access_key": null, "secret_key": null, "profile": "nobody",
        "shared_config_files": [path], "shared_credentials_files": [path],
    });
    let (_, said) = Live::try_new("http://127.0.0.1:9", settings).await;
    let (summary, detail, hint) = only(&said);
    assert_eq!(summary, "No valid credential sources found", "{detail}");
    assert!(hint.contains("AWS_PROFILE"), "{hint}");
}

#[tokio::test]
async fn a_bucket_that_exists_is_not_taken_over() {
    let Some(endpoint) = endpoint() else { return };
    let live = Live::new(&endpoint, json!({})).await;
    let config = live.config("aws_s3_bucket", &json!({"bucket": "already-there"}));
    let made = live.apply("aws_s3_bucket", &live.none("aws_s3_bucket"), &config).await;
    let (summary, _, _) = only(&live.refused("aws_s3_bucket", &config).await);
    assert_eq!(summary, "Bucket already exists");
    live.delete("aws_s3_bucket", &made).await;
}
