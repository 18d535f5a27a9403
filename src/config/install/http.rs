//! HTTP for the installer: one agent, the system's certificates, proxies and `.netrc` from the environment, a few repetitions.

use super::failure::{Failure, at_path};
use super::netrc;
use crate::config::source::without_password;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use ureq::ResponseExt;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;

/// Larger answers are not read, in bytes: documents of registries, pages with a `terraform-get` tag.
const LARGEST_DOCUMENT: u64 = 32 << 20;
/// Larger archives are not downloaded, in bytes.
const LARGEST_ARCHIVE: u64 = 1 << 30;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a download may stand still.
const STALLED: Duration = Duration::from_secs(60);
/// Between two tries; it doubles.
const PAUSE: Duration = Duration::from_millis(500);

/// A client. Cheap until it is used.
pub(super) struct Http {
    agent: OnceLock<ureq::Agent>,
    netrc: Option<String>,
    /// How often a request is repeated when the server or the network fails.
    repetitions: u32,
    /// How long an answer of a registry may take.
    patience: Duration,
}

/// An answer.
pub(super) struct Answer {
    /// Where it really came from, after redirects.
    pub url: Url,
    /// Its status.
    pub status: u16,
    response: ureq::http::Response<ureq::Body>,
}

impl Answer {
    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty())
    }

    /// `404 Not Found`
    pub fn status_text(&self) -> String {
        self.response.status().to_string()
    }

    /// The body of a document.
    pub fn bytes(mut self) -> Result<Vec<u8>, Failure> {
        let url = without_password(self.url.as_str());
        let mut bytes = Vec::new();
        let reader = self.response.body_mut().with_config().limit(LARGEST_DOCUMENT).reader();
        let mut limited = reader.take(LARGEST_DOCUMENT);
        limited
            .read_to_end(&mut bytes)
            .map_err(|e| Failure::download(format!("The answer of {url} broke off: {e}.")))?;
        Ok(bytes)
    }
}

impl Http {
    /// `environment` holds HOME, NETRC, `TF_REGISTRY_CLIENT_TIMEOUT` (seconds) and `TF_REGISTRY_DISCOVERY_RETRY`.
    pub fn new(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let number = |name: &str| environment(name).and_then(|v| v.parse::<u32>().ok()).filter(|n| *n > 0);
        Http {
            agent: OnceLock::new(),
            netrc: netrc::text(environment),
            repetitions: number("TF_REGISTRY_DISCOVERY_RETRY").unwrap_or(1),
            patience: Duration::from_secs(u64::from(number("TF_REGISTRY_CLIENT_TIMEOUT").unwrap_or(10))),
        }
    }

    fn agent(&self) -> &ureq::Agent {
        self.agent.get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            let certificates: Vec<Certificate<'static>> =
                found.certs.iter().map(|c| Certificate::from_der(c.as_ref()).to_owned()).collect();
            // Containers without certificates still reach public hosts.
            let roots =
                if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::new_with_certs(&certificates) };
            let config = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .user_agent(concat!("pipewright/", env!("CARGO_PKG_VERSION")))
                .tls_config(TlsConfig::builder().root_certs(roots).build())
                .timeout_connect(Some(CONNECT))
                .timeout_per_read(Some(STALLED))
                .max_redirects(10)
                .build();
            config.new_agent()
        })
    }

    /// Asks a registry or a discovery document, with a token if there is one.
    pub fn ask(&self, url: &Url, token: Option<&str>) -> Result<Answer, Failure> {
        let mut headers = vec![
            ("Accept", "application/json".to_owned()),
            ("X-Terraform-Version", crate::config::version::TERRAFORM_VERSION.to_owned()),
        ];
        headers.extend(token.map(|token| ("Authorization", format!("Bearer {token}"))));
        self.repeated(url, &headers, Some(self.patience))
    }

    /// Gets a page or an archive.
    pub fn get(&self, url: &Url) -> Result<Answer, Failure> {
        self.repeated(url, &[], None)
    }

    fn repeated(&self, url: &Url, headers: &[(&str, String)], limit: Option<Duration>) -> Result<Answer, Failure> {
        let mut pause = PAUSE;
        for _ in 0..self.repetitions {
            match self.once(url, headers, limit) {
                Ok(answer) if !matches!(answer.status, 429 | 500 | 502..=504) => return Ok(answer),
                // A name that is not there will not be there in a second either.
                Err((_, false)) => break,
                _ => std::thread::sleep(pause),
            }
            pause *= 2;
        }
        self.once(url, headers, limit).map_err(|(failure, _)| failure)
    }

    /// One try. The error says whether another may succeed.
    fn once(&self, url: &Url, headers: &[(&str, String)], limit: Option<Duration>) -> Result<Answer, (Failure, bool)> {
        let (bare, user) = apart(url);
        let mut request = self.agent().get(bare.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let host = bare.host_str().unwrap_or_default();
        let user = user.or_else(|| self.netrc.as_deref().and_then(|text| netrc::find(text, host)));
        if let Some((name, password)) = user.filter(|_| !headers.iter().any(|(name, _)| *name == "Authorization")) {
            let encoded = BASE64_STANDARD.encode(format!("{name}:{password}"));
            request = request.header("Authorization", format!("Basic {encoded}"));
        }
        let request = if limit.is_some() { request.config().timeout_global(limit).build() } else { request };
        let response = request.call().map_err(|e| {
            let again = !matches!(e, ureq::Error::HostNotFound | ureq::Error::BadUri(_) | ureq::Error::Rustls(_));
            (unreachable(&bare, &e), again)
        })?;
        let came_from = Url::parse(&response.get_uri().to_string()).unwrap_or_else(|_| bare.clone());
        Ok(Answer { url: came_from, status: response.status().as_u16(), response })
    }

    /// Downloads to a file. `stop` is asked again and again.
    pub fn download(&self, url: &Url, into: &Path, stop: &dyn Fn() -> bool) -> Result<(), Failure> {
        let mut answer = self.get(url)?;
        if answer.status != 200 {
            return Err(refused(url, &answer));
        }
        let expected = answer.header("content-length").and_then(|l| l.parse::<u64>().ok());
        let compressed = answer.header("content-encoding").is_some();
        let mut file = std::fs::File::create(into).map_err(at_path(into))?;
        let mut reader = answer.response.body_mut().with_config().limit(LARGEST_ARCHIVE + 1).reader();
        let mut buffer = vec![0; 64 << 10];
        let mut total = 0u64;
        loop {
            if stop() {
                return Err(Failure::interrupted());
            }
            let broken =
                |e| Failure::download(format!("The download of {} broke off: {e}.", without_password(url.as_str())));
            let read = reader.read(&mut buffer).map_err(broken)?;
            let Some(chunk) = buffer.get(..read).filter(|c| !c.is_empty()) else { break };
            total += read as u64;
            if total > LARGEST_ARCHIVE {
                return Err(Failure::download(format!("The archive is larger than {} MiB.", LARGEST_ARCHIVE >> 20))
                    .titled("Module archive too large"));
            }
            file.write_all(chunk).map_err(at_path(into))?;
        }
        match expected {
            Some(expected) if !compressed && total < expected => Err(Failure::download(format!(
                "The download of {} broke off after {total} of {expected} bytes.",
                without_password(url.as_str())
            ))),
            _ => Ok(()),
        }
    }
}

/// A URL and the user inside it.
fn apart(url: &Url) -> (Url, Option<(String, String)>) {
    if url.username().is_empty() {
        return (url.clone(), None);
    }
    let plain = |text: &str| {
        let pair = format!("v={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
    };
    let user = (plain(url.username()), plain(url.password().unwrap_or_default()));
    let mut bare = url.clone();
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    (bare, Some(user))
}

/// An answer that is not the wanted one.
pub(super) fn refused(url: &Url, answer: &Answer) -> Failure {
    let shown = without_password(url.as_str());
    let failure = Failure::download(format!("{shown} answered {}.", answer.status_text()));
    match answer.status {
        401 | 403 => failure.hint("Put the user and password or token for this host into ~/.netrc."),
        404 | 410 => failure.hint("Check the address for typing errors, and whether the version was published."),
        429 | 500..=599 => failure.hint("The server has a problem; try again later."),
        _ => failure,
    }
}

fn unreachable(url: &Url, error: &ureq::Error) -> Failure {
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    let why = match error {
        ureq::Error::HostNotFound => "there is no host of this name".to_owned(),
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        ureq::Error::TooManyRedirects => "it redirects more than ten times".to_owned(),
        other => other.to_string(),
    };
    let failure = Failure::download(format!("{host} cannot be reached: {why}."));
    match error {
        ureq::Error::Rustls(_) => {
            failure.hint("If its certificate is signed by your own authority, name that in SSL_CERT_FILE.")
        }
        _ => failure.hint("Check the name, the network, and the proxy (HTTPS_PROXY, NO_PROXY)."),
    }
}
