//! `alerts test`: proves offline who is told of what.

use crate::cli::Exit;
use crate::cli::args::AlertsTestArgs;
use crate::cli::linting;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::VariableArgument;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lint::model::Model;
use crate::operate::alerts::{self, Alerts};
use crate::view;
use serde_json::{Value as Json, json};
use std::path::Path;

/// Tests the alerts of the configuration in the current folder. Ends with 2 when somebody should be told and is not.
pub fn test(args: &AlertsTestArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style { no_color: args.switches.no_color, ..Style::default() });
    match perform(&session, args, &variables) {
        Ok(exit) => exit,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

fn perform(session: &Session, args: &AlertsTestArgs, variables: &[VariableArgument]) -> Result<Exit, Diagnostics> {
    let (config, _) = linting::load(session)?;
    let survey = linting::survey(session, &config, variables)?;
    let model = Model::of_survey(&config, &survey);
    if let Some(path) = &args.event {
        return event(session, args, &model, path);
    }
    let wanted = |address: &str| args.address.as_deref().is_none_or(|a| a == address);
    let found: Vec<Alerts> = model.pipelines().filter(|p| wanted(p.object.address())).map(|p| alerts::of(&p)).collect();
    if found.is_empty() {
        let have: Vec<String> = model.pipelines().map(|p| p.object.address().to_owned()).collect();
        return Err(match &args.address {
            Some(address) => Diagnostic::error("No such pipeline", format!("There is no pipeline {address} here."))
                .hint(if have.is_empty() {
                    "There is none.".to_owned()
                } else {
                    format!("There are: {}.", have.join(", "))
                }),
            None => Diagnostic::error("No pipeline", "The configuration has no aws_codepipeline."),
        }
        .into());
    }
    let out = &session.output.terminal;
    if args.switches.json {
        let list: Vec<Json> = found.iter().map(view::alerts::json).collect();
        out.out(&format!("{:#}\n", json!({ "format_version": "1.0", "pipelines": list })));
    } else {
        let texts: Vec<String> = found.iter().map(|a| view::alerts::human(a, out.palette)).collect();
        out.out(&texts.join("\n"));
    }
    // That a success or a stop is told to nobody is no fault.
    let missing = found.iter().any(|a| a.untold().iter().any(|w| matches!(*w, "failed" | "waiting for approval")));
    Ok(if missing { Exit::Changes } else { Exit::Success })
}

fn event(session: &Session, args: &AlertsTestArgs, model: &Model<'_>, path: &Path) -> Result<Exit, Diagnostics> {
    let wrong = |e: String| Diagnostic::error("Cannot read the event", format!("{}: {e}.", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let event: Json = serde_json::from_str(&text)
        .map_err(|e| wrong(e.to_string()).hint("The file holds one event as EventBridge sends it, as JSON."))?;
    let told = alerts::of_event(model, &event);
    let out = &session.output.terminal;
    if args.switches.json {
        let list: Vec<Json> = told.iter().map(view::alerts::json_told).collect();
        out.out(&format!("{:#}\n", json!({ "format_version": "1.0", "told": list })));
    } else if told.is_empty() {
        out.out("No rule fires.\n");
    } else {
        told.iter().for_each(|t| out.out(&view::alerts::told(t)));
    }
    Ok(if told.is_empty() { Exit::Changes } else { Exit::Success })
}
