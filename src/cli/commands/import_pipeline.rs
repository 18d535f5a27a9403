//! `import pipeline NAME`: writes configuration and import blocks for a live pipeline and everything that belongs to it.

use super::plan::settings;
use crate::address::{ProviderSource, Resource, ResourceInstance, Target};
use crate::cli::Exit;
use crate::cli::args::ImportArgs;
use crate::cli::generated;
use crate::cli::output::Style;
use crate::cli::session::{Interruptible, Session};
use crate::cli::settings::{Operation, StateSettings, VariableArgument};
use crate::config::model::Config;
use crate::config::{self, LoadOptions, Snapshot};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::event::Quiet;
use crate::engine::generating::Generated;
use crate::engine::plan::{Action, Plan, PlanMode, ResourceChange};
use crate::engine::{self, Settings};
use crate::lang::compose::{Block, Body, Expr, Item};
use crate::lang::eval::body_references;
use crate::lang::value::Value;
use crate::operate::importing::{self, Named, Written};
use crate::provider::discovery::{Discovery, Missing, Scope};
use crate::state::model::State;
use crate::view;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PIPELINE: &str = "aws_codepipeline";

/// Writes the configuration of a pipeline.
pub async fn run(args: &ImportArgs, variables: Vec<VariableArgument>) -> Exit {
    let session = Session::new(Style::of(&args.view));
    session.watch_interrupts();
    match perform(&session, args, &variables).await {
        Ok(()) => Exit::Success,
        Err(diagnostics) => session.output.failed(&diagnostics),
    }
}

/// Where the configuration goes and what is there already.
struct Place {
    folder: PathBuf,
    /// Stands before the files' names, so that they do not meet others.
    prefix: String,
    /// The configuration that is there; none in a folder of its own.
    existing: Option<Snapshot>,
    /// What manages objects already.
    state: State,
    /// The file that names the provider, where none does.
    provider: Option<String>,
}

async fn perform(session: &Session, args: &ImportArgs, variables: &[VariableArgument]) -> Result<(), Diagnostics> {
    let name = args.id.as_str();
    let config = session.load()?;
    let operation = Operation {
        mode: PlanMode::Normal,
        refresh: true,
        targets: Vec::new(),
        excludes: Vec::new(),
        force_replace: Vec::new(),
        parallelism: args.parallelism.max(1),
    };
    let mut settings = settings(session, &config, &operation, variables)?;
    let source = ProviderSource::hashicorp("aws");
    let (provider, warnings) =
        engine::configured_provider(&config, &source, &session.registry, &settings, &session.cancel).await?;
    session.output.report(&warnings);
    let discovery = provider.discover(PIPELINE, name, Scope::Belonging, &Interruptible(&session.cancel)).await?;
    let place = place(session, args, &config, name, &discovery).await?;
    refuse_existing(&place)?;

    let taken: BTreeSet<Resource> = match place.existing {
        Some(_) => config
            .root
            .resources
            .keys()
            .cloned()
            .chain(place.state.resources.keys().map(|r| r.resource.clone()))
            .collect(),
        None => BTreeSet::new(),
    };
    let named = importing::named(&discovery.found, &taken);
    let mut missing = discovery.missing;
    let (blocks, objects) = generate(session, &mut settings, &place, &named, &mut missing).await?;
    let named: Vec<Named> = named.into_iter().filter(|n| blocks.iter().any(|b| b.address == n.address)).collect();
    if named.is_empty() {
        let text = format!("Everything that belongs to pipeline {name} and can be read is managed here already.");
        return Err(Diagnostic::error("Nothing to import", text).into());
    }
    let mut connected = blocks.clone();
    importing::connect(&mut connected, &objects);
    let mut files = written(&place, &named, &connected);
    let mut plan = check(session, &mut settings, &place, &named, &files).await;
    if plan.is_err() {
        // What a reference cannot say, the value itself can.
        files = written(&place, &named, &blocks);
        plan = check(session, &mut settings, &place, &named, &files).await;
    }
    write(&place.folder, &files)?;
    let plan =
        plan.inspect_err(|_| session.output.text("\nThe configuration was written, but it cannot be planned yet.\n"))?;
    session.output.text(&view::importing::report(&view::importing::Report {
        pipeline: name,
        named: &named,
        missing: &missing,
        folder: &place.folder,
        files: &files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        changing: &plan.changes.iter().filter(|c| is_change(c)).collect::<Vec<_>>(),
    }));
    Ok(())
}

fn is_change(change: &ResourceChange) -> bool {
    change.importing.is_some() && change.action != Action::NoOp
}

/// Looks at the folder the configuration will be in.
async fn place(
    session: &Session,
    args: &ImportArgs,
    config: &Config,
    name: &str,
    discovery: &Discovery,
) -> Result<Place, Diagnostics> {
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let region = region(discovery);
    let own = config.root.providers.get(&("aws".to_owned(), None));
    if folder != Path::new(".") && folder.canonicalize().ok() != Path::new(".").canonicalize().ok() {
        let text = own.filter(|block| body_references(&block.body).is_empty()).map(|block| {
            format!("provider \"aws\" {{\n{}\n}}\n", session.output.sources.text(block.body.span).trim_matches('\n'))
        });
        let provider = Some(text.map_or_else(
            || provider_file(region, None),
            |text| provider_file(None, Some(&crate::lang::fmt::format(&text))),
        ));
        return Ok(Place { folder, prefix: String::new(), existing: None, state: State::default(), provider });
    }
    let store = session.store(Some(config), &StateSettings::from(&args.state)).await?;
    let state = store.read().await?;
    let fresh = !config::is_config_dir(Path::new("."));
    let prefix =
        if fresh { String::new() } else { format!("{}_", name.to_ascii_lowercase().replace(['-', '.', '@'], "_")) };
    let declared = own.is_some() || config.root.required_providers.contains_key("aws");
    let provider = (!declared).then(|| provider_file(region, None));
    Ok(Place { folder, prefix, existing: Some(config.snapshot(&session.load_options())), state, provider })
}

/// The region in the ARN of whatever was found.
fn region(discovery: &Discovery) -> Option<&str> {
    let arns = discovery.found.iter().map(|f| f.id.as_str()).filter(|id| id.starts_with("arn:"));
    arns.filter_map(|arn| arn.split(':').nth(3)).find(|region| !region.is_empty())
}

/// `terraform` and `provider` blocks.
fn provider_file(region: Option<&str>, text: Option<&str>) -> String {
    let mut terraform = Block::new("terraform", []);
    let mut required = Block::new("required_providers", []);
    let aws = vec![
        ("source".to_owned(), Expr::Text("hashicorp/aws".into())),
        ("version".to_owned(), Expr::Text("~> 5.100".into())),
    ];
    required.body.set("aws", Expr::Object(aws));
    terraform.body.items.push(Item::Block(required));
    let mut items = vec![Item::Block(terraform)];
    if text.is_none() {
        let mut provider = Block::new("provider", ["aws"]);
        if let Some(region) = region {
            provider.body.set("region", Expr::Text(region.to_owned()));
        }
        items.push(Item::Block(provider));
    }
    let own = Body { items }.text();
    text.map_or(own.clone(), |text| format!("{own}\n{text}"))
}

/// Refuses to write where a file is; told before anything else is done.
fn refuse_existing(place: &Place) -> Result<(), Diagnostics> {
    let mut names: Vec<String> =
        importing::FILE_NAMES.iter().map(|name| format!("{}{name}.tf", place.prefix)).collect();
    if place.provider.is_some() {
        names.push(format!("{}providers.tf", place.prefix));
    }
    let there: Vec<String> = names.into_iter().filter(|n| place.folder.join(n).symlink_metadata().is_ok()).collect();
    if there.is_empty() {
        return Ok(());
    }
    let text = format!(
        "Files are never overwritten, but {} {} already in {}.",
        there.join(", "),
        if there.len() == 1 { "is" } else { "are" },
        place.folder.display()
    );
    Err(Diagnostic::error("Target generated file already exists", text)
        .hint("Move them away, or give another folder with -out=DIR.")
        .into())
}

fn load_options(session: &Session, place: &Place, files: &[Written]) -> LoadOptions {
    let mut snapshot = place.existing.clone().unwrap_or_default();
    snapshot.files.extend(files.iter().map(|f| (PathBuf::from(&f.name), f.text.clone())));
    LoadOptions { snapshot: Some(Arc::new(snapshot)), ..session.load_options() }
}

fn provider_files(place: &Place) -> Vec<Written> {
    let file = |text: &String| Written { name: format!("{}providers.tf", place.prefix), text: text.clone() };
    place.provider.iter().map(file).collect()
}

fn written(place: &Place, named: &[Named], blocks: &[Generated]) -> Vec<Written> {
    let mut files = provider_files(place);
    files.extend(importing::files(named, blocks, &place.prefix));
    files
}

/// What is planned: what is new, and beside it what it needs.
fn targets(place: &Place, named: &[Named]) -> Vec<Target> {
    match place.existing {
        Some(_) => named.iter().map(|n| Target::Instance(n.address.clone())).collect(),
        None => Vec::new(),
    }
}

type Objects = Vec<(ResourceInstance, Value)>;

/// Reads all objects and writes their blocks. What cannot be read is put with what is missing, and what is managed already is left out.
async fn generate(
    session: &Session,
    settings: &mut Settings,
    place: &Place,
    named: &[Named],
    missing: &mut Vec<Missing>,
) -> Result<(Vec<Generated>, Objects), Diagnostics> {
    let mut files = provider_files(place);
    files.push(Written { name: format!("{}imports.tf", place.prefix), text: importing::to_import(named).text() });
    let config = session.load_with(&load_options(session, place, &files))?;
    settings.generate = true;
    settings.targets = targets(place, named);
    let (plan, diagnostics) =
        engine::plan(&config, &place.state, &session.registry, settings, &Quiet, &session.cancel).await;
    settings.generate = false;
    let mut failed = BTreeSet::new();
    let mut fatal = Diagnostics::new();
    for error in diagnostics.into_iter().filter(Diagnostic::is_error) {
        match named.iter().find(|n| error.address.as_deref() == Some(&*n.address.to_string())) {
            Some(one) => {
                failed.insert(one.address.clone());
                let what = format!("{} {} ({})", one.found.type_name, one.found.id, one.found.because);
                let why = if error.detail.is_empty() { error.summary } else { error.detail };
                missing.push(Missing { what, why, denied: None, types: Vec::new() });
            }
            None => fatal.push(error),
        }
    }
    fatal.into_result(())?;
    let managed = managed(session, &place.state);
    let mut objects: Objects = Vec::new();
    let mut blocks = Vec::new();
    for block in plan.generated {
        if failed.contains(&block.address) {
            continue;
        }
        let change = plan.changes.iter().find(|c| c.address == block.address);
        let Some(change) = change else { continue };
        let value = importing::own_identity(&change.schema, change.after.unmark_deep());
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = managed.iter().find(|(a, v)| {
            a.resource.type_name == block.address.resource.type_name && v.get("id").and_then(Value::as_str) == Some(id)
        });
        if let Some((address, _)) = known {
            let what = format!("{} {id}", block.address.resource.type_name);
            let why = format!("It is managed here already, as {address}.");
            missing.push(Missing { what, why, denied: None, types: Vec::new() });
            continue;
        }
        objects.push((block.address.clone(), value));
        blocks.push(block);
    }
    objects.extend(managed.into_iter().filter(|(address, _)| address.module.is_root()));
    Ok((blocks, objects))
}

/// Objects of a state with the texts they have.
fn managed(session: &Session, state: &State) -> Objects {
    let mut out = Vec::new();
    for (resource, stored) in &state.resources {
        let (mode, type_name) = (resource.resource.mode, &resource.resource.type_name);
        let Some(schema) = session.registry.resource_schema(&stored.provider.source, mode, type_name) else { continue };
        for (key, instance) in &stored.instances {
            let Some(fields) = instance.current.as_ref().and_then(|o| o.attributes.as_object()) else { continue };
            let texts = fields.iter().filter_map(|(name, v)| Some((name.as_str(), Value::string(v.as_str()?))));
            let value = importing::own_identity(&schema, Value::object_of(texts));
            out.push((resource.instance(key.clone()), value));
        }
    }
    out
}

/// Plans what will be written.
async fn check(
    session: &Session,
    settings: &mut Settings,
    place: &Place,
    named: &[Named],
    files: &[Written],
) -> Result<Plan, Diagnostics> {
    let config = session.load_with(&load_options(session, place, files))?;
    settings.targets = targets(place, named);
    let (plan, diagnostics) =
        engine::plan(&config, &place.state, &session.registry, settings, &Quiet, &session.cancel).await;
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(plan) }
}

/// All files or none.
fn write(folder: &Path, files: &[Written]) -> Result<(), Diagnostics> {
    std::fs::create_dir_all(folder)
        .map_err(|e| Diagnostic::error("Cannot create the folder", format!("{}: {e}.", folder.display())))?;
    let mut done: Vec<PathBuf> = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        if let Err(error) = generated::write_new(&path, &file.text) {
            for path in done {
                let _ = std::fs::remove_file(path);
            }
            return Err(error);
        }
        done.push(path);
    }
    Ok(())
}
