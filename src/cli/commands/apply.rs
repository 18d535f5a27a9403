//! `apply`, `destroy`, `refresh`: plans (or takes a saved plan), asks, makes the changes.

use super::plan;
use crate::cli::Exit;
use crate::cli::args::ApplyArgs;
use crate::cli::linting;
use crate::cli::output::{Output, Style};
use crate::cli::session::Session;
use crate::cli::settings::{Operation, StateSettings, VariableArgument};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::EventSink;
use crate::engine::plan::{Action, Plan, PlanMode, Summary};
use crate::engine::{self, Settings, Stored, planfile};
use crate::state::store::{Snapshot, StateStore};
use crate::view::console::outputs;
use crate::view::json::stream;
use crate::view::progress::HumanProgress;
use crate::view::style::Role;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Which of the commands that change things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `apply`
    Apply,
    /// `destroy`
    Destroy,
    /// `refresh`
    Refresh,
}

/// Where the engine's events go.
pub fn events(output: &Output) -> Box<dyn EventSink> {
    if output.style.json {
        Box::new(stream::StreamProgress::new(output.terminal.clone(), output.sources.clone()))
    } else {
        Box::new(HumanProgress::new(output.terminal.clone(), output.sources.clone()))
    }
}

/// Runs one of them in the current folder.
pub async fn run(args: &ApplyArgs, variables: Vec<VariableArgument>, kind: Kind) -> Exit {
    let session = Session::new(Style::of(&args.view));
    session.output.message(stream::Message::version());
    session.watch_interrupts();
    let result = match &args.plan {
        Some(path) if kind == Kind::Apply => saved(&session, args, &variables, path).await,
        Some(_) => Err(Diagnostic::error("Too many arguments", "Only apply takes a saved plan.").into()),
        None => fresh(&session, args, &variables, kind).await,
    };
    match result {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// Applies a saved plan: no questions, and refused when the state has moved on.
async fn saved(
    session: &Session,
    args: &ApplyArgs,
    variables: &[VariableArgument],
    path: &Path,
) -> Result<Exit, Diagnostics> {
    let operation = Operation::resolve(&args.operation)?;
    let narrowed =
        !operation.targets.is_empty() || !operation.excludes.is_empty() || !operation.force_replace.is_empty();
    if narrowed || operation.mode != PlanMode::Normal {
        let text = "A saved plan has its own targets and mode; -target, -exclude, -replace, -destroy and -refresh-only belong to the plan command.";
        return Err(Diagnostic::error("Can't change a saved plan", text).into());
    }
    let file = planfile::read(path, &session.registry)?;
    let config = session.load_with(&file.load_options(session.load_options()))?;
    let mut ephemeral = BTreeMap::new();
    if !variables.is_empty() || config.root.variables.values().any(|v| v.ephemeral) {
        let given = session.variables_beside_plan(&config, variables)?;
        if !variables.is_empty() {
            file.check_variables(&given)?;
        }
        ephemeral = given;
        ephemeral
            .retain(|name, value| !value.is_null() && config.root.variables.get(name).is_some_and(|v| v.ephemeral));
        file.check_ephemeral(&ephemeral)?;
    }
    let state = StateSettings::from(&args.state);
    let store = session.store(Some(&config), &state).await?;
    file.check_place(&session.workspace()?, &store.location())?;
    session.lock(&*store, "OperationTypeApply", &state).await?;
    let result = async {
        let mut settings = file.settings(session.cwd.clone(), operation.parallelism);
        settings.variables.extend(ephemeral);
        let sink = events(&session.output);
        let current = plan::recovered(session, &config, &settings, &*store, &*sink).await?;
        drop(sink);
        file.check_fresh(&current)?;
        linting::of_plan(session, &config, &file.plan, &settings.workspace, args.lint)?;
        make(session, &config, &file.plan, &settings, &store, Kind::Apply).await
    }
    .await;
    session.unlock(&*store).await;
    result
}

async fn fresh(
    session: &Session,
    args: &ApplyArgs,
    variables: &[VariableArgument],
    kind: Kind,
) -> Result<Exit, Diagnostics> {
    let mut operation = Operation::resolve(&args.operation)?;
    match kind {
        Kind::Apply => {}
        Kind::Destroy if operation.mode == PlanMode::RefreshOnly => {
            let text =
                "destroy cannot be combined with -refresh-only; use `apply -refresh-only` to only update the state.";
            return Err(Diagnostic::error("Incompatible plan mode options", text).into());
        }
        Kind::Destroy => operation.mode = PlanMode::Destroy,
        Kind::Refresh => operation.mode = PlanMode::RefreshOnly,
    }
    let approved = args.approval.auto_approve || kind == Kind::Refresh;
    if session.output.style.json && !approved {
        let text = "-json leaves nobody to ask.";
        return Err(Diagnostic::error("Plan file or auto-approve required", text)
            .hint("Give -auto-approve, or apply a saved plan.")
            .into());
    }
    let state = StateSettings::from(&args.state);
    let config = session.load_existing()?;
    let settings = plan::settings(session, &config, &operation, variables)?;
    let store = session.store(Some(&config), &state).await?;
    session.lock(&*store, "OperationTypeApply", &state).await?;
    let result = async {
        let (planned, mut diagnostics) = plan::make(session, &config, &settings, &store).await?;
        if kind == Kind::Refresh {
            if planned.previous_state.resources.is_empty() {
                diagnostics.push(nothing_to_refresh());
            }
        } else if !planned.errored || !planned.changes.is_empty() || !planned.outputs.is_empty() {
            plan::show(&session.output, &planned);
        }
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        linting::of_plan(session, &config, &planned, &settings.workspace, args.lint)?;
        if approved {
            // Checks are verified anew by the apply that follows at once: what they said before is no news then.
            diagnostics = diagnostics.into_iter().filter(|d| !is_of_check(d)).collect();
        }
        session.output.report(&diagnostics);
        if plan::has_news(&planned) && !approved {
            match approval(session, planned.mode, &settings.workspace)? {
                true => {}
                false => {
                    let what = if planned.mode == PlanMode::Destroy { "Destroy" } else { "Apply" };
                    session.output.text(&format!("\n{what} cancelled.\n"));
                    return Ok(Exit::Failure);
                }
            }
        }
        make(session, &config, &planned, &settings, &store, kind).await
    }
    .await;
    session.unlock(&*store).await;
    result
}

/// Whether a message is that of a `check` block: `check.NAME`, in whatever module.
fn is_of_check(diagnostic: &Diagnostic) -> bool {
    let address = diagnostic.address.as_deref().unwrap_or_default();
    // A key of an instance may hold anything; names hold no quotes.
    let mut from_the_end = address.rsplit('.');
    let name = from_the_end.next().unwrap_or_default();
    !diagnostic.is_error() && !name.contains('"') && from_the_end.next() == Some("check")
}

fn nothing_to_refresh() -> Diagnostic {
    let text = "There are currently no remote objects tracked in the state, so there is nothing to refresh.";
    Diagnostic::warning("Empty or non-existent state", text)
}

/// Asks; only `yes` approves.
fn approval(session: &Session, mode: PlanMode, workspace: &str) -> Result<bool, Diagnostics> {
    if session.output.style.no_input {
        return Err(plan::cannot_ask("apply"));
    }
    let place = if workspace == "default" { String::new() } else { format!(" in workspace \"{workspace}\"") };
    let strong = |text: &str| session.output.terminal.palette.paint(Role::Strong, text);
    let (title, text) = match mode {
        PlanMode::Destroy => (
            format!("Do you really want to destroy all resources{place}?"),
            "Pipewright will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        PlanMode::RefreshOnly => (
            format!("Would you like to update the state to reflect these detected changes{place}?"),
            "Pipewright will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        PlanMode::Normal => (
            format!("Do you want to perform these actions{place}?"),
            "Pipewright will perform the actions described above.\n  Only 'yes' will be accepted to approve.",
        ),
    };
    let question = format!("\n{}\n  {text}\n\n  {}", strong(&title), strong("Enter a value: "));
    let answer = session.output.terminal.ask(&question);
    match answer {
        Ok(Some(answer)) => Ok(answer.trim() == "yes"),
        Ok(None) => Ok(false),
        Err(e) => Err(Diagnostic::error("Cannot ask for approval", e.to_string()).into()),
    }
}

async fn make(
    session: &Session,
    config: &Config,
    planned: &Plan,
    settings: &Settings,
    store: &Arc<dyn StateStore>,
    kind: Kind,
) -> Result<Exit, Diagnostics> {
    let sink = Stored::new(store.clone(), Snapshot::of(&planned.previous_state));
    let events = events(&session.output);
    if planned.changes.iter().any(|c| !matches!(c.action, Action::NoOp | Action::Forget)) {
        session.output.text("\n");
    }
    let mut outcome =
        engine::apply(config, planned, &session.registry, settings, &sink, &*events, &session.cancel).await;
    drop(events);
    // A failure may have been that of storing: what was done must not be lost track of.
    if outcome.diagnostics.has_errors()
        && let Err(unsaved) = sink.secure(&outcome.state, &session.cwd).await
    {
        outcome.diagnostics.extend(unsaved);
    }
    let failed = outcome.diagnostics.has_errors();
    if failed {
        session.output.report(&outcome.diagnostics);
        let saved = if outcome.interrupted { "\nInterrupted: " } else { "\n" };
        session.output.text(&format!(
            "{saved}{} What succeeded is saved in the state; run apply again to go on.\n",
            done(&outcome.counts)
        ));
        return Ok(Exit::Failure);
    }
    session.output.report(&outcome.diagnostics);
    if kind != Kind::Refresh {
        let operation = if planned.mode == PlanMode::Destroy { "destroy" } else { "apply" };
        session.output.message(stream::Message::change_summary(&outcome.counts, operation));
        let c = &outcome.counts;
        session.output.good(&match planned.mode {
            PlanMode::Destroy => format!("\nDestroy complete! Resources: {} destroyed.", c.destroy),
            _ => format!("\nApply complete! Resources: {}", done(c)),
        });
    }
    if planned.mode != PlanMode::Destroy {
        session.output.message(stream::Message::outputs(&outcome.state.outputs));
        if !outcome.state.outputs.is_empty() {
            session.output.text(&format!(
                "\n{}\n\n{}",
                session.output.terminal.palette.paint(Role::Good, "Outputs:"),
                outputs(&outcome.state.outputs)
            ));
        }
    }
    Ok(Exit::Success)
}

fn done(c: &Summary) -> String {
    let imported = if c.import > 0 { format!("{} imported, ", c.import) } else { String::new() };
    let forgotten = if c.forget > 0 { format!(", {} forgotten", c.forget) } else { String::new() };
    format!("{imported}{} added, {} changed, {} destroyed{forgotten}.", c.add, c.change, c.destroy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_checks_are_told_from_those_of_objects() {
        let warning = |address: &str| {
            let mut diagnostic = Diagnostic::warning("w", "w");
            diagnostic.address = Some(address.to_owned());
            is_of_check(&diagnostic)
        };
        assert!(warning("check.health") && warning("module.a[\"x.y\"].check.health"));
        assert!(!warning("aws_sns_topic.t") && !warning("module.check.aws_sns_topic.t"));
        assert!(!warning("aws_sns_topic.t[\"a.check.b\"]"), "a key may hold anything");
    }
}
