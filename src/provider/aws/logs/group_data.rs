//! Data `aws_cloudwatch_log_group`: a log group by name.

use super::group::{attributes, find, read_tags};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct GroupData;

#[async_trait(?Send)]
impl DataType for GroupData {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_log_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_cloudwatch_log_group.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let Some(live) = find(cx, name).await? else {
            return Err(Failure::said(
                "Log group not found",
                format!("There is no CloudWatch log group {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name"));
        };
        let attrs = attributes(&live).int("creation_time", live.creation_time());
        let arn = attrs.get_str("arn").unwrap_or_default().to_owned();
        Ok(attrs.map("tags", cx.aws.settings().ignore_tags.visible(read_tags(cx, &arn).await?)))
    }
}
