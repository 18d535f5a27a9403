//! `plan`: shows what would change, and saves it with `-out`.

use super::apply::events;
use crate::cli::Exit;
use crate::cli::args::PlanArgs;
use crate::cli::generated;
use crate::cli::linting;
use crate::cli::output::{Output, Style};
use crate::cli::session::Session;
use crate::cli::settings::{Operation, StateSettings, VariableArgument};
use crate::config::model::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::EventSink;
use crate::engine::generating;
use crate::engine::plan::{Plan, PlanMode};
use crate::engine::{self, Settings, planfile};
use crate::state::model::State;
use crate::state::store::StateStore;
use crate::view::json::stream;
use crate::view::{self, style::Role};
use std::path::Path;
use std::sync::Arc;

/// Plans in the current folder.
pub async fn run(args: &PlanArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style::of(&args.view));
    session.output.message(stream::Message::version());
    session.watch_interrupts();
    match perform(&session, args, &variables).await {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &PlanArgs, variables: &[VariableArgument]) -> Result<Exit, Diagnostics> {
    let operation = Operation::resolve(&args.operation)?;
    let state = StateSettings::from(&args.state);
    let generate = args.generate_config_out.as_deref();
    if let Some(path) = generate {
        if operation.mode != PlanMode::Normal {
            let text = "Config can only be generated during a normal plan operation, and not during a refresh-only or destroy plan.";
            return Err(Diagnostic::error("Invalid generate-config-out flag", text).into());
        }
        generated::check_target(path)?;
    }
    let config = session.load_existing()?;
    let mut settings = settings(session, &config, &operation, variables)?;
    settings.generate = generate.is_some();
    let store = session.store(Some(&config), &state).await?;
    session.lock(&*store, "OperationTypePlan", &state).await?;
    let planned = make(session, &config, &settings, &store).await;
    session.unlock(&*store).await;
    let (plan, mut diagnostics) = planned?;
    let failed = diagnostics.has_errors();
    let written = generate.filter(|_| !plan.generated.is_empty());
    if let Some(path) = written
        && let Err(more) = write_generated(session, path, &plan)
    {
        diagnostics.extend(more);
        return Err(diagnostics);
    }
    show(&session.output, &plan);
    if !failed {
        linting::of_plan(session, &config, &plan, &settings.workspace, args.lint)?;
    }
    if let (Some(path), false) = (&args.out, failed) {
        planfile::write(path, &plan, &config, &session.load_options(), &settings, &store.location())?;
        saved(&session.output, path);
    } else if !failed && has_news(&plan) {
        unsaved(&session.output);
    }
    if failed {
        if let Some(path) = written {
            review(&session.output, path);
        }
        return Err(std::mem::take(&mut diagnostics));
    }
    if let Some(path) = written {
        review(&session.output, path);
    }
    session.output.report(&diagnostics);
    Ok(if args.exit.detailed_exitcode && has_news(&plan) { Exit::Changes } else { Exit::Success })
}

/// Writes what was generated, and makes it part of the configuration that a saved plan carries.
fn write_generated(session: &Session, path: &Path, plan: &Plan) -> Result<(), Diagnostics> {
    let text = generating::file(&plan.generated);
    generated::write_new(path, &text)?;
    let here = path.parent().is_none_or(|p| p.as_os_str().is_empty() || p == Path::new("."));
    let read = here && path.extension().is_some_and(|e| e == "tf" || e == "tofu");
    let name = if read { path.display().to_string() } else { "generated_config.tf".to_owned() };
    session.output.sources.add(name, text);
    Ok(())
}

fn review(output: &Output, path: &Path) {
    rule(output);
    let path = path.display();
    output.text(&format!(
        "\nPipewright has generated configuration and written it to {path}. Please review the\nconfiguration and edit it as necessary before adding it to version control.\n"
    ));
}

/// Whether applying would change anything; for a refresh-only plan, whether it found drift.
pub fn has_news(plan: &Plan) -> bool {
    plan.has_changes() || (plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty())
}

/// The engine's settings for an operation.
pub fn settings(
    session: &Session,
    config: &Config,
    operation: &Operation,
    variables: &[VariableArgument],
) -> Result<Settings, Diagnostics> {
    let values = session.variables(config, variables)?;
    Ok(Settings {
        mode: operation.mode,
        parallelism: operation.parallelism,
        refresh: operation.refresh,
        targets: operation.targets.clone(),
        excludes: operation.excludes.clone(),
        force_replace: operation.force_replace.clone(),
        variables: values.converted,
        raw_variables: values.raw,
        rejected_variables: values.rejected,
        workspace: session.workspace()?,
        cwd: session.cwd.clone(),
        ..Settings::default()
    })
}

/// Reads the state, completes what a dead run left, and plans.
pub async fn make(
    session: &Session,
    config: &Config,
    settings: &Settings,
    store: &Arc<dyn StateStore>,
) -> Result<(Plan, Diagnostics), Diagnostics> {
    let sink = events(&session.output);
    let current = recovered(session, config, settings, &**store, &*sink).await?;
    let plan = engine::plan(config, &current, &session.registry, settings, &*sink, &session.cancel).await;
    Ok(plan)
}

/// The state, after what a run that died left in the journal is completed. Without the lock that run may still be at work: then the state is
/// taken as it is.
pub async fn recovered(
    session: &Session,
    config: &Config,
    settings: &Settings,
    store: &dyn StateStore,
    events: &dyn EventSink,
) -> Result<State, Diagnostics> {
    let current = store.read().await?;
    if store.journal().pending().is_empty() || !session.is_locked() {
        return Ok(current);
    }
    let (current, warnings) =
        engine::recover(config, store, current, &session.registry, settings, events, &session.cancel).await?;
    session.output.report(&warnings);
    Ok(current)
}

/// Shows a plan in the output's form.
pub fn show(output: &Output, plan: &Plan) {
    if !plan.begun {
        return;
    }
    if output.style.json {
        stream::plan_messages(plan).into_iter().for_each(|m| output.message(m));
    } else {
        output.text(&view::plan::human(plan, output.terminal.palette));
        if plan.errored && plan.has_changes() {
            output.text("\nPlanning failed. The plan above is incomplete: it lacks what the errors below prevent.\n");
        }
    }
}

fn rule(output: &Output) {
    output.text(&format!("\n{}\n", output.terminal.palette.paint(Role::Faint, &"─".repeat(77))));
}

fn saved(output: &Output, path: &Path) {
    rule(output);
    let path = path.display();
    output.text(&format!(
        "\nSaved the plan to: {path}\n\nTo perform exactly these actions, run:\n    pipewright apply \"{path}\"\n"
    ));
}

fn unsaved(output: &Output) {
    rule(output);
    output.text(
        "\nNote: You did not save this plan with -out, so \"pipewright apply\" plans anew and may\nfind other actions to take if something has changed by then.\n",
    );
}

/// The error for an output that cannot ask.
pub fn cannot_ask(command: &str) -> Diagnostics {
    Diagnostic::error(
        "Approval is needed",
        format!("{command} asks before it changes anything, but input is switched off here."),
    )
    .hint("Give -auto-approve, or save a plan with -out and apply that file.")
    .into()
}
