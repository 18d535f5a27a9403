//! What the person's CLI configuration (`~/.terraformrc`, `~/.terraform.d/*.tfrc[.json]`, or `TF_CLI_CONFIG_FILE`) says about
//! hosts: their credentials, and where their services are. Everything else in these files is for others.

use crate::diagnostics::{Diagnostic, Diagnostics, Sources};
use crate::lang::syntax::ast::{Block, Body, Expr, ExprKind, ObjectKey};
use crate::lang::syntax::parse_body;
use crate::lang::value::to_json;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Larger files are not read, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// The parts that concern hosts.
#[derive(Debug, Default)]
pub(super) struct CliConfig {
    /// Tokens by host.
    pub tokens: BTreeMap<String, String>,
    /// `host` blocks: services by name, by host.
    pub services: BTreeMap<String, BTreeMap<String, String>>,
    /// The program that knows tokens, and its arguments.
    pub helper: Option<(PathBuf, Vec<String>)>,
}

/// Reads what there is. Problems are warnings: a broken file must not keep local modules from being installed.
pub(super) fn read(environment: &dyn Fn(&str) -> Option<String>) -> (CliConfig, Diagnostics) {
    let mut config = CliConfig::default();
    let mut problems = Diagnostics::new();
    let given = |name: &str| environment(name).filter(|v| !v.is_empty());
    let home = given("HOME").map(PathBuf::from);
    let dir = home.as_ref().map(|home| home.join(".terraform.d"));
    let named = given("TF_CLI_CONFIG_FILE").or_else(|| given("TERRAFORM_CONFIG")).map(PathBuf::from);
    let mut files: Vec<PathBuf> = Vec::new();
    if let Some(named) = named {
        files.push(named);
    } else {
        files.extend(home.map(|home| home.join(".terraformrc")).filter(|path| path.exists()));
        let mut inside: Vec<PathBuf> = dir
            .as_ref()
            .and_then(|dir| std::fs::read_dir(dir).ok())
            .map(|entries| entries.filter_map(|e| Some(e.ok()?.path())).collect())
            .unwrap_or_default();
        let is_config = |name: &str| name.ends_with(".tfrc") || name.ends_with(".tfrc.json");
        inside.retain(|path| path.file_name().and_then(|n| n.to_str()).is_some_and(is_config));
        inside.sort();
        files.extend(inside);
    }
    let mut helper = None;
    for file in files {
        match read_file(&file) {
            Ok(document) => take(&document, &mut config, &mut helper),
            Err(why) => problems.push(
                Diagnostic::warning("Cannot read the CLI configuration", format!("{}: {why}", file.display()))
                    .hint("Credentials and hosts in this file are not used. Correct the file."),
            ),
        }
    }
    if let Some((name, arguments)) = helper {
        match dir.as_deref().and_then(|dir| program(dir, &name)) {
            Some(program) => config.helper = Some((program, arguments)),
            None => problems.push(Diagnostic::warning(
                "Credentials helper not found",
                format!("There is no program terraform-credentials-{name} in ~/.terraform.d/plugins."),
            )),
        }
    }
    (config, problems)
}

/// Host names as they are compared.
pub(super) fn host_name(text: &str) -> String {
    let text = text.trim().to_lowercase();
    text.strip_suffix(":443").map_or(text.clone(), str::to_owned)
}

fn program(dir: &Path, name: &str) -> Option<PathBuf> {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let os = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let plugins = dir.join("plugins");
    let exact = format!("terraform-credentials-{name}");
    [plugins.join(format!("{os}_{arch}")), plugins].iter().find_map(|folder| {
        let mut found: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
        found.retain(|path| {
            let rest = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix(&exact));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("_v")) && path.is_file()
        });
        found.sort();
        found.pop()
    })
}

fn read_file(path: &Path) -> Result<Json, String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| format!("{e}."))?;
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|e| format!("{e}."))?;
    if path.extension().is_some_and(|e| e == "json") {
        return serde_json::from_str(&text).map_err(|e| format!("{e}."));
    }
    let (body, problems) = parse_body(Sources::new().add(path.display().to_string(), text.as_str()), &text);
    match problems.iter().find(|p| p.is_error()) {
        Some(problem) => Err(problem.detail.clone()),
        None => Ok(object(&body, &text)),
    }
}

/// Blocks as nested objects by their labels: what the JSON form of these files looks like.
fn object(body: &Body, text: &str) -> Json {
    let mut out = Map::new();
    for attribute in &body.attributes {
        if let Some(value) = value(&attribute.expr, text) {
            out.insert(attribute.name.name.to_string(), value);
        }
    }
    for block in &body.blocks {
        place(&mut out, block, text);
    }
    Json::Object(out)
}

fn place(out: &mut Map<String, Json>, block: &Block, text: &str) {
    let names = std::iter::once(&block.kind).chain(&block.labels).map(|ident| ident.name.to_string());
    let mut inside = object(&block.body, text);
    let names: Vec<String> = names.collect();
    for name in names.iter().skip(1).rev() {
        inside = Json::Object(Map::from_iter([(name.clone(), inside)]));
    }
    let Some(kind) = names.first() else { return };
    match (out.get_mut(kind), inside) {
        (Some(Json::Object(before)), Json::Object(more)) => before.extend(more),
        (_, inside) => drop(out.insert(kind.clone(), inside)),
    }
}

fn value(expr: &Expr, text: &str) -> Option<Json> {
    Some(match &expr.kind {
        ExprKind::Literal(value) => to_json(value)?,
        ExprKind::Tuple(items) => Json::Array(items.iter().filter_map(|item| value(item, text)).collect()),
        ExprKind::Object(items) => {
            let pairs = items.iter().filter_map(|item| {
                let name = match &item.key {
                    ObjectKey::Name(name) => name.name.to_string(),
                    // `modules.v1` needs no quotes in these files.
                    ObjectKey::Expr(key) => {
                        let (start, end) = (key.span.start as usize, key.span.end as usize);
                        text.get(start..end)?.trim_matches('"').to_owned()
                    }
                };
                Some((name, value(&item.value, text)?))
            });
            Json::Object(pairs.collect())
        }
        _ => return None,
    })
}

/// The objects a key holds: one, or a list of them.
fn objects<'a>(document: &'a Json, key: &str) -> Vec<(&'a String, &'a Json)> {
    let pairs = |value: &'a Json| value.as_object().into_iter().flatten();
    match document.get(key) {
        Some(Json::Array(items)) => items.iter().flat_map(pairs).collect(),
        Some(value) => pairs(value).collect(),
        None => Vec::new(),
    }
}

fn first(value: &Json) -> &Json {
    value.as_array().and_then(|items| items.first()).unwrap_or(value)
}

fn take(document: &Json, config: &mut CliConfig, helper: &mut Option<(String, Vec<String>)>) {
    for (host, credentials) in objects(document, "credentials") {
        if let Some(token) = first(credentials).get("token").and_then(Json::as_str) {
            config.tokens.insert(host_name(host), token.to_owned());
        }
    }
    for (host, block) in objects(document, "host") {
        let services = config.services.entry(host_name(host)).or_default();
        for (name, url) in objects(first(block), "services") {
            services.extend(url.as_str().map(|url| (name.clone(), url.to_owned())));
        }
    }
    for (name, block) in objects(document, "credentials_helper") {
        let arguments = first(block).get("args").and_then(Json::as_array).cloned().unwrap_or_default();
        *helper = Some((name.clone(), arguments.iter().filter_map(|a| Some(a.as_str()?.to_owned())).collect()));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read_home(files: &[(&str, &str)]) -> (CliConfig, Diagnostics) {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let path = home.path().display().to_string();
        read(&|name| (name == "HOME").then(|| path.clone()))
    }

    #[test]
    fn tokens_and_hosts_are_found_in_both_notations() {
        let (config, problems) = read_home(&[
            (
                ".terraformrc",
                "plugin_cache_dir = \"$HOME/x\"\ncredentials \"a.example.com\" {\n  token = \"one\"\n}\nhost \"b.example.com\" {\n  services = {\n    \
                 \"modules.v1\" = \"https://x/v1/\"\n    login.v1 = {}\n  }\n}\n",
            ),
            (".terraform.d/credentials.tfrc.json", r#"{"credentials": {"C.example.com": {"token": "two"}}}"#),
            (".terraform.d/other.txt", "nonsense {"),
        ]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(config.tokens["a.example.com"], "one");
        assert_eq!(config.tokens["c.example.com"], "two");
        assert_eq!(config.services["b.example.com"]["modules.v1"], "https://x/v1/");
    }

    #[test]
    fn a_broken_file_is_a_warning_and_the_others_count() {
        let (config, problems) = read_home(&[
            (".terraformrc", "credentials \"a\" {"),
            (".terraform.d/x.tfrc", "credentials \"b.example.com\" {\n  token = \"t\"\n}\n"),
            (".terraform.d/y.tfrc.json", "{"),
        ]);
        assert_eq!(problems.len(), 2);
        assert!(!problems.has_errors());
        assert_eq!(config.tokens["b.example.com"], "t");
    }

    #[test]
    fn a_missing_helper_is_told() {
        let (config, problems) =
            read_home(&[(".terraformrc", "credentials_helper \"vault\" {\n  args = [\"x\"]\n}\n")]);
        assert!(config.helper.is_none());
        assert!(problems.iter().next().unwrap().detail.contains("terraform-credentials-vault"));
        let program = ".terraform.d/plugins/terraform-credentials-vault";
        let (config, problems) =
            read_home(&[(".terraformrc", "credentials_helper \"vault\" {\n  args = [\"x\"]\n}\n"), (program, "")]);
        assert!(problems.is_empty());
        assert_eq!(config.helper.unwrap().1, ["x"]);
    }
}
