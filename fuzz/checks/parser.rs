//! Every text is read as whatever it may stand for, or refused with messages whose places are in it. Nothing panics.

use pipewright::config::variables::{Given, collect};
use pipewright::config::{LoadOptions, Snapshot, install, json, load};
use pipewright::diagnostics::{Diagnostics, Sources};
use pipewright::lang::eval::{body_references, references, type_constraint};
use pipewright::lang::syntax::{parse_body, parse_expression, parse_template};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// As configuration in both notations, as values of variables, as expression and template, as list of modules.
pub fn check(data: &[u8]) {
    let _ = install::read_manifest(data);
    // What is no UTF-8 is refused before it is parsed.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let sources = Sources::new();
    let file = sources.add("fuzz.tf", text);
    let (body, problems) = parse_body(file, text);
    body_references(&body);
    places(text, &problems);
    let (_, problems) = json::parse_config(file, text);
    places(text, &problems);
    let (_, problems) = json::parse_variables(file, text);
    places(text, &problems);
    for expression in [parse_expression(file, text, 0), parse_template(file, text, 0)].into_iter().flatten() {
        references(&expression);
        let _ = type_constraint(&expression);
    }
    for name in ["main.tf", "main.tf.json"] {
        configuration(name, text);
    }
}

/// A whole configuration of one file; a call of itself is a loop that must be found.
fn configuration(name: &str, text: &str) {
    let mut snapshot = Snapshot::default();
    snapshot.files.insert(PathBuf::from(name), text.to_owned());
    let options = LoadOptions { snapshot: Some(Arc::new(snapshot)), ..LoadOptions::disk(Sources::new(), ".terraform") };
    let (config, _) = load(Path::new("."), &options);
    if let Some(config) = config {
        let given =
            Given { dir: Path::new("/nonexistent"), environment: &[], options: &[], ask: None, required: false };
        let _ = collect(&config.root.variables, &given, &options.sources);
        let _: BTreeMap<String, usize> =
            config.root.children.iter().map(|(n, m)| (n.clone(), m.resources.len())).collect();
    }
}

fn places(text: &str, problems: &Diagnostics) {
    for problem in problems {
        let span = problem.span.expect("every message has its place");
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{text:?}: {problem:?}");
    }
}
