//! The one HTTP client all SDK clients share: rustls, the system's certificates, proxies.

use super::settings::Settings;
use crate::diagnostics::{Diagnostic, Diagnostics};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient, http_client_fn};

/// Makes it.
pub fn client(settings: &Settings) -> Result<SharedHttpClient, Diagnostics> {
    let tls = tls(settings)?;
    let proxy = proxy(settings)?;
    let client = Builder::new().build_with_connector_fn(move |connector, components| {
        let mut builder = Connector::builder().proxy_config(proxy.clone());
        builder.set_connector_settings(connector.cloned());
        builder.set_sleep_impl(components.and_then(|c| c.sleep_impl()));
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    });
    // Wrapped, so that not every SDK client makes (and throws away) a connector with all certificates when it is built.
    Ok(http_client_fn(move |settings, components| client.http_connector(settings, components)))
}

fn tls(settings: &Settings) -> Result<TlsContext, Diagnostics> {
    let bundle = settings.ca_bundle.clone().or_else(|| std::env::var("AWS_CA_BUNDLE").ok()).filter(|p| !p.is_empty());
    let mut trust = TrustStore::default();
    if let Some(path) = bundle {
        let pem = std::fs::read(&path).map_err(|e| {
            Diagnostic::error("Cannot read the certificate bundle", format!("{path}: {e}."))
                .hint("Correct `custom_ca_bundle` or AWS_CA_BUNDLE.")
        })?;
        trust = trust.with_pem_certificate(pem);
    }
    TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|e| Diagnostic::error("Cannot set up TLS", e.to_string()).into())
}

fn proxy(settings: &Settings) -> Result<ProxyConfig, Diagnostics> {
    let bad = |e: &dyn std::fmt::Display| {
        Diagnostics::from(
            Diagnostic::error("Invalid proxy", e.to_string())
                .hint("Write it as http://host:port in http_proxy or https_proxy."),
        )
    };
    let mut proxy = match (&settings.https_proxy, &settings.http_proxy) {
        (Some(https), _) => ProxyConfig::https(https.as_str()).map_err(|e| bad(&e))?,
        (None, Some(http)) => ProxyConfig::all(http.as_str()).map_err(|e| bad(&e))?,
        (None, None) => return Ok(ProxyConfig::from_env()),
    };
    if let Some(rules) = &settings.no_proxy {
        proxy = proxy.no_proxy(rules);
    }
    Ok(proxy)
}
