//! `output`: values of root outputs from the state.

use crate::cli::Exit;
use crate::cli::args::OutputArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Kind, Type, Value, convert};
use crate::state::codec;
use crate::state::model::OutputValue;
use crate::view::json::mask::known;
use crate::view::{console, json};
use serde_json::{Map, Value as Json};
use std::path::Path;

/// Prints them.
pub async fn run(args: &OutputArgs) -> Exit {
    let mut style = Style::of(&args.view);
    let as_json = std::mem::take(&mut style.json);
    let session = Session::new(style);
    match perform(&session, args, as_json).await {
        Ok(text) => {
            session.output.terminal.out(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn perform(session: &Session, args: &OutputArgs, as_json: bool) -> Result<String, Diagnostics> {
    if as_json && args.raw.raw {
        return Err(Diagnostic::error("Incompatible options", "-json and -raw exclude each other.").into());
    }
    let config = if crate::config::is_config_dir(Path::new(".")) { Some(session.load()?) } else { None };
    let settings = StateSettings { path: args.state.clone(), ..StateSettings::default() };
    let outputs = session.store(config.as_ref(), &settings).await?.read().await?.outputs;
    if outputs.is_empty() && !as_json {
        let text =
            "The state has no outputs, or all of them are null. Define outputs in the configuration and run apply.";
        session.output.report(&Diagnostic::warning("No outputs found", text).into());
        return Ok(String::new());
    }
    let Some(name) = &args.name else {
        if args.raw.raw {
            return Err(Diagnostic::error("Output name required", "-raw prints one output: give its name.").into());
        }
        if as_json {
            let all: Map<String, Json> =
                outputs.iter().map(|(n, o)| (n.clone(), json::state::output(o, false))).collect();
            return Ok(codec::json::pretty(&all));
        }
        return Ok(console::outputs(&outputs));
    };
    let Some(output) = outputs.get(name) else {
        let suggestion = crate::config::suggest::did_you_mean(name, outputs.keys().map(String::as_str));
        let text = format!(
            "The state has no output named {name:?}.{suggestion} If it is new in the configuration, run `pipewright apply`: an \
             output is in the state after that."
        );
        return Err(Diagnostic::error(format!("Output \"{name}\" not found"), text).into());
    };
    if as_json {
        return Ok(format!("{}\n", codec::json::compact(&known(&output.value))));
    }
    if args.raw.raw { raw(name, output) } else { Ok(format!("{}\n", console::value(&output.value))) }
}

fn raw(name: &str, output: &OutputValue) -> Result<String, Diagnostics> {
    let unsupported = |text: String| Diagnostics::from(Diagnostic::error("Unsupported value for raw output", text));
    let text: Value = convert(&output.value, &Type::String).map_err(|_| {
        unsupported(format!(
            "-raw prints strings, numbers and bools; output \"{name}\" is {}. Use -json for it.",
            output.value.ty().friendly_name()
        ))
    })?;
    match text.kind() {
        Kind::String(text) => Ok(text.to_string()),
        _ => Err(unsupported(format!(
            "The value of output \"{name}\" is null, so -raw cannot print it. Use -json for it."
        ))),
    }
}
