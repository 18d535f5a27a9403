//! Profiles whose credentials come from IAM Identity Center (SSO) work as long as the person's session there does. Only the person can
//! begin a new one, so what the SDK says of tokens and caches is told as that.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::error::display::DisplayErrorContext;
use std::error::Error;

/// Why a profile's session cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was never begun on this machine, or signed out of.
    Missing,
    /// Its time is over.
    Expired,
}

/// A session that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The profile that asks for it.
    pub profile: String,
    /// Why not.
    pub why: Why,
}

impl std::fmt::Display for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.why {
            Why::Missing => write!(f, "profile {} is not signed in to SSO", self.profile),
            Why::Expired => write!(f, "the SSO session of profile {} has expired", self.profile),
        }
    }
}

impl Error for SignIn {}

impl SignIn {
    /// The one among an error's causes.
    pub fn among<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a SignIn> {
        let mut at = Some(error);
        while let Some(cause) = at {
            if let Some(found) = cause.downcast_ref() {
                return Some(found);
            }
            at = cause.source();
        }
        None
    }

    /// What the SDK's words amount to. Neither its errors of tokens nor those of their cache have a public type.
    fn told_by(error: &CredentialsError, profile: &str) -> Option<Self> {
        let words = DisplayErrorContext(error).to_string();
        let says = |text: &str| words.contains(text);
        let why = if says("the SSO token has expired") || says("UnauthorizedException") {
            Why::Expired
        } else if says("failed to load the cached SSO token") || says("cached SSO token file") || says("/sso/cache/") {
            Why::Missing
        } else {
            return None;
        };
        Some(SignIn { profile: profile.to_owned(), why })
    }
}

/// Credentials of a profile, whose errors tell when it is the person's turn.
#[derive(Debug)]
pub struct OfProfile {
    inner: SharedCredentialsProvider,
    profile: String,
}

impl OfProfile {
    /// `profile` as named in the provider block, else as the environment names it.
    pub fn new(inner: SharedCredentialsProvider, profile: Option<&str>) -> Self {
        let named = || ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].iter().find_map(|name| std::env::var(name).ok());
        let profile = profile.map(str::to_owned).or_else(named).filter(|p| !p.is_empty());
        OfProfile { inner, profile: profile.unwrap_or_else(|| "default".into()) }
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let answer = self.inner.provide_credentials().await;
        answer.map_err(|error| match SignIn::told_by(&error, &self.profile) {
            Some(sign_in) => CredentialsError::provider_error(sign_in),
            None => error,
        })
    }
}

impl ProvideCredentials for OfProfile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.inner.fallback_on_interrupt()
    }
}
