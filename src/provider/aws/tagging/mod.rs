//! Tags of many objects with a few calls of the Resource Groups Tagging API, for services whose own reads do not bring them.
//!
//! The index lags behind changes by seconds. So it only ever confirms: where it agrees with what is stored the single read is
//! saved, where it does not the service itself is asked.

use super::aws::Aws;
use super::failure::Failure;
use super::object::Obj;
use super::resource::{Bulk, Cx, Service};
use super::tags::{IgnoreTags, Tags};
use crate::provider::ReadHint;
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// This service's part of the provider.
pub static SERVICE: Service = Service { resources: &[], data: &[], bulk: Some(&TagBulk) };

/// Resource types whose tags are looked up here, and their names in the Tagging API.
const TYPES: &[(&str, &str)] = &[
    ("aws_cloudtrail", "cloudtrail:trail"),
    ("aws_cloudwatch_event_bus", "events:event-bus"),
    ("aws_cloudwatch_event_rule", "events:rule"),
    ("aws_cloudwatch_log_group", "logs:log-group"),
    ("aws_codecommit_repository", "codecommit"),
    ("aws_codeconnections_connection", "codeconnections:connection"),
    ("aws_codeconnections_host", "codeconnections:host"),
    ("aws_codedeploy_app", "codedeploy:application"),
    ("aws_codedeploy_deployment_group", "codedeploy:deploymentgroup"),
    ("aws_cloudwatch_metric_alarm", "cloudwatch:alarm"),
    ("aws_codepipeline", "codepipeline:pipeline"),
    ("aws_codepipeline_custom_action_type", "codepipeline:actiontype"),
    ("aws_codestarconnections_connection", "codestar-connections:connection"),
    ("aws_ecr_repository", "ecr:repository"),
    ("aws_sfn_state_machine", "states:stateMachine"),
    ("aws_sns_topic", "sns:topic"),
    ("aws_sqs_queue", "sqs"),
    ("aws_ssm_parameter", "ssm:parameter"),
];

/// Fewest single calls that make a bulk read worth it.
const WORTH_IT: usize = 4;
/// Most objects on a page (API reference, GetResources).
const PAGE: i32 = 100;

/// What was read.
#[derive(Default)]
pub struct Index(Mutex<Content>);

#[derive(Default)]
struct Content {
    by_arn: HashMap<String, Tags>,
    /// All pages were read: what is not there has no tags.
    complete: bool,
}

/// The tags of an object, if the index agrees with what is stored. Of an object that is being imported nothing is stored yet.
pub fn confirmed(aws: &Aws, arn: &str, prior: &Obj<'_>) -> Option<Tags> {
    if prior.str("arn") != arn {
        return None;
    }
    let index = aws.bulk::<Index>();
    let content = index.0.lock().unwrap_or_else(PoisonError::into_inner);
    agreed(&content, arn, &prior.string_map("tags_all"), &aws.settings().ignore_tags)
}

fn agreed(content: &Content, arn: &str, stored: &Tags, ignore: &IgnoreTags) -> Option<Tags> {
    let found = match content.by_arn.get(arn) {
        Some(tags) => tags.clone(),
        None if content.complete => Tags::new(),
        None => return None,
    };
    (ignore.visible(found.clone()) == *stored).then_some(found)
}

/// Fills the [`Index`].
pub struct TagBulk;

#[async_trait(?Send)]
impl Bulk for TagBulk {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        let asked = |name: &str| hints.iter().filter(|h| h.type_name == name).count();
        let wanted: Vec<_> = TYPES.iter().filter(|(name, _)| asked(name) > 0).collect();
        let saved: usize = wanted.iter().map(|(name, _)| asked(name)).sum();
        if saved < WORTH_IT {
            return;
        }
        let filters: Vec<String> = wanted.iter().map(|(_, filter)| (*filter).to_owned()).collect();
        let index = cx.aws.bulk::<Index>();
        let mut token = None;
        for _ in 0..saved {
            let call = cx.aws.tagging().get_resources().resources_per_page(PAGE);
            let call = call.set_resource_type_filters(Some(filters.clone())).set_pagination_token(token);
            let page = match call.send().await.map_err(Failure::from) {
                Ok(page) => page,
                Err(failure) => {
                    if failure.is_denied() {
                        cx.progress.waiting("tags are read one by one: the credentials may not call tag:GetResources");
                    }
                    return;
                }
            };
            let mut content = index.0.lock().unwrap_or_else(PoisonError::into_inner);
            for found in page.resource_tag_mapping_list.unwrap_or_default() {
                let tags = found.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect();
                content.by_arn.insert(found.resource_arn.unwrap_or_default(), tags);
            }
            token = page.pagination_token.filter(|t| !t.is_empty());
            if token.is_none() {
                content.complete = true;
                return;
            }
        }
    }
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

    fn tags(value: &str) -> Tags {
        [("App".to_owned(), value.to_owned())].into()
    }

    #[test]
    fn the_index_only_confirms() {
        let mut content = Content { by_arn: [("a".to_owned(), tags("x"))].into(), complete: false };
        let ignore = IgnoreTags::default();
        assert_eq!(agreed(&content, "a", &tags("x"), &ignore), Some(tags("x")));
        assert_eq!(agreed(&content, "a", &tags("y"), &ignore), None);
        assert_eq!(agreed(&content, "b", &Tags::new(), &ignore), None);
        content.complete = true;
        assert_eq!(agreed(&content, "b", &Tags::new(), &ignore), Some(Tags::new()));
        assert_eq!(agreed(&content, "b", &tags("x"), &ignore), None);
    }
}
