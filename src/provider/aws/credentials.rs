//! Region, credentials and retries as the AWS SDKs find them (provider block, environment, shared files, profile, SSO, web identity,
//! container, instance), then the chain of roles the provider block asks to assume.

// The new names of the profile file types live in a crate that is no dependency of ours.
#![allow(deprecated)]

use super::retries::GiveUpEarly;
use super::settings::{AssumeRole, Settings, WebIdentity};
use super::sign_in::{OfProfile, SignIn};
use crate::diagnostics::{Diagnostic, Diagnostics};
use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::{Duration, SystemTime};

/// Tries of a throttled call when neither the provider block nor AWS_MAX_ATTEMPTS says (the original provider's default).
const MAX_ATTEMPTS: u32 = 25;

/// Loads everything that is not asked of AWS itself.
pub async fn load(settings: &Settings, http: SharedHttpClient) -> Result<SdkConfig, Diagnostics> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let files = files(settings)?;
    if let Some(files) = files.clone() {
        loader = loader.profile_files(files);
    }
    if let Some(profile) = &settings.profile {
        // A profile named in the provider block goes before credentials in the environment.
        let region = match &settings.region {
            Some(region) => Some(Region::new(region.clone())),
            None => region_of(profile, files.clone()).await,
        };
        let config = ProviderConfig::default()
            .with_http_client(http)
            .with_region(region)
            .with_use_fips(settings.fips)
            .with_use_dual_stack(settings.dualstack);
        let mut provider = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile);
        if let Some(files) = files {
            provider = provider.profile_files(files);
        }
        loader = loader.profile_name(profile).credentials_provider(provider.build());
    }
    if let Some((id, secret, token)) = &settings.keys {
        loader = loader.credentials_provider(Credentials::new(id, secret, token.clone(), None, "provider block"));
    }
    if let Some(fips) = settings.fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dualstack) = settings.dualstack {
        loader = loader.use_dual_stack(dualstack);
    }
    let sdk = loader.load().await;
    let mut with = sdk.to_builder().retry_config(retries(settings, sdk.retry_config()));
    if let Some(credentials) = sdk.credentials_provider() {
        let explained = OfProfile::new(credentials, settings.profile.as_deref());
        with = with.credentials_provider(SharedCredentialsProvider::new(explained));
    }
    Ok(assume(with.build(), settings))
}

/// The region in which a profile's roles are assumed: of the environment, else its own.
async fn region_of(profile: &str, files: Option<ProfileFiles>) -> Option<Region> {
    let mut own = ProfileFileRegionProvider::builder().profile_name(profile);
    if let Some(files) = files {
        own = own.profile_files(files);
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(own.build()).region().await
}

/// The shared files, where the block says something about them: which they are, or the endpoints by which profiles get credentials.
fn files(settings: &Settings) -> Result<Option<ProfileFiles>, Diagnostics> {
    let endpoints = profile_endpoints(settings);
    if settings.config_files.is_empty() && settings.credentials_files.is_empty() && endpoints.is_none() {
        return Ok(None);
    }
    let mut files = ProfileFiles::builder();
    let kinds = [
        (&settings.config_files, ProfileFileKind::Config, "shared_config_files"),
        (&settings.credentials_files, ProfileFileKind::Credentials, "shared_credentials_files"),
    ];
    for (paths, kind, argument) in kinds {
        for path in paths {
            let path = home(path);
            if !std::path::Path::new(&path).is_file() {
                return Err(Diagnostic::error(
                    "Shared file not found",
                    format!("`{argument}` names {path}, which is not there."),
                )
                .hint("Correct the path, or leave the argument out to use the default files.")
                .into());
            }
            files = files.with_file(kind, path);
        }
    }
    if settings.config_files.is_empty() {
        files = files.include_default_config_file(true);
    }
    if settings.credentials_files.is_empty() {
        files = files.include_default_credentials_file(true);
    }
    if let Some(text) = endpoints {
        files = files.with_contents(ProfileFileKind::Config, text);
    }
    Ok(Some(files.build()))
}

/// The endpoints of the provider block for what profiles ask (SSO, STS), written as the end of a shared config file: the SDK takes them from
/// nowhere else. A profile's own `services` are then of no effect on these calls.
fn profile_endpoints(settings: &Settings) -> Option<String> {
    let profile = settings.profile.as_deref()?;
    let urls = [("sso", settings.endpoint(&["sso"])), ("sts", settings.endpoint(&["sts"]))];
    let urls: String = urls
        .iter()
        .filter_map(|(service, url)| Some(format!("{service} =\n  endpoint_url = {}\n", url.as_ref()?)))
        .collect();
    let section = match profile {
        "default" => "default".to_owned(),
        other => format!("profile {other}"),
    };
    (!urls.is_empty())
        .then(|| format!("[{section}]\nservices = of-the-provider-block\n[services of-the-provider-block]\n{urls}"))
}

fn home(path: &str) -> String {
    match (path.strip_prefix("~/"), std::env::var("HOME")) {
        (Some(rest), Ok(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

fn retries(settings: &Settings, loaded: Option<&RetryConfig>) -> RetryConfig {
    let said = std::env::var("AWS_MAX_ATTEMPTS").is_ok();
    let attempts = match (settings.max_retries, loaded) {
        (Some(n), _) => n.saturating_add(1),
        (None, Some(loaded)) if said => loaded.max_attempts(),
        _ => MAX_ATTEMPTS,
    };
    let adaptive = settings.adaptive.unwrap_or_else(|| loaded.is_some_and(|l| l.mode() == RetryMode::Adaptive));
    let base = if adaptive { RetryConfig::adaptive() } else { RetryConfig::standard() };
    base.with_max_attempts(attempts.max(1)).with_max_backoff(Duration::from_secs(20))
}

/// STS as configured, for calls and for assuming roles.
pub fn sts_client(sdk: &SdkConfig, settings: &Settings) -> aws_sdk_sts::Client {
    let mut config = aws_sdk_sts::config::Builder::from(sdk).interceptor(GiveUpEarly);
    if let Some(region) = &settings.sts_region {
        config = config.region(Region::new(region.clone()));
    }
    if let Some(url) = settings.endpoint(&["sts"]) {
        config = config.endpoint_url(url);
    }
    aws_sdk_sts::Client::from_conf(config.build())
}

/// Wraps the credentials in the roles to assume: web identity first, then each `assume_role` block by those before it.
fn assume(mut sdk: SdkConfig, settings: &Settings) -> SdkConfig {
    if let Some(identity) = &settings.web_identity {
        let provider = ByToken { sts: sts_client(&sdk, settings), identity: identity.clone() };
        sdk = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    for role in &settings.assume_role {
        let provider = ByRole { sts: sts_client(&sdk, settings), role: role.clone() };
        sdk = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build();
    }
    sdk
}

fn session_name(given: Option<&String>) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    given.cloned().unwrap_or_else(|| format!("pipewright-{}", since.as_millis()))
}

fn seconds(duration: Option<Duration>) -> Option<i32> {
    duration.and_then(|d| i32::try_from(d.as_secs()).ok())
}

fn taken(credentials: Option<aws_sdk_sts::types::Credentials>) -> Result<Credentials, CredentialsError> {
    let c = credentials.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    let expires = SystemTime::try_from(c.expiration).ok();
    Ok(Credentials::new(c.access_key_id, c.secret_access_key, Some(c.session_token), expires, "assumed role"))
}

fn arns(arns: &[String]) -> Option<Vec<aws_sdk_sts::types::PolicyDescriptorType>> {
    let all: Vec<_> =
        arns.iter().map(|arn| aws_sdk_sts::types::PolicyDescriptorType::builder().arn(arn).build()).collect();
    Some(all).filter(|all| !all.is_empty())
}

fn refused(role: &str, error: &(dyn std::error::Error + 'static)) -> CredentialsError {
    if let Some(sign_in) = SignIn::among(error) {
        return CredentialsError::provider_error(sign_in.clone());
    }
    let words = aws_smithy_types::error::display::DisplayErrorContext(error).to_string();
    CredentialsError::provider_error(format!("cannot assume the role {role}: {words}"))
}

#[derive(Debug)]
struct ByRole {
    sts: aws_sdk_sts::Client,
    role: AssumeRole,
}

impl ByRole {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let r = &self.role;
        let tags: Result<Vec<_>, _> =
            r.tags.iter().map(|(k, v)| aws_sdk_sts::types::Tag::builder().key(k).value(v).build()).collect();
        let tags = tags.map_err(CredentialsError::invalid_configuration)?;
        let keys = Some(r.transitive_tag_keys.clone()).filter(|k| !k.is_empty());
        let answer = self
            .sts
            .assume_role()
            .role_arn(&r.role_arn)
            .role_session_name(session_name(r.session_name.as_ref()))
            .set_duration_seconds(seconds(r.duration))
            .set_external_id(r.external_id.clone())
            .set_policy(r.policy.clone())
            .set_policy_arns(arns(&r.policy_arns))
            .set_source_identity(r.source_identity.clone())
            .set_tags(Some(tags).filter(|t| !t.is_empty()))
            .set_transitive_tag_keys(keys)
            .send()
            .await;
        taken(answer.map_err(|e| refused(&r.role_arn, &e))?.credentials)
    }
}

impl ProvideCredentials for ByRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[derive(Debug)]
struct ByToken {
    sts: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl ByToken {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let w = &self.identity;
        let token = match (&w.token, &w.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(path)) => std::fs::read_to_string(home(path)).map_err(|e| {
                CredentialsError::invalid_configuration(format!("cannot read the token file {path}: {e}"))
            })?,
            (None, None) => {
                return Err(CredentialsError::invalid_configuration(
                    "assume_role_with_web_identity needs web_identity_token or web_identity_token_file",
                ));
            }
        };
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&w.role_arn)
            .role_session_name(session_name(w.session_name.as_ref()))
            .web_identity_token(token.trim())
            .set_duration_seconds(seconds(w.duration))
            .set_policy(w.policy.clone())
            .set_policy_arns(arns(&w.policy_arns))
            .send()
            .await;
        taken(answer.map_err(|e| refused(&w.role_arn, &e))?.credentials)
    }
}

impl ProvideCredentials for ByToken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
