//! Data `aws_lambda_function`: a function by name, its latest published version or the one asked for.

use super::flatten;
use super::function::{latest, signing, signs};
use super::names::{self, GONE};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use aws_sdk_lambda::types as t;

/// The type.
pub struct FunctionData;

#[async_trait(?Send)]
impl DataType for FunctionData {
    fn name(&self) -> &'static str {
        "aws_lambda_function"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_lambda_function.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let name = config.str("function_name");
        let missing = || {
            let detail = format!("There is no Lambda function {name:?} in {}.", cx.aws.region());
            Failure::said("Function not found", detail).attribute("function_name")
        };
        let qualifier = match config.string("qualifier") {
            Some(qualifier) => Some(qualifier),
            None => {
                let Some((version, _)) = latest(cx, name).await.or_gone(GONE)? else { return Err(missing()) };
                Some(version).filter(|v| !v.is_empty() && v != "$LATEST")
            }
        };
        let call = cx.aws.lambda().get_function().function_name(name).set_qualifier(qualifier.clone());
        let Some(answer) = call.send().await.or_gone(GONE)? else { return Err(missing()) };
        let live = answer.configuration().ok_or_else(missing)?;
        let arn = live.function_arn().unwrap_or_default();
        let version = live.version().unwrap_or_default();
        let plain = names::parts(arn).map_or(arn, |p| p.arn);
        let qualified = if plain == arn { format!("{arn}:{version}") } else { arn.to_owned() };
        let mut attrs = flatten::function(&answer, live)
            .str("id", name)
            .str("arn", plain)
            .str("invoke_arn", names::invoke_arn(cx.aws, plain))
            .str("qualified_invoke_arn", names::invoke_arn(cx.aws, &qualified))
            .str("qualified_arn", qualified)
            .str("version", version)
            .opt("source_code_hash", live.code_sha256());
        if signs(cx.aws) && live.package_type() != Some(&t::PackageType::Image) {
            attrs = attrs.opt("code_signing_config_arn", signing(cx, name).await?);
        }
        let tags = answer.tags().map(|t| t.clone().into_iter().collect()).unwrap_or_default();
        Ok(attrs.map("tags", cx.aws.settings().ignore_tags.visible(tags)))
    }
}
