//! `lint`: best practice over the configuration or a saved plan, without credentials; or over a live pipeline.

use super::lint_fix::{self, Repair};
use crate::cli::Exit;
use crate::cli::args::LintArgs;
use crate::cli::linting;
use crate::cli::live;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::VariableArgument;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::planfile;
use crate::lint::baseline::Baseline;
use crate::lint::model::Model;
use crate::lint::{Level, Report, Rule, Settings};
use crate::view;
use std::path::{Path, PathBuf};

/// Checks the configuration in the current folder, or a saved plan.
pub async fn run(args: &LintArgs, variables: Vec<VariableArgument>) -> Exit {
    let style = Style { no_color: args.switches.no_color, ..Style::default() };
    if args.switches.fix {
        return fix(args, &variables, style);
    }
    let session = Session::new(style);
    match perform(&session, args, &variables).await {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &LintArgs, variables: &[VariableArgument]) -> Result<Exit, Diagnostics> {
    let settings = linting::settings(session)?;
    let rules = linting::selected(&settings, &args.only)?;
    let report = match (&args.plan, &args.live) {
        (Some(_), Some(_)) => {
            let text = "-live reads a pipeline from the account, a saved plan tells what will be there.";
            return Err(Diagnostic::error("-live does not go with a saved plan", text).into());
        }
        (Some(path), None) => of_plan(session, args, &settings, &rules, path)?,
        (None, Some(name)) => {
            let (objects, unseen) = live::objects(session, name, variables).await?;
            let model = Model::of_live(objects);
            let mut report = linting::check(session, &model, &settings, &rules, baseline(args, &settings).as_deref())?;
            report.notes.extend(unseen);
            report.notes.sort();
            report.notes.dedup();
            report
        }
        (None, None) => of_configuration(session, args, &settings, &rules, variables)?,
    };
    if let Some(path) = &args.write_baseline {
        return write(session, path, &report);
    }
    Ok(show(session, args, &settings, &rules, &report))
}

/// The most rounds of repairs: one may make room for another.
const ROUNDS: usize = 5;

/// Repairs, and shows what is left.
fn fix(args: &LintArgs, variables: &[VariableArgument], style: Style) -> Exit {
    if args.live.is_some() {
        let text = "Repairs are made in the configuration. Import the pipeline first, or lint the configuration it comes from.";
        return Session::new(style).output.fail("-fix does not go with -live", text);
    }
    if args.plan.is_some() {
        let text = "A saved plan holds values, not texts: repairs are made in the configuration.";
        return Session::new(style).output.fail("-fix does not go with a saved plan", text);
    }
    for round in 0..=ROUNDS {
        // Each round reads the files anew.
        let session = Session::new(style);
        match fix_once(&session, args, variables, round < ROUNDS) {
            Ok(None) => {}
            Ok(Some(exit)) => return exit,
            Err(diagnostics) => return session.output.failed(&diagnostics),
        }
    }
    Exit::Failure
}

/// One round; nothing when files were changed and it must be looked again.
fn fix_once(
    session: &Session,
    args: &LintArgs,
    variables: &[VariableArgument],
    go_on: bool,
) -> Result<Option<Exit>, Diagnostics> {
    let settings = linting::settings(session)?;
    let rules = linting::selected(&settings, &args.only)?;
    let report = of_configuration(session, args, &settings, &rules, variables)?;
    let made = if go_on { lint_fix::repair(session, &report, args.switches.auto_approve)? } else { Repair::Nothing };
    if matches!(made, Repair::Made) {
        return Ok(None);
    }
    if matches!(made, Repair::Declined) {
        session.output.text("Nothing was changed.\n");
    }
    Ok(Some(show(session, args, &settings, &rules, &report)))
}

fn show(session: &Session, args: &LintArgs, settings: &Settings, rules: &[&'static Rule], report: &Report) -> Exit {
    let fail_on = args.fail_on.or(settings.fail_on).unwrap_or(Level::Warning);
    let sources = &session.output.sources;
    let format = if args.switches.json { "json" } else { args.format.as_str() };
    let text = match format {
        "json" => view::lint::json::text(report, sources),
        "sarif" => format!("{:#}\n", view::lint::sarif::document(report, rules, sources)),
        "junit" => view::lint::junit::document(report, rules, fail_on, sources),
        "github" => view::lint::github::commands(report, sources),
        "markdown" => view::lint::markdown::text(report, sources),
        _ => view::lint::human::report(report, sources, session.output.terminal.palette, args.switches.verbose),
    };
    session.output.terminal.out(&text);
    if report.worst().is_some_and(|worst| worst >= fail_on) { Exit::Changes } else { Exit::Success }
}

/// The baseline in use: none while one is written.
fn baseline(args: &LintArgs, settings: &Settings) -> Option<PathBuf> {
    if args.write_baseline.is_some() {
        return None;
    }
    args.baseline.clone().or_else(|| settings.baseline.as_ref().map(PathBuf::from))
}

fn write(session: &Session, path: &Path, report: &Report) -> Result<Exit, Diagnostics> {
    let baseline = Baseline::of(&report.findings);
    crate::state::backend::atomic::write(path, baseline.text().as_bytes())
        .map_err(|e| Diagnostic::error("Cannot write the baseline", format!("{}: {e}.", path.display())))?;
    let count = baseline.findings.len();
    session.output.good(&format!("Wrote {count} findings to {}.", path.display()));
    Ok(Exit::Success)
}

fn of_configuration(
    session: &Session,
    args: &LintArgs,
    settings: &Settings,
    rules: &[&'static Rule],
    variables: &[VariableArgument],
) -> Result<Report, Diagnostics> {
    let (config, missing) = linting::load(session)?;
    let survey = linting::survey(session, &config, variables)?;
    let model = Model::of_survey(&config, &survey);
    let mut report = linting::check(session, &model, settings, rules, baseline(args, settings).as_deref())?;
    report.notes.extend(missing.iter().chain(&survey.notes).map(|d| linting::note(d, session)));
    report.notes.sort();
    report.notes.dedup();
    if !args.switches.fix {
        // The program ends after this: taking a large configuration apart value by value would be a tenth of its time.
        std::mem::forget(model);
        std::mem::forget((survey, config));
    }
    Ok(report)
}

fn of_plan(
    session: &Session,
    args: &LintArgs,
    settings: &Settings,
    rules: &[&'static Rule],
    path: &Path,
) -> Result<Report, Diagnostics> {
    let file = planfile::read(path, &session.registry)?;
    let config = session.load_with(&file.load_options(session.load_options()))?;
    let survey = linting::survey_of_plan(session, &config, &file.plan, &file.workspace);
    let model = Model::of_plan(&config, &survey, &file.plan, &session.registry);
    linting::check(session, &model, settings, rules, baseline(args, settings).as_deref())
}
