//! Manual approvals that wait, and answers to them.

use crate::diagnostics::Diagnostic;
use crate::provider::approval::{Approval, Decision};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::{Failure, Outcome};
use aws_sdk_codepipeline::types as t;
use futures::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

/// Pipelines asked at once.
const AT_ONCE: usize = 8;
/// An approval fails after 7 days unless it says otherwise (CodePipeline User Guide, quotas).
const MINUTES: i32 = 7 * 24 * 60;

/// What waits in one pipeline, or in all of the region; the longest first.
pub async fn waiting(aws: &Aws, pipeline: Option<&str>) -> Outcome<Vec<Approval>> {
    if let Some(name) = pipeline {
        return match in_pipeline(aws, name).await {
            Err(failure) if is_gone(&failure) => Err(Failure::said(
                "No such pipeline",
                format!("There is no pipeline {name:?} in region {}.", aws.region()),
            )),
            other => other,
        };
    }
    let pages = aws.codepipeline().list_pipelines().into_paginator().items().send();
    let listed: Vec<t::PipelineSummary> = pages.collect::<Result<_, _>>().await.map_err(Failure::from)?;
    let names: Vec<String> = listed.into_iter().filter_map(|p| p.name).collect();
    let asked = names.iter().map(|name| async move {
        match in_pipeline(aws, name).await {
            // Deleted since it was listed.
            Err(failure) if is_gone(&failure) => Ok(Vec::new()),
            other => other,
        }
    });
    let found: Vec<Vec<Approval>> = futures::stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let mut all: Vec<Approval> = found.into_iter().flatten().collect();
    all.sort_by(|a, b| a.since.cmp(&b.since).then_with(|| a.pipeline.cmp(&b.pipeline)));
    Ok(all)
}

fn is_gone(failure: &Failure) -> bool {
    failure.is(&["PipelineNotFoundException"])
}

async fn in_pipeline(aws: &Aws, name: &str) -> Outcome<Vec<Approval>> {
    let client = aws.codepipeline();
    let state = client.get_pipeline_state().name(name).send().await.map_err(Failure::from)?;
    let open = open(name, state.stage_states());
    if open.is_empty() {
        return Ok(open);
    }
    // What to look at, and for how long, stands in the declaration.
    let declared = client.get_pipeline().name(name).send().await.map_err(Failure::from)?.pipeline;
    let stages = declared.as_ref().map(t::PipelineDeclaration::stages).unwrap_or_default();
    Ok(open.into_iter().map(|approval| described(approval, stages)).collect())
}

fn open(pipeline: &str, stages: &[t::StageState]) -> Vec<Approval> {
    let of_stage = |stage: &t::StageState| {
        let execution = stage.latest_execution().map(|e| e.pipeline_execution_id().to_owned());
        let actions = stage.action_states().iter().filter_map(move |action| {
            let run = action.latest_execution()?;
            if run.status() != Some(&t::ActionExecutionStatus::InProgress) {
                return None;
            }
            Some(Approval {
                pipeline: pipeline.to_owned(),
                stage: stage.stage_name().unwrap_or_default().to_owned(),
                action: action.action_name().unwrap_or_default().to_owned(),
                execution: execution.clone(),
                since: run.last_status_change().and_then(|at| Timestamp::from_second(at.secs()).ok()),
                until: None,
                message: None,
                review: None,
                // Only approvals have one.
                token: run.token()?.to_owned(),
            })
        });
        actions.collect::<Vec<_>>()
    };
    stages.iter().flat_map(of_stage).collect()
}

fn described(approval: Approval, stages: &[t::StageDeclaration]) -> Approval {
    let stage = stages.iter().find(|s| s.name() == approval.stage);
    let action = stage.and_then(|s| s.actions().iter().find(|a| a.name() == approval.action));
    let setting = |key: &str| action?.configuration()?.get(key).filter(|text| !text.is_empty()).cloned();
    let minutes = action.and_then(t::ActionDeclaration::timeout_in_minutes).unwrap_or(MINUTES);
    let until = approval.since.and_then(|since| since.checked_add(SignedDuration::from_mins(minutes.into())).ok());
    Approval { until, message: setting("CustomData"), review: setting("ExternalEntityLink"), ..approval }
}

/// Answers a request.
pub async fn decide(aws: &Aws, approval: &Approval, decision: Decision, summary: &str) -> Outcome<()> {
    let status = match decision {
        Decision::Approve => t::ApprovalStatus::Approved,
        Decision::Reject => t::ApprovalStatus::Rejected,
    };
    let result = t::ApprovalResult::builder().summary(summary).status(status).build()?;
    let call = aws.codepipeline().put_approval_result().pipeline_name(&approval.pipeline);
    let call = call.stage_name(&approval.stage).action_name(&approval.action).token(&approval.token).result(result);
    let answered = call.send().await.map_err(Failure::from);
    match answered {
        Ok(_) => Ok(()),
        Err(failure) if failure.is(&["ApprovalAlreadyCompletedException", "InvalidApprovalTokenException"]) => {
            let what = format!(
                "Action {} of stage {} of pipeline {} no longer waits for this answer: somebody gave one, it timed out, or another execution \
                 waits now.",
                approval.action, approval.stage, approval.pipeline
            );
            Err(Diagnostic::error("The approval is over", what)
                .hint("List what waits: pipewright pipeline approvals")
                .into())
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn action(name: &str, status: t::ActionExecutionStatus, token: Option<&str>) -> t::ActionState {
        let run = t::ActionExecution::builder().status(status).last_status_change(DateTime::from_secs(1000));
        t::ActionState::builder()
            .action_name(name)
            .latest_execution(run.set_token(token.map(str::to_owned)).build())
            .build()
    }

    #[test]
    fn only_actions_in_progress_with_a_token_wait_for_a_person() {
        use t::ActionExecutionStatus::{InProgress, Succeeded};
        let actions = vec![
            action("Build", InProgress, None),
            action("Done", Succeeded, Some("old")),
            action("Ask", InProgress, Some("now")),
        ];
        let stage = t::StageState::builder().stage_name("Deploy").set_action_states(Some(actions)).build();
        let found = open("shop", &[stage]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].action.as_str(), found[0].token.as_str()), ("Ask", "now"));
    }

    #[test]
    fn the_declaration_tells_what_to_look_at_and_until_when() {
        let kind = t::ActionTypeId::builder()
            .category(t::ActionCategory::Approval)
            .owner(t::ActionOwner::Aws)
            .provider("Manual")
            .version("1")
            .build()
            .unwrap();
        let declared = |minutes: Option<i32>| {
            let action = t::ActionDeclaration::builder().name("Ask").action_type_id(kind.clone());
            let action = action.configuration("CustomData", "Look").set_timeout_in_minutes(minutes).build().unwrap();
            vec![t::StageDeclaration::builder().name("Deploy").actions(action).build().unwrap()]
        };
        let stage = t::StageState::builder().stage_name("Deploy");
        let stage = stage.action_states(action("Ask", t::ActionExecutionStatus::InProgress, Some("now"))).build();
        let asked = open("shop", &[stage]).remove(0);
        let found = described(asked.clone(), &declared(Some(10)));
        assert_eq!(found.message.as_deref(), Some("Look"));
        assert_eq!(found.until, Timestamp::from_second(1600).ok());
        assert_eq!(described(asked, &declared(None)).until, Timestamp::from_second(1000 + 7 * 86400).ok());
    }
}
