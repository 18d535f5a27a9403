//! A configuration in a folder of its own, and what lint says of it.

use pipewright::address::Mode;
use pipewright::config::{self, LoadOptions, model::Config};
use pipewright::diagnostics::Sources;
use pipewright::engine::{self, Settings, Survey};
use pipewright::lint::model::Model;
use pipewright::lint::{self, Context, Report, Rule, Settings as LintSettings, configure};
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
    settings: LintSettings,
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
    let survey = engine::survey(&config, registry(), &settings);
    let own = files.iter().find(|(name, _)| *name == configure::FILE);
    let own = own.map(|(name, text)| configure::parse(name, text, &Sources::new()).unwrap());
    Fixture { _dir: dir, config, survey, settings: own.unwrap_or_default() }
}

impl Fixture {
    pub fn model(&self) -> Model<'_> {
        Model::of_survey(&self.config, &self.survey)
    }

    /// What these rules say.
    pub fn report(&self, rules: &[&'static Rule]) -> Report {
        let model = self.model();
        lint::run(&Context::new(&model).with_settings(&self.settings), rules)
    }

    /// Known types among the managed resources: a guard against examples that misspell them.
    pub fn unknown_types(&self) -> Vec<String> {
        let managed = self.survey.objects.iter().filter(|o| o.address.resource.mode == Mode::Managed);
        managed.filter(|o| !o.known_type).map(|o| o.address.resource.type_name.clone()).collect()
    }
}

/// Loads an example: one text, in which a line `# file: NAME` begins another file.
pub fn example(text: &str) -> Fixture {
    let mut files = vec![("main.tf".to_owned(), String::new())];
    for line in text.lines() {
        match line.strip_prefix("# file: ") {
            Some(name) => files.push((name.to_owned(), String::new())),
            None => {
                let (_, text) = files.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    load(&files)
}

impl Fixture {
    /// What one rule says when all run, as ignore comments want it.
    pub fn says(&self, id: &str) -> Report {
        let rules: Vec<&'static Rule> = match id.starts_with("IGN") {
            true => lint::rules().collect(),
            false => vec![lint::find(id).unwrap_or_else(|| panic!("there is no rule {id}"))],
        };
        let mut report = self.report(&rules);
        report.findings.retain(|f| f.rule == id);
        report
    }
}

/// The summaries of what one rule says of one text.
pub fn findings(id: &str, text: &str) -> Vec<String> {
    example(text).says(id).findings.into_iter().map(|f| f.summary).collect()
}
