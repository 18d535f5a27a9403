//! The one place where an SDK error becomes a [`Diagnostic`]: with the operation, the AWS code, the message, the request id and what to do.

use super::sign_in::{SignIn, Why};
use crate::diagnostics::{AttributeStep, Diagnostic};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Result of anything that talks to AWS. `?` takes every SDK error.
pub type Outcome<T> = Result<T, Failure>;

/// Why it failed.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A call to AWS.
    Call(Box<CallError>),
    /// Something this program says itself.
    Said(Box<Diagnostic>),
}

/// What kept a call from succeeding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// AWS answered with an error.
    Answered,
    /// No connection to the endpoint.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// Credentials could not be had.
    Credentials,
    /// The request could not be built or the answer not be read.
    Malformed,
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct CallError {
    /// Endpoint prefix as IAM names the service: `iam`, `s3`, `codepipeline`.
    pub service: String,
    /// `CreateRole`.
    pub operation: String,
    /// What kept it from succeeding.
    pub reason: Reason,
    /// `EntityAlreadyExists`; empty without an answer.
    pub code: String,
    /// AWS's words, or the transport's.
    pub message: String,
    /// For AWS support.
    pub request_id: Option<String>,
    /// Of the answer.
    pub status: Option<u16>,
    /// The session the person has to begin first.
    pub sign_in: Option<SignIn>,
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Failure::Call(Box::new(CallError::new(&error)))
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::Said(Box::new(diagnostic))
    }
}

impl From<aws_smithy_types::error::operation::BuildError> for Failure {
    fn from(error: aws_smithy_types::error::operation::BuildError) -> Self {
        Diagnostic::error(
            "Incomplete request",
            format!("A request to AWS could not be built: {}.", DisplayErrorContext(&error)),
        )
        .into()
    }
}

impl Failure {
    /// An error with a title and whole sentences.
    pub fn said(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::error(summary, detail).into()
    }

    /// The failed call, if it was one.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Failure::Call(call) => Some(call),
            Failure::Said(_) => None,
        }
    }

    /// AWS's error code; empty if there is none.
    pub fn code(&self) -> &str {
        self.call().map_or("", |c| c.code.as_str())
    }

    /// AWS's message; empty if there is none.
    pub fn message(&self) -> &str {
        self.call().map_or("", |c| c.message.as_str())
    }

    /// Whether AWS answered with one of these codes.
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code())
    }

    /// Whether AWS answered with this code and a message that contains the text.
    pub fn says(&self, code: &str, text: &str) -> bool {
        self.code() == code && self.message().contains(text)
    }

    /// Whether the caller may not do this.
    pub fn is_denied(&self) -> bool {
        is_denied(self.code()) || self.call().is_some_and(|c| c.code.is_empty() && c.status == Some(403))
    }

    /// What is told to the person. `doing` opens the sentence: `creating aws_iam_role "x"`.
    pub fn diagnostic(&self, doing: &str) -> Diagnostic {
        match self {
            Failure::Said(diagnostic) => Diagnostic::clone(diagnostic),
            Failure::Call(call) => call.diagnostic(doing),
        }
    }

    /// The attribute concerned, for errors of this program.
    #[must_use]
    pub fn attribute(self, name: &str) -> Self {
        match self {
            Failure::Said(d) => d.attribute(vec![AttributeStep::Name(name.to_owned())]).into(),
            call @ Failure::Call(_) => call,
        }
    }
}

/// Turns "it is not there" answers into `None`.
pub trait OrGone<T> {
    /// `None` when AWS answered with one of these codes.
    fn or_gone(self, codes: &[&str]) -> Outcome<Option<T>>;
}

impl<T, E> OrGone<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn or_gone(self, codes: &[&str]) -> Outcome<Option<T>> {
        self.map_err(Failure::from).or_gone(codes)
    }
}

impl<T> OrGone<T> for Outcome<T> {
    fn or_gone(self, codes: &[&str]) -> Outcome<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.is(codes) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

fn is_denied(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "UnauthorizedException"
            | "InsufficientPrivilegesException"
    )
}

impl CallError {
    fn new<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (service, operation) = origin(std::any::type_name::<E>());
        let response = error.raw_response();
        let status = response.map(|r| r.status().as_u16());
        let header = |name: &str| response.and_then(|r| r.headers().get(name)).map(str::to_owned);
        let mut request_id = error.meta().extra("aws_request_id").map(str::to_owned);
        request_id = request_id.or_else(|| header("x-amzn-requestid")).or_else(|| header("x-amz-request-id"));
        let text = DisplayErrorContext(error).to_string();
        let (reason, message) = match error {
            SdkError::ServiceError(_) => (Reason::Answered, error.message().unwrap_or_default().to_owned()),
            SdkError::TimeoutError(_) => (Reason::TimedOut, chain(error)),
            SdkError::DispatchFailure(failure) => {
                let credentials = text.contains("dentity") || text.contains("redentials");
                let reason = match (credentials, failure.is_timeout()) {
                    (true, _) => Reason::Credentials,
                    (_, true) => Reason::TimedOut,
                    _ => Reason::Unreachable,
                };
                (reason, chain(error))
            }
            _ if text.contains("credentials") => (Reason::Credentials, chain(error)),
            _ => (Reason::Malformed, chain(error)),
        };
        let mut code = error.code().unwrap_or_default().to_owned();
        if let Some((_, last)) = code.rsplit_once('#') {
            code = last.to_owned();
        }
        if code.is_empty() && status == Some(404) {
            code = "NotFound".into();
        }
        let sign_in = SignIn::among(error).cloned();
        CallError { service, operation, reason, code, message, request_id, status, sign_in }
    }

    /// A call that was not made, because the person has to begin a session first.
    pub fn signed_out(service: &str, operation: &str, sign_in: SignIn) -> Self {
        CallError {
            service: service.into(),
            operation: operation.into(),
            reason: Reason::Credentials,
            code: String::new(),
            message: sign_in.to_string(),
            request_id: None,
            status: None,
            sign_in: Some(sign_in),
        }
    }

    /// The IAM action a caller needs for this operation. Where S3 names them otherwise than the operation, the table tells.
    pub fn action(&self) -> String {
        const RENAMED: &[(&str, &str)] = &[
            ("s3:HeadBucket", "s3:ListBucket"),
            ("s3:ListObjectsV2", "s3:ListBucket"),
            ("s3:ListObjectVersions", "s3:ListBucketVersions"),
            ("s3:DeleteObjects", "s3:DeleteObject"),
            ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
            ("s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
            ("s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
            ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
            ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
            ("s3:DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
            ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
            ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
            ("s3:DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
            ("s3:GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
            ("s3:PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"),
            ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
            ("s3:PutBucketReplication", "s3:PutReplicationConfiguration"),
            ("s3:DeleteBucketReplication", "s3:PutReplicationConfiguration"),
            ("s3:GetBucketCors", "s3:GetBucketCORS"),
            ("s3:PutBucketCors", "s3:PutBucketCORS"),
            ("s3:DeleteBucketCors", "s3:PutBucketCORS"),
            ("s3:GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
            ("s3:PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
            ("s3:DeleteBucketTagging", "s3:PutBucketTagging"),
            ("iam:UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy"),
        ];
        let plain = format!("{}:{}", self.service, self.operation);
        RENAMED.iter().find(|(operation, _)| *operation == plain).map_or(plain, |(_, action)| (*action).to_owned())
    }

    fn diagnostic(&self, doing: &str) -> Diagnostic {
        let subject = uppercase_first(doing);
        let id = self.request_id.as_ref().map(|id| format!(" (request id {id})")).unwrap_or_default();
        let call = format!("{}:{}", self.service, self.operation);
        match self.reason {
            Reason::Answered => {
                let code = if self.code.is_empty() { "an error" } else { &self.code };
                let words = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
                let detail = format!("{subject}: {call} answered {code}{words}{id}");
                let summary = if is_denied(&self.code) || self.status == Some(403) && self.hint().is_none() {
                    format!("Not allowed to call {call}")
                } else {
                    format!("{call} failed: {code}")
                };
                let diagnostic = Diagnostic::error(summary, detail);
                match self.hint() {
                    Some(hint) => diagnostic.hint(hint),
                    None => diagnostic,
                }
            }
            Reason::Unreachable => Diagnostic::error(
                format!("Cannot reach {}", self.service),
                format!("{subject}: {call} got no connection to its endpoint: {}{}", self.message, endpoint_override()),
            )
            .hint("Check the network, the proxy, `region`, and any `endpoints` block or AWS_ENDPOINT_URL that names this endpoint."),
            Reason::TimedOut => Diagnostic::error(
                format!("No answer from {}", self.service),
                format!("{subject}: {call} was not answered in time: {}", self.message),
            )
            .hint("Check the network and the endpoint; run again when it answers."),
            Reason::Credentials => match &self.sign_in {
                Some(sign_in) => signed_out(sign_in),
                None => no_credentials(&self.message),
            },
            Reason::Malformed => {
                Diagnostic::error(format!("{call} failed"), format!("{subject}: {}{id}", self.message))
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let code = self.code.as_str();
        Some(match code {
            _ if is_denied(code) => {
                format!("The credentials in use need the permission {} on this resource.", self.action())
            }
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
                "The session has expired: sign in again (for SSO: aws sso login) and repeat the command.".into()
            }
            "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => {
                "The access key is not known to AWS: check access_key, AWS_ACCESS_KEY_ID or the profile.".into()
            }
            "SignatureDoesNotMatch" | "InvalidSignatureException" | "IncompleteSignature" => {
                "The secret key does not fit the access key, or the clock of this machine is wrong.".into()
            }
            "OptInRequired" | "SubscriptionRequiredException" => {
                "The account is not signed up for this service, or the region is not enabled.".into()
            }
            "Throttling" | "ThrottlingException" | "RequestLimitExceeded" | "TooManyRequestsException" | "SlowDown" => {
                "AWS kept refusing for too many requests: lower -parallelism or raise max_retries.".into()
            }
            "LimitExceeded" | "LimitExceededException" | "ServiceQuotaExceededException" | "TooManyBuckets" => {
                "A quota of the account is used up: remove something or ask for more in Service Quotas.".into()
            }
            "EntityAlreadyExists"
            | "BucketAlreadyOwnedByYou"
            | "ResourceAlreadyExistsException"
            | "AlreadyExistsException"
            | "PipelineNameInUseException"
            | "TrailAlreadyExistsException" => {
                "It exists already: choose another name, or take it over with an import block.".into()
            }
            "BucketAlreadyExists" => "Bucket names are shared by all accounts: choose another one.".into(),
            _ => return None,
        })
    }
}

/// What is said when a profile's session cannot be used.
fn signed_out(sign_in: &SignIn) -> Diagnostic {
    let profile = &sign_in.profile;
    let (summary, detail) = match sign_in.why {
        Why::Expired => (
            "The SSO session has expired",
            format!(
                "Profile {profile} takes its credentials from IAM Identity Center (SSO), where its session is over."
            ),
        ),
        Why::Missing => (
            "Not signed in to SSO",
            format!(
                "Profile {profile} takes its credentials from IAM Identity Center (SSO), and has no session there."
            ),
        ),
    };
    Diagnostic::error(summary, detail).hint(format!("Run aws sso login --profile {profile}, then this command again."))
}

/// What is said when no source gave credentials.
pub fn no_credentials(cause: &str) -> Diagnostic {
    Diagnostic::error(
        "No valid credential sources found",
        format!(
            "None of the places that may hold AWS credentials did: provider block, environment, shared files and profile, SSO, \
             web identity, container, instance. {cause}"
        ),
    )
    .hint("Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `profile` in the provider block; for SSO run aws sso login.")
}

/// `aws_sdk_iam::operation::get_role::GetRoleError` → (`iam`, `GetRole`).
fn origin(type_name: &str) -> (String, String) {
    let mut parts = type_name.split("::");
    let service = parts.next().and_then(|c| c.strip_prefix("aws_sdk_")).unwrap_or("aws");
    let service = match service {
        "eventbridge" => "events",
        "resourcegroupstagging" => "tag",
        "cloudwatchlogs" => "logs",
        "codestarconnections" => "codestar-connections",
        "sfn" => "states",
        other => other,
    };
    let operation = parts.last().unwrap_or_default();
    (service.to_owned(), operation.strip_suffix("Error").unwrap_or(operation).to_owned())
}

/// The innermost causes, without the SDK's repetition of itself.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut at: Option<&(dyn std::error::Error + 'static)> = error.source().or(Some(error));
    while let Some(cause) = at {
        let text = cause.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
        at = cause.source();
    }
    words.join(": ")
}

fn uppercase_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What the environment says about where calls go; empty when it says nothing.
fn endpoint_override() -> String {
    std::env::var("AWS_ENDPOINT_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .map(|url| format!(". AWS_ENDPOINT_URL is {url}"))
        .unwrap_or_default()
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

    fn answered(service: &str, operation: &str, code: &str) -> CallError {
        CallError {
            service: service.into(),
            operation: operation.into(),
            reason: Reason::Answered,
            code: code.into(),
            message: "words".into(),
            request_id: Some("abc".into()),
            status: Some(400),
            sign_in: None,
        }
    }

    #[test]
    fn operation_and_service_come_from_the_error_type() {
        assert_eq!(
            origin("aws_sdk_eventbridge::operation::put_rule::PutRuleError"),
            ("events".to_owned(), "PutRule".to_owned())
        );
    }

    #[test]
    fn a_denied_call_names_the_permission_and_the_request() {
        let d = answered("s3", "HeadBucket", "AccessDenied").diagnostic("reading aws_s3_bucket.a");
        assert_eq!(d.summary, "Not allowed to call s3:HeadBucket");
        assert_eq!(d.detail, "Reading aws_s3_bucket.a: s3:HeadBucket answered AccessDenied: words (request id abc)");
        assert!(d.hint.unwrap().contains("s3:ListBucket"));
    }

    #[test]
    fn a_name_taken_points_to_import() {
        let d = answered("iam", "CreateRole", "EntityAlreadyExists").diagnostic("creating aws_iam_role.a");
        assert!(d.hint.unwrap().contains("import block"));
    }
}
