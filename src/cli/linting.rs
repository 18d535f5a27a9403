//! Lint as `lint`, `plan` and `apply` share it: settings, survey, model, baseline.

use super::cache;
use super::session::Session;
use super::settings::VariableArgument;
use crate::config::{self, model::Config};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::plan::Plan;
use crate::engine::{self, Survey};
use crate::lint::baseline::Baseline;
use crate::lint::model::Model;
use crate::lint::settings::{InPlan, Setting};
use crate::lint::{self, Context, Note, Report, Rule, Settings, configure};
use crate::view;
use std::path::Path;

/// What `.pipewright.hcl` says; the defaults where there is none.
pub fn settings(session: &Session) -> Result<Settings, Diagnostics> {
    match std::fs::read_to_string(configure::FILE) {
        Ok(text) => configure::parse(configure::FILE, &text, &session.output.sources),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
        Err(e) => Err(Diagnostic::error("Cannot read the settings", format!("{}: {e}.", configure::FILE)).into()),
    }
}

/// The configuration, as far as it can be read: a module that is not installed is left out, and told.
pub fn load(session: &Session) -> Result<(Config, Diagnostics), Diagnostics> {
    if !config::is_config_dir(Path::new(".")) {
        let text = "The current folder has no .tf files. Change to the folder of your configuration, or name it with -chdir=DIR.";
        return Err(Diagnostic::error("No configuration files", text).into());
    }
    let (config, diagnostics) = config::load(Path::new("."), &session.load_options());
    let left_out = |d: &Diagnostic| {
        matches!(
            d.summary.as_str(),
            "HCP Terraform is not supported"
                | "Module not installed"
                | "Module source has changed"
                | "Unreadable module directory"
        )
    };
    let (missing, rest): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(left_out);
    let rest: Diagnostics = rest.into_iter().collect();
    match config {
        Some(config) if !rest.has_errors() => Ok((config, missing.into_iter().collect())),
        _ => Err(rest),
    }
}

/// What the configuration will make.
pub fn survey(session: &Session, config: &Config, variables: &[VariableArgument]) -> Result<Survey, Diagnostics> {
    let settings = engine::Settings {
        variables: session.given_variables(config, variables)?,
        workspace: session.workspace()?,
        cwd: session.cwd.clone(),
        ..engine::Settings::default()
    };
    Ok(engine::survey(config, &session.registry, &settings))
}

/// The rules that run: all but those switched off, of these only those whose ids begin with one of `only`.
pub fn selected(settings: &Settings, only: &[String]) -> Result<Vec<&'static Rule>, Diagnostics> {
    let matches = |rule: &Rule, wanted: &str| rule.id.starts_with(&wanted.to_ascii_uppercase());
    let mut problems = Diagnostics::new();
    for wanted in only.iter().filter(|w| !lint::rules().any(|r| matches(r, w))) {
        problems.push(
            Diagnostic::error("Unknown rule", format!("There is no rule \"{wanted}\", and none that begins so."))
                .hint("`pipewright explain` lists all rules."),
        );
    }
    let on = |rule: &&'static Rule| settings.rules.get(rule.id) != Some(&Setting::Off);
    let wanted = |rule: &&'static Rule| only.is_empty() || only.iter().any(|w| matches(rule, w));
    problems.into_result(lint::rules().filter(on).filter(wanted).collect()).map(|(rules, _)| rules)
}

/// Runs rules over a model, and takes out what the baseline knows.
pub fn check(
    session: &Session,
    model: &Model<'_>,
    settings: &Settings,
    rules: &[&'static Rule],
    baseline: Option<&Path>,
) -> Result<Report, Diagnostics> {
    let (catalog, told) = cache::catalog();
    session.output.report(&told);
    let mut report = lint::run(&Context::with_catalog(model, &catalog).with_settings(settings), rules);
    if let Some(path) = baseline {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Diagnostic::error("Cannot read the baseline", format!("{}: {e}.", path.display()))
                .hint("Make one with `pipewright lint -write-baseline=FILE`.")
        })?;
        Baseline::parse(&path.display().to_string(), &text)?.apply(&mut report);
    }
    Ok(report)
}

/// Looks over a plan as `plan` and `apply` do it.
///
/// # Errors
/// When findings are to stop the command.
pub fn of_plan(
    session: &Session,
    config: &Config,
    plan: &Plan,
    workspace: &str,
    asked: Option<InPlan>,
) -> Result<(), Diagnostics> {
    let settings = settings(session)?;
    let mode = asked.unwrap_or(settings.in_plan);
    if mode == InPlan::Off || plan.mode != engine::plan::PlanMode::Normal {
        return Ok(());
    }
    let survey = survey_of_plan(session, config, plan, workspace);
    let model = Model::of_plan(config, &survey, plan, &session.registry);
    let rules = selected(&settings, &[])?;
    let baseline = settings.baseline.as_ref().map(Path::new);
    let report = check(session, &model, &settings, &rules, baseline)?;
    let fail_on = settings.fail_on.unwrap_or(lint::Level::Warning);
    if session.output.style.json {
        let sources = report.hidden.sources(&session.output.sources);
        for finding in &report.findings {
            let message = crate::view::json::stream::Message::diagnostic(&finding.as_diagnostic(), &sources);
            session.output.message(message);
        }
    } else {
        let text = view::lint::human::report(&report, &session.output.sources, session.output.terminal.palette, false);
        session.output.text(&format!("\n{text}"));
    }
    let stops = report.findings.iter().filter(|f| f.severity >= fail_on).count();
    if mode == InPlan::Error && stops > 0 {
        return Err(Diagnostic::error(
            "Lint found what must be repaired first",
            format!("{stops} finding{} of severity {fail_on} or worse.", if stops == 1 { "" } else { "s" }),
        )
        .hint("Repair it, or ignore it with a comment `# pipewright:ignore RULE reason`; -lint=warn goes on all the same.")
        .into());
    }
    Ok(())
}

/// The survey that completes a plan: with the plan's own variables.
pub fn survey_of_plan(session: &Session, config: &Config, plan: &Plan, workspace: &str) -> Survey {
    let settings = engine::Settings {
        variables: plan.variables.clone(),
        workspace: workspace.to_owned(),
        cwd: session.cwd.clone(),
        ..engine::Settings::default()
    };
    engine::survey(config, &session.registry, &settings)
}

/// A message as a note of the report.
pub fn note(diagnostic: &Diagnostic, session: &Session) -> Note {
    let at = diagnostic.span.and_then(|span| session.output.sources.get(span.file).map(|file| (span, file)));
    let place =
        at.map(|(span, file)| format!("{}:{}: ", file.name, file.position(span.start).line)).unwrap_or_default();
    Note {
        rule: String::new(),
        address: diagnostic.address.clone().unwrap_or_default(),
        text: format!("{place}{}: {}", diagnostic.summary, diagnostic.detail),
    }
}
