//! What a failed call to S3 means to the person: bucket, key, permission, region, credentials.

use crate::diagnostics::Diagnostic;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Failed {
    /// S3's code; empty when S3 did not answer.
    pub(super) code: String,
    message: String,
    status: Option<u16>,
    request_id: Option<String>,
    /// Where the bucket really is, when S3 says so.
    region: Option<String>,
    /// No answer: what the transport says.
    transport: Option<String>,
    /// Lower-cased words of the whole chain of causes.
    words: String,
}

/// What was tried: the words that follow "While", the permission it needs, and on what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// `reading the state`
    pub(super) doing: &'static str,
    /// `s3:GetObject`
    pub(super) action: &'static str,
    /// The bucket.
    pub(super) bucket: &'a str,
    /// The key; empty for the bucket itself.
    pub(super) key: &'a str,
}

impl Attempt<'_> {
    fn location(&self) -> String {
        if self.key.is_empty() { format!("s3://{}", self.bucket) } else { format!("s3://{}/{}", self.bucket, self.key) }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Failed
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let response = error.raw_response();
        let header = |name: &str| response.and_then(|r| r.headers().get(name)).map(str::to_owned);
        let text = DisplayErrorContext(&error).to_string();
        Failed {
            code: error.code().unwrap_or_default().to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
            status: response.map(|r| r.status().as_u16()),
            request_id: header("x-amz-request-id"),
            region: header("x-amz-bucket-region"),
            transport: (!matches!(error, SdkError::ServiceError(_))).then(|| innermost(&error)),
            words: text.to_lowercase(),
        }
    }
}

/// The last cause, which is the one that says something.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(cause) = at.source() {
        at = cause;
    }
    at.to_string()
}

impl Failed {
    /// The object is not there (the bucket is).
    pub(super) fn is_missing_object(&self) -> bool {
        self.code == "NoSuchKey" || (self.code.is_empty() && self.transport.is_none() && self.status == Some(404))
    }

    /// A condition of the request did not hold.
    pub(super) fn is_refused(&self) -> bool {
        self.code == "PreconditionFailed" || self.status == Some(412)
    }

    /// Another conditional write was under way; trying again is right.
    pub(super) fn is_conflict(&self) -> bool {
        self.code == "ConditionalRequestConflict" || self.code == "OperationAborted"
    }

    /// The server does not know conditional requests (S3-compatible storage).
    pub(super) fn is_not_implemented(&self) -> bool {
        self.code == "NotImplemented" || self.status == Some(501)
    }

    /// The caller may not do this.
    pub(super) fn is_denied(&self) -> bool {
        matches!(self.code.as_str(), "AccessDenied" | "AllAccessDisabled" | "Forbidden")
            || (self.code.is_empty() && self.status == Some(403))
    }

    /// What is told.
    pub(super) fn diagnostic(&self, attempt: Attempt<'_>) -> Diagnostic {
        let said = self.said();
        let detail = format!("While {} at {}: {said}", attempt.doing, attempt.location());
        let bucket = attempt.bucket;
        match self.code.as_str() {
            "NoSuchBucket" => Diagnostic::error(format!("S3 bucket \"{bucket}\" does not exist"), detail).hint(
                "The bucket must be there before the backend is used: create it, or correct `bucket`. A bucket just made may take a \
                 minute to appear.",
            ),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" | "TemporaryRedirect"
                if self.region.is_some() || self.code != "TemporaryRedirect" =>
            {
                self.elsewhere(bucket, detail)
            }
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => {
                Diagnostic::error("AWS credentials have expired", detail)
                    .hint("Log in again (for SSO: aws sso login), or fetch new temporary credentials, and repeat the command.")
            }
            "InvalidAccessKeyId" | "InvalidToken" | "InvalidClientTokenId" => {
                Diagnostic::error("AWS does not know these credentials", detail)
                    .hint("Check the profile, the environment (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN) and the endpoint.")
            }
            "SignatureDoesNotMatch" => Diagnostic::error("The secret key does not fit the access key", detail)
                .hint("Check AWS_SECRET_ACCESS_KEY or the profile, and that no proxy changes the requests."),
            "RequestTimeTooSkewed" => {
                Diagnostic::error("The clock of this machine is wrong", detail).hint("Set it right and repeat the command.")
            }
            "InvalidObjectState" => Diagnostic::error("The state was archived", detail)
                .hint("Restore the object from its archive, and take the state out of the bucket's archiving rules."),
            "KMS.DisabledException" | "KMS.NotFoundException" | "KMS.KMSInvalidStateException" => {
                Diagnostic::error("The state's encryption key cannot be used", detail)
                    .hint("Enable or restore the KMS key the state was encrypted with.")
            }
            _ if self.status == Some(301) => self.elsewhere(bucket, detail),
            _ if self.is_denied() => {
                Diagnostic::error(format!("Not allowed to call {}", attempt.action), detail).hint(self.permission(attempt))
            }
            _ if self.transport.is_some() => self.unreached(detail),
            code => {
                let name = if code.is_empty() { "no code" } else { code };
                Diagnostic::error(format!("S3 refused: {name}"), detail)
            }
        }
    }

    fn said(&self) -> String {
        let mut said = match &self.transport {
            Some(transport) => format!("{transport}."),
            None => match (self.code.as_str(), self.message.as_str()) {
                ("", "") => format!("S3 answered with status {}.", self.status.unwrap_or_default()),
                (code, "") => format!("S3 answered {code}."),
                (code, message) => format!("S3 answered {code}: {}.", message.trim_end_matches('.')),
            },
        };
        if let Some(id) = &self.request_id {
            said.push_str(&format!(" (request id {id})"));
        }
        said
    }

    fn elsewhere(&self, bucket: &str, detail: String) -> Diagnostic {
        let region = self.region.clone().or_else(|| {
            // "…; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
            let (_, rest) = self.message.split_once("expecting '")?;
            Some(rest.split_once('\'')?.0.to_owned())
        });
        match region {
            Some(region) => Diagnostic::error(format!("S3 bucket \"{bucket}\" is in region {region}"), detail)
                .hint(format!("Set `region = \"{region}\"` in the backend block.")),
            None => Diagnostic::error(format!("S3 bucket \"{bucket}\" is in another region"), detail)
                .hint("Set `region` in the backend block to the bucket's."),
        }
    }

    fn permission(&self, attempt: Attempt<'_>) -> String {
        let Attempt { bucket, key, action, .. } = attempt;
        if self.message.contains("kms:") || self.words.contains("kms:") {
            return "The key policy or your permissions miss kms:Decrypt and kms:GenerateDataKey on the KMS key that encrypts the state.".into();
        }
        let resource = |key: &str| if key.is_empty() { bucket.to_owned() } else { format!("{bucket}/{key}") };
        let mut hint = format!("Allow {action} on arn:aws:s3:::{}", resource(key));
        if action == "s3:GetObject" {
            hint.push_str(&format!(
                "; where the state does not exist yet, s3:ListBucket on arn:aws:s3:::{bucket} is needed to tell"
            ));
        }
        hint.push('.');
        hint
    }

    fn unreached(&self, detail: String) -> Diagnostic {
        if self.words.contains("credential") || self.words.contains("identity") {
            return Diagnostic::error("No valid credential sources found", detail).hint(
                "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `profile` in the backend block; for SSO run aws \
                 sso login.",
            );
        }
        Diagnostic::error("S3 cannot be reached", detail)
            .hint("Check the network, proxies, `region` and `endpoints` of the backend block, and AWS_ENDPOINT_URL.")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const READING: Attempt<'_> =
        Attempt { doing: "reading the state", action: "s3:GetObject", bucket: "b", key: "a/b.tfstate" };

    fn answered(code: &str, message: &str) -> Failed {
        Failed { code: code.into(), message: message.into(), status: Some(400), ..Failed::default() }
    }

    #[test]
    fn a_missing_bucket_is_named() {
        let d = answered("NoSuchBucket", "The specified bucket does not exist").diagnostic(READING);
        assert_eq!(d.summary, "S3 bucket \"b\" does not exist");
        assert!(d.detail.contains("s3://b/a/b.tfstate"));
    }

    #[test]
    fn the_right_region_is_told_from_header_or_message() {
        let by_header = Failed { region: Some("eu-west-1".into()), status: Some(301), ..Failed::default() };
        assert_eq!(by_header.diagnostic(READING).summary, "S3 bucket \"b\" is in region eu-west-1");
        let text = "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'";
        let hint = answered("AuthorizationHeaderMalformed", text).diagnostic(READING).hint;
        assert!(hint.unwrap().contains("region = \"eu-central-1\""));
    }

    #[test]
    fn a_denied_read_names_both_permissions() {
        let d = answered("AccessDenied", "Access Denied").diagnostic(READING);
        assert_eq!(d.summary, "Not allowed to call s3:GetObject");
        let hint = d.hint.unwrap();
        assert!(
            hint.contains("arn:aws:s3:::b/a/b.tfstate") && hint.contains("s3:ListBucket on arn:aws:s3:::b "),
            "{hint}"
        );
    }

    #[test]
    fn a_denied_key_points_to_kms() {
        let text = "User: x is not authorized to perform: kms:Decrypt on resource: y";
        assert!(answered("AccessDenied", text).diagnostic(READING).hint.unwrap().contains("KMS"));
    }

    #[test]
    fn expired_credentials_are_told_apart() {
        assert_eq!(answered("ExpiredToken", "").diagnostic(READING).summary, "AWS credentials have expired");
    }
}
