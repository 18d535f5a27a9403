//! Data `aws_sns_topic`: a topic by name.

use super::topic::read_tags;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct TopicData;

#[async_trait(?Send)]
impl DataType for TopicData {
    fn name(&self) -> &'static str {
        "aws_sns_topic"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_sns_topic.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let arn = match cx.aws.arn("sns", name) {
            // The ARN follows from the name: one look instead of a walk through all topics.
            Some(arn) => {
                let answer = cx.aws.sns().get_topic_attributes().topic_arn(&arn).send().await;
                match answer.map_err(Failure::from) {
                    Ok(_) => Some(arn),
                    Err(failure) if failure.is(&["NotFound", "NotFoundException"]) => None,
                    Err(failure) if failure.is_denied() => listed(cx, name).await?,
                    Err(failure) => return Err(failure),
                }
            }
            None => listed(cx, name).await?,
        };
        let Some(arn) = arn else {
            return Err(Failure::said(
                "Topic not found",
                format!("There is no SNS topic {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name"));
        };
        let tags = cx.aws.settings().ignore_tags.visible(read_tags(cx, &arn).await?);
        Ok(Attrs::new().str("id", &arn).str("arn", &arn).str("name", name).map("tags", tags))
    }
}

async fn listed(cx: &Cx<'_>, name: &str) -> Outcome<Option<String>> {
    let mut pages = cx.aws.sns().list_topics().into_paginator().items().send();
    while let Some(topic) = pages.next().await {
        let arn = topic?.topic_arn.unwrap_or_default();
        if arn.rsplit_once(':').is_some_and(|(_, n)| n == name) {
            return Ok(Some(arn));
        }
    }
    Ok(None)
}
