//! What CodePipeline will answer, as far as it follows from the configuration. What it fills in for actions is taken from the prior
//! action of the same name, not of the same place: an action put between others must not shift anything.

use crate::lang::value::{Kind, Type, Value};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::settle::same_but_zero;

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

/// The planned stages: run order and region of actions resolved, and what means the same as before left as it was. Stages and actions
/// are matched by name. Within a stage only run order decides, so actions in another order than before are no change.
fn stages(change: &Change<'_>) -> Option<Value> {
    let planned = change.planned().value("stage")?.clone();
    let configured = change.config.value("stage")?;
    let Kind::List(ty, items) = planned.kind() else { return None };
    let before = change.prior.blocks("stage");
    let resolved = items.iter().enumerate().map(|(i, stage)| {
        let config = configured.at(i)?;
        let before = named(&before, stage);
        let Some(Kind::List(ty, actions)) = stage.get("action").map(Value::kind) else { return Some(stage.clone()) };
        let prior = before.map(|s| s.blocks("action")).unwrap_or_default();
        let actions: Vec<Value> = actions
            .iter()
            .enumerate()
            .map(|(j, planned)| {
                let config = config.get("action").and_then(|a| a.at(j));
                config.map_or_else(|| planned.clone(), |config| action(planned, config, named(&prior, planned)))
            })
            .collect();
        let kept = |action: &Value| prior.iter().any(|p| p.as_value() == action);
        let actions = if actions.len() == prior.len() && actions.iter().all(kept) {
            before.and_then(|s| s.value("action")).cloned().unwrap_or_else(|| Value::list(ty.clone(), actions))
        } else {
            Value::list(ty.clone(), actions)
        };
        Some(as_before(&stage.with_field("action", actions), before))
    });
    Some(Value::list(ty.clone(), resolved.collect::<Option<Vec<_>>>()?))
}

/// The block of this name.
fn named<'a>(blocks: &[Obj<'a>], block: &Value) -> Option<Obj<'a>> {
    let name = block.get("name").and_then(Value::as_str).filter(|name| !name.is_empty())?;
    blocks.iter().find(|b| b.str("name") == name).copied()
}

fn action(planned: &Value, config: &Value, before: Option<Obj<'_>>) -> Value {
    let unset = |attribute: &str| config.get(attribute).is_some_and(Value::is_null);
    let mut out = planned.clone();
    if unset("run_order") {
        // The documented default; a live pipeline that has another one was changed by someone.
        out.set_field("run_order", Value::number(1));
    }
    if unset("region") {
        let known = before.and_then(|a| a.value("region").cloned());
        out.set_field("region", known.unwrap_or_else(|| Value::unknown(Type::String)));
    }
    as_before(&out, before)
}

/// A block with the attributes that mean the same as before as they were: the planner matched them by place, not by name.
fn as_before(block: &Value, before: Option<Obj<'_>>) -> Value {
    let (Some(fields), Some(before)) = (block.fields(), before) else { return block.clone() };
    let kept = fields.iter().map(|(name, value)| {
        let prior = before.value(name).filter(|prior| same_but_zero(prior, value));
        (name.clone(), prior.unwrap_or(value).clone())
    });
    Value::object(kept.collect())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::lang::value::{Path, PathStep};
    use crate::provider::aws::codepipeline::pipeline::Pipeline;
    use crate::provider::aws::recorded::of;
    use crate::provider::aws::resource::ResourceType;
    use crate::provider::aws::schema::{Parsed, parse};

    /// A recorded pipeline and its configuration, the second stage with a second action.
    fn pipeline() -> (Value, Value) {
        let recorded = of("aws_codepipeline").into_iter().find(|r| r.name == "min").unwrap();
        (with_second_action(&recorded.stored), with_second_action(&recorded.config))
    }

    fn with_second_action(pipeline: &Value) -> Value {
        edit_actions(pipeline, |actions| {
            let second = actions[0].with_field("name", Value::string("Second"));
            actions.push(second.with_field("run_order", Value::number(2)));
        })
    }

    /// Edits the actions of the second stage.
    fn edit_actions(pipeline: &Value, edit: impl FnOnce(&mut Vec<Value>)) -> Value {
        let stages = pipeline.get("stage").unwrap();
        let mut items = stages.elements().unwrap().to_vec();
        let list = items[1].get("action").unwrap();
        let mut actions = list.elements().unwrap().to_vec();
        let ty = actions[0].ty();
        edit(&mut actions);
        items[1] = items[1].with_field("action", Value::list(ty, actions));
        pipeline.with_field("stage", Value::list(items[0].ty(), items))
    }

    fn planned(prior: &Value, config: &Value) -> Value {
        let parsed: Parsed = parse(Pipeline.schema()).unwrap();
        let change = Change::new(&Pipeline, &parsed.schema.block, &parsed.rules, prior, config);
        stages(&change).unwrap()
    }

    #[test]
    fn actions_in_another_order_are_no_change() {
        let (stored, config) = pipeline();
        let swapped = edit_actions(&config, |actions| actions.swap(0, 1));
        assert_eq!(&planned(&stored, &swapped), stored.get("stage").unwrap());
    }

    #[test]
    fn an_action_put_before_others_leaves_them_as_they_are() {
        let (stored, config) = pipeline();
        let more = edit_actions(&config, |actions| {
            let first = actions[0].with_field("name", Value::string("First"));
            actions.insert(0, first);
        });
        let stages = planned(&stored, &more);
        let action = |stages: &Value, n: usize| stages.at(1).unwrap().get("action").unwrap().at(n).unwrap().clone();
        let before = stored.get("stage").unwrap();
        assert_eq!(action(&stages, 1), action(before, 0));
        assert_eq!(action(&stages, 2), action(before, 1));
    }

    #[test]
    fn a_run_order_changed_by_someone_goes_back_to_the_default() {
        let (stored, config) = pipeline();
        let order = |actions: &mut Vec<Value>, n: Value| actions[0] = actions[0].with_field("run_order", n);
        let changed = edit_actions(&stored, |actions| order(actions, Value::number(7)));
        let unset = edit_actions(&config, |actions| order(actions, Value::null(Type::Number)));
        let path = Path::root().join(PathStep::index(1)).join(PathStep::Attr("action".into()));
        let stages = planned(&changed, &unset);
        let action = path.find(&stages).unwrap().at(0).unwrap().clone();
        assert_eq!(action.get("run_order"), Some(&Value::number(1)));
    }

    #[test]
    fn an_unknown_value_leaves_the_other_keys_of_a_configuration_known() {
        let (stored, config) = pipeline();
        let keys = |branch: Value| {
            let keys = [("BranchName", branch), ("FullRepositoryId", Value::string("acme/shop"))];
            Value::map(Type::String, keys.into_iter().map(|(k, v)| (k.into(), v)).collect())
        };
        let half = edit_actions(&config, |actions| {
            actions[0] = actions[0].with_field("configuration", keys(Value::unknown(Type::String)));
        });
        let stages = planned(&stored, &half);
        let action = stages.at(1).unwrap().get("action").unwrap().at(0).unwrap();
        assert_eq!(action.get("configuration"), Some(&keys(Value::unknown(Type::String))));
    }
}
