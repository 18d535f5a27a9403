//! Answers of S3-compatible servers. Some name the outermost element of a bucket configuration after the operation instead of the
//! document (`GetBucketVersioningResponse` for `VersioningConfiguration`). Most SDKs look past that, the Rust one does not:
//! this puts the documented name in its place. Answers of S3 itself pass unchanged.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// What is asked for, and the outermost element of its answer (Amazon S3 API reference).
const ROOTS: &[(&str, &str)] = &[
    ("accelerate", "AccelerateConfiguration"),
    ("cors", "CORSConfiguration"),
    ("encryption", "ServerSideEncryptionConfiguration"),
    ("lifecycle", "LifecycleConfiguration"),
    ("logging", "BucketLoggingStatus"),
    ("object-lock", "ObjectLockConfiguration"),
    ("publicAccessBlock", "PublicAccessBlockConfiguration"),
    ("replication", "ReplicationConfiguration"),
    ("requestPayment", "RequestPaymentConfiguration"),
    ("tagging", "Tagging"),
    ("versioning", "VersioningConfiguration"),
    ("website", "WebsiteConfiguration"),
];

/// The client, with answers put right.
pub fn client(inner: SharedHttpClient) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(Compatible(inner.http_connector(settings, components)))
    })
}

#[derive(Debug)]
struct Compatible(SharedHttpConnector);

impl HttpConnector for Compatible {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let root = if request.method() == "GET" { expected(request.uri()) } else { None };
        let answer = self.0.call(request);
        let Some(root) = root else { return answer };
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if response.status().is_success() {
                let body = ByteStream::new(response.take_body()).collect().await;
                let body = body.map_err(|e| ConnectorError::io(Box::new(e)))?.into_bytes();
                *response.body_mut() = match std::str::from_utf8(&body).ok().and_then(|text| renamed(text, root)) {
                    Some(text) => {
                        response.headers_mut().remove("content-length");
                        SdkBody::from(text)
                    }
                    None => SdkBody::from(body),
                };
            }
            Ok(response)
        })
    }
}

fn expected(uri: &str) -> Option<&'static str> {
    let (_, query) = uri.split_once('?')?;
    let asked = query.split('&').map(|part| part.split_once('=').map_or(part, |(name, _)| name));
    asked.filter_map(|name| ROOTS.iter().find(|(asked, _)| *asked == name)).map(|(_, root)| *root).next()
}

/// The text with its outermost element renamed; `None` when it has the right name already or is no XML.
fn renamed(text: &str, root: &str) -> Option<String> {
    let mut at = 0;
    let start = loop {
        let open = at + text.get(at..)?.find('<')?;
        match text.as_bytes().get(open + 1)? {
            b'?' | b'!' => at = open + 1,
            _ => break open + 1,
        }
    };
    let rest = text.get(start..)?;
    let length = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let (name, rest) = rest.split_at_checked(length)?;
    if name == root {
        return None;
    }
    let rest = match rest.rsplit_once(&format!("</{name}>")) {
        Some((inner, after)) => format!("{inner}</{root}>{after}"),
        None => rest.to_owned(),
    };
    Some(format!("{}{root}{rest}", text.get(..start)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_outermost_name_is_replaced() {
        let text = "<?xml version=\"1.0\"?>\n<GetBucketVersioningResponse xmlns=\"x\"/>";
        let want = "<?xml version=\"1.0\"?>\n<VersioningConfiguration xmlns=\"x\"/>";
        assert_eq!(renamed(text, "VersioningConfiguration").as_deref(), Some(want));
        assert_eq!(renamed("<A><B>1</B></A>", "C").as_deref(), Some("<C><B>1</B></C>"));
    }

    #[test]
    fn right_answers_and_other_texts_pass() {
        assert_eq!(renamed("<Tagging><TagSet/></Tagging>", "Tagging"), None);
        assert_eq!(renamed("", "Tagging"), None);
        assert_eq!(expected("http://h/b?list-type=2"), None);
        assert_eq!(expected("http://h/b?versioning"), Some("VersioningConfiguration"));
        assert_eq!(expected("http://h/b?x=1&tagging="), Some("Tagging"));
    }
}
