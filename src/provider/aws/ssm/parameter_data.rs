//! Data `aws_ssm_parameter`: a parameter by name, or one version of it (`NAME:VERSION`).

use super::bulk;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_ssm::types as t;

/// The type.
pub struct ParameterData;

#[async_trait(?Send)]
impl DataType for ParameterData {
    fn name(&self) -> &'static str {
        "aws_ssm_parameter"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_ssm_parameter.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("name");
        let decrypted = config.opt_bool("with_decryption").unwrap_or(true);
        let Some(live) = bulk::get(cx, name, decrypted).await? else {
            return Err(Failure::said(
                "Parameter not found",
                format!("There is no SSM parameter {name:?} in {}.", cx.aws.region()),
            )
            .attribute("name"));
        };
        let plain = live.r#type() != Some(&t::ParameterType::SecureString);
        Ok(Attrs::new()
            .opt("id", live.name())
            .opt("arn", live.arn())
            .opt("type", live.r#type().map(t::ParameterType::as_str))
            .int("version", Some(live.version()))
            .opt("value", live.value())
            .opt("insecure_value", live.value().filter(|_| plain)))
    }
}
