//! Calls to EC2 without its SDK, whose hundreds of operations would make up a third of this program for the one that is needed. EC2
//! takes a form and answers XML: the form is signed and sent here with the SDKs' own parts, over the same HTTP client.

use super::aws::Aws;
use super::failure::{CallError, Failure, Outcome, Reason};
use super::sign_in::SignIn;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use std::convert::Infallible;
use std::time::{Duration, SystemTime};

/// The API version whose answers are read here.
const VERSION: &str = "2016-11-15";
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer: its status, and its body.
type Answer = (u16, Vec<u8>);

/// Calls an operation. `parameters` are those of the form beside `Action` and `Version`.
pub async fn call(aws: &Aws, operation: &'static str, parameters: &[(String, String)]) -> Outcome<String> {
    let mut form = vec![("Action".to_owned(), operation.to_owned()), ("Version".to_owned(), VERSION.to_owned())];
    form.extend_from_slice(parameters);
    let body = form.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect::<Vec<_>>().join("&");
    let failed = |reason, message: String| failure(operation, reason, "", message, None);
    let endpoint = endpoint(aws);
    let (http, credentials) = match (aws.sdk().http_client(), aws.sdk().credentials_provider()) {
        (Some(http), Some(credentials)) => (http, credentials),
        _ => return Err(failed(Reason::Credentials, "no credentials are configured".to_owned())),
    };
    let credentials = credentials.provide_credentials().await;
    let credentials = credentials.map_err(|e| match SignIn::among(&e).cloned() {
        Some(sign_in) => Failure::Call(Box::new(CallError::signed_out("ec2", operation, sign_in))),
        None => failed(Reason::Credentials, DisplayErrorContext(&e).to_string()),
    })?;
    let headers = signed(aws.region(), &endpoint, &body, credentials.into())
        .map_err(|e| failed(Reason::Malformed, e.to_string()))?;
    let (status, answer) = send(http, operation, &endpoint, &body, headers).await?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    if (200..300).contains(&status) {
        return Ok(text);
    }
    let [code, message, id] = ["Code", "Message", "RequestID"].map(|name| first(&text, name).unwrap_or_default());
    let mut failure = failure(operation, Reason::Answered, &code, message, Some(status));
    if let Failure::Call(call) = &mut failure {
        call.request_id = Some(id).filter(|id| !id.is_empty());
    }
    Err(failure)
}

fn failure(operation: &str, reason: Reason, code: &str, message: String, status: Option<u16>) -> Failure {
    Failure::Call(Box::new(CallError {
        service: "ec2".into(),
        operation: operation.into(),
        reason,
        code: code.into(),
        message,
        request_id: None,
        status,
        sign_in: None,
    }))
}

/// As the SDKs find it: the provider block, the environment, else AWS's own.
fn endpoint(aws: &Aws) -> String {
    let configured = aws.settings().endpoint(&["ec2"]).map(str::to_owned);
    let environment = || std::env::var("AWS_ENDPOINT_URL_EC2").ok().filter(|url| !url.is_empty());
    let global = || aws.sdk().endpoint_url().map(str::to_owned);
    let found = configured.or_else(environment).or_else(global);
    let url = found.unwrap_or_else(|| format!("https://ec2.{}.{}", aws.region(), aws.partition().dns_suffix));
    format!("{}/", url.trim_end_matches('/'))
}

type Signed = Result<Vec<(String, String)>, Box<dyn std::error::Error + Send + Sync>>;

fn signed(region: &str, url: &str, body: &str, identity: aws_smithy_runtime_api::client::identity::Identity) -> Signed {
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("ec2")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let content = [("content-type", CONTENT_TYPE)];
    let request = SignableRequest::new("POST", url, content.into_iter(), SignableBody::Bytes(body.as_bytes()))?;
    let (headers, _) = sign(request, &parameters)?.into_parts().0.into_parts();
    let mut out = vec![("content-type".to_owned(), CONTENT_TYPE.to_owned())];
    out.extend(headers.iter().map(|h| (h.name().to_owned(), h.value().to_owned())));
    Ok(out)
}

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

async fn send(
    http: SharedHttpClient,
    operation: &'static str,
    url: &str,
    body: &str,
    headers: Vec<(String, String)>,
) -> Outcome<Answer> {
    let body = body.to_owned();
    let call = Operation::builder()
        .service_name("ec2")
        .operation_name(operation)
        .http_client(http)
        .endpoint_url(url)
        .no_auth()
        .no_retry()
        .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
        .serializer(move |(): ()| {
            let mut request = HttpRequest::new(SdkBody::from(body.clone()));
            request.set_method("POST")?;
            request.set_uri("/")?;
            for (name, value) in &headers {
                request.headers_mut().insert(name.clone(), value.clone());
            }
            Ok(request)
        })
        .deserializer(|response| {
            let body = response.body().bytes().unwrap_or_default().to_vec();
            Ok::<Answer, aws_smithy_runtime_api::client::orchestrator::OrchestratorError<Infallible>>((
                response.status().as_u16(),
                body,
            ))
        })
        .build();
    call.invoke(()).await.map_err(|error| {
        let reason = match &error {
            aws_smithy_runtime_api::client::result::SdkError::TimeoutError(_) => Reason::TimedOut,
            _ => Reason::Unreachable,
        };
        failure(operation, reason, "", DisplayErrorContext(&error).to_string(), None)
    })
}

/// Percent-encoded as forms are, with everything but unreserved characters escaped.
fn encode(text: &str) -> String {
    let one = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The text of the first element with this name, at any depth.
fn first(xml: &str, name: &str) -> Option<String> {
    let mut document = Document::try_from(xml.as_bytes()).ok()?;
    let mut root = document.root_element().ok()?;
    search(&mut root, name)
}

fn search(within: &mut ScopedDecoder<'_, '_>, name: &str) -> Option<String> {
    while let Some(mut tag) = within.next_tag() {
        if tag.start_el().local() == name {
            return try_data(&mut tag).ok().map(|text| text.into_owned());
        }
        if let Some(found) = search(&mut tag, name) {
            return Some(found);
        }
    }
    None
}

/// The items of a list, each with these fields; fields that are not there are empty.
pub fn items<const N: usize>(xml: &str, list: &str, fields: [&str; N]) -> Outcome<Vec<[String; N]>> {
    let unreadable = || Failure::said("Unreadable answer", "EC2 answered something that is not the XML expected.");
    let mut document = Document::try_from(xml.as_bytes()).map_err(|_| unreadable())?;
    let mut root = document.root_element().map_err(|_| unreadable())?;
    let mut out = Vec::new();
    while let Some(mut tag) = root.next_tag() {
        if tag.start_el().local() != list {
            continue;
        }
        while let Some(mut item) = tag.next_tag() {
            let mut row = [const { String::new() }; N];
            while let Some(mut field) = item.next_tag() {
                let name = field.start_el().local().to_owned();
                let place = row.iter_mut().zip(fields).find(|(_, wanted)| *wanted == name);
                if let Some((place, _)) = place {
                    *place = try_data(&mut field).map_err(|_| unreadable())?.into_owned();
                }
            }
            out.push(row);
        }
    }
    Ok(out)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_past_what_is_nested_in_them() {
        let xml = "<R xmlns=\"x\"><requestId>1</requestId><zones><item><zoneName>a</zoneName><messageSet><item><message>m</message></item></messageSet><zoneId>i</zoneId></item><item><zoneName>b</zoneName></item></zones></R>";
        let found = items(xml, "zones", ["zoneName", "zoneId"]).unwrap();
        assert_eq!(found, [["a".to_owned(), "i".to_owned()], ["b".to_owned(), String::new()]]);
    }

    #[test]
    fn an_error_tells_code_and_message() {
        let xml = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>7</RequestID></Response>";
        assert_eq!(first(xml, "Code").as_deref(), Some("UnauthorizedOperation"));
        assert_eq!(first(xml, "RequestID").as_deref(), Some("7"));
        assert_eq!(first("not xml", "Code"), None);
    }

    #[test]
    fn forms_are_percent_encoded() {
        assert_eq!(encode("a b&c=é"), "a%20b%26c%3D%C3%A9");
    }
}
