//! `lint`: best practice over the configuration or a saved plan, without credentials.

use super::lint_fix::{self, Repair};
use crate::cli::Exit;
use crate::cli::args::LintArgs;
use crate::cli::cache;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::VariableArgument;
use crate::config::model::Config;
use crate::config::{self};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{self, Settings, planfile};
use crate::lint::model::Model;
use crate::lint::{self, Context, Note, Report, Rule};
use crate::view;
use std::path::Path;

/// Checks the configuration in the current folder, or a saved plan.
pub async fn run(args: &LintArgs, variables: Vec<VariableArgument>) -> Exit {
    let style = Style { no_color: args.switches.no_color, ..Style::default() };
    if args.switches.fix {
        return fix(args, &variables, style).await;
    }
    let session = Session::new(style);
    let report = match &args.plan {
        Some(path) => of_plan(&session, args, path).await,
        None => of_configuration(&session, args, &variables).await,
    };
    match report {
        Ok(report) => show(&session, args, &report),
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// The most rounds of repairs: one may make room for another.
const ROUNDS: usize = 5;

/// Repairs, and shows what is left.
async fn fix(args: &LintArgs, variables: &[VariableArgument], style: Style) -> Exit {
    if args.plan.is_some() {
        let text = "A saved plan holds values, not texts: repairs are made in the configuration.";
        return Session::new(style).output.fail("-fix does not go with a saved plan", text);
    }
    for round in 0..=ROUNDS {
        // Each round reads the files anew.
        let session = Session::new(style);
        let report = match of_configuration(&session, args, variables).await {
            Ok(report) => report,
            Err(diagnostics) => return session.output.failed(&diagnostics),
        };
        let made = if round < ROUNDS {
            lint_fix::repair(&session, &report, args.switches.auto_approve)
        } else {
            Ok(Repair::Nothing)
        };
        match made {
            Ok(Repair::Made) => {}
            Ok(Repair::Nothing) => return show(&session, args, &report),
            Ok(Repair::Declined) => {
                session.output.text("Nothing was changed.\n");
                return show(&session, args, &report);
            }
            Err(diagnostics) => return session.output.failed(&diagnostics),
        }
    }
    Exit::Failure
}

fn show(session: &Session, args: &LintArgs, report: &Report) -> Exit {
    let sources = &session.output.sources;
    let text = if args.switches.json || args.format == "json" {
        format!("{:#}\n", view::lint::json::document(report, sources))
    } else {
        view::lint::human::report(report, sources, session.output.terminal.palette, args.switches.verbose)
    };
    session.output.terminal.out(&text);
    if report.worst().is_some_and(|worst| worst >= args.fail_on) { Exit::Changes } else { Exit::Success }
}

/// The rules `-only` names; all without it.
fn selected(args: &LintArgs) -> Result<Vec<&'static Rule>, Diagnostics> {
    let matches = |rule: &Rule, wanted: &str| rule.id.starts_with(&wanted.to_ascii_uppercase());
    let mut problems = Diagnostics::new();
    for wanted in args.only.iter().filter(|w| !lint::rules().any(|r| matches(r, w))) {
        problems.push(Diagnostic::error(
            "Unknown rule",
            format!("There is no rule \"{wanted}\", and none that begins so."),
        ));
    }
    let rules = lint::rules().filter(|r| args.only.is_empty() || args.only.iter().any(|w| matches(r, w))).collect();
    problems.into_result(rules).map(|(rules, _)| rules)
}

async fn of_configuration(
    session: &Session,
    args: &LintArgs,
    variables: &[VariableArgument],
) -> Result<Report, Diagnostics> {
    let rules = selected(args)?;
    let (config, missing) = load(session)?;
    let settings = Settings {
        variables: session.given_variables(&config, variables)?,
        workspace: session.workspace()?,
        cwd: session.cwd.clone(),
        ..Settings::default()
    };
    let survey = engine::survey(&config, &session.registry, &settings).await;
    let model = Model::of_survey(&config, &survey);
    let (catalog, told) = cache::catalog();
    let mut report = lint::run(&Context::with_catalog(&model, &catalog), &rules);
    session.output.report(&told);
    report.notes.extend(missing.iter().chain(&survey.notes).map(|d| note(d, session)));
    report.notes.sort();
    report.notes.dedup();
    Ok(report)
}

async fn of_plan(session: &Session, args: &LintArgs, path: &Path) -> Result<Report, Diagnostics> {
    let rules = selected(args)?;
    let file = planfile::read(path, &session.registry)?;
    let config = session.load_with(&file.load_options(session.load_options()))?;
    let settings = Settings {
        variables: file.plan.variables.clone(),
        workspace: file.workspace.clone(),
        cwd: session.cwd.clone(),
        ..Settings::default()
    };
    let survey = engine::survey(&config, &session.registry, &settings).await;
    let model = Model::of_plan(&config, &survey, &file.plan, &session.registry);
    let (catalog, told) = cache::catalog();
    session.output.report(&told);
    Ok(lint::run(&Context::with_catalog(&model, &catalog), &rules))
}

/// The configuration, as far as it can be read: a module that is not installed is left out, and told.
pub(super) fn load(session: &Session) -> Result<(Config, Diagnostics), Diagnostics> {
    if !config::is_config_dir(Path::new(".")) {
        let text = "The current folder has no .tf files. Change to the folder of your configuration, or name it with -chdir=DIR.";
        return Err(Diagnostic::error("No configuration files", text).into());
    }
    let (config, diagnostics) = config::load(Path::new("."), &session.load_options());
    let left_out = |d: &Diagnostic| matches!(d.summary.as_str(), "Module not installed" | "Module source has changed");
    let (missing, rest): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(left_out);
    let rest: Diagnostics = rest.into_iter().collect();
    match config {
        Some(config) if !rest.has_errors() => Ok((config, missing.into_iter().collect())),
        _ => Err(rest),
    }
}

fn note(diagnostic: &Diagnostic, session: &Session) -> Note {
    let at = diagnostic.span.and_then(|span| session.output.sources.get(span.file).map(|file| (span, file)));
    let place =
        at.map(|(span, file)| format!("{}:{}: ", file.name, file.position(span.start).line)).unwrap_or_default();
    Note {
        rule: String::new(),
        address: diagnostic.address.clone().unwrap_or_default(),
        text: format!("{place}{}: {}", diagnostic.summary, diagnostic.detail),
    }
}
