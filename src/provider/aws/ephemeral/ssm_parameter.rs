//! Ephemeral `aws_ssm_parameter`: the value of a Systems Manager parameter.

use crate::provider::aws::attrs::{Absent, Attrs};
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_ssm::types::ParameterType;

/// Ephemeral `aws_ssm_parameter`.
pub struct Parameter;

#[async_trait(?Send)]
impl DataType for Parameter {
    fn name(&self) -> &'static str {
        "aws_ssm_parameter"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/ephemeral.aws_ssm_parameter.json")
    }

    fn absent(&self) -> Absent {
        Absent::Null
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let decrypt = config.opt_bool("with_decryption").unwrap_or(true);
        let request = cx.aws.ssm().get_parameter().name(config.str("arn")).with_decryption(decrypt);
        let Some(parameter) = request.send().await?.parameter else {
            return Err(Failure::said("Parameter not found", format!("There is no parameter {}.", config.str("arn"))));
        };
        Ok(Attrs::new()
            .opt("name", parameter.name())
            .opt("type", parameter.r#type().map(ParameterType::as_str))
            .opt("value", parameter.value())
            .int("version", Some(parameter.version()))
            .bool("with_decryption", decrypt))
    }
}
