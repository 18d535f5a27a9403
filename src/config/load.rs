//! Reads a folder and, following local and installed module calls, the whole module tree.

use super::check;
use super::constant::Notation;
use super::decode;
use super::install::{InstalledModule, manifest};
use super::json;
use super::merge;
use super::model::{Config, Module, ModuleCall};
use super::snapshot::LoadOptions;
use super::source::{self, ModuleSource};
use super::version::{Constraints, Version, check_required_version};
use crate::address::ModulePath;
use crate::diagnostics::{Diagnostic, Diagnostics, FileId};
use crate::lang::syntax::ast::Block;
use crate::lang::syntax::parse_body;
use crate::parallel;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Deepest nesting of module calls; more is taken for a loop.
const MAX_DEPTH: usize = 64;

/// Loads the configuration in a folder. With errors the tree holds what could be read, so that more can be checked.
pub fn load(dir: &Path, options: &LoadOptions) -> (Option<Config>, Diagnostics) {
    match manifest(options) {
        Ok(installed) => load_with(dir, options, &mut Installed { options, modules: installed }),
        Err(error) => {
            let (config, mut problems) = load_with(dir, options, &mut Installed { options, modules: BTreeMap::new() });
            problems.push(*error);
            (config, problems)
        }
    }
}

/// Loads the configuration in a folder; `resolver` says where called modules are.
pub(super) fn load_with(
    dir: &Path,
    options: &LoadOptions,
    resolver: &mut dyn Resolver,
) -> (Option<Config>, Diagnostics) {
    let mut loader = Loader { options, resolver, problems: Diagnostics::new(), stack: Vec::new() };
    let root = loader.module(dir, canonical(dir), ModulePath::root());
    let mut problems = loader.problems;
    let config = root.map(|root| Config { root, sources: options.sources.clone() });
    if let Some(config) = &config {
        problems.extend(check::check(config));
    }
    (config, problems)
}

/// One module without its children.
pub fn load_module(dir: &Path, path: ModulePath, options: &LoadOptions) -> (Option<Module>, Diagnostics) {
    read_module(dir, path, options)
}

/// Says where called modules are.
pub(super) trait Resolver {
    /// Hears of all calls of a module before the first of them is asked for.
    fn prepare(&mut self, _caller: &ModulePath, _calls: &[&ModuleCall]) {}

    /// The folder of the module a call in folder `caller` names; `path` is the called module's.
    fn folder(&mut self, caller: &Path, path: &ModulePath, call: &ModuleCall) -> Result<PathBuf, Box<Diagnostic>>;
}

/// Modules as `modules.json` lists them; local ones are found without it.
struct Installed<'a> {
    options: &'a LoadOptions,
    modules: BTreeMap<String, InstalledModule>,
}

impl Resolver for Installed<'_> {
    fn folder(&mut self, caller: &Path, path: &ModulePath, call: &ModuleCall) -> Result<PathBuf, Box<Diagnostic>> {
        let name = &call.name.name;
        let error = |summary: &str, detail: String| {
            Box::new(Diagnostic::error(summary, detail).at(call.source_span).within(call.span))
        };
        let source = source::parse(&call.source, call.version.is_some())
            .map_err(|why| error("Invalid module source address", why))?;
        if let ModuleSource::Local(local) = &source {
            let dir = match &self.options.snapshot {
                // The links of the disk were followed when the snapshot was taken.
                Some(_) => match self.modules.get(&path.0.join(".")) {
                    Some(found) => found.dir.clone(),
                    None => clean(&caller.join(local)),
                },
                None => real(&caller.join(local)),
            };
            if self.options.is_dir(&dir) {
                return Ok(dir);
            }
            let detail = format!("There is no folder {} for module \"{name}\".", dir.display());
            return Err(error("Unreadable module directory", detail));
        }
        let init = "Run \"pipewright init\" to install all modules required by this configuration.";
        let Some(found) = self.modules.get(&path.0.join(".")).filter(|found| self.options.is_dir(&found.dir)) else {
            return Err(error("Module not installed", format!("Module \"{name}\" is not installed yet. {init}")));
        };
        // Older programs wrote sources as they stood in the configuration.
        let recorded = source::parse(&found.source, found.version.is_some()).map(|s| s.to_string());
        if recorded.as_ref() != Ok(&source.to_string()) {
            let detail = format!("The source address of module \"{name}\" was changed since it was installed. {init}");
            return Err(error("Module source has changed", detail));
        }
        let wanted = call.version.as_deref().and_then(|v| v.parse::<Constraints>().ok());
        let have = found.version.as_deref().and_then(|v| v.parse::<Version>().ok());
        if let (Some(wanted), Some(have)) = (&wanted, &have)
            && !wanted.allow(have)
        {
            let detail =
                format!("Module \"{name}\" is installed in version {have}, which the constraint excludes. {init}");
            return Err(error("Module version requirements have changed", detail));
        }
        Ok(found.dir.clone())
    }
}

struct Loader<'a> {
    options: &'a LoadOptions,
    resolver: &'a mut dyn Resolver,
    problems: Diagnostics,
    /// Folders being loaded, outermost first, without links.
    stack: Vec<PathBuf>,
}

impl Loader<'_> {
    fn module(&mut self, dir: &Path, canonical: PathBuf, path: ModulePath) -> Option<Module> {
        let (module, problems) = read_module(dir, path, self.options);
        self.problems.extend(problems);
        self.with_children(dir, canonical, module?)
    }

    fn with_children(&mut self, dir: &Path, canonical: PathBuf, mut module: Module) -> Option<Module> {
        self.stack.push(canonical);
        let calls: Vec<&ModuleCall> = module.calls.values().collect();
        self.resolver.prepare(&module.path, &calls);
        let ahead = self.ahead(dir, &module.path, &calls);
        let mut children = BTreeMap::new();
        for (call, ahead) in calls.into_iter().zip(ahead) {
            if let Some(child) = self.child(dir, &module.path, call, ahead) {
                children.insert(call.name.name.to_string(), child);
            }
        }
        module.children = children;
        self.stack.pop();
        Some(module)
    }

    /// The local modules among these calls, read side by side: where they are needs no resolver. One for each call.
    fn ahead(&self, dir: &Path, path: &ModulePath, calls: &[&ModuleCall]) -> Vec<Option<Ahead>> {
        // The links of the disk were followed when a snapshot was taken.
        if self.options.snapshot.is_some() {
            return calls.iter().map(|_| None).collect();
        }
        let text = |call: &&ModuleCall| {
            let ModuleSource::Local(local) = source::parse(&call.source, call.version.is_some()).ok()? else {
                return None;
            };
            let dir = real(&dir.join(local));
            let canonical = canonical(&dir);
            let is_wanted = !self.is_too_deep(&canonical) && self.options.is_dir(&dir);
            let texts = is_wanted.then(|| read_texts(&dir, self.options))?;
            Some((dir, canonical, path.child(&call.name.name), texts))
        };
        // Texts are read one after the other: the order in which they are kept is that of messages.
        let texts: Vec<_> = calls.iter().map(text).collect();
        parallel::each(&texts, MODULES_PER_THREAD, |found| {
            let (dir, canonical, path, texts) = found.as_ref()?;
            Some(Ahead {
                dir: dir.clone(),
                canonical: canonical.clone(),
                read: understand(dir, path.clone(), texts, self.options),
            })
        })
    }

    fn child(&mut self, dir: &Path, path: &ModulePath, call: &ModuleCall, ahead: Option<Ahead>) -> Option<Module> {
        let child_path = path.child(&call.name.name);
        let child_dir = match self.resolver.folder(dir, &child_path, call) {
            Ok(dir) => dir,
            Err(error) => {
                self.problems.push(*error);
                return None;
            }
        };
        let ahead = ahead.filter(|ahead| ahead.dir == child_dir);
        let canonical = ahead.as_ref().map_or_else(|| canonical(&child_dir), |ahead| ahead.canonical.clone());
        if self.is_too_deep(&canonical) {
            let text = format!(
                "Module \"{}\" calls, directly or through others, the module it stands in ({}).",
                call.name.name,
                child_dir.display()
            );
            self.problems.push(Diagnostic::error("Module call loop", text).at(call.source_span).within(call.span));
            return None;
        }
        match ahead {
            Some(Ahead { read: (module, problems), .. }) => {
                self.problems.extend(problems);
                self.with_children(&child_dir, canonical, module?)
            }
            None => self.module(&child_dir, canonical, child_path),
        }
    }

    /// Whether a folder is being loaded already, or nothing deeper will be.
    fn is_too_deep(&self, canonical: &Path) -> bool {
        self.stack.iter().any(|dir| dir == canonical) || self.stack.len() >= MAX_DEPTH
    }
}

/// A module that was read before it was asked for.
struct Ahead {
    dir: PathBuf,
    /// The same without links.
    canonical: PathBuf,
    read: (Option<Module>, Diagnostics),
}

/// A further thread is worth its start from this number of modules on.
const MODULES_PER_THREAD: usize = 8;

/// The folder without links, where that can be told.
fn canonical(dir: &Path) -> PathBuf {
    std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf())
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

/// The most links followed in one path.
const MAX_LINKS: usize = 255;

/// The path with its links followed, still relative when it was: what a local module's path is joined to. What is not there stays as it
/// is.
pub(super) fn real(path: &Path) -> PathBuf {
    let mut rest: Vec<PathBuf> = path.components().rev().map(|c| PathBuf::from(c.as_os_str())).collect();
    let mut out = PathBuf::new();
    let mut links = 0;
    while let Some(part) = rest.pop() {
        match part.components().next() {
            None | Some(Component::CurDir) => {}
            // Links before it were followed, so that it can be resolved as text.
            Some(Component::ParentDir) if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Some(Component::Normal(_)) => {
                let next = out.join(&part);
                match std::fs::read_link(&next) {
                    Ok(to) if links < MAX_LINKS => {
                        links += 1;
                        if to.is_absolute() {
                            out = PathBuf::new();
                        }
                        rest.extend(to.components().rev().map(|c| PathBuf::from(c.as_os_str())));
                    }
                    _ => out = next,
                }
            }
            Some(_) => out.push(&part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

fn read_module(dir: &Path, path: ModulePath, options: &LoadOptions) -> (Option<Module>, Diagnostics) {
    understand(dir, path, &read_texts(dir, options), options)
}

/// What was read of a folder, not parsed yet.
struct Texts {
    primary: Vec<FileText>,
    overrides: Vec<FileText>,
    problems: Diagnostics,
    /// Whether the folder itself could be read.
    is_readable: bool,
}

/// The texts of a folder's files.
fn read_texts(dir: &Path, options: &LoadOptions) -> Texts {
    let mut problems = Diagnostics::new();
    match options.list(dir) {
        Ok(files) => {
            let mut read = |paths: &[PathBuf]| {
                paths.iter().filter_map(|path| read_file(path, options, &mut problems)).collect::<Vec<_>>()
            };
            let (primary, overrides) = (read(&files.primary), read(&files.overrides));
            Texts { primary, overrides, problems, is_readable: true }
        }
        Err(e) => {
            let text = format!("The module directory {} could not be read: {e}.", dir.display());
            problems.push(Diagnostic::error("Failed to read module directory", text));
            Texts { primary: Vec::new(), overrides: Vec::new(), problems, is_readable: false }
        }
    }
}

/// The module that a folder's texts describe.
fn understand(dir: &Path, path: ModulePath, texts: &Texts, options: &LoadOptions) -> (Option<Module>, Diagnostics) {
    let mut found = texts.problems.clone();
    if !texts.is_readable {
        return (None, found);
    }
    let mut notation = Notation::default();
    let all = texts.primary.iter().chain(&texts.overrides);
    all.filter(|text| text.is_json).for_each(|text| notation.add_json(text.file));
    let mut blocks = Vec::new();
    for (more, problems) in parse(&texts.primary, options) {
        found.extend(problems);
        blocks.extend(more);
    }
    for (overrides, problems) in parse(&texts.overrides, options) {
        found.extend(problems);
        merge::apply(&mut blocks, overrides, &mut found);
    }
    let mut module = Module { path, dir: clean(dir), ..Module::default() };
    decode::module(blocks, &mut module, &notation, &mut found);
    // A module for another version may hold what this one cannot understand: then that is all there is to say.
    let version = check_required_version(&module);
    (Some(module), if version.has_errors() { version } else { found })
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "json")
}

/// A file's text, not parsed yet.
struct FileText {
    file: FileId,
    is_json: bool,
}

/// A further thread is worth its start from this number of files on.
const PER_THREAD: usize = 25;

/// The blocks of each file with what is wrong in it, in the order of the files.
fn parse(texts: &[FileText], options: &LoadOptions) -> Vec<(Vec<Block>, Diagnostics)> {
    parallel::each(texts, PER_THREAD, |FileText { file, is_json }| {
        let source = options.sources.get(*file);
        let text = source.as_ref().map_or("", |source| &source.text);
        let (body, mut problems) = if *is_json { json::parse_config(*file, text) } else { parse_body(*file, text) };
        (decode::file_blocks(body, &mut problems), problems)
    })
}

/// One file's text; what keeps it from being read is reported.
fn read_file(path: &Path, options: &LoadOptions, problems: &mut Diagnostics) -> Option<FileText> {
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
    Some(FileText { file: sources.add(name, text), is_json: is_json(path) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::address::Resource;
    use crate::diagnostics::Sources;

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
    fn links_are_followed_before_dots_are() {
        let dir = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(dir.path()).unwrap();
        std::fs::create_dir_all(root.join("shared/a")).unwrap();
        std::os::unix::fs::symlink("shared/a", root.join("m")).unwrap();
        std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
        assert_eq!(real(&root.join("./m/../b")), root.join("shared/b"));
        assert_eq!(real(Path::new("../../x/./y/..")), PathBuf::from("../../x"));
        assert_eq!(real(Path::new("./")), PathBuf::from("."));
        assert!(real(&root.join("loop/x")).ends_with("loop/x"));
    }

    #[test]
    fn paths_are_cleaned_as_text() {
        assert_eq!(clean(Path::new("./modules/../x/./y")), PathBuf::from("x/y"));
        assert_eq!(clean(Path::new("../../m")), PathBuf::from("../../m"));
        assert_eq!(clean(Path::new("./")), PathBuf::from("."));
    }
}
