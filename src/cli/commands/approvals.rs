//! `pipeline approvals`, `pipeline approve` and `pipeline reject`: manual approvals that wait, and answers to them.

use crate::cli::Exit;
use crate::cli::args::{ApprovalsArgs, DecideArgs};
use crate::cli::output::Style;
use crate::cli::session::{Interruptible, Session};
use crate::cli::settings::VariableArgument;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::provider::Provider;
use crate::provider::approval::{Approval, Decision};
use crate::view;
use jiff::Timestamp;
use std::sync::Arc;

/// Longest summary CodePipeline takes (API reference, ApprovalResult).
const SUMMARY: usize = 512;

/// Lists what waits.
pub async fn list(args: &ApprovalsArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style { no_color: args.switches.no_color, ..Style::default() });
    match waiting(&session, args.pipeline.as_deref(), &variables).await {
        Ok((_, found)) => {
            let (out, now) = (&session.output.terminal, Timestamp::now());
            out.out(&match args.switches.json {
                true => format!("{:#}\n", view::approvals::json(&found, now)),
                false => view::approvals::human(&found, now, out.palette),
            });
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// Answers one.
pub async fn decide(args: &DecideArgs, decision: Decision, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style { no_color: args.color.no_color, ..Style::default() });
    match answer(&session, args, decision, &variables).await {
        Ok(approval) => {
            let done = match decision {
                Decision::Approve => "Approved",
                Decision::Reject => "Rejected",
            };
            let Approval { pipeline, stage, action, .. } = approval;
            session.output.terminal.out(&format!("{done}: {pipeline} {stage}/{action}\n"));
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn answer(
    session: &Session,
    args: &DecideArgs,
    decision: Decision,
    variables: &[VariableArgument],
) -> Result<Approval, Diagnostics> {
    let length = args.summary.chars().count();
    if length > SUMMARY {
        let text = format!("The summary has {length} characters; CodePipeline takes {SUMMARY}.");
        return Err(Diagnostic::error("The summary is too long", text).into());
    }
    let (provider, found) = waiting(session, Some(&args.pipeline), variables).await?;
    let chosen = chosen(args, found)?;
    provider.decide(&chosen, decision, &args.summary, &Interruptible(&session.cancel)).await?;
    Ok(chosen)
}

/// The one request that is meant.
fn chosen(args: &DecideArgs, found: Vec<Approval>) -> Result<Approval, Diagnostic> {
    let fits = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let mut meant: Vec<Approval> =
        found.into_iter().filter(|a| fits(&args.stage, &a.stage) && fits(&args.action, &a.action)).collect();
    let waited = !meant.is_empty();
    meant.retain(|a| fits(&args.token, &a.token));
    let name = &args.pipeline;
    match (meant.pop(), meant.as_slice()) {
        (Some(only), []) => Ok(only),
        (Some(last), others) => {
            let places: Vec<String> =
                others.iter().chain([&last]).map(|a| format!("-stage={} -action={}", a.stage, a.action)).collect();
            let text = format!("Several approvals of pipeline {name} wait.");
            Err(Diagnostic::error("Which approval?", text).hint(format!("Say one of: {}.", places.join("; "))))
        }
        (None, _) if waited => Err(Diagnostic::error(
            "The approval is over",
            format!("An approval of pipeline {name} waits, but it is not the one with this token."),
        )
        .hint("List what waits: pipewright pipeline approvals -json")),
        (None, _) => {
            let place = match (&args.stage, &args.action) {
                (None, None) => String::new(),
                (stage, action) => {
                    format!(" at {}/{}", stage.as_deref().unwrap_or("*"), action.as_deref().unwrap_or("*"))
                }
            };
            let text = format!("No approval of pipeline {name} is waiting{place}.");
            Err(Diagnostic::error("Nothing to decide", text).hint("List what waits: pipewright pipeline approvals"))
        }
    }
}

type Waiting = (Arc<dyn Provider>, Vec<Approval>);

async fn waiting(
    session: &Session,
    pipeline: Option<&str>,
    variables: &[VariableArgument],
) -> Result<Waiting, Diagnostics> {
    session.watch_interrupts();
    let provider = session.aws_provider(&session.load()?, variables).await?;
    let progress = Interruptible(&session.cancel);
    tokio::select! {
        found = provider.approvals(pipeline, &progress) => found.map(|found| (Arc::clone(&provider), found)),
        () = session.cancel.cancelled() => Err(Diagnostic::error("Interrupted", "Nothing was answered.").into()),
    }
}
