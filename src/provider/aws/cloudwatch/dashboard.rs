//! `aws_cloudwatch_dashboard`: a page of widgets, described by JSON.

use crate::diagnostics::Diagnostic;
use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{OrGone, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::planner::Change;
use crate::provider::aws::resource::{Cx, Made, ResourceType};
use async_trait::async_trait;

/// The type.
pub struct Dashboard;

/// What CloudWatch answers when there is no such dashboard.
const GONE: &[&str] = &["ResourceNotFound", "DashboardNotFoundError"];

#[async_trait(?Send)]
impl ResourceType for Dashboard {
    fn name(&self) -> &'static str {
        "aws_cloudwatch_dashboard"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/aws_cloudwatch_dashboard.json")
    }

    fn predict(&self, aws: &Aws, change: &mut Change<'_>) {
        if change.is_create()
            && let Some(name) = change.config.string("dashboard_name")
        {
            change.set_some("dashboard_arn", aws.global_arn("cloudwatch", &format!("dashboard/{name}")));
            change.set_str("id", name);
        }
    }

    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()> {
        put(cx, plan).await?;
        made.id(plan.str("dashboard_name"));
        Ok(())
    }

    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>> {
        let call = cx.aws.cloudwatch().get_dashboard().dashboard_name(prior.str("id"));
        let live = match call.send().await.or_gone(GONE) {
            // As LocalStack says it.
            Err(failure) if failure.says("InvalidParameterValue", "does not exist") => None,
            other => other?,
        };
        let Some(live) = live else { return Ok(None) };
        Ok(Some(
            Attrs::new()
                .opt("id", live.dashboard_name())
                .opt("dashboard_name", live.dashboard_name())
                .opt("dashboard_arn", live.dashboard_arn())
                .opt("dashboard_body", live.dashboard_body()),
        ))
    }

    async fn update(&self, cx: &Cx<'_>, _prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()> {
        put(cx, plan).await
    }

    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()> {
        cx.aws.cloudwatch().delete_dashboards().dashboard_names(prior.str("id")).send().await.or_gone(GONE)?;
        Ok(())
    }
}

/// A body with an error in it makes no dashboard, or changes none; the answer says what is wrong where.
async fn put(cx: &Cx<'_>, plan: &Obj<'_>) -> Outcome<()> {
    let name = plan.str("dashboard_name");
    let call = cx.aws.cloudwatch().put_dashboard().dashboard_name(name).dashboard_body(plan.str("dashboard_body"));
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let messages = error.as_service_error().and_then(|e| match e {
                aws_sdk_cloudwatch::operation::put_dashboard::PutDashboardError::DashboardInvalidInputError(e) => {
                    Some(e.dashboard_validation_messages().to_vec())
                }
                _ => None,
            });
            let messages = messages.unwrap_or_default();
            if messages.is_empty() {
                return Err(error.into());
            }
            let one = |m: &aws_sdk_cloudwatch::types::DashboardValidationMessage| {
                format!("{}: {}", m.data_path().unwrap_or_default(), m.message().unwrap_or_default())
            };
            let all: Vec<String> = messages.iter().map(one).collect();
            Err(Diagnostic::error(
                "Invalid dashboard body",
                format!("CloudWatch refuses dashboard {name:?}: {}", all.join("; ")),
            )
            .into())
        }
    }
}
