//! S3 clients for the state backend, over the sessions of the AWS provider: one way to find credentials, one HTTP set-up.

use crate::diagnostics::Diagnostics;
use crate::lang::value::Value;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::settings::{Settings, check};
use crate::state::backend::s3::Connect;
use async_trait::async_trait;

/// Makes them.
pub struct BackendClients;

#[async_trait(?Send)]
impl Connect for BackendClients {
    async fn connect(&self, connection: &Value) -> Result<aws_sdk_s3::Client, Diagnostics> {
        let problems = check(connection);
        if problems.has_errors() {
            return Err(of_the_backend(problems));
        }
        let session = Aws::connect(Settings::from_config(connection)).await.map_err(of_the_backend)?;
        Ok(session.s3().clone())
    }
}

/// What the session says of the provider block holds of the backend block here.
fn of_the_backend(diagnostics: Diagnostics) -> Diagnostics {
    let reword = |text: &str| {
        text.replace("provider \"aws\" block", "backend \"s3\" block").replace("provider block", "backend block")
    };
    let each = diagnostics.into_iter().map(|mut d| {
        d.detail = reword(&d.detail);
        d.hint = d.hint.as_deref().map(reword);
        // The attribute would be looked for in a provider block.
        d.attribute.clear();
        d
    });
    each.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostic;

    #[test]
    fn messages_name_the_block_they_are_about() {
        let said = Diagnostic::error("Missing region", "Neither `region` in the provider block, nor AWS_REGION.")
            .hint("Set `region` in the provider \"aws\" block.");
        let out = of_the_backend(said.into()).into_iter().next().unwrap();
        assert_eq!(out.detail, "Neither `region` in the backend block, nor AWS_REGION.");
        assert_eq!(out.hint.unwrap(), "Set `region` in the backend \"s3\" block.");
    }
}
