//! `aws_cloudwatch_event_rule`: which events of a bus, or what times, set something off.

use super::bulk::Found;
use super::ids;
use super::tags::{read_tags, sdk_tags, write_tags};
use crate::lang::value::Value;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::data::go_json::normalized_unescaped;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::TagChange;
use crate::provider::aws::wait::IAM_PROPAGATION;
use async_trait::async_trait;
use aws_sdk_eventbridge::operation::put_rule::builders::PutRuleFluentBuilder;
use aws_sdk_eventbridge::types as t;
use std::time::Duration;

/// The type.
pub struct Rule;

/// Attributes a PutRule carries.
const DECLARED: &[&str] = &["description", "event_pattern", "role_arn", "schedule_expression", "state", "is_enabled"];
/// How long a delete waits for the rule's targets to go (the window the original provider allows).
const TARGETS_GONE: Duration = Duration::from_secs(30);
/// Longest pattern (quota of EventBridge).
const LONGEST_PATTERN: usize = 4096;

#[async_trait(?Send)]
impl ResourceType for Rule {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_event_rule"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_event_rule.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(pattern) = config.opt("event_pattern") {
            match normalized_unescaped(pattern) {
                Err(error) => {
                    checks.wrong(
                        "event_pattern",
                        "Invalid event pattern",
                        format!("The pattern is not valid JSON: {error}."),
                    );
                }
                Ok(text) if text.len() > LONGEST_PATTERN => checks.wrong(
                    "event_pattern",
                    "Event pattern too long",
                    format!("The pattern has {} characters; EventBridge takes {LONGEST_PATTERN}.", text.len()),
                ),
                Ok(_) => {}
            }
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        if change.is_create() {
            predict_ids(aws, change);
        }
        predict_state(change);
        let pattern = change.config.opt("event_pattern").and_then(|p| normalized_unescaped(p).ok());
        if let Some(pattern) = pattern {
            let same =
                change.prior.opt("event_pattern").is_some_and(|p| normalized_unescaped(p).is_ok_and(|p| p == pattern));
            if same { change.keep("event_pattern") } else { change.set_str("event_pattern", pattern) }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        put(cx, plan, &name).await?;
        made.id(ids::rule(plan.str("event_bus_name"), &name));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (bus, name) = ids::parse_rule(prior.str("id"))?;
        let Some(live) = find(cx, bus, name).await? else { return Ok(None) };
        let tags = match tagging::confirmed(cx.aws, live.arn().unwrap_or_default(), prior) {
            Some(tags) => tags,
            None => read_tags(cx, live.arn().unwrap_or_default()).await?,
        };
        let mut attrs = attributes(&live).str("id", prior.str("id")).str("event_bus_name", bus);
        if live.event_pattern().is_none() && prior.opt("event_pattern").is_none() {
            attrs = attrs.null("event_pattern");
        }
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, DECLARED) {
            let (_, name) = ids::parse_rule(prior.str("id"))?;
            put(cx, plan, name).await?;
        }
        write_tags(cx, prior.str("arn"), &TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (bus, name) = ids::parse_rule(prior.str("id"))?;
        let deleted = cx.retry(TARGETS_GONE.min(cx.timeout), has_targets, || {
            let call = cx.aws.events().delete_rule().event_bus_name(bus).name(name).force(prior.bool("force_destroy"));
            async move { Ok(call.send().await?) }
        });
        match deleted.await {
            Ok(_) => Ok(()),
            Err(failure) if failure.is(&["ResourceNotFoundException"]) => Ok(()),
            Err(failure) if has_targets(&failure).is_some() => Err(foreign_targets(cx, bus, name, failure).await),
            Err(failure) => Err(failure),
        }
    }

    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let (bus, name) = ids::parse_rule(id)?;
        Ok(Attrs::new().str("id", ids::rule(bus, name)).bool("force_destroy", false))
    }
}

fn has_targets(failure: &Failure) -> Option<&'static str> {
    failure.says("ValidationException", "has targets").then_some("the rule still has targets")
}

fn not_assumable(failure: &Failure) -> Option<&'static str> {
    failure
        .says("ValidationException", "cannot be assumed by principal")
        .then_some("EventBridge cannot assume the role yet")
}

/// Names the targets in the way: others made them, so they are not removed.
async fn foreign_targets(cx: &Cx<'_>, bus: &str, name: &str, failure: Failure) -> Failure {
    let listed = cx.aws.events().list_targets_by_rule().event_bus_name(bus).rule(name).send().await;
    let targets = listed.map(|l| l.targets.unwrap_or_default()).unwrap_or_default();
    let targets: Vec<_> = targets.iter().map(|t| format!("{} ({})", t.id(), t.arn())).collect();
    match failure {
        Failure::Call(call) if !targets.is_empty() => crate::diagnostics::Diagnostic::error(
            "The rule still has targets",
            format!(
                "Rule {name:?} was not deleted: EventBridge answered {}. Its targets are: {}.",
                call.code,
                targets.join(", ")
            ),
        )
        .hint("Remove these targets, or import them as aws_cloudwatch_event_target so that they go with the rule.")
        .into(),
        other => other,
    }
}

/// Id and ARN follow from names; a bus given by ARN tells its own region and account.
fn predict_ids(aws: &Aws, change: &mut Change<'_>) {
    let Some(name) = change.config.string("name") else { return };
    let Some(bus) = change.planned().string("event_bus_name") else { return };
    let arn = match bus.split_once(":event-bus/") {
        Some((owner, bus)) => Some(format!("{owner}:rule/{bus}/{name}")),
        None if bus == ids::DEFAULT_BUS => aws.arn("events", &format!("rule/{name}")),
        None => aws.arn("events", &format!("rule/{bus}/{name}")),
    };
    change.set_str("id", ids::rule(&bus, &name));
    change.set_some("arn", arn);
}

/// `state` and the older `is_enabled` say the same: the one that is configured tells the other; without either a new rule is
/// enabled and an old one stays as it is.
fn predict_state(change: &mut Change<'_>) {
    if !change.config.known("state") || !change.config.known("is_enabled") {
        return;
    }
    match (change.config.string("state"), change.config.opt_bool("is_enabled")) {
        (Some(state), _) => change.set("is_enabled", Value::bool(state.starts_with("ENABLED"))),
        (None, Some(on)) if change.prior.str("state").starts_with("ENABLED") == on && !change.is_create() => {
            change.keep("state");
        }
        (None, Some(on)) => change.set_str("state", if on { "ENABLED" } else { "DISABLED" }),
        (None, None) if change.is_create() => {
            change.set_str("state", "ENABLED");
            change.set("is_enabled", Value::bool(true));
        }
        (None, None) => {
            change.keep("state");
            change.keep("is_enabled");
        }
    }
}

async fn put(cx: &Cx<'_>, plan: &Obj<'_>, name: &str) -> Outcome<()> {
    let pattern = match plan.opt("event_pattern") {
        Some(text) => Some(normalized_unescaped(text).map_err(|e| {
            Failure::said("Invalid event pattern", format!("The pattern is not valid JSON: {e}."))
                .attribute("event_pattern")
        })?),
        None => None,
    };
    let tags = sdk_tags(plan.string_map("tags_all"))?;
    let call: PutRuleFluentBuilder = cx
        .aws
        .events()
        .put_rule()
        .name(name)
        .set_event_bus_name(plan.string("event_bus_name"))
        .set_description(plan.string("description"))
        .set_event_pattern(pattern)
        .set_role_arn(plan.string("role_arn"))
        .set_schedule_expression(plan.string("schedule_expression"))
        .set_state(plan.opt("state").map(t::RuleState::from))
        .set_tags(Some(tags).filter(|t| !t.is_empty()));
    cx.retry(IAM_PROPAGATION, not_assumable, || {
        let call = call.clone();
        async move { Ok(call.send().await?) }
    })
    .await?;
    Ok(())
}

async fn find(cx: &Cx<'_>, bus: &str, name: &str) -> Outcome<Option<t::Rule>> {
    if let Some(known) = cx.aws.bulk::<Found>().take_rule(bus, name) {
        return Ok(known);
    }
    let call = cx.aws.events().describe_rule().event_bus_name(bus).name(name);
    let Some(found) = call.send().await.or_gone(&["ResourceNotFoundException"])? else { return Ok(None) };
    Ok(Some(
        t::Rule::builder()
            .set_name(found.name)
            .set_arn(found.arn)
            .set_event_pattern(found.event_pattern)
            .set_schedule_expression(found.schedule_expression)
            .set_state(found.state)
            .set_description(found.description)
            .set_role_arn(found.role_arn)
            .set_event_bus_name(found.event_bus_name)
            .build(),
    ))
}

fn attributes(live: &t::Rule) -> Attrs {
    let pattern = live.event_pattern().map(|p| normalized_unescaped(p).unwrap_or_else(|_| p.to_owned()));
    let state = live.state().map(t::RuleState::as_str);
    Attrs::new()
        .opt("arn", live.arn())
        .opt("name", live.name())
        .opt("name_prefix", live.name().and_then(naming::prefix_of))
        .opt("description", live.description())
        .opt("event_pattern", pattern)
        .opt("schedule_expression", live.schedule_expression())
        .opt("role_arn", live.role_arn())
        .opt("state", state)
        .bool("is_enabled", state.is_some_and(|s| s.starts_with("ENABLED")))
}
