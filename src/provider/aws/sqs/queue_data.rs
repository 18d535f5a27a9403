//! Data `aws_sqs_queue`: a queue by name.

use super::attributes::{self, GONE};
use super::queue::read_tags;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct QueueData;

#[async_trait(?Send)]
impl DataType for QueueData {
    fn name(&self) -> &'static str {
        "aws_sqs_queue"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_sqs_queue.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let answer = cx.aws.sqs().get_queue_url().queue_name(name).send().await.or_gone(GONE)?;
        let url = answer.and_then(|a| a.queue_url);
        let live = match &url {
            Some(url) => attributes::find(cx, url).await?,
            None => None,
        };
        let (Some(url), Some(live)) = (url, live) else {
            return Err(Failure::said(
                "Queue not found",
                format!("There is no SQS queue {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name"));
        };
        let tags = cx.aws.settings().ignore_tags.visible(read_tags(cx, &url).await?);
        Ok(Attrs::new().str("id", &url).str("url", &url).opt("arn", live.get("QueueArn").cloned()).map("tags", tags))
    }
}
