//! Where values stand: `TF_VAR_…`, `terraform.tfvars`, `*.auto.tfvars`, `-var`, `-var-file`; later ones win.

use super::{Given, Origin, Raw};
use crate::config::{bounded, json};
use crate::diagnostics::{Diagnostic, Diagnostics, Sources};
use crate::lang::syntax::parse_body;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A variable option of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Option {
    /// `-var`: `name=value`, as given.
    Var(String),
    /// `-var-file`
    File(PathBuf),
}

/// Prefix of environment variables that give values.
const ENVIRONMENT_PREFIX: &str = "TF_VAR_";
/// Files that are read without being named.
const DEFAULT_FILES: [&str; 2] = ["terraform.tfvars", "terraform.tfvars.json"];
const AUTO_ENDINGS: [&str; 2] = [".auto.tfvars", ".auto.tfvars.json"];

pub(super) fn gather(given: &Given<'_>, sources: &Sources, d: &mut Diagnostics) -> BTreeMap<String, Raw> {
    let mut found = BTreeMap::new();
    for (name, text) in given.environment {
        if let Some(name) = name.strip_prefix(ENVIRONMENT_PREFIX) {
            let raw = Raw::Text { text: text.clone(), origin: Origin::Environment };
            found.insert(name.to_owned(), raw);
        }
    }
    for path in automatic(given.dir) {
        file(&path, bounded::read_file(&path), sources, &mut found, d);
    }
    for option in given.options {
        match option {
            Option::Var(text) => command_line(text, &mut found, d),
            Option::File(path) => file(path, bounded::read_named(path), sources, &mut found, d),
        }
    }
    found
}

/// Files read without being named, in their order.
fn automatic(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| AUTO_ENDINGS.iter().any(|ending| name.ends_with(ending)))
        .collect();
    names.sort();
    let defaults = DEFAULT_FILES.iter().map(|name| dir.join(name)).filter(|path| path.exists());
    defaults.chain(names.iter().map(|name| dir.join(name))).collect()
}

fn command_line(text: &str, found: &mut BTreeMap<String, Raw>, d: &mut Diagnostics) {
    let invalid = |detail: String| Diagnostic::error("Invalid -var option", detail);
    let Some((name, value)) = text.split_once('=') else {
        d.push(invalid(format!(
            "The given -var option \"{text}\" is not correctly specified. Must be a variable name and value separated by an \
             equals sign, like -var=\"key=value\"."
        )));
        return;
    };
    if name.ends_with(' ') {
        let (name, value) = (name.trim_end(), value.trim_start_matches(' '));
        d.push(invalid(format!(
            "Variable name \"{name} \" is invalid due to trailing space. Did you mean -var=\"{name}={value}\"?"
        )));
        return;
    }
    found.insert(name.to_owned(), Raw::Text { text: value.to_owned(), origin: Origin::CommandLine });
}

fn file(
    path: &Path,
    read: std::io::Result<Vec<u8>>,
    sources: &Sources,
    found: &mut BTreeMap<String, Raw>,
    d: &mut Diagnostics,
) {
    let shown = crate::config::clean(path).display().to_string();
    let text = match read {
        Ok(bytes) => String::from_utf8(bytes),
        Err(e) => {
            let detail = if e.kind() == std::io::ErrorKind::NotFound {
                format!("Given variables file {shown} does not exist.")
            } else {
                format!("Error while reading {shown}: {e}.")
            };
            d.push(Diagnostic::error("Failed to read variables file", detail));
            return;
        }
    };
    let Ok(text) = text else {
        let detail = format!("{shown} is not encoded as UTF-8.");
        d.push(Diagnostic::error("Failed to read variables file", detail));
        return;
    };
    let id = sources.add(shown.clone(), text.as_str());
    let (body, problems) =
        if shown.ends_with(".json") { json::parse_variables(id, &text) } else { parse_body(id, &text) };
    let broken = problems.has_errors();
    d.extend(problems);
    for block in &body.blocks {
        let diagnostic = match block.labels.first() {
            Some(name) if &*block.kind.name == "variable" => Diagnostic::error(
                "Variable declaration in .tfvars file",
                format!(
                    "A .tfvars file is used to assign values to variables that have already been declared in .tf files, not to \
                     declare new variables. To declare variable \"{0}\", place this block in one of your .tf files, such as \
                     variables.tf.\n\nTo set a value for this variable in {shown}, use the definition syntax instead:\n    {0} = \
                     <value>",
                    name.name
                ),
            ),
            _ => Diagnostic::error(
                format!("Unexpected \"{}\" block", block.kind.name),
                format!("Blocks are not allowed in {shown}; write values as name = value."),
            ),
        };
        d.push(diagnostic.at(block.kind.span).within(block.header));
    }
    if !broken && body.blocks.is_empty() {
        for attribute in body.attributes {
            found.insert(attribute.name.name.to_string(), Raw::Expression(attribute.expr));
        }
    }
}
