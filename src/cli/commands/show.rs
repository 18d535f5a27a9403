//! `show`: the state, a state file, or a saved plan; for people or as JSON.

use crate::cli::Exit;
use crate::cli::args::ShowArgs;
use crate::cli::output::Style;
use crate::cli::session::Session;
use crate::cli::settings::StateSettings;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::planfile;
use crate::state::codec;
use crate::state::model::{ObjectStatus, State};
use crate::view;
use crate::view::state::{Shown, object, outputs};
use std::path::Path;

/// Shows in the current folder.
pub async fn run(args: &ShowArgs) -> Exit {
    let mut style = Style::of(&args.view);
    let as_json = std::mem::take(&mut style.json);
    let session = Session::new(style);
    let result = match &args.file {
        Some(path) => file(&session, path, as_json),
        None => current(&session, as_json).await,
    };
    match result {
        Ok(text) => {
            session.output.terminal.out(&text);
            Exit::Success
        }
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

async fn current(session: &Session, as_json: bool) -> Result<String, Diagnostics> {
    let config = if crate::config::is_config_dir(Path::new(".")) { Some(session.load()?) } else { None };
    let state = session.store(config.as_ref(), &StateSettings::default()).await?.read().await?;
    state_text(session, &state, as_json)
}

fn file(session: &Session, path: &Path, as_json: bool) -> Result<String, Diagnostics> {
    if planfile::is_plan(path) {
        let file = planfile::read(path, &session.registry)?;
        if !as_json {
            return Ok(view::plan::human(&file.plan, session.output.terminal.palette));
        }
        let config = session.load_with(&file.load_options(session.load_options()))?;
        let document = view::json::plan::document_of(&file.plan, &config, &session.registry);
        return Ok(codec::json::compact(&document) + "\n");
    }
    let bytes = std::fs::read(path).map_err(|e| {
        Diagnostic::error("Cannot read the file", format!("{}: {e}.", path.display()))
            .hint("show takes a saved plan or a state file.")
    })?;
    let state = codec::read(&bytes, &path.display().to_string())?;
    state_text(session, &state, as_json)
}

fn state_text(session: &Session, state: &State, as_json: bool) -> Result<String, Diagnostics> {
    if as_json {
        return Ok(codec::json::compact(&view::json::state::document(state, &session.registry)) + "\n");
    }
    if state.lineage.is_empty() && state.is_empty() {
        return Ok("No state.\n".into());
    }
    if state.is_empty() {
        return Ok("The state file is empty. No resources are represented.\n".into());
    }
    let mut out = String::new();
    for (address, resource, instance) in state.instances() {
        let schema = session.registry.resource_schema(
            &resource.provider.source,
            address.resource.mode,
            &address.resource.type_name,
        );
        let objects = instance
            .current
            .iter()
            .map(|o| (None, &**o))
            .chain(instance.deposed.iter().map(|(k, o)| (Some(k.as_str()), &**o)));
        for (deposed, stored) in objects {
            let Some(schema) = &schema else {
                out.push_str(&format!("# {address}: (no provider in this program has this type)\n\n"));
                continue;
            };
            let value = stored.decode(schema)?;
            let shown = Shown {
                address: &address,
                deposed,
                tainted: stored.status == ObjectStatus::Tainted,
                value: &value,
                block: &schema.block,
            };
            out.push_str(&object(&shown, session.output.terminal.palette));
            out.push('\n');
        }
    }
    if !state.outputs.is_empty() {
        out.push_str(&format!("\nOutputs:\n\n{}", outputs(&state.outputs)));
    }
    Ok(out)
}
