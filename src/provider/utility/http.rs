//! hashicorp/http: the data source `http`.

use super::attribute::{Attr, Kind, computed, optional, required};
use super::{Data, Spec, at_least, conflicts, is_set, text, wrong};
use crate::address::ResourceInstance;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Fields, Type, Value};
use crate::provider::Progress;
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

pub(super) static SPEC: Spec = Spec { name: "http", version: "3.6.0", resources: &[], data: &[&Http] };

struct Http;

/// Larger answers are not read, in bytes.
const LARGEST: u64 = 256 << 20;
/// Pauses between tries without settings of their own.
const PAUSE: (u64, u64) = (1000, 30_000);

#[async_trait(?Send)]
impl Data for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn attributes(&self) -> &'static [Attr] {
        const {
            &[
                computed("body", Kind::Text).outdated(),
                optional("ca_cert_pem", Kind::Text),
                optional("client_cert_pem", Kind::Text),
                optional("client_key_pem", Kind::Text),
                computed("id", Kind::Text),
                optional("insecure", Kind::Bool),
                optional("method", Kind::Text),
                optional("request_body", Kind::Text),
                optional("request_headers", Kind::TextMap),
                optional("request_timeout_ms", Kind::Int),
                computed("response_body", Kind::Text),
                computed("response_body_base64", Kind::Text),
                computed("response_headers", Kind::TextMap),
                computed("status_code", Kind::Int),
                required("url", Kind::Text),
            ]
        }
    }

    fn blocks(&self) -> Vec<(&'static str, NestedBlock)> {
        let number = || Attribute {
            ty: Type::Number,
            required: false,
            optional: true,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
        };
        let names = ["attempts", "max_delay_ms", "min_delay_ms"];
        let attributes = names.into_iter().map(|name| (Arc::from(name), number())).collect();
        let block = Block { attributes, ..Block::default() };
        vec![("retry", NestedBlock { nesting: Nesting::Single, block, min_items: 0, max_items: 0 })]
    }

    fn check(&self, config: &Value, found: &mut Diagnostics) {
        if let Some(method) = config.get("method").and_then(Value::as_str)
            && !["GET", "POST", "HEAD"].contains(&method)
        {
            let text = format!("Attribute method value must be one of: [\"GET\" \"POST\" \"HEAD\"], got: {method:?}");
            found.push(wrong("method", "Invalid Attribute Value Match", text));
        }
        at_least(config, "request_timeout_ms", 1, found);
        conflicts(config, "ca_cert_pem", &["insecure"], found);
        for (name, other) in [("client_cert_pem", "client_key_pem"), ("client_key_pem", "client_cert_pem")] {
            if is_set(config, name) && !is_set(config, other) {
                let text = format!("Attribute \"{other}\" must be specified when \"{name}\" is specified");
                found.push(wrong(name, "Invalid Attribute Combination", text));
            }
        }
        if let Some(retry) = config.get("retry").filter(|r| !r.is_null() && r.is_known()) {
            ["attempts", "min_delay_ms", "max_delay_ms"].iter().for_each(|name| at_least(retry, name, 0, found));
            let number = |name: &str| retry.get(name).and_then(Value::as_i64);
            if let (Some(min), Some(max)) = (number("min_delay_ms"), number("max_delay_ms"))
                && max < min
            {
                let text = format!(
                    "Attribute retry.max_delay_ms value must be at least sum of retry.min_delay_ms, got: {max}"
                );
                found.push(wrong("retry", "Invalid Attribute Value", text));
            }
        }
    }

    async fn read(
        &self,
        _: &ResourceInstance,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics> {
        let request = Request::of(config)?;
        let answer = request.send(progress).await?;
        let mut warnings = Diagnostics::new();
        if std::str::from_utf8(&answer.body).is_err() {
            warnings.push(Diagnostic::warning(
                "Response body is not recognized as UTF-8",
                "Pipewright may not properly handle the response_body if the contents are binary.",
            ));
        }
        let body = Value::string_normalized(&String::from_utf8_lossy(&answer.body));
        let headers: Fields =
            answer.headers.iter().map(|(name, v)| (Arc::from(name.as_str()), Value::string(v.as_str()))).collect();
        let computed = vec![
            ("id", Value::string(request.url.clone())),
            ("response_body", body.clone()),
            ("body", body),
            ("response_body_base64", Value::string(STANDARD.encode(&answer.body))),
            ("response_headers", Value::map(Type::String, headers)),
            ("status_code", Value::number(i64::from(answer.status))),
        ];
        Ok((computed, warnings))
    }
}

/// What is asked.
#[derive(Clone)]
struct Request {
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    agent: ureq::Agent,
    /// Tries after the first.
    retries: u64,
    /// Shortest and longest pause between tries, in milliseconds.
    pause: (u64, u64),
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    fn of(config: &Value) -> Result<Self, Diagnostics> {
        let headers = config.get("request_headers").and_then(Value::fields).into_iter().flatten();
        let headers = headers.filter_map(|(name, v)| Some((name.to_string(), v.as_str()?.to_owned()))).collect();
        let number =
            |from: &Value, name: &str| from.get(name).and_then(Value::as_i64).and_then(|n| u64::try_from(n).ok());
        let nothing = Value::null(Type::Dynamic);
        let retry = config.get("retry").unwrap_or(&nothing);
        let method = text(config, "method");
        let timeout = number(config, "request_timeout_ms").map(Duration::from_millis);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(tls(config)?)
            .timeout_global(timeout)
            .allow_non_standard_methods(true)
            .build()
            .new_agent();
        Ok(Request {
            url: text(config, "url").to_owned(),
            method: if method.is_empty() { "GET".to_owned() } else { method.to_owned() },
            headers,
            body: config.get("request_body").and_then(Value::as_str).map(str::to_owned),
            agent,
            retries: number(retry, "attempts").unwrap_or_default(),
            pause: (number(retry, "min_delay_ms").unwrap_or(PAUSE.0), number(retry, "max_delay_ms").unwrap_or(PAUSE.1)),
        })
    }

    /// Asks again after failures of the network and of the server, as often as is allowed.
    async fn send(&self, progress: &dyn Progress) -> Result<Answer, Diagnostics> {
        let mut tried = 0;
        loop {
            let request = self.clone();
            let answer = tokio::task::spawn_blocking(move || request.once()).await;
            let answer = answer.unwrap_or_else(|e| Err(e.to_string()));
            let again = match &answer {
                Ok(answer) => answer.status == 0 || (answer.status >= 500 && answer.status != 501),
                Err(_) => true,
            };
            if !again || tried >= self.retries || progress.interrupted() {
                let failed = |why| Diagnostic::error("Error making request", format!("Error making request: {why}"));
                return match answer {
                    // After tries that were allowed and in vain, an answer of the server's failure is an error.
                    Ok(answer) if again && self.retries > 0 => {
                        let why = format!(
                            "{} {} giving up after {} attempt(s): {}",
                            self.method,
                            self.url,
                            tried + 1,
                            answer.status
                        );
                        Err(failed(why).into())
                    }
                    Ok(answer) => Ok(answer),
                    Err(why) => Err(failed(why).into()),
                };
            }
            let pause = self.pause.0.saturating_mul(1 << tried.min(20)).min(self.pause.1);
            progress.waiting(&format!("{} failed (attempt {})", self.url, tried + 1));
            tokio::time::sleep(Duration::from_millis(pause)).await;
            tried += 1;
        }
    }

    fn once(&self) -> Result<Answer, String> {
        let mut request = ureq::http::Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sent = match &self.body {
            Some(body) => self.agent.run(request.body(body.clone()).map_err(|e| e.to_string())?),
            None => self.agent.run(request.body(()).map_err(|e| e.to_string())?),
        };
        let mut response = sent.map_err(|e| format!("{} \"{}\": {e}", self.method, self.url))?;
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let joined = headers.entry(canonical(name.as_str())).or_default();
            if !joined.is_empty() {
                joined.push_str(", ");
            }
            joined.push_str(&value);
        }
        let body = response.body_mut().with_config().limit(LARGEST).read_to_vec();
        let body = body.map_err(|e| format!("Error reading response body: {e}"))?;
        Ok(Answer { status: response.status().as_u16(), headers, body })
    }
}

/// `content-type` as `Content-Type`.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        chars
            .next()
            .map(|c| c.to_ascii_uppercase().to_string() + &chars.as_str().to_ascii_lowercase())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join("-")
}

fn tls(config: &Value) -> Result<TlsConfig, Diagnostics> {
    let mut builder = TlsConfig::builder();
    let roots = match config.get("ca_cert_pem").and_then(Value::as_str) {
        Some(pem) => vec![Certificate::from_pem(pem.as_bytes()).map_err(|_| {
            let text = "Error tls: Can't add the CA certificate to certificate pool. Only PEM encoded certificates are supported.";
            Diagnostics::from(Diagnostic::error("Error configuring TLS client", text))
        })?],
        None => {
            let found = rustls_native_certs::load_native_certs();
            found.certs.iter().map(|c| Certificate::from_der(c.as_ref()).to_owned()).collect()
        }
    };
    builder = builder.root_certs(match roots.is_empty() {
        true => RootCerts::WebPki,
        false => RootCerts::new_with_certs(&roots),
    });
    if config.get("insecure").and_then(Value::as_bool) == Some(true) {
        builder = builder.disable_verification(true);
    }
    let (certificate, key) = (text(config, "client_cert_pem"), text(config, "client_key_pem"));
    if !certificate.is_empty() && !key.is_empty() {
        let wrong = |e: ureq::Error| {
            let text = format!("error creating x509 key pair from provided pem blocks\n\nError: {e}");
            Diagnostics::from(Diagnostic::error("error creating x509 key pair", text))
        };
        let certificate = Certificate::from_pem(certificate.as_bytes()).map_err(wrong)?;
        let key = PrivateKey::from_pem(key.as_bytes()).map_err(wrong)?;
        builder = builder.client_cert(Some(ClientCert::new_with_certs(&[certificate], key)));
    }
    Ok(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_written_as_go_writes_them() {
        assert_eq!(canonical("content-type"), "Content-Type");
        assert_eq!(canonical("X-AMZ-id"), "X-Amz-Id");
    }
}
