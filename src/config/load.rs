//! Reads a folder and, following local and installed module calls, the whole module tree.

use super::constant::Notation;
use super::decode;
use super::files;
use super::json;
use super::merge;
use super::model::{Config, Module, ModuleCall};
use super::version::check_required_version;
use crate::address::ModulePath;
use crate::diagnostics::{Diagnostic, Diagnostics, Sources};
use crate::lang::syntax::ast::Body;
use crate::lang::syntax::parse_body;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How to load.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Where texts are kept.
    pub sources: Sources,
    /// `.terraform`, or what `TF_DATA_DIR` names: holds `modules/modules.json`.
    pub data_dir: PathBuf,
    /// When set, texts and the list of installed modules are taken from here instead of the disk.
    pub snapshot: Option<Arc<Snapshot>>,
}

/// A configuration as it was read once: what a saved plan carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Texts by path, as [`clean`] gives it.
    pub files: BTreeMap<PathBuf, String>,
    /// Installed modules by key.
    pub modules: BTreeMap<String, InstalledModule>,
}

impl LoadOptions {
    /// From the disk.
    pub fn disk(sources: Sources, data_dir: impl Into<PathBuf>) -> Self {
        LoadOptions { sources, data_dir: data_dir.into(), snapshot: None }
    }

    fn list(&self, dir: &Path) -> std::io::Result<files::ConfigFiles> {
        let Some(snapshot) = &self.snapshot else { return files::list(dir) };
        let dir = clean(dir);
        let names = snapshot.files.keys().filter(|p| clean(p.parent().unwrap_or(Path::new("."))) == dir);
        Ok(files::sorted(&dir, &names.filter_map(|p| Some(p.file_name()?.to_str()?.to_owned())).collect()))
    }

    fn is_dir(&self, dir: &Path) -> bool {
        match &self.snapshot {
            Some(snapshot) => snapshot.files.keys().any(|p| clean(p.parent().unwrap_or(Path::new("."))) == clean(dir)),
            None => dir.is_dir(),
        }
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match &self.snapshot {
            Some(snapshot) => match snapshot.files.get(&clean(path)) {
                Some(text) => Ok(text.clone().into_bytes()),
                None => Err(std::io::ErrorKind::NotFound.into()),
            },
            None => {
                let mut bytes = Vec::new();
                std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}

impl Config {
    /// What was read to load this configuration.
    pub fn snapshot(&self, options: &LoadOptions) -> Snapshot {
        let mut dirs = Vec::new();
        folders(&self.root, &mut dirs);
        let read = self.sources.files();
        let texts = read.iter().map(|file| (PathBuf::from(&file.name), file.text.to_string()));
        let files = texts.filter(|(path, _)| dirs.contains(&clean(path.parent().unwrap_or(Path::new("."))))).collect();
        Snapshot { files, modules: manifest(options).unwrap_or_default() }
    }
}

fn folders(module: &Module, out: &mut Vec<PathBuf>) {
    out.push(clean(&module.dir));
    module.children.values().for_each(|child| folders(child, out));
}

/// Deepest nesting of module calls; more is taken for a loop.
const MAX_DEPTH: usize = 64;
/// Largest configuration file, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// Loads the configuration in a folder. With errors the tree holds what could be read, so that more can be checked.
pub fn load(dir: &Path, options: &LoadOptions) -> (Option<Config>, Diagnostics) {
    let mut problems = Diagnostics::new();
    let installed = match manifest(options) {
        Ok(installed) => installed,
        Err(error) => {
            problems.push(*error);
            BTreeMap::new()
        }
    };
    let mut loader = Loader { options, installed, problems, stack: Vec::new() };
    let root = loader.module(dir, ModulePath::root());
    let config = root.map(|root| Config { root, sources: options.sources.clone() });
    (config, loader.problems)
}

/// One module without its children, for whoever installs them.
pub fn load_module(dir: &Path, path: ModulePath, options: &LoadOptions) -> (Option<Module>, Diagnostics) {
    let mut problems = Diagnostics::new();
    let module = read_module(dir, path, options, &mut problems);
    (module, problems)
}

struct Loader<'a> {
    options: &'a LoadOptions,
    /// Folders of installed modules by key (`a.b`).
    installed: BTreeMap<String, InstalledModule>,
    problems: Diagnostics,
    /// Folders being loaded, outermost first.
    stack: Vec<PathBuf>,
}

/// An entry of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModule {
    /// Source address as it was written, normalised.
    pub source: String,
    /// Selected version of a registry module.
    pub version: Option<String>,
    /// Its folder, relative to the working directory.
    pub dir: PathBuf,
}

/// `modules.json`, by key; empty when nothing is installed.
pub fn manifest(options: &LoadOptions) -> Result<BTreeMap<String, InstalledModule>, Box<Diagnostic>> {
    if let Some(snapshot) = &options.snapshot {
        return Ok(snapshot.modules.clone());
    }
    let path = options.data_dir.join("modules").join("modules.json");
    let bad = |reason: String| {
        let text = format!("{}: {reason}.", path.display());
        Box::new(
            Diagnostic::error("Cannot read the list of installed modules", text)
                .hint("Run `pipewright init` to write it anew."),
        )
    };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(bad(e.to_string())),
    };
    let document: serde_json::Value = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
    let field = |entry: &serde_json::Value, name: &str| entry.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let entries = document.get("Modules").and_then(|m| m.as_array()).cloned().unwrap_or_default();
    Ok(entries
        .iter()
        .filter_map(|entry| {
            let installed = InstalledModule {
                source: field(entry, "Source").unwrap_or_default(),
                version: field(entry, "Version").filter(|v| !v.is_empty()),
                dir: PathBuf::from(field(entry, "Dir")?),
            };
            Some((field(entry, "Key")?, installed))
        })
        .collect())
}

impl Loader<'_> {
    fn module(&mut self, dir: &Path, path: ModulePath) -> Option<Module> {
        let real = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf());
        let mut module = read_module(dir, path, self.options, &mut self.problems)?;
        self.stack.push(real);
        let calls: Vec<ModuleCall> = module.calls.values().cloned().collect();
        for call in calls {
            if let Some(child) = self.child(dir, &module.path, &call) {
                module.children.insert(call.name.name.to_string(), child);
            }
        }
        self.stack.pop();
        Some(module)
    }

    fn child(&mut self, dir: &Path, path: &ModulePath, call: &ModuleCall) -> Option<Module> {
        let name = &call.name.name;
        let child_path = path.child(name);
        let child_dir = if is_local(&call.source) {
            if let Some(version) = &call.version {
                let text = format!(
                    "Module \"{name}\" has a local source; a version constraint ({version}) is for modules of a registry."
                );
                self.problems.push(
                    Diagnostic::error("Invalid registry module source address", text)
                        .at(call.source_span)
                        .within(call.span),
                );
            }
            let joined = clean(&dir.join(&call.source));
            if !self.options.is_dir(&joined) {
                let text = format!(
                    "Unable to evaluate directory symlink or read {}: there is no such folder.",
                    joined.display()
                );
                self.problems.push(
                    Diagnostic::error("Unreadable module directory", text).at(call.source_span).within(call.span),
                );
                return None;
            }
            joined
        } else {
            let key = child_path.0.join(".");
            match self.installed.get(&key) {
                Some(found) if self.options.is_dir(&found.dir) => found.dir.clone(),
                _ => {
                    let text = format!(
                        "Module \"{name}\" is not installed yet. Run \"pipewright init\" to install all modules required by this configuration."
                    );
                    self.problems
                        .push(Diagnostic::error("Module not installed", text).at(call.source_span).within(call.span));
                    return None;
                }
            }
        };
        let real = std::fs::canonicalize(&child_dir).unwrap_or_else(|_| child_dir.clone());
        if self.stack.contains(&real) || self.stack.len() >= MAX_DEPTH {
            let text = format!(
                "Module \"{name}\" calls, directly or through others, the module it stands in ({}).",
                child_dir.display()
            );
            self.problems.push(Diagnostic::error("Module call loop", text).at(call.source_span).within(call.span));
            return None;
        }
        self.module(&child_dir, child_path)
    }
}

/// Whether a module source is a folder beside the caller.
pub fn is_local(source: &str) -> bool {
    source.starts_with("./")
        || source.starts_with("../")
        || source == "."
        || source == ".."
        || source.starts_with(".\\")
        || source.starts_with("..\\")
}

/// Removes `.` and, where it is only text, `..`: `modules/./a/../b` is `modules/b`.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

fn read_module(dir: &Path, path: ModulePath, options: &LoadOptions, problems: &mut Diagnostics) -> Option<Module> {
    let files = match options.list(dir) {
        Ok(files) => files,
        Err(e) => {
            let text = format!("The module directory {} could not be read: {e}.", dir.display());
            problems.push(Diagnostic::error("Failed to read module directory", text));
            return None;
        }
    };
    let mut found = Diagnostics::new();
    let mut notation = Notation::default();
    let mut read = |file: &PathBuf, found: &mut Diagnostics| {
        let body = read_file(file, options, found)?;
        if is_json(file) {
            notation.add_json(body.span.file);
        }
        Some(decode::file_blocks(body, found))
    };
    let mut blocks = Vec::new();
    for file in &files.primary {
        blocks.extend(read(file, &mut found).unwrap_or_default());
    }
    for file in &files.overrides {
        let overrides = read(file, &mut found).unwrap_or_default();
        merge::apply(&mut blocks, overrides, &mut found);
    }
    let mut module = Module { path, dir: clean(dir), ..Module::default() };
    decode::module(&blocks, &mut module, &notation, &mut found);
    // A module for another version may hold what this one cannot understand: then that is all there is to say.
    let version = check_required_version(&module);
    problems.extend(if version.has_errors() { version } else { found });
    Some(module)
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "json")
}

/// One file's syntax tree; problems are reported, and what could be read is returned.
fn read_file(path: &Path, options: &LoadOptions, problems: &mut Diagnostics) -> Option<Body> {
    let sources = &options.sources;
    let name = clean(path).display().to_string();
    let unreadable = |reason: String| {
        Diagnostic::error("Failed to read file", format!("The configuration file {name} could not be read: {reason}."))
    };
    let bytes = match options.read(path) {
        Ok(bytes) => bytes,
        Err(e) => {
            problems.push(unreadable(e.to_string()));
            return None;
        }
    };
    if bytes.len() as u64 > MAX_FILE {
        problems.push(unreadable(format!("it is larger than {} MiB", MAX_FILE >> 20)));
        return None;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let valid = e.utf8_error().valid_up_to();
            let lossy = String::from_utf8_lossy(e.as_bytes()).into_owned();
            let file = sources.add(name, lossy);
            let (start, end) = (valid as u32, valid as u32 + 1);
            let text = "All configuration must be encoded as UTF-8.";
            problems.push(Diagnostic::error("Invalid character encoding", text).at(crate::diagnostics::Span {
                file,
                start,
                end,
            }));
            return None;
        }
    };
    let file = sources.add(name, text.as_str());
    let (body, more) = if is_json(path) { json::parse_config(file, &text) } else { parse_body(file, &text) };
    problems.extend(more);
    Some(body)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;
    use crate::address::Resource;

    fn load_texts(files: &[(&str, &str)]) -> (Option<Config>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let options = LoadOptions::disk(Sources::new(), dir.path().join(".terraform"));
        let (config, problems) = load(dir.path(), &options);
        (config, problems.iter().map(|d| d.summary.clone()).collect())
    }

    #[test]
    fn a_child_module_is_loaded_from_its_folder() {
        let (config, problems) = load_texts(&[
            ("main.tf", "module \"m\" {\n  source = \"./m\"\n  a = 1\n}\n"),
            ("m/main.tf", "variable \"a\" {}\nresource \"terraform_data\" \"x\" {}\n"),
        ]);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(config.unwrap().root.children["m"].resources.contains_key(&Resource::managed("terraform_data", "x")));
    }

    #[test]
    fn a_module_that_calls_itself_is_an_error_not_a_hang() {
        let (_, problems) = load_texts(&[
            ("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"),
            ("m/main.tf", "module \"n\" {\n  source = \"../m\"\n}\n"),
        ]);
        assert_eq!(problems, ["Module call loop"]);
    }

    #[test]
    fn an_override_changes_arguments_and_keeps_the_rest() {
        let (config, problems) = load_texts(&[
            (
                "main.tf",
                "resource \"terraform_data\" \"x\" {\n  input = 1\n  triggers_replace = 2\n}\nvariable \"v\" {\n  type = string\n  default = \"a\"\n}\n",
            ),
            (
                "override.tf",
                "resource \"terraform_data\" \"x\" {\n  input = 3\n}\nvariable \"v\" {\n  default = \"b\"\n}\n",
            ),
        ]);
        assert!(problems.is_empty(), "{problems:?}");
        let root = config.unwrap().root;
        let block = &root.resources[&Resource::managed("terraform_data", "x")];
        assert_eq!(block.body.attributes.len(), 2);
        assert_eq!(root.variables["v"].default.as_ref().unwrap().as_str(), Some("b"));
    }

    #[test]
    fn several_mistakes_are_reported_at_once() {
        let (_, mut problems) = load_texts(&[(
            "main.tf",
            "variable \"count\" {}\nvarible \"x\" {}\nresource \"a\" {}\nresource \"t\" \"x\" {\n  count = 1\n  for_each = {}\n}\noutput \"o\" {}\n",
        )]);
        problems.sort();
        assert_eq!(
            problems,
            [
                "Invalid combination of \"count\" and \"for_each\"",
                "Invalid variable name",
                "Missing name for resource",
                "Missing required argument",
                "Unsupported block type",
            ]
        );
    }

    #[test]
    fn a_module_that_is_not_installed_says_how_to_install_it() {
        let (_, problems) = load_texts(&[("main.tf", "module \"m\" {\n  source = \"hashicorp/consul/aws\"\n}\n")]);
        assert_eq!(problems, ["Module not installed"]);
    }

    #[test]
    fn invalid_encoding_is_a_diagnostic() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("main.tf"), b"a = \"\xff\"\n").unwrap();
        let options = LoadOptions::disk(Sources::new(), dir.path().join(".terraform"));
        let (_, problems) = load(dir.path(), &options);
        assert_eq!(problems.iter().next().unwrap().summary, "Invalid character encoding");
    }

    #[test]
    fn paths_are_cleaned_as_text() {
        assert_eq!(clean(Path::new("./modules/../x/./y")), PathBuf::from("x/y"));
        assert_eq!(clean(Path::new("../../m")), PathBuf::from("../../m"));
        assert_eq!(clean(Path::new("./")), PathBuf::from("."));
    }
}
