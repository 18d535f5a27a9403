//! `aws_cloudwatch_event_target`: what a rule sets off.

use super::bulk::{Found, PAGE};
use super::{ids, target_expand, target_flatten};
use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::{Obj, is_zero};
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_eventbridge::types as t;

/// The type.
pub struct Target;

#[async_trait(?Send)]
impl ResourceType for Target {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_target"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_target.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let (bus, rule, id) = {
            let planned = change.planned();
            (planned.string("event_bus_name"), planned.string("rule"), planned.string("target_id"))
        };
        if change.is_create()
            && let (Some(bus), Some(rule), Some(id)) = (bus, rule, id)
        {
            change.set_str("id", ids::target(&bus, &rule, &id));
        }
        // Terraform plans it as unknown where it is not configured: there is none then.
        let none = change.config.value("sagemaker_pipeline_target").filter(|v| is_zero(v)).cloned();
        if let Some(none) = none.filter(|_| change.is_create()) {
            change.set("sagemaker_pipeline_target", none);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let generated = format!("{}{}", naming::DEFAULT_PREFIX, naming::unique_suffix());
        let target = plan.opt("target_id").unwrap_or(&generated);
        put(cx, plan, target).await?;
        made.id(ids::target(plan.str("event_bus_name"), plan.str("rule"), target));
        made.set(Attrs::new().str("target_id", target));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (bus, rule, target) =
            (prior.opt("event_bus_name").unwrap_or(ids::DEFAULT_BUS), prior.str("rule"), prior.str("target_id"));
        let live = match cx.aws.bulk::<Found>().targets(bus, rule) {
            Some(all) => all.iter().find(|t| t.id() == target).cloned(),
            None => find(cx, bus, rule, target).await?,
        };
        let Some(live) = live else { return Ok(None) };
        let attrs = target_flatten::target(&live);
        Ok(Some(attrs.str("id", ids::target(bus, rule, target)).str("event_bus_name", bus).str("rule", rule)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let fields = plan.as_value().fields().into_iter().flatten();
        let changed =
            fields.filter(|(name, _)| !matches!(name.as_ref(), "force_destroy" | "id")).any(|(name, next)| {
                let before = prior.value(name);
                before != Some(next) && !(is_zero(next) && before.is_none_or(is_zero))
            });
        if changed { put(cx, plan, plan.str("target_id")).await } else { Ok(()) }
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx
            .aws
            .events()
            .remove_targets()
            .rule(prior.str("rule"))
            .set_event_bus_name(prior.string("event_bus_name"))
            .ids(prior.str("target_id"))
            .force(prior.bool("force_destroy"));
        let Some(answer) = call.send().await.or_gone(&["ResourceNotFoundException"])? else { return Ok(()) };
        let failed = answer.failed_entries().iter().find(|e| e.error_code() != Some("ResourceNotFoundException"));
        match failed {
            Some(entry) => Err(entry_failed("RemoveTargets", prior, entry.error_code(), entry.error_message())),
            None => Ok(()),
        }
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let (bus, rule, target) = ids::parse_target(id)?;
        Ok(Attrs::new()
            .str("id", ids::target(bus, rule, target))
            .str("event_bus_name", bus)
            .str("rule", rule)
            .str("target_id", target))
    }

    /// Older objects may lack the bus, which then is the default one.
    fn upgrade(&self, _version: u64, mut attributes: serde_json::Value) -> serde_json::Value {
        if let Some(fields) = attributes.as_object_mut() {
            let bus = fields.entry("event_bus_name").or_insert(serde_json::Value::Null);
            if bus.as_str().is_none_or(str::is_empty) {
                *bus = ids::DEFAULT_BUS.into();
            }
        }
        attributes
    }
}

fn entry_failed(operation: &str, object: &Obj<'_>, code: Option<&str>, message: Option<&str>) -> Failure {
    let (code, message) = (code.unwrap_or("an error"), message.unwrap_or_default());
    Diagnostic::error(
        format!("events:{operation} failed: {code}"),
        format!(
            "Target {:?} of rule {:?}: EventBridge answered {code}: {message}",
            object.str("target_id"),
            object.str("rule")
        ),
    )
    .into()
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>, id: &str) -> Outcome<()> {
    let call = cx
        .aws
        .events()
        .put_targets()
        .rule(plan.str("rule"))
        .set_event_bus_name(plan.string("event_bus_name"))
        .targets(target_expand::target(plan, id)?);
    let answer = call.send().await?;
    match answer.failed_entries().first() {
        Some(entry) => Err(entry_failed("PutTargets", plan, entry.error_code(), entry.error_message())),
        None => Ok(()),
    }
}

async fn find(cx: &Cx<'_>, bus: &str, rule: &str, target: &str) -> Outcome<Option<t::Target>> {
    let mut next = None;
    loop {
        let call = cx.aws.events().list_targets_by_rule().rule(rule).event_bus_name(bus).limit(PAGE);
        let answer = call.set_next_token(next).send().await;
        let Some(page) = answer.or_gone(&["ResourceNotFoundException", "ValidationException"])? else {
            return Ok(None);
        };
        if let Some(found) = page.targets.unwrap_or_default().into_iter().find(|t| t.id() == target) {
            return Ok(Some(found));
        }
        next = page.next_token;
        if next.is_none() {
            return Ok(None);
        }
    }
}
