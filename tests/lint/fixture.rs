//! A configuration in a folder of its own, and what lint says of it.

use pipewright::address::Mode;
use pipewright::config::{self, LoadOptions, model::Config};
use pipewright::diagnostics::Sources;
use pipewright::engine::{self, Settings, Survey};
use pipewright::lint::model::Model;
use pipewright::lint::{self, Context, Report, Rule};
use pipewright::provider::{Registry, aws::AwsFactory, builtin::Builtin};
use std::fs;
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;

/// The providers, made once.
pub fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Registry::new();
        registry.register(Arc::new(Builtin));
        registry.register(Arc::new(AwsFactory::new().unwrap()));
        registry
    })
}

/// A loaded configuration.
pub struct Fixture {
    _dir: TempDir,
    pub config: Config,
    pub survey: Survey,
}

/// Loads these files; panics with the messages when they do not parse.
pub fn load(files: &[(&str, &str)]) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let options = LoadOptions::disk(Sources::new(), dir.path().join(".terraform"));
    let (config, problems) = config::load(dir.path(), &options);
    assert!(!problems.has_errors(), "{problems:#?}\n{files:#?}");
    let config = config.unwrap();
    let settings = Settings { cwd: dir.path().to_path_buf(), ..Settings::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let survey = runtime.block_on(engine::survey(&config, registry(), &settings));
    Fixture { _dir: dir, config, survey }
}

impl Fixture {
    pub fn model(&self) -> Model<'_> {
        Model::of_survey(&self.config, &self.survey)
    }

    /// What these rules say.
    pub fn report(&self, rules: &[&'static Rule]) -> Report {
        let model = self.model();
        lint::run(&Context::new(&model), rules)
    }

    /// Known types among the managed resources: a guard against examples that misspell them.
    pub fn unknown_types(&self) -> Vec<String> {
        let managed = self.survey.objects.iter().filter(|o| o.address.resource.mode == Mode::Managed);
        managed.filter(|o| !o.known_type).map(|o| o.address.resource.type_name.clone()).collect()
    }
}
