//! When the SDK may try a call again. Its own rules decide; this one only ends hopeless tries early, so that a wrong endpoint
//! or a broken server is reported within seconds while throttling is waited out.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;

/// Tries when there is no connection at all.
const CONNECTION_TRIES: u32 = 3;
/// Tries when the server fails (5xx) without asking to slow down.
const SERVER_TRIES: u32 = 6;

/// Ends the tries of a call that does not get through, however many are configured for throttling.
#[derive(Debug)]
pub struct GiveUpEarly;

impl Intercept for GiveUpEarly {
    fn name(&self) -> &'static str {
        "give up early"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(attempts) = cfg.load::<RequestAttempts>().map(RequestAttempts::attempts) else { return Ok(()) };
        let error = context.output_or_error().and_then(|r| r.err());
        let no_connection = error.and_then(|e| e.as_connector_error()).is_some_and(|c| !c.is_user());
        let broken = context.response().is_some_and(|r| matches!(r.status().as_u16(), 500 | 502 | 504));
        let enough = (no_connection && attempts >= CONNECTION_TRIES) || (broken && attempts >= SERVER_TRIES);
        if let (true, Some(retries)) = (enough, cfg.load::<RetryConfig>().cloned()) {
            cfg.interceptor_state().store_put(retries.with_max_attempts(attempts));
        }
        Ok(())
    }
}
