//! `aws_codedeploy_deployment_group`: where and how an application is deployed.

use super::{NO_APP, NO_GROUP, bulk, expand, flatten, tags};
use crate::lang::value::{Path, PathStep, Value};
use crate::provider::aws::answers::Answers;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use crate::provider::aws::tags::TagChange;
use async_trait::async_trait;
use aws_sdk_codedeploy::types as t;
use std::sync::Arc;
use std::time::Duration;

/// The type.
pub struct DeploymentGroup;

/// Attributes an UpdateDeploymentGroup carries.
const DECLARED: &[&str] = &[
    "alarm_configuration",
    "app_name",
    "auto_rollback_configuration",
    "autoscaling_groups",
    "blue_green_deployment_config",
    "deployment_config_name",
    "deployment_group_name",
    "deployment_style",
    "ec2_tag_filter",
    "ec2_tag_set",
    "ecs_service",
    "load_balancer_info",
    "on_premises_instance_tag_filter",
    "outdated_instances_strategy",
    "service_role_arn",
    "termination_hook_enabled",
    "trigger_configuration",
];
/// How long a new role or topic may take to be known (the window the original provider allows).
const PROPAGATION: Duration = Duration::from_secs(300);
/// Longest wait before blue instances are terminated, in minutes (API reference, BlueInstanceTerminationOption).
const LONGEST_TERMINATION_WAIT: i64 = 2880;
/// Most alarms of a group (API reference, AlarmConfiguration).
const MOST_ALARMS: usize = 10;

#[async_trait(?Send)]
impl ResourceType for DeploymentGroup {
    fn name(&self) -> &'static str {
        "aws_codedeploy_deployment_group"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_codedeploy_deployment_group.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        let blue = "terminate_blue_instances_on_deployment_success";
        let wait = config
            .block("blue_green_deployment_config")
            .and_then(|c| c.block(blue))
            .and_then(|b| b.int("termination_wait_time_in_minutes"));
        if let Some(wait) = wait.filter(|wait| *wait > LONGEST_TERMINATION_WAIT) {
            let key = format!("blue_green_deployment_config.0.{blue}.0.termination_wait_time_in_minutes");
            let summary = format!("expected {key} to be at most ({LONGEST_TERMINATION_WAIT}), got {wait}");
            let at = ["blue_green_deployment_config", blue];
            let at = at
                .iter()
                .fold(Path::root(), |at, name| at.join(PathStep::Attr(Arc::from(*name))).join(PathStep::index(0)));
            checks.wrong_at(&at.join(PathStep::Attr(Arc::from("termination_wait_time_in_minutes"))), summary, "");
        }
        let alarms = config.block("alarm_configuration").and_then(|a| a.value("alarms").and_then(Value::elements));
        if let Some(alarms) = alarms.filter(|alarms| alarms.len() > MOST_ALARMS) {
            checks.wrong(
                "alarm_configuration",
                "Too many list items",
                format!(
                    "Attribute alarms supports {MOST_ALARMS} item maximum, but config has {} declared.",
                    alarms.len()
                ),
            );
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create() || change.changed_any(&["app_name", "deployment_group_name"]) {
            match (change.config.opt("app_name"), change.config.opt("deployment_group_name")) {
                (Some(app), Some(group)) => change.set_some("arn", arn(aws, app, group)),
                _ => change.unknown("arn"),
            }
        }
        // A style that is set no more goes back to the default one.
        if !change.is_create() && change.config.known("deployment_style") && !change.config.has("deployment_style") {
            let style = Value::object_of([
                ("deployment_option", Value::string("WITHOUT_TRAFFIC_CONTROL")),
                ("deployment_type", Value::string("IN_PLACE")),
            ]);
            change.set("deployment_style", Value::list(style.ty(), vec![style]));
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let call = expand::create(cx.aws.codedeploy().create_deployment_group(), plan);
        let call = call.set_tags(tags::sdk(plan.string_map("tags_all")));
        let answer = cx.retry(PROPAGATION.min(cx.timeout), unknown_yet, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        });
        made.id(answer.await?.deployment_group_id.unwrap_or_default());
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (app, group) = (prior.str("app_name"), prior.str("deployment_group_name"));
        let Some(live) = find(cx, app, group).await? else { return Ok(None) };
        let arn = arn(cx.aws, app, group);
        let tags = tags::read(cx, arn.as_deref().unwrap_or_default(), prior).await?;
        let attrs = flatten::group(&live).opt("id", live.deployment_group_id()).opt("arn", arn);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        if plan.differs_any(prior, DECLARED) {
            let call = expand::update(cx.aws.codedeploy().update_deployment_group(), prior, plan);
            let answer = cx.retry(PROPAGATION.min(cx.timeout), unknown_yet, || {
                let call = call.clone();
                async move { Ok(call.send().await?) }
            });
            answer.await?;
        }
        let arn = arn(cx.aws, plan.str("app_name"), plan.str("deployment_group_name"));
        tags::write(cx, arn.as_deref().unwrap_or(prior.str("arn")), TagChange::between(prior, plan)).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let call = cx.aws.codedeploy().delete_deployment_group().application_name(prior.str("app_name"));
        let call = call.deployment_group_name(prior.str("deployment_group_name"));
        call.send().await.or_gone(&[NO_APP, NO_GROUP])?;
        Ok(())
    }

    async fn import(&self, cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        let (app, group) = match id.split(':').collect::<Vec<_>>().as_slice() {
            [app, group] => (*app, *group),
            _ => {
                return Err(Failure::said(
                    "Invalid deployment group id",
                    format!("{id:?} is not of the form application:deployment-group."),
                ));
            }
        };
        let Some(live) = find(cx, app, group).await? else {
            return Err(Failure::said(
                "Cannot import a non-existent object",
                format!("There is no deployment group {group:?} of application {app:?} in {}.", cx.aws.region()),
            ));
        };
        Ok(Attrs::new().opt("id", live.deployment_group_id()).str("app_name", app).str("deployment_group_name", group))
    }
}

fn arn(aws: &Aws, app: &str, group: &str) -> Option<String> {
    aws.arn("codedeploy", &format!("deploymentgroup:{app}/{group}"))
}

fn unknown_yet(failure: &Failure) -> Option<&'static str> {
    if failure.is(&["InvalidRoleException"]) {
        return Some("CodeDeploy cannot assume the role yet");
    }
    failure.says("InvalidTriggerConfigException", "Topic ARN").then_some("CodeDeploy does not know the topic yet")
}

async fn find(cx: &Cx<'_>, app: &str, group: &str) -> Outcome<Option<t::DeploymentGroupInfo>> {
    if let Some(known) = cx.aws.bulk::<Answers<t::DeploymentGroupInfo>>().take(&bulk::key(app, group)) {
        return Ok(known);
    }
    let call = cx.aws.codedeploy().get_deployment_group().application_name(app).deployment_group_name(group);
    Ok(call.send().await.or_gone(&[NO_APP, NO_GROUP])?.and_then(|f| f.deployment_group_info))
}
