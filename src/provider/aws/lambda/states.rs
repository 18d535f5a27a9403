//! Waiting for a function: created functions are Pending and changed ones InProgress for a while, and may fail then.

use super::names::GONE;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::resource::Cx;
use crate::provider::aws::wait::{Look, propagating};
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types as t;
use std::future::Future;
use std::time::Duration;

/// How long roles, keys and other changes may be in the way (the window the original provider allows).
const PROPAGATION: Duration = Duration::from_secs(300);

async fn look(cx: &Cx<'_>, name: &str, qualifier: Option<&str>) -> Outcome<Option<GetFunctionConfigurationOutput>> {
    let call = cx.aws.lambda().get_function_configuration().function_name(name);
    call.set_qualifier(qualifier.map(str::to_owned)).send().await.or_gone(GONE)
}

/// Until it may be invoked.
pub async fn created(cx: &Cx<'_>, name: &str) -> Outcome<()> {
    cx.wait_until("the function to be active", cx.timeout, || async {
        let Some(live) = look(cx, name, None).await? else {
            return Ok(Look::NotYet("Lambda does not show it yet".into()));
        };
        match live.state() {
            Some(t::State::Pending) => {
                let reason = live.state_reason().unwrap_or("it is being created");
                Ok(Look::NotYet(reason.to_owned()))
            }
            Some(t::State::Failed) => Err(failed("created", name, live.state_reason())),
            _ => Ok(Look::Done(())),
        }
    })
    .await
}

/// Until the last change of the function, or of a published version, is in force.
pub async fn updated(cx: &Cx<'_>, name: &str, qualifier: Option<&str>) -> Outcome<()> {
    cx.wait_until("the function's update", cx.timeout, || async {
        let Some(live) = look(cx, name, qualifier).await? else {
            return Ok(Look::NotYet("Lambda does not show it yet".into()));
        };
        match live.last_update_status() {
            Some(t::LastUpdateStatus::InProgress) => {
                let reason = live.last_update_status_reason().unwrap_or("it is in progress");
                Ok(Look::NotYet(reason.to_owned()))
            }
            Some(t::LastUpdateStatus::Failed) => Err(failed("updated", name, live.last_update_status_reason())),
            _ => Ok(Look::Done(())),
        }
    })
    .await
}

/// Until it is gone.
pub async fn deleted(cx: &Cx<'_>, name: &str) -> Outcome<()> {
    cx.wait_until("the function to go", cx.timeout, || async {
        Ok(match look(cx, name, None).await? {
            Some(_) => Look::NotYet("Lambda still shows it".into()),
            None => Look::Done(()),
        })
    })
    .await
}

fn failed(what: &str, name: &str, reason: Option<&str>) -> Failure {
    let reason = reason.unwrap_or("no reason given");
    Failure::said(
        format!("The function could not be {what}"),
        format!("Lambda gave up on function {name:?}: {reason}."),
    )
}

/// Makes a call again while role, key or another change is in the way.
pub async fn through<T, F, Fut>(cx: &Cx<'_>, call: F) -> Outcome<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Outcome<T>>,
{
    let passing = |f: &Failure| {
        let message = f.message();
        match f.code() {
            "ResourceConflictException" if !message.contains("already exist") => {
                Some("another change of the function is under way")
            }
            "InvalidParameterValueException" if message.contains("cannot be assumed by Lambda") => {
                Some("Lambda cannot assume the role yet")
            }
            "InvalidParameterValueException" if message.contains("execution role does not have permissions") => {
                Some("the role does not have its permissions yet")
            }
            "InvalidParameterValueException" if message.contains("throttled by EC2") => {
                Some("Lambda is throttled by EC2")
            }
            "InvalidParameterValueException" if message.contains("KMS key is invalid for CreateGrant") => {
                Some("Lambda cannot use the key yet")
            }
            _ => propagating(f),
        }
    };
    cx.retry(PROPAGATION.min(cx.timeout), passing, call).await
}
