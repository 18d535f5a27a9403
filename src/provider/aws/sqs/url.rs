//! URLs of queues: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.

use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, Outcome};
use aws_types::service_config::ServiceConfigKey;

/// The name in a URL.
pub fn name(url: &str) -> Outcome<&str> {
    let wrong = || {
        Failure::said(
            "Invalid queue URL",
            format!("{url:?} is not the URL of a queue: give https://sqs.REGION.amazonaws.com/ACCOUNT/NAME."),
        )
    };
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    match path.and_then(|p| p.rsplit_once('/')) {
        Some((_, name)) if !name.is_empty() => Ok(name),
        _ => Err(wrong()),
    }
}

/// The URL a queue will have. Only AWS's own endpoints are known to give this one: behind any other it is told after apply.
pub fn predicted(aws: &Aws, name: &str) -> Option<String> {
    if overridden(aws) || aws.sdk().use_fips() == Some(true) || aws.sdk().use_dual_stack() == Some(true) {
        return None;
    }
    let partition = aws.partition();
    if !matches!(partition.id, "aws" | "aws-cn" | "aws-us-gov") {
        return None;
    }
    Some(format!("https://sqs.{}.{}/{}/{name}", aws.region(), partition.dns_suffix, aws.account()?))
}

/// Whether calls go to an endpoint somebody chose.
fn overridden(aws: &Aws) -> bool {
    let key = ServiceConfigKey::builder().service_id("sqs").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    aws.settings().endpoint(&["sqs"]).is_some()
        || aws.sdk().endpoint_url().is_some()
        || key.is_ok_and(|key| aws.sdk().service_config().and_then(|c| c.load_config(key)).is_some())
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

    #[test]
    fn the_name_is_the_last_part() {
        assert_eq!(name("https://sqs.us-east-1.amazonaws.com/123456789012/q.fifo").unwrap(), "q.fifo");
        assert_eq!(name("http://localhost:4566/queue/us-east-1/123456789012/q").unwrap(), "q");
        assert!(name("q").is_err());
        assert!(name("https://sqs.us-east-1.amazonaws.com/").is_err());
    }
}
