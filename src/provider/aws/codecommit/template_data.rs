//! Data `aws_codecommit_approval_rule_template`: a template by name.

use super::template::{attributes, find};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;

/// The type.
pub struct TemplateData;

#[async_trait(?Send)]
impl DataType for TemplateData {
    fn name(&self) -> &'static str {
        "aws_codecommit_approval_rule_template"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_codecommit_approval_rule_template.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        match find(cx, name).await? {
            Some(live) => Ok(attributes(&live)),
            None => Err(Failure::said(
                "Approval rule template not found",
                format!("There is no approval rule template {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name")),
        }
    }
}
