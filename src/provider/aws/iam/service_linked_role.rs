//! `aws_iam_service_linked_role`: a role that belongs to an AWS service. Its id is its ARN, which names the service.

use super::super::attrs::Attrs;
use super::super::checks::Checks;
use super::super::failure::{Failure, OrGone, Outcome};
use super::super::object::Obj;
use super::super::resource::{Cx, Made, ResourceType};
use super::super::tags::TagChange;
use super::super::time::rfc3339;
use super::super::wait::Look;
use super::GONE;
use super::role::tag_list;
use crate::lang::value::Value;
use async_trait::async_trait;
use aws_sdk_iam::types::DeletionTaskStatusType;
use std::time::Duration;

pub struct ServiceLinkedRole;

/// How long a deletion may take: the service first looks whether the role is in use.
const DELETION: Duration = Duration::from_secs(10 * 60);

/// Service, role name and custom suffix of an id.
fn split(id: &str) -> Outcome<(&str, &str, Option<&str>)> {
    let parts: Vec<&str> = id.split('/').collect();
    match parts.as_slice() {
        [arn, "aws-service-role", service, role] if arn.starts_with("arn:") => {
            let suffix = match role.split('_').collect::<Vec<_>>().as_slice() {
                [_, suffix] => Some(*suffix),
                _ => None,
            };
            Ok((service, role, suffix))
        }
        _ => Err(Failure::said(
            "Invalid id of a service-linked role",
            format!(
                "\"{id}\" is not of the form arn:PARTITION:iam::ACCOUNT:role/aws-service-role/SERVICE_NAME/ROLE_NAME."
            ),
        )),
    }
}

#[async_trait(?Send)]
impl ResourceType for ServiceLinkedRole {
    fn name(&self) -> &'static str {
        "aws_iam_service_linked_role"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_iam_service_linked_role.json")
    }

    fn check(&self, config: &Obj<'_>, checks: &mut Checks) {
        if config.opt("aws_service_name").is_some_and(|name| !name.contains('.')) {
            let summary = "invalid value for aws_service_name (must be a full service hostname e.g. elasticbeanstalk.amazonaws.com)";
            checks.wrong("aws_service_name", summary, "");
        }
    }

    /// Application Auto Scaling names the suffix itself.
    fn same(&self, path: &str, _prior: &Value, next: &Value, config: &Obj<'_>) -> bool {
        path == "custom_suffix"
            && (next.is_null() || next.as_str() == Some(""))
            && config.str("aws_service_name").contains(".application-autoscaling.")
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        let call = cx.aws.iam().create_service_linked_role().aws_service_name(plan.str("aws_service_name"));
        let call = call.set_custom_suffix(plan.string("custom_suffix"));
        let answer = call.set_description(plan.string("description")).send().await?;
        let Some(role) = answer.role else {
            return Err(Failure::said("Incomplete answer", "iam:CreateServiceLinkedRole did not tell the role."));
        };
        made.id(role.arn);
        let tags = tag_list(&plan.string_map("tags_all"))?;
        if !tags.is_empty() {
            cx.aws.iam().tag_role().role_name(role.role_name).set_tags(Some(tags)).send().await?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let (service, name, suffix) = split(prior.str("id"))?;
        let answer = cx.aws.iam().get_role().role_name(name).send().await.or_gone(GONE)?;
        let Some(role) = answer.and_then(|a| a.role) else { return Ok(None) };
        let tags = role.tags().iter().map(|t| (t.key.clone(), t.value.clone())).collect();
        let attrs = Attrs::new()
            .str("id", prior.str("id"))
            .str("arn", role.arn)
            .str("aws_service_name", service)
            .str("create_date", rfc3339(&role.create_date))
            .opt("custom_suffix", suffix)
            .opt("description", role.description)
            .str("name", role.role_name)
            .str("path", role.path)
            .str("unique_id", role.role_id);
        Ok(Some(cx.aws.with_tags(attrs, tags, prior)))
    }

    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        let (iam, (_, name, _)) = (cx.aws.iam(), split(prior.str("id"))?);
        if plan.differs(prior, "description") {
            iam.update_role().role_name(name).description(plan.str("description")).send().await?;
        }
        let tags = TagChange::between(prior, plan);
        if !tags.remove.is_empty() {
            iam.untag_role().role_name(name).set_tag_keys(Some(tags.remove)).send().await?;
        }
        if !tags.set.is_empty() {
            iam.tag_role().role_name(name).set_tags(Some(tag_list(&tags.set)?)).send().await?;
        }
        Ok(())
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        let (_, name, _) = split(prior.str("id"))?;
        let answer = cx.aws.iam().delete_service_linked_role().role_name(name).send().await.or_gone(GONE)?;
        let Some(task) = answer.map(|a| a.deletion_task_id).filter(|t| !t.is_empty()) else { return Ok(()) };
        cx.wait_until("the service-linked role to be deleted", DELETION.min(cx.timeout), || async {
            let call = cx.aws.iam().get_service_linked_role_deletion_status().deletion_task_id(&task);
            let Some(status) = call.send().await.or_gone(GONE)? else { return Ok(Look::Done(())) };
            match status.status {
                DeletionTaskStatusType::Succeeded => Ok(Look::Done(())),
                DeletionTaskStatusType::Failed => {
                    let reason = status.reason.and_then(|r| r.reason).unwrap_or_default();
                    Err(Failure::said("Cannot delete the service-linked role", format!("{name}: {reason}")))
                }
                other => Ok(Look::NotYet(format!("the deletion is {}", other.as_str()))),
            }
        })
        .await
    }
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

    #[test]
    fn an_id_names_service_role_and_suffix() {
        let id = "arn:aws:iam::1:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_ci";
        let found = split(id).unwrap();
        assert_eq!(found, ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling_ci", Some("ci")));
        assert!(split("AWSServiceRoleForAutoScaling").is_err());
    }
}
