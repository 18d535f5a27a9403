//! What CodePipeline will answer, as far as it follows from the configuration. What it fills in for actions is taken from the prior
//! action of the same name, not of the same place: an action put between others must not shift anything.

use crate::lang::value::{Kind, Type, Value};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;

/// Amends the plan of a pipeline.
pub fn pipeline(aws: &Aws, change: &mut Change<'_>) {
    if change.is_create() {
        let name = change.config.string("name");
        if let Some(name) = name {
            change.set_some("arn", aws.arn("codepipeline", &name));
            change.set_str("id", name);
        }
    }
    if let Some(stages) = stages(change) {
        change.set("stage", stages);
    }
    let first = change.planned().str("pipeline_type") == "V1" && !change.config.has("trigger");
    if change.is_create() && first && change.config.known("trigger") {
        change.set("trigger_all", empty_triggers(change));
    } else if change.changed_any(&["trigger", "pipeline_type"]) {
        change.unknown("trigger_all");
    }
}

/// Triggers are of version 2 pipelines; one of version 1 has none.
fn empty_triggers(change: &Change<'_>) -> Value {
    let ty = change.planned().value("trigger_all").map(Value::ty);
    match ty {
        Some(Type::List(inner)) => Value::list(Type::clone(&inner), Vec::new()),
        other => Value::unknown(other.unwrap_or(Type::Dynamic)),
    }
}

/// The planned stages with run order and region of actions resolved.
fn stages(change: &Change<'_>) -> Option<Value> {
    let planned = change.planned().value("stage")?.clone();
    let configured = change.config.value("stage")?;
    let Kind::List(ty, items) = planned.kind() else { return None };
    let resolved = items.iter().enumerate().map(|(i, stage)| {
        let config = configured.at(i)?;
        let name = stage.get("name").and_then(Value::as_str).unwrap_or_default();
        let before = change.prior.blocks("stage").into_iter().find(|s| s.str("name") == name);
        let Some(Kind::List(ty, actions)) = stage.get("action").map(Value::kind) else { return Some(stage.clone()) };
        let actions = actions.iter().enumerate().map(|(j, planned)| {
            let config = config.get("action").and_then(|a| a.at(j));
            config.map_or_else(|| planned.clone(), |config| action(planned, config, before))
        });
        Some(stage.with_field("action", Value::list(ty.clone(), actions.collect())))
    });
    Some(Value::list(ty.clone(), resolved.collect::<Option<Vec<_>>>()?))
}

fn action(planned: &Value, config: &Value, stage: Option<Obj<'_>>) -> Value {
    let name = planned.get("name").and_then(Value::as_str).unwrap_or_default();
    let before = stage.and_then(|s| s.blocks("action").into_iter().find(|a| a.str("name") == name));
    let unset = |attribute: &str| config.get(attribute).is_some_and(Value::is_null);
    let mut out = planned.clone();
    if unset("run_order") {
        // The documented default; a live pipeline that has another one was changed by someone.
        out = out.with_field("run_order", Value::number(1));
    }
    if unset("region") {
        let known = before.and_then(|a| a.value("region").cloned());
        out = out.with_field("region", known.unwrap_or_else(|| Value::unknown(Type::String)));
    }
    out
}
