//! The pages in `docs/rules` are those of the registry.

use pipewright::lint;
use pipewright::view::lint::page;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn pages_of_rules_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let mut wanted: BTreeMap<String, String> =
        lint::rules().map(|r| (format!("{}.md", r.id), page::markdown(r))).collect();
    wanted.insert("README.md".into(), page::index(lint::rules()));
    if std::env::var_os("PIPEWRIGHT_WRITE_DOCS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &wanted {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let found: BTreeMap<String, String> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&p).unwrap()))
        .collect();
    let stale: Vec<&String> = wanted.keys().filter(|name| found.get(*name) != wanted.get(*name)).collect();
    let extra: Vec<&String> = found.keys().filter(|name| !wanted.contains_key(*name)).collect();
    assert!(
        stale.is_empty() && extra.is_empty(),
        "not current: {stale:?}, without a rule: {extra:?}; run the test with PIPEWRIGHT_WRITE_DOCS=1"
    );
}
