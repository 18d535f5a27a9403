//! Small configurations, good and bad, with what `terraform validate -json` of Terraform 1.11.4 says of them. Where Terraform is on the
//! PATH, a sample of them is asked again.

use pipewright::config::{self, LoadOptions};
use pipewright::diagnostics::{Diagnostic, Sources};
use pipewright::engine;
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::builtin::Builtin;
use pipewright::provider::{Factory, Registry};
use serde_json::Value as Json;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Terraform accepts these when it validates and refuses them whenever it plans or initialises; here that is told at once.
const TOLD_EARLIER: &[&str] = &["cloud_block", "lifecycle_replace_triggered_by_missing", "moved_data", "reference_own"];

/// Titles of what Terraform says beside the real message, of the same line: one message is enough.
const ECHOES: &[&str] = &["Unsuitable value type", "Unknown variable", "Invalid replace_triggered_by expression"];

/// The same mistake under another title, or told at a better place.
const TITLES: &[(&str, &str, &str)] = &[
    ("resource_computed_set", "\"output\" attribute is read-only", "Value for unconfigurable attribute"),
    ("module_count_no_index", "Unsupported attribute", "Missing module instance key"),
    ("module_version_on_local", "Invalid registry module source address", "Invalid module source address"),
    ("module_missing_folder", "Module not installed", "Unreadable module directory"),
    ("import_twice", "Duplicate import configuration for \"terraform_data.a\"", "Duplicate import configuration"),
    (
        "provisioner_file_no_source",
        "Must provide one of 'source' or 'content'",
        "Invalid file provisioner configuration",
    ),
    ("override_variable", "Invalid default value for variable", "Invalid default value for variable"),
    ("json_unknown_block", "Extraneous JSON object property", "Unsupported argument"),
    ("json_unknown_argument", "Extraneous JSON object property", "Unsupported argument"),
    ("json_syntax", "Missing value", "Missing JSON value"),
    ("json_syntax", "Root value must be object", "Missing JSON value"),
    ("json_syntax", "Unclosed object", "Missing JSON value"),
    ("aws", "Invalid Attribute Value Match", "expected status to be one of [\"Disabled\" \"Enabled\"], got On"),
    (
        "aws",
        "expected length of bucket to be in the range (0 - 63), got 0123456789012345678901234567890123456789012345678901234567890123456789",
        "Invalid bucket name",
    ),
    (
        "aws",
        "expected sse_algorithm to be one of [\"AES256\" \"aws:kms\" \"aws:kms:dsse\"], got rot13",
        "expected sse_algorithm to be one of [\"AES256\" \"aws:kms\" \"aws:kms:dsse\"], got rot13",
    ),
    ("aws", "\"name\" doesn't comply with restrictions (\"^[0-9A-Za-z_.-]+$\"): \"a b\"", "invalid value for name"),
];

/// Titles that hold a text of another program's parser, or a path that this one leaves out, up to where they are the same.
fn essence(title: &str) -> String {
    if title.starts_with("Cycle: ") {
        return "Cycle".to_owned();
    }
    if let Some((before, _)) = title.split_once(" contains an invalid JSON") {
        return before.to_owned();
    }
    match title.strip_prefix("expected ").and_then(|rest| rest.split_once(' ')) {
        Some((path, rest)) => format!("expected {} {rest}", path.rsplit('.').next().unwrap()),
        None => title.to_owned(),
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    place: Option<(String, u64)>,
    summary: String,
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.register(Arc::new(Builtin));
    registry.register(Arc::new(AwsFactory::new().unwrap()));
    registry
}

fn write(folder: &Path, row: &Json) {
    for (name, text) in row["files"].as_object().unwrap() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.as_str().unwrap()).unwrap();
    }
}

/// What this program says: its errors.
fn errors(folder: &Path, registry: &Registry) -> Vec<(Said, Diagnostic)> {
    let sources = Sources::new();
    let options = LoadOptions::disk(sources.clone(), folder.join(".terraform"));
    let (config, mut found) = config::load(folder, &options);
    if let Some(config) = &config {
        let version = |source: &_| registry.get(source).map(|f: &Arc<dyn Factory>| f.version().to_owned());
        found.extend(config::version::check_versions(config, &version));
    }
    if let Some(config) = config.filter(|_| !found.has_errors()) {
        found.extend(engine::validate(&config, registry));
    }
    let said = |d: &Diagnostic| Said {
        place: d.span.and_then(|s| {
            let file = sources.get(s.file)?;
            let name = Path::new(&file.name).strip_prefix(folder).unwrap_or(Path::new(&file.name));
            Some((name.display().to_string(), u64::from(file.position(s.start).line)))
        }),
        summary: d.summary.clone(),
    };
    found.iter().filter(|d| d.is_error()).map(|d| (said(d), d.clone())).collect()
}

/// Terraform's errors.
fn wanted(row: &Json) -> Vec<Said> {
    let list = row["diagnostics"].as_array().unwrap().iter().filter(|d| d["severity"] == "error");
    list.map(|d| Said {
        place: d["file"].as_str().map(|file| (file.to_owned(), d["line"].as_u64().unwrap())),
        summary: d["summary"].as_str().unwrap().to_owned(),
    })
    .collect()
}

fn difference(row: &Json, registry: &Registry) -> Option<String> {
    let name = row["name"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), row);
    let found = errors(folder.path(), registry);
    let valid = row["valid"] == true && !TOLD_EARLIER.contains(&name);
    if found.is_empty() != valid {
        let found: Vec<_> = found.iter().map(|(said, d)| format!("{said:?}: {}", d.detail)).collect();
        return Some(format!("{name}: {} {found:?}", if valid { "is valid but" } else { "is not valid but" }));
    }
    let missing: Vec<Said> = wanted(row)
        .into_iter()
        .filter(|want| {
            !found.iter().any(|(said, _)| {
                let reworded = |(n, theirs, ours): &(&str, &str, &str)| {
                    *n == name && *theirs == want.summary && *ours == said.summary
                };
                let same = essence(&said.summary) == essence(&want.summary);
                let echo = ECHOES.contains(&want.summary.as_str());
                match (&want.place, &said.place) {
                    (Some(theirs), Some(ours)) if theirs == ours => same || echo || TITLES.iter().any(reworded),
                    (Some(_), _) => TITLES.iter().any(reworded),
                    (None, _) => same || TITLES.iter().any(reworded),
                }
            })
        })
        .collect();
    let said: Vec<&Said> = found.iter().map(|(said, _)| said).collect();
    (!missing.is_empty()).then(|| format!("{name}: {missing:?} is missing in {said:?}"))
}

fn rows() -> Vec<Json> {
    include_str!("validate.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn configurations_are_judged_as_terraform_judges_them() {
    let registry = registry();
    let wrong: Vec<String> = rows().iter().filter_map(|row| difference(row, &registry)).collect();
    assert!(wrong.is_empty(), "{} configurations differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_error_of_every_bad_configuration_has_a_place_and_whole_sentences() {
    let registry = registry();
    for row in rows().iter().filter(|row| row["valid"] == false) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), row);
        for (said, diagnostic) in errors(folder.path(), &registry) {
            assert!(said.place.is_some(), "{}: {said:?} has no place", row["name"]);
            // The original provider's words are taken as they are.
            let theirs = row["diagnostics"].as_array().unwrap();
            let same = theirs.iter().any(|d| d["summary"] == *said.summary && d["detail"] == *diagnostic.detail);
            assert!(
                same || diagnostic.detail.ends_with(['.', '?', '!', ')', '}']) || diagnostic.detail.contains('\n'),
                "{diagnostic:?}"
            );
        }
    }
}

#[test]
fn terraform_itself_still_says_what_is_stored() {
    if Command::new("terraform").arg("version").output().is_err() {
        return;
    }
    // Every tenth: a start of Terraform takes long. Modules and providers would have to be installed first.
    let sample = rows()
        .into_iter()
        .filter(|row| row["name"] != "aws" && row["files"].as_object().unwrap().len() == 1)
        .step_by(10);
    for row in sample {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &row);
        let ran = Command::new("terraform").args(["validate", "-json"]).current_dir(folder.path()).output().unwrap();
        let answer: Json = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(answer["valid"], row["valid"], "{}", row["name"]);
        let mut now: Vec<&str> =
            answer["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["summary"].as_str()).collect();
        let mut stored: Vec<&str> =
            row["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["summary"].as_str()).collect();
        now.sort_unstable();
        stored.sort_unstable();
        assert_eq!(now, stored, "{}", row["name"]);
    }
}
