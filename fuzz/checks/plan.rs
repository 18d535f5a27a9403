//! Every file is read as a saved plan or refused.

use pipewright::engine::planfile::read_from;
use pipewright::provider::Registry;
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::builtin::Builtin;
use std::io::{Cursor, Write};
use std::sync::{Arc, OnceLock};
use zip::write::SimpleFileOptions;

/// As a whole file, and as the changes inside one: changed bytes of an archive seldom pass its checksums.
pub fn check(data: &[u8]) {
    open(data);
    if let Some(packed) = packed(data) {
        open(&packed);
    }
}

fn open(data: &[u8]) {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    let registry = REGISTRY.get_or_init(providers);
    if let Err(problems) = read_from(Cursor::new(data), data.len() as u64, "fuzz", registry) {
        assert!(problems.has_errors());
    }
}

fn packed(plan: &[u8]) -> Option<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let format = br#"{"format": "pipewright-plan", "version": 1, "pipewright": "0"}"#;
    for (name, content) in [
        ("format.json", format.as_slice()),
        ("plan.json", plan),
        ("prior.tfstate", b"{\"version\": 4}"),
        ("previous.tfstate", b"{\"version\": 4}"),
        ("modules.json", b"{}"),
        ("config.json", b"[]"),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).ok()?;
        zip.write_all(content).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

fn providers() -> Registry {
    let mut registry = Registry::new();
    registry.register(Arc::new(Builtin));
    registry.register(Arc::new(AwsFactory::new().expect("the embedded schemas parse")));
    registry
}
