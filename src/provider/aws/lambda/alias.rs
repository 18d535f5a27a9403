//! `aws_lambda_alias`: a name for a version of a function, or for two of them with weights.

use super::names::{self, GONE};
use crate::lang::value::{Kind, Number, Type, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_lambda::types as t;
use std::collections::HashMap;
use std::sync::Arc;

/// The type.
pub struct Alias;

#[async_trait(?Send)]
impl ResourceType for Alias {
    fn name(&self) -> &'static str {
        "aws_lambda_alias"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_lambda_alias.json")
    }

    /// A function may be named by its name or by its ARN.
    fn same(&self, path: &str, prior: &Value, next: &Value, _config: &Obj<'_>) -> bool {
        let name = |v: &Value| v.as_str().map(|t| names::parts(t).map_or(t, |p| p.name).to_owned());
        path == "function_name" && name(prior) == name(next)
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if !change.is_create() {
            return;
        }
        let (function, alias) = (change.config.string("function_name"), change.config.string("name"));
        let (Some(function), Some(alias)) = (function, alias) else { return };
        let own = match names::parts(&function) {
            Some(parts) => Some(parts.arn.to_owned()),
            None if function.contains(':') => None,
            None => aws.arn("lambda", &format!("function:{function}")),
        };
        if let Some(arn) = own.map(|own| format!("{own}:{alias}")) {
            change.set_str("invoke_arn", names::invoke_arn(aws, &arn));
            change.set_str("arn", &arn);
            change.set_str("id", arn);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let call = cx
            .aws
            .lambda()
            .create_alias()
            .function_name(plan.str("function_name"))
            .name(plan.str("name"))
            .function_version(plan.str("function_version"))
            .description(plan.str("description"))
            .set_routing_config(routing(plan));
        made.id(call.send().await?.alias_arn.unwrap_or_default());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.lambda().get_alias().function_name(prior.str("function_name")).name(prior.str("name"));
        let Some(live) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        let arn = live.alias_arn().unwrap_or_default();
        let weights = live.routing_config().and_then(|r| r.additional_version_weights()).filter(|w| !w.is_empty());
        let weights = weights.map(|w| {
            let one = |(version, weight): (&String, &f64)| {
                Some((Arc::from(version.as_str()), Value::number(Number::from_f64(*weight)?)))
            };
            let weights = Value::map(Type::Number, w.iter().filter_map(one).collect());
            Attrs::new().value("additional_version_weights", weights)
        });
        Ok(Some(
            Attrs::new()
                .str("id", arn)
                .str("arn", arn)
                .str("invoke_arn", names::invoke_arn(cx.aws, arn))
                .opt("name", live.name())
                .opt("description", live.description())
                .opt("function_version", live.function_version())
                .block("routing_config", weights),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let none =
            || t::AliasRoutingConfiguration::builder().set_additional_version_weights(Some(HashMap::new())).build();
        let call = cx
            .aws
            .lambda()
            .update_alias()
            .function_name(prior.str("function_name"))
            .name(prior.str("name"))
            .function_version(plan.str("function_version"))
            .description(plan.str("description"))
            .routing_config(routing(plan).unwrap_or_else(none));
        call.send().await?;
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.lambda().delete_alias().function_name(prior.str("function_name")).name(prior.str("name"));
        call.send().await.or_gone(GONE)?;
        Ok(())
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        match id.split_once('/') {
            Some((function, alias)) if !function.is_empty() && !alias.is_empty() && !alias.contains('/') => {
                Ok(Attrs::new().str("id", id).str("function_name", function).str("name", alias))
            }
            _ => Err(Failure::said(
                "Invalid alias id",
                format!("{id:?} is not the import id of an alias: give FUNCTION_NAME/ALIAS."),
            )),
        }
    }
}

fn routing(plan: &Obj<'_>) -> Option<t::AliasRoutingConfiguration> {
    let block = plan.block("routing_config")?;
    let weights = block.value("additional_version_weights").and_then(Value::fields)?;
    let one = |(version, weight): (&Arc<str>, &Value)| match weight.kind() {
        Kind::Number(number) => Some((version.to_string(), number.to_f64())),
        _ => None,
    };
    Some(
        t::AliasRoutingConfiguration::builder()
            .set_additional_version_weights(Some(weights.iter().filter_map(one).collect()))
            .build(),
    )
}
