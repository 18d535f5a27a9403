//! Waits end with the first answer that agrees, say what differs meanwhile, and are not made where nothing was written. A canned S3 does.

use super::live::Live;
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
