//! Ephemeral `aws_lambda_invocation`: what a function answers.

use crate::lang::value::Path;
use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};

/// Ephemeral `aws_lambda_invocation`.
pub struct Invocation;

#[async_trait(?Send)]
impl DataType for Invocation {
    fn name(&self) -> &'static str {
        "aws_lambda_invocation"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/ephemeral.aws_lambda_invocation.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(payload) = config.opt("payload")
            && let Err(error) = serde_json::from_str::<serde_json::Value>(payload)
        {
            checks.wrong_at(&Path::attrs(["payload"]), format!("\"payload\" contains an invalid JSON: {error}"), "");
        }
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let answer = cx
            .aws
            .lambda()
            .invoke()
            .function_name(config.str("function_name"))
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(config.str("payload")))
            .set_client_context(config.string("client_context"))
            .set_log_type(config.opt("log_type").map(LogType::from))
            .set_qualifier(config.string("qualifier"))
            .send()
            .await?;
        let result = answer.payload().map(|p| String::from_utf8_lossy(p.as_ref()).into_owned());
        Ok(Attrs::new()
            .opt("executed_version", answer.executed_version())
            .opt("function_error", answer.function_error())
            .opt("log_result", answer.log_result())
            .opt("result", result)
            .int("status_code", Some(answer.status_code())))
    }
}
