//! Data `aws_cloudwatch_event_bus`: an event bus by name.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::Outcome;
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct BusData;

#[async_trait(?Send)]
impl DataType for BusData {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_bus"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_cloudwatch_event_bus.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let live = cx.aws.events().describe_event_bus().name(config.str("name")).send().await?;
        let letters = live.dead_letter_config().map(|d| Attrs::new().opt("arn", d.arn()));
        Ok(Attrs::new()
            .opt("id", live.name())
            .opt("name", live.name())
            .opt("arn", live.arn())
            .opt("description", live.description())
            .opt("kms_key_identifier", live.kms_key_identifier())
            .block("dead_letter_config", letters))
    }
}
