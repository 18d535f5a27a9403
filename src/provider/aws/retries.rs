//! When the SDK may try a call again. Its own rules decide; this one only ends hopeless tries early, so that a wrong endpoint
//! or a broken server is reported within seconds while throttling is waited out.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};

/// Tries when there is no connection at all.
const CONNECTION_TRIES: u32 = 3;
/// Tries when the server fails (5xx) without asking to slow down.
const SERVER_TRIES: u32 = 6;

/// Forbids further tries of calls that do not get through, however many tries are configured for throttling.
#[derive(Debug)]
pub struct GiveUpEarly;

impl ClassifyRetry for GiveUpEarly {
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        let Some(tries) = attempt(ctx) else { return RetryAction::NoActionIndicated };
        let no_connection = ctx
            .output_or_error()
            .and_then(|r| r.err())
            .is_some_and(|e| e.as_connector_error().is_some_and(|c| c.is_io() || c.is_other()));
        if no_connection && tries >= CONNECTION_TRIES {
            return RetryAction::RetryForbidden;
        }
        let server = ctx.response().is_some_and(|r| matches!(r.status().as_u16(), 500 | 502 | 504));
        if server && tries >= SERVER_TRIES { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "give up early"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Which try this was, from the header the SDK sends with each (`attempt=2; max=25`).
fn attempt(ctx: &InterceptorContext) -> Option<u32> {
    let header = ctx.request()?.headers().get("amz-sdk-request")?;
    header.split(';').find_map(|part| part.trim().strip_prefix("attempt=")).and_then(|n| n.parse().ok())
}
