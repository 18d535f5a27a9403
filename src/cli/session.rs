//! What every command starts from: the working folder, the loaded configuration, the providers, the state's place.

use super::aws::BackendClients;
use super::output::{Output, Style};
use super::settings::{StateSettings, VariableArgument};
use crate::address::ProviderSource;
use crate::config::model::Config;
use crate::config::variables::{self, Given, VariableOption};
use crate::config::{self, LoadOptions};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::engine::{self, Settings};
use crate::lang::value::Value;
use crate::provider::{Progress, Provider, Registry};
use crate::state::backend::local::{Backup, LocalPaths};
use crate::state::backend::selection::{self, Selected};
use crate::state::backend::{self, BackendOptions};
use crate::state::store::{Backend, StateStore};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Tells nobody what an operation waits for; an interrupt of the session ends it.
pub struct Interruptible<'a>(pub &'a CancellationToken);

impl Progress for Interruptible<'_> {
    fn waiting(&self, _: &str) {}

    fn interrupted(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// A command at work.
pub struct Session {
    /// Where results go.
    pub output: Output,
    /// Where the program was started (after `-chdir`).
    pub cwd: PathBuf,
    /// `.terraform`, or what `TF_DATA_DIR` names.
    pub data_dir: PathBuf,
    /// All providers.
    pub registry: Registry,
    /// Cancelled by the first interrupt.
    pub cancel: CancellationToken,
    locked: std::sync::atomic::AtomicBool,
}

impl Session {
    /// A session in the current folder.
    pub fn new(style: Style) -> Self {
        Session {
            output: Output::new(style),
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            data_dir: data_dir(),
            registry: providers(),
            cancel: CancellationToken::new(),
            locked: std::sync::atomic::AtomicBool::new(false),
        }
    }

    /// How configurations are loaded here.
    pub fn load_options(&self) -> LoadOptions {
        LoadOptions::disk(self.output.sources.clone(), self.data_dir.clone())
    }

    /// The configuration in the current folder. Errors are returned; warnings are shown.
    pub fn load(&self) -> Result<Config, Diagnostics> {
        self.load_with(&self.load_options())
    }

    /// What could be read of the configuration in the current folder, and everything that is to be said of it.
    pub fn load_all(&self) -> (Option<Config>, Diagnostics) {
        self.read(&self.load_options())
    }

    fn read(&self, options: &LoadOptions) -> (Option<Config>, Diagnostics) {
        let (config, mut diagnostics) = config::load(Path::new("."), options);
        if let Some(config) = &config {
            diagnostics.extend(self.check_versions(config));
        }
        (config, diagnostics)
    }

    /// Like [`Session::load`], from where `options` say.
    pub fn load_with(&self, options: &LoadOptions) -> Result<Config, Diagnostics> {
        let (config, diagnostics) = self.read(options);
        match config {
            Some(config) if !diagnostics.has_errors() => {
                self.output.report(&diagnostics);
                Ok(config)
            }
            _ => Err(diagnostics),
        }
    }

    fn check_versions(&self, config: &Config) -> Diagnostics {
        config::version::check_versions(config, &|source| self.registry.get(source).map(|f| f.version().to_owned()))
    }

    /// Like [`Session::load_existing`], also where the configuration asks for versions of providers that are not there: to tell about
    /// it no provider is needed.
    pub fn load_any_version(&self) -> Result<Config, Diagnostics> {
        self.refuse_empty()?;
        let (config, diagnostics) = config::load(Path::new("."), &self.load_options());
        match config {
            Some(config) if !diagnostics.has_errors() => Ok(config),
            _ => Err(diagnostics),
        }
    }

    fn refuse_empty(&self) -> Result<(), Diagnostics> {
        if config::is_config_dir(&PathBuf::from(".")) {
            return Ok(());
        }
        let text = "The current folder has no .tf files. Change to the folder of your configuration, or name it with -chdir=DIR.";
        Err(Diagnostic::error("No configuration files", text).into())
    }

    /// Like [`Session::load`], but refuses a folder without configuration files.
    pub fn load_existing(&self) -> Result<Config, Diagnostics> {
        self.refuse_empty()?;
        self.load()
    }

    /// Values of root variables from all sources; asks for missing ones where a person can answer. Those of the wrong type are errors of the
    /// run that evaluates the variable.
    pub fn variables(&self, config: &Config, arguments: &[VariableArgument]) -> Result<variables::Values, Diagnostics> {
        self.values_of(&config.root.variables, arguments)
    }

    /// Values of root variables for a saved plan, which has those of all but the ephemeral ones: only these must be given again.
    pub fn variables_beside_plan(
        &self,
        config: &Config,
        arguments: &[VariableArgument],
    ) -> Result<BTreeMap<String, Value>, Diagnostics> {
        let mut declared = config.root.variables.clone();
        for variable in declared.values_mut().filter(|v| !v.ephemeral) {
            variable.default.get_or_insert_with(|| Value::null(variable.ty.clone()));
        }
        self.values_of(&declared, arguments)?.accepted()
    }

    fn values_of(
        &self,
        declared: &BTreeMap<String, config::model::Variable>,
        arguments: &[VariableArgument],
    ) -> Result<variables::Values, Diagnostics> {
        let options = variable_options(arguments);
        let ask = |variable: &config::model::Variable| -> std::io::Result<String> {
            let description = variable.description.as_ref().map(|d| format!("  {d}\n\n")).unwrap_or_default();
            let question = format!("var.{}\n{description}  Enter a value: ", variable.name.name);
            Ok(self.output.terminal.ask(&question)?.unwrap_or_default())
        };
        let environment = environment();
        let given = Given {
            dir: Path::new("."),
            environment: &environment,
            options: &options,
            ask: if self.output.can_ask() { Some(&ask) } else { None },
            required: true,
        };
        let (values, diagnostics) = variables::collect(declared, &given, &self.output.sources);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        self.output.report(&diagnostics);
        Ok(values)
    }

    /// The AWS provider that a configuration describes, or else the environment, ready for calls.
    ///
    /// # Errors
    /// Variables and workspace that cannot be read; a provider that cannot be configured.
    pub async fn aws_provider(
        &self,
        config: &Config,
        arguments: &[VariableArgument],
    ) -> Result<Arc<dyn Provider>, Diagnostics> {
        let settings = Settings {
            variables: self.given_variables(config, arguments)?,
            workspace: self.workspace()?,
            cwd: self.cwd.clone(),
            ..Settings::default()
        };
        let source = ProviderSource::hashicorp("aws");
        let (provider, told) =
            engine::configured_provider(config, &source, &self.registry, &settings, &self.cancel).await?;
        self.output.report(&told);
        Ok(provider)
    }

    /// Values of root variables from all sources, without asking: what is not given stays open.
    pub fn given_variables(
        &self,
        config: &Config,
        arguments: &[VariableArgument],
    ) -> Result<BTreeMap<String, Value>, Diagnostics> {
        let options = variable_options(arguments);
        let environment = environment();
        let given =
            Given { dir: Path::new("."), environment: &environment, options: &options, ask: None, required: false };
        let (values, diagnostics) = variables::collect(&config.root.variables, &given, &self.output.sources);
        let (values, warnings) = diagnostics.into_result(values)?;
        self.output.report(&warnings);
        values.accepted()
    }

    /// The backend in use: the one `init` settled on, the local one when the configuration names none.
    pub async fn backend(
        &self,
        config: Option<&Config>,
        state: &StateSettings,
    ) -> Result<Arc<dyn Backend>, Diagnostics> {
        let block = config.and_then(|c| c.root.backend.as_ref());
        let selected = selection::current(block, &self.data_dir)?;
        self.open_backend(selected.as_ref(), state).map(|(backend, _)| backend)
    }

    /// A backend, and warnings about its settings.
    pub fn open_backend(
        &self,
        selected: Option<&Selected>,
        state: &StateSettings,
    ) -> Result<(Arc<dyn Backend>, Diagnostics), Diagnostics> {
        let backup = match &state.backup {
            None => Backup::Beside,
            Some(path) if path.as_os_str() == "-" => Backup::Off,
            Some(path) => Backup::At(path.clone()),
        };
        let options = BackendOptions {
            root: PathBuf::from("."),
            data_dir: self.data_dir.clone(),
            paths: LocalPaths { state: state.path.clone(), out: state.out.clone(), backup },
            connect: Arc::new(BackendClients),
        };
        backend::open(selected, &options)
    }

    /// The current workspace: `TF_WORKSPACE`, or the one selected.
    pub fn workspace(&self) -> Result<String, Diagnostics> {
        match std::env::var("TF_WORKSPACE").ok().filter(|name| !name.is_empty()) {
            Some(name) => backend::workspace::check_name(&name).map(|()| name),
            None => backend::workspace::selected(&self.data_dir),
        }
    }

    /// The store of the current workspace.
    pub async fn store(
        &self,
        config: Option<&Config>,
        state: &StateSettings,
    ) -> Result<Arc<dyn StateStore>, Diagnostics> {
        self.backend(config, state).await?.open(&self.workspace()?).await
    }

    /// Takes the lock unless `-lock=false`; tells when it waits.
    pub async fn lock(
        &self,
        store: &dyn StateStore,
        operation: &str,
        state: &StateSettings,
    ) -> Result<(), Diagnostics> {
        if !state.lock {
            return Ok(());
        }
        let told = std::sync::atomic::AtomicBool::new(false);
        let wait = |info: &crate::state::lock::LockInfo| {
            if !told.swap(true, std::sync::atomic::Ordering::Relaxed) {
                self.output
                    .text(&format!("Waiting for the state lock held by {} since {}...\n", info.who, info.created));
            }
        };
        store.lock(operation, state.lock_timeout, &wait).await?;
        self.locked.store(true, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    /// Whether [`Session::lock`] took a lock: nobody else works on the state now.
    pub fn is_locked(&self) -> bool {
        self.locked.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Releases the lock; a failure is shown, because the person must act.
    pub async fn unlock(&self, store: &dyn StateStore) {
        if let Err(diagnostics) = store.unlock().await {
            self.output.report(&diagnostics);
        }
    }

    /// From now on the first interrupt (or termination) request cancels the session, and a second ends the program at once.
    pub fn watch_interrupts(&self) {
        let (cancel, output) = (self.cancel.clone(), self.output.clone());
        tokio::spawn(async move {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            let mut next = async || {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            };
            next().await;
            cancel.cancel();
            let text = "\nInterrupt received.\nWaiting for running operations to finish and saving what is done. Interrupt again to stop at once;\nthe next run then completes what this one leaves.\n\n";
            output.terminal.err(text);
            next().await;
            output.terminal.err("\nStopped at once. Running operations were left as they are.\n");
            std::process::exit(1);
        });
    }
}

fn variable_options(arguments: &[VariableArgument]) -> Vec<VariableOption> {
    let option = |argument: &VariableArgument| match argument {
        VariableArgument::Value(text) => VariableOption::Var(text.clone()),
        VariableArgument::File(path) => VariableOption::File(path.clone()),
    };
    arguments.iter().map(option).collect()
}

fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn data_dir() -> PathBuf {
    let named = std::env::var_os("TF_DATA_DIR").filter(|v| !v.is_empty());
    named.map_or_else(|| PathBuf::from(".terraform"), PathBuf::from)
}

/// The providers this program has.
pub fn providers() -> Registry {
    let mut registry = Registry::new();
    let states = Arc::new(super::remote_state::OtherStates { data_dir: data_dir() });
    registry.register(Arc::new(crate::provider::builtin::BuiltinWithStates(states)));
    crate::provider::utility::register(&mut registry);
    match crate::provider::aws::AwsFactory::new() {
        Ok(factory) => registry.register(Arc::new(factory)),
        // The embedded schemas are tested to parse; without them the provider is simply not there.
        Err(_) => debug_assert!(false, "the embedded schemas do not parse"),
    }
    registry
}
