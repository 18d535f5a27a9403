//! `aws_codecommit_trigger`: whom a repository tells of pushes. A repository has one list of triggers; this is the whole of it.

use super::GONE;
use crate::lang::value::{Kind, Type, Value};
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;
use aws_sdk_codecommit::types as t;

/// The type.
pub struct Trigger;

#[async_trait(?Send)]
impl ResourceType for Trigger {
    fn name(&self) -> &'static str {
        "aws_codecommit_trigger"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codecommit_trigger.json")
    }

    fn predict(&self, _aws: &Aws, change: &mut Change<'_>) {
        let repository = change.config.string("repository_name").filter(|_| change.is_create());
        change.set_some("id", repository);
        if let Some(triggers) = with_branches(change.planned().value("trigger")) {
            change.set("trigger", triggers);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let repository = plan.str("repository_name");
        let triggers = plan.blocks("trigger").iter().map(expand).collect::<Outcome<Vec<_>>>()?;
        let call = cx.aws.codecommit().put_repository_triggers().repository_name(repository);
        let answer = call.set_triggers(Some(triggers)).send().await?;
        made.id(repository);
        made.set(Attrs::new().opt("configuration_id", answer.configuration_id));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.codecommit().get_repository_triggers().repository_name(prior.str("id"));
        let Some(live) = call.send().await.or_gone(GONE)? else { return Ok(None) };
        if live.triggers().is_empty() {
            return Ok(None);
        }
        Ok(Some(
            Attrs::new()
                .str("id", prior.str("id"))
                .str("repository_name", prior.str("id"))
                .opt("configuration_id", live.configuration_id())
                .blocks("trigger", live.triggers().iter().map(flatten)),
        ))
    }

    /// Every attribute needs a new object.
    async fn update(&self, _cx: &Cx<'_>, _prior: &Obj<'_>, _plan: &Obj<'_>) -> Outcome<()> {
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codecommit().put_repository_triggers().repository_name(prior.str("id"));
        call.set_triggers(Some(Vec::new())).send().await.or_gone(GONE)?;
        Ok(())
    }
}

/// A trigger without branches is stored with an empty list of them: it holds for all.
fn with_branches(triggers: Option<&Value>) -> Option<Value> {
    let triggers = triggers?;
    let Kind::Set(ty, items) = triggers.kind() else { return None };
    let none = Value::list(Type::String, Vec::new());
    let one = |trigger: &Value| match trigger.get("branches") {
        Some(branches) if branches.is_null() => trigger.with_field("branches", none.clone()),
        _ => trigger.clone(),
    };
    Some(Value::set(ty.clone(), items.iter().map(one).collect()))
}

fn expand(block: &Obj<'_>) -> Outcome<t::RepositoryTrigger> {
    let events = block.strings("events").iter().map(|e| e.as_str().into()).collect();
    Ok(t::RepositoryTrigger::builder()
        .name(block.str("name"))
        .destination_arn(block.str("destination_arn"))
        .set_custom_data(block.string("custom_data"))
        .set_branches(Some(block.strings("branches")))
        .set_events(Some(events))
        .build()?)
}

fn flatten(live: &t::RepositoryTrigger) -> Attrs {
    Attrs::new()
        .str("name", live.name())
        .str("destination_arn", live.destination_arn())
        .opt("custom_data", live.custom_data())
        .strings("branches", live.branches())
        .strings("events", live.events().iter().map(t::RepositoryTriggerEventEnum::as_str))
}
