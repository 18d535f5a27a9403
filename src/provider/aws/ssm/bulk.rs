//! Parameters are read ten at a time and their metadata fifty at a time: DescribeParameters allows few calls a second.

use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_ssm::types as t;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most names of one GetParameters (API reference).
const VALUES: usize = 10;
/// Most values of one filter of DescribeParameters, and most results (API reference).
const METADATA: usize = 50;
/// What SSM answers when there is no such parameter.
pub const GONE: &[&str] = &["ParameterNotFound", "ParameterVersionNotFound"];

/// A parameter and its metadata.
pub type Pair = (t::Parameter, t::ParameterMetadata);

/// What was read; `None` for a parameter that is gone.
#[derive(Default)]
pub struct Found(Mutex<HashMap<String, Option<Pair>>>);

/// A parameter with its metadata; `None` when it is gone.
pub async fn find(cx: &Cx<'_>, name: &str) -> Outcome<Option<Pair>> {
    let known = cx.aws.bulk::<Found>().0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    if let Some(known) = known {
        return Ok(known);
    }
    let Some(parameter) = get(cx, name, true).await? else { return Ok(None) };
    // Under its own name: an object may have been imported by ARN.
    let own = parameter.name().unwrap_or(name).to_owned();
    let metadata = describe(cx, vec![own]).await?.into_iter().next();
    Ok(metadata.map(|m| (parameter, m)))
}

/// A parameter's value and version.
pub async fn get(cx: &Cx<'_>, name: &str, decrypted: bool) -> Outcome<Option<t::Parameter>> {
    let call = cx.aws.ssm().get_parameter().name(name).with_decryption(decrypted);
    Ok(call.send().await.or_gone(GONE)?.and_then(|answer| answer.parameter))
}

async fn describe(cx: &Cx<'_>, names: Vec<String>) -> Outcome<Vec<t::ParameterMetadata>> {
    let filter = t::ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(names)).build()?;
    let call = cx.aws.ssm().describe_parameters().parameter_filters(filter);
    let call = call.max_results(i32::try_from(METADATA).unwrap_or(50));
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = call.clone().set_next_token(next).send().await?;
        all.extend(page.parameters.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Ok(all);
        }
    }
}

/// The bulk read.
pub struct Parameters;

#[async_trait(?Send)]
impl Bulk for Parameters {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let parameters = hints.iter().filter(|h| h.type_name == "aws_ssm_parameter");
        let names = parameters.filter_map(|h| h.prior.get("id").and_then(Value::as_str));
        // Shared parameters have an ARN for a name, which the filter of the metadata does not take.
        let mut names: Vec<String> = names.filter(|n| !n.starts_with("arn:")).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        if names.len() < 2 {
            return;
        }
        let values = names.chunks(VALUES).map(|names| {
            let call = cx.aws.ssm().get_parameters().set_names(Some(names.to_vec())).with_decryption(true);
            async move { call.send().await }
        });
        let metadata = names.chunks(METADATA).map(|names| describe(cx, names.to_vec()));
        let (values, metadata) =
            futures::future::join(futures::future::join_all(values), futures::future::join_all(metadata)).await;
        let mut described: HashMap<String, t::ParameterMetadata> = HashMap::new();
        let complete = metadata.iter().all(Result::is_ok);
        for one in metadata.into_iter().flatten().flatten() {
            described.insert(one.name().unwrap_or_default().to_owned(), one);
        }
        let found = cx.aws.bulk::<Found>();
        let mut known = found.0.lock().unwrap_or_else(PoisonError::into_inner);
        for answer in values.into_iter().flatten() {
            for parameter in answer.parameters.unwrap_or_default() {
                let name = parameter.name().unwrap_or_default().to_owned();
                if let Some(metadata) = described.remove(&name) {
                    known.insert(name, Some((parameter, metadata)));
                }
            }
            if complete {
                known.extend(answer.invalid_parameters.unwrap_or_default().into_iter().map(|name| (name, None)));
            }
        }
    }
}
