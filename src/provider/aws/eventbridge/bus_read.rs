//! Reading a bus. A bus, its policy and each of its permissions come from the same answer: where several of them are read, one
//! call serves all.

use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::resource::Cx;
use aws_sdk_eventbridge::operation::describe_event_bus::DescribeEventBusOutput;
use futures::stream::{self, StreamExt};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What EventBridge answers when there is no such bus or statement.
pub const GONE: &[&str] = &["ResourceNotFoundException"];
/// Calls under way at once.
const AT_ONCE: usize = 8;

/// What was read; `None` for a bus that is gone.
#[derive(Default)]
pub struct Buses(Mutex<HashMap<String, Option<Arc<DescribeEventBusOutput>>>>);

/// A bus by name or ARN.
pub async fn find(cx: &Cx<'_>, bus: &str) -> Outcome<Option<Arc<DescribeEventBusOutput>>> {
    let known = cx.aws.bulk::<Buses>().0.lock().unwrap_or_else(PoisonError::into_inner).get(bus).cloned();
    match known {
        Some(known) => Ok(known),
        None => describe(cx, bus).await,
    }
}

async fn describe(cx: &Cx<'_>, bus: &str) -> Outcome<Option<Arc<DescribeEventBusOutput>>> {
    Ok(cx.aws.events().describe_event_bus().name(bus).send().await.or_gone(GONE)?.map(Arc::new))
}

/// The policy of a bus; `None` when it has none or is gone.
pub async fn policy(cx: &Cx<'_>, bus: &str) -> Outcome<Option<String>> {
    let live = find(cx, bus).await?;
    Ok(live.and_then(|l| l.policy().map(str::to_owned)).filter(|p| !p.is_empty()))
}

/// Describes each bus that several objects of a refresh need.
pub async fn prefetch(cx: &Cx<'_>, hints: &[ReadHint]) {
    let mut buses: BTreeMap<String, usize> = BTreeMap::new();
    for hint in hints {
        let attribute = match hint.type_name.as_str() {
            "aws_cloudwatch_event_bus" => "name",
            "aws_cloudwatch_event_bus_policy" | "aws_cloudwatch_event_permission" => "event_bus_name",
            _ => continue,
        };
        if let Some(bus) = hint.prior.get(attribute).and_then(Value::as_str) {
            *buses.entry(bus.to_owned()).or_default() += 1;
        }
    }
    buses.retain(|_, uses| *uses > 1);
    let answers = stream::iter(buses.into_keys()).map(|bus| async move {
        let answer = describe(cx, &bus).await;
        (bus, answer)
    });
    let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
    let store = cx.aws.bulk::<Buses>();
    let mut known = store.0.lock().unwrap_or_else(PoisonError::into_inner);
    for (bus, answer) in answers {
        if let Ok(found) = answer {
            known.insert(bus, found);
        }
    }
}
