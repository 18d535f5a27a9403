//! Saved plans: what `plan -out` writes and `apply FILE` does.
//!
//! A zip with `format.json` (what and which version), `plan.json` (the changes, values without loss), `prior.tfstate` and
//! `previous.tfstate` (state after and before the refresh), `modules.json` and `config/…` (the configuration it was made from, so
//! that apply does not depend on files edited since). Sensitive values stand in it in clear: the file is readable by its owner only.

mod document;
mod encoding;

use super::plan::Plan;
use super::settings::Settings;
use crate::config::model::Config;
use crate::config::{InstalledModule, LoadOptions, Snapshot};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::Registry;
use crate::state::codec;
use crate::state::model::State;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Name of the format, first thing checked.
const FORMAT: &str = "pipewright-plan";
/// Its version; a program reads only its own.
const VERSION: u64 = 2;

/// A saved plan with what it was made for.
#[derive(Debug, Clone)]
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// Workspace it was made in.
    pub workspace: String,
    /// Place of the state it was made from.
    pub location: String,
    /// Whether live objects were read.
    pub refresh: bool,
    snapshot: Arc<Snapshot>,
}

#[derive(Serialize)]
struct Body<'a> {
    plan: document::Document<'a>,
    workspace: &'a str,
    location: &'a str,
    refresh: bool,
}

/// Saves a plan, replacing the file at once or not at all.
pub fn write(
    path: &Path,
    plan: &Plan,
    config: &Config,
    options: &LoadOptions,
    settings: &Settings,
    location: &str,
) -> Result<(), Diagnostics> {
    let failed = |e: String| {
        Diagnostics::from(Diagnostic::error("Failed to save the plan", format!("{}: {e}.", path.display())))
    };
    let snapshot = config.snapshot(options);
    let body =
        Body { plan: document::Document(plan), workspace: &settings.workspace, location, refresh: settings.refresh };
    let modules: serde_json::Map<String, Json> = snapshot
        .modules
        .iter()
        .map(|(key, m)| (key.clone(), json!({ "source": m.source, "version": m.version, "dir": m.dir })))
        .collect();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Created readable by its owner only.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(e.to_string()))?;
    let mut zip = ZipWriter::new(file.as_file_mut());
    zip.start_file("plan.json", SimpleFileOptions::default()).map_err(|e| failed(e.to_string()))?;
    let mut buffered = BufWriter::new(&mut zip);
    serde_json::to_writer(&mut buffered, &body).map_err(|e| failed(e.to_string()))?;
    buffered.flush().map_err(|e| failed(e.to_string()))?;
    drop(buffered);
    for (name, state) in [("prior.tfstate", &plan.prior_state), ("previous.tfstate", &plan.previous_state)] {
        zip.start_file(name, SimpleFileOptions::default()).map_err(|e| failed(e.to_string()))?;
        codec::write_to(state, BufWriter::new(&mut zip)).map_err(|e| failed(e.to_string()))?;
    }
    let mut add = |name: &str, text: &str| -> Result<(), String> {
        zip.start_file(name, SimpleFileOptions::default()).map_err(|e| e.to_string())?;
        zip.write_all(text.as_bytes()).map_err(|e| e.to_string())
    };
    let format = json!({ "format": FORMAT, "version": VERSION, "pipewright": env!("CARGO_PKG_VERSION") });
    add("format.json", &format.to_string()).map_err(failed)?;
    add("modules.json", &Json::Object(modules).to_string()).map_err(failed)?;
    let names: Vec<&PathBuf> = snapshot.files.keys().collect();
    add("config.json", &json!(names).to_string()).map_err(failed)?;
    for (number, text) in snapshot.files.values().enumerate() {
        add(&format!("config/{number}"), text).map_err(failed)?;
    }
    zip.finish().map_err(|e| failed(e.to_string()))?;
    file.persist(path).map_err(|e| failed(e.error.to_string()))?;
    Ok(())
}

/// Whether a file is a saved plan (ours or Terraform's) rather than a state.
pub fn is_plan(path: &Path) -> bool {
    let mut start = [0u8; 4];
    path.is_file() && File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && start == *b"PK\x03\x04"
}

/// Reads a saved plan.
pub fn read(path: &Path, registry: &Registry) -> Result<PlanFile, Diagnostics> {
    let refused = |summary: &str, text: String| Diagnostics::from(Diagnostic::error(summary, text));
    let name = path.display();
    let cannot = |e: std::io::Error| refused("Failed to load the plan file", format!("{name}: {e}."));
    let found = std::fs::metadata(path).map_err(cannot)?;
    if !found.is_file() {
        return Err(cannot(std::io::Error::other("it is not a regular file")));
    }
    let file = File::open(path).map_err(cannot)?;
    read_from(file, found.len(), &name.to_string(), registry)
}

/// A saved plan may hold this much more than its own size when it is unpacked, in bytes.
const UNPACKED: u64 = 256 << 20;
/// How much smaller packing may have made it: more than repeated JSON ever is.
const PACKED: u64 = 250;

/// Reads a saved plan of a size; `name` is for messages. Memory is bounded by the size.
///
/// # Errors
/// What is no plan of this program, of another version, or damaged.
pub fn read_from(
    file: impl Read + std::io::Seek,
    size: u64,
    name: &str,
    registry: &Registry,
) -> Result<PlanFile, Diagnostics> {
    let refused = |summary: &str, text: String| Diagnostics::from(Diagnostic::error(summary, text));
    let bad = |e: String| refused("Invalid plan file", format!("{name} is damaged or no plan of this program: {e}."));
    let mut left = UNPACKED.saturating_add(size.saturating_mul(PACKED));
    let mut zip = ZipArchive::new(file).map_err(|_| {
        let text = format!("{name} is not a saved plan. Make one with `pipewright plan -out={name}`.");
        refused("Invalid plan file", text)
    })?;
    if zip.index_for_name("tfplan").is_some() {
        let text = format!(
            "{name} was saved by Terraform, whose plan files only Terraform reads. Make a plan with `pipewright plan -out=FILE`."
        );
        return Err(refused("Plan file of another program", text));
    }
    let mut text = |entry: &str| -> Result<String, String> {
        let mut out = String::new();
        let inside = zip.by_name(entry).map_err(|e| format!("{entry}: {e}"))?;
        inside.take(left).read_to_string(&mut out).map_err(|e| format!("{entry}: {e}"))?;
        left = left.saturating_sub(out.len() as u64);
        if left == 0 {
            return Err(format!("{entry}: it is larger than a plan of this size can be"));
        }
        Ok(out)
    };
    let parse = |text: String| serde_json::from_str::<Json>(&text).map_err(|e| e.to_string());
    let format = text("format.json").and_then(parse).map_err(bad)?;
    if format.get("format").and_then(Json::as_str) != Some(FORMAT) {
        return Err(bad("it does not say what it is".into()));
    }
    if format.get("version").and_then(Json::as_u64) != Some(VERSION) {
        let by = format.get("pipewright").and_then(Json::as_str).unwrap_or("an unknown version");
        let text =
            format!("{name} was saved by Pipewright {by} in another format. Make the plan again with this version.");
        return Err(refused("Plan file of another version", text));
    }
    let body = text("plan.json").and_then(parse).map_err(bad)?;
    let mut state = |entry: &str| -> Result<State, Diagnostics> {
        codec::read(text(entry).map_err(bad)?.as_bytes(), &format!("{name} ({entry})"))
    };
    let (prior, previous) = (state("prior.tfstate")?, state("previous.tfstate")?);
    let modules = text("modules.json").and_then(parse).map_err(bad)?;
    let names = text("config.json").and_then(parse).map_err(bad)?;
    let mut snapshot = Snapshot::default();
    for (number, file) in names.as_array().into_iter().flatten().filter_map(Json::as_str).enumerate() {
        snapshot.files.insert(PathBuf::from(file), text(&format!("config/{number}")).map_err(bad)?);
    }
    let field = |m: &Json, key: &str| m.get(key).and_then(Json::as_str).map(str::to_owned);
    snapshot.modules = modules
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, m)| {
            let dir = PathBuf::from(field(m, "dir")?);
            Some((key.clone(), InstalledModule { source: field(m, "source")?, version: field(m, "version"), dir }))
        })
        .collect();
    let plan = body.get("plan").and_then(|p| document::decode(p, prior, previous, registry));
    Ok(PlanFile {
        plan: plan.ok_or_else(|| bad("the plan inside cannot be read".into()))?,
        workspace: field(&body, "workspace").unwrap_or_default(),
        location: field(&body, "location").unwrap_or_default(),
        refresh: body.get("refresh").and_then(Json::as_bool).unwrap_or(true),
        snapshot: Arc::new(snapshot),
    })
}

impl PlanFile {
    /// How to load the configuration the plan was made from.
    pub fn load_options(&self, disk: LoadOptions) -> LoadOptions {
        LoadOptions { snapshot: Some(self.snapshot.clone()), ..disk }
    }

    /// Refuses variables that differ from those of the plan.
    pub fn check_variables(&self, given: &BTreeMap<String, Value>) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::new();
        for (name, value) in given {
            if self.plan.variables.get(name).is_some_and(|planned| planned.unmark_deep() != value.unmark_deep()) {
                let text = format!(
                    "The value given for \"{name}\" differs from the one the plan was made with. Leave it out: a saved plan has its variables."
                );
                problems.push(Diagnostic::error("Can't change variable when applying a saved plan", text));
            }
        }
        problems.into_result(()).map(|_| ())
    }

    /// Refuses to apply unless just those ephemeral variables have a value that had one when the plan was made: they are not in the
    /// plan, and it may depend on their being set.
    pub fn check_ephemeral(&self, given: &BTreeMap<String, Value>) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::new();
        for name in given.keys().filter(|name| !self.plan.apply_time_variables.contains(*name)) {
            let text = format!(
                "The ephemeral input variable \"{name}\" was not set during the planning phase, and so must remain unset during the \
                 apply phase."
            );
            let hint = "Leave it out, or make a new plan with it.";
            problems.push(Diagnostic::error("Ephemeral variable was not set during planning", text).hint(hint));
        }
        for name in self.plan.apply_time_variables.iter().filter(|name| !given.contains_key(*name)) {
            let text = format!(
                "The ephemeral input variable \"{name}\" was set during the plan phase, and so must also be set during the apply phase."
            );
            let hint = format!("For example -var '{name}=…'; the value is not kept in the plan.");
            problems.push(Diagnostic::error("No value for required variable", text).hint(hint));
        }
        problems.into_result(()).map(|_| ())
    }

    /// Refuses a workspace or a place of the state other than those of the plan.
    pub fn check_place(&self, workspace: &str, location: &str) -> Result<(), Diagnostics> {
        if self.workspace != workspace {
            let text =
                format!("The plan was made in workspace \"{}\", but \"{workspace}\" is selected.", self.workspace);
            let hint = format!("Select it with `pipewright workspace select {}`, or make a new plan.", self.workspace);
            return Err(Diagnostic::error("Saved plan is for another workspace", text).hint(hint).into());
        }
        if self.location != location {
            let text =
                format!("The plan was made for the state at {}, but the state here is at {location}.", self.location);
            return Err(Diagnostic::error("Saved plan is for another state", text).into());
        }
        Ok(())
    }

    /// Refuses a state that has moved on since the plan was made.
    pub fn check_fresh(&self, current: &State) -> Result<(), Diagnostics> {
        let made = &self.plan.previous_state;
        if made.lineage == current.lineage && made.serial == current.serial {
            return Ok(());
        }
        let text = if made.lineage == current.lineage || made.lineage.is_empty() {
            format!(
                "The given plan file can no longer be applied because the state was changed by another operation after the plan was created (serial {} then, {} now).",
                made.serial, current.serial
            )
        } else {
            "The given plan file was made for another state: the lineage differs.".into()
        };
        Err(Diagnostic::error("Saved plan is stale", text).hint("Make a new plan and apply that.").into())
    }

    /// Settings to apply it with.
    pub fn settings(&self, cwd: PathBuf, parallelism: usize) -> Settings {
        Settings {
            mode: self.plan.mode,
            parallelism,
            refresh: self.refresh,
            targets: self.plan.targets.clone(),
            excludes: self.plan.excludes.clone(),
            force_replace: self.plan.force_replace.clone(),
            variables: self.plan.variables.clone(),
            workspace: self.workspace.clone(),
            cwd,
            ..Settings::default()
        }
    }
}
