//! `aws_sfn_state_machine`: a workflow of states.

use super::definition;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::checks::Checks;
use crate::provider::aws::equivalence::same_json;
use crate::provider::aws::failure::{Failure, OrGone, Outcome};
use crate::provider::aws::naming;
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType, Timeouts, minutes};
use crate::provider::aws::tagging;
use crate::provider::aws::tags::{TagChange, Tags};
use crate::provider::aws::time::rfc3339;
use crate::provider::aws::wait::{IAM_PROPAGATION, Look};
use async_trait::async_trait;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types as t;
use std::time::Instant;

/// The type.
pub struct StateMachine;

/// What Step Functions answers when there is no such machine.
const GONE: &[&str] = &["StateMachineDoesNotExist"];
/// Attributes an UpdateStateMachine carries.
const DECLARED: &[&str] = &[
    "definition",
    "encryption_configuration",
    "logging_configuration",
    "publish",
    "role_arn",
    "tracing_configuration",
];

#[async_trait(?Send)]
impl ResourceType for StateMachine {
    fn name(&self) -> &'static str {
        "aws_sfn_state_machine"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_sfn_state_machine.json")
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts { create: minutes(5), read: None, update: minutes(1), delete: minutes(5) }
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if let Some(fault) = config.opt("definition").and_then(definition::fault) {
            checks.wrong("definition", "invalid Step Functions State Machine definition", fault);
        }
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        change.name_or_prefix();
        if change.is_create() {
            if let Some(arn) = change.config.opt("name").and_then(|n| aws.arn("states", &format!("stateMachine:{n}"))) {
                change.set_str("arn", &arn);
                change.set_str("id", arn);
            }
            change.set_str("status", "ACTIVE");
            return;
        }
        if change.changed_any(DECLARED) {
            change.unknown("revision_id");
            if change.planned().bool("publish") || !change.planned().known("publish") {
                change.unknown("state_machine_version_arn");
            }
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let name = naming::name(plan.opt("name"), plan.opt("name_prefix"));
        let tags = plan.string_map("tags_all");
        let call = cx
            .aws
            .sfn()
            .create_state_machine()
            .name(&name)
            .definition(plan.str("definition"))
            .role_arn(plan.str("role_arn"))
            .set_type(plan.opt("type").map(t::StateMachineType::from))
            .publish(plan.bool("publish"))
            .set_encryption_configuration(encryption(plan)?)
            .set_logging_configuration(logging(plan))
            .set_tracing_configuration(tracing(plan))
            .set_tags(Some(sdk_tags(tags)).filter(|t| !t.is_empty()));
        let start = Instant::now();
        let passing = |f: &Failure| match f.code() {
            "StateMachineDeleting" => Some("a state machine of this name is still being deleted"),
            _ => unusable_role(f).filter(|_| start.elapsed() < IAM_PROPAGATION),
        };
        let answer = cx.retry(cx.timeout, passing, || {
            let call = call.clone();
            async move { Ok(call.send().await?) }
        });
        made.id(answer.await?.state_machine_arn);
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let arn = prior.str("id");
        let Some(live) = find(cx, arn).await? else { return Ok(None) };
        let versions = cx.aws.sfn().list_state_machine_versions().state_machine_arn(arn).max_results(1).send().await?;
        let latest = versions.state_machine_versions().first().map(|v| v.state_machine_version_arn().to_owned());
        let tags = match tagging::confirmed(cx.aws, arn, prior) {
            Some(tags) => tags,
            None => read_tags(cx, arn).await?,
        };
        let attrs = attributes(&live).str("id", arn).opt("state_machine_version_arn", latest);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        if plan.differs_any(prior, DECLARED) {
            let changed = |name: &str| plan.differs(prior, name);
            let call = cx
                .aws
                .sfn()
                .update_state_machine()
                .state_machine_arn(arn)
                .definition(plan.str("definition"))
                .role_arn(plan.str("role_arn"))
                .publish(plan.bool("publish"))
                .set_encryption_configuration(encryption(plan)?.filter(|_| changed("encryption_configuration")))
                .set_logging_configuration(logging(plan).filter(|_| changed("logging_configuration")))
                .set_tracing_configuration(tracing(plan).filter(|_| changed("tracing_configuration")));
            cx.retry(IAM_PROPAGATION.min(cx.timeout), unusable_role, || {
                let call = call.clone();
                async move { Ok(call.send().await?) }
            })
            .await?;
            cx.wait_until("the state machine's update", cx.timeout, || async {
                Ok(match find(cx, arn).await? {
                    Some(live)
                        if same_json(live.definition(), plan.str("definition"))
                            && live.role_arn() == plan.str("role_arn") =>
                    {
                        Look::Done(())
                    }
                    _ => Look::NotYet("Step Functions still shows the old one".into()),
                })
            })
            .await?;
        }
        let change = TagChange::between(prior, plan);
        if !change.remove.is_empty() {
            cx.aws.sfn().untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove)).send().await?;
        }
        if !change.set.is_empty() {
            cx.aws.sfn().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(change.set))).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let arn = prior.str("id");
        cx.aws.sfn().delete_state_machine().state_machine_arn(arn).send().await.or_gone(GONE)?;
        // It goes when its executions have ended.
        cx.wait_until("the state machine to go", cx.timeout, || async {
            Ok(match find(cx, arn).await? {
                Some(live) => Look::NotYet(format!(
                    "it is {}; its executions must end first",
                    live.status().map_or("still there", t::StateMachineStatus::as_str)
                )),
                None => Look::Done(()),
            })
        })
        .await
    }
}

/// The role, or what it is to be allowed, is not known everywhere yet. That the caller may not do this is another thing.
fn unusable_role(failure: &Failure) -> Option<&'static str> {
    let caller = failure.message().contains("to perform: states:");
    (failure.is(&["AccessDeniedException"]) && !caller).then_some("Step Functions cannot use the role yet")
}

async fn find(cx: &Cx<'_>, arn: &str) -> Outcome<Option<DescribeStateMachineOutput>> {
    cx.aws.sfn().describe_state_machine().state_machine_arn(arn).send().await.or_gone(GONE)
}

fn encryption(plan: &Obj<'_>) -> Outcome<Option<t::EncryptionConfiguration>> {
    let Some(block) = plan.block("encryption_configuration") else { return Ok(None) };
    Ok(Some(
        t::EncryptionConfiguration::builder()
            .set_kms_key_id(block.string("kms_key_id"))
            .set_kms_data_key_reuse_period_seconds(
                block.int32("kms_data_key_reuse_period_seconds").filter(|seconds| *seconds != 0),
            )
            .r#type(block.str("type").into())
            .build()?,
    ))
}

fn logging(plan: &Obj<'_>) -> Option<t::LoggingConfiguration> {
    let block = plan.block("logging_configuration")?;
    let group = block.string("log_destination").map(|arn| {
        let group = t::CloudWatchLogsLogGroup::builder().log_group_arn(arn).build();
        t::LogDestination::builder().cloud_watch_logs_log_group(group).build()
    });
    Some(
        t::LoggingConfiguration::builder()
            .include_execution_data(block.bool("include_execution_data"))
            .set_level(block.opt("level").map(t::LogLevel::from))
            .set_destinations(group.map(|g| vec![g]))
            .build(),
    )
}

fn tracing(plan: &Obj<'_>) -> Option<t::TracingConfiguration> {
    Some(t::TracingConfiguration::builder().enabled(plan.block("tracing_configuration")?.bool("enabled")).build())
}

fn attributes(live: &DescribeStateMachineOutput) -> Attrs {
    let encryption = live.encryption_configuration().map(|e| {
        Attrs::new()
            .opt("kms_key_id", e.kms_key_id())
            .int("kms_data_key_reuse_period_seconds", e.kms_data_key_reuse_period_seconds())
            .str("type", e.r#type().as_str())
    });
    let logging = live.logging_configuration().map(|l| {
        let group = l.destinations().first().and_then(|d| d.cloud_watch_logs_log_group());
        Attrs::new()
            .bool("include_execution_data", l.include_execution_data())
            .opt("level", l.level().map(t::LogLevel::as_str))
            .opt("log_destination", group.and_then(t::CloudWatchLogsLogGroup::log_group_arn))
    });
    let tracing = live.tracing_configuration().map(|t| Attrs::new().bool("enabled", t.enabled()));
    Attrs::new()
        .str("arn", live.state_machine_arn())
        .str("name", live.name())
        .opt("name_prefix", naming::prefix_of(live.name()))
        .str("creation_date", rfc3339(live.creation_date()))
        .str("definition", live.definition())
        .opt("description", live.description())
        .str("role_arn", live.role_arn())
        .opt("revision_id", live.revision_id())
        .opt("status", live.status().map(t::StateMachineStatus::as_str))
        .str("type", live.r#type().as_str())
        .block("encryption_configuration", encryption)
        .block("logging_configuration", logging)
        .block("tracing_configuration", tracing)
}

fn sdk_tags(tags: Tags) -> Vec<t::Tag> {
    tags.into_iter().map(|(k, v)| t::Tag::builder().key(k).value(v).build()).collect()
}

async fn read_tags(cx: &Cx<'_>, arn: &str) -> Outcome<Tags> {
    let answer = cx.aws.sfn().list_tags_for_resource().resource_arn(arn).send().await?;
    let tag = |t: &t::Tag| Some((t.key()?.to_owned(), t.value().unwrap_or_default().to_owned()));
    Ok(answer.tags().iter().filter_map(tag).collect())
}
