//! A function's policy holds all its permissions: where several of them are read, one call serves all.

use super::names::GONE;
use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Calls under way at once.
const AT_ONCE: usize = 8;

/// Function as configured, and qualifier.
type Key = (String, String);

/// Policies that were read; `None` where there is none.
#[derive(Default)]
pub struct Found(Mutex<HashMap<Key, Option<Arc<str>>>>);

/// The policy of a function; `None` when it has none or is gone.
pub async fn find(cx: &Cx<'_>, function: &str, qualifier: &str) -> Outcome<Option<Arc<str>>> {
    let key = (function.to_owned(), qualifier.to_owned());
    let known = cx.aws.bulk::<Found>().0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    match known {
        Some(known) => Ok(known),
        None => get(cx, function, qualifier).await,
    }
}

async fn get(cx: &Cx<'_>, function: &str, qualifier: &str) -> Outcome<Option<Arc<str>>> {
    let call = cx.aws.lambda().get_policy().function_name(function);
    let call = call.set_qualifier(Some(qualifier.to_owned()).filter(|q| !q.is_empty()));
    Ok(call.send().await.or_gone(GONE)?.and_then(|answer| answer.policy).map(Arc::from))
}

/// The bulk read.
pub struct Policies;

#[async_trait(?Send)]
impl Bulk for Policies {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let text = |h: &ReadHint, name: &str| h.prior.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut policies: BTreeMap<Key, usize> = BTreeMap::new();
        for hint in hints.iter().filter(|h| h.type_name == "aws_lambda_permission") {
            *policies.entry((text(hint, "function_name"), text(hint, "qualifier"))).or_default() += 1;
        }
        let shared = policies.into_iter().filter(|(_, uses)| *uses > 1).map(|(key, _)| key);
        let answers = stream::iter(shared).map(|key| async move {
            let answer = get(cx, &key.0, &key.1).await;
            (key, answer)
        });
        let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
        let store = cx.aws.bulk::<Found>();
        let mut known = store.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(answers.into_iter().filter_map(|(key, answer)| Some((key, answer.ok()?))));
    }
}
