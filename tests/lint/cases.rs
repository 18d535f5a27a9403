//! Cases in `cases/*.txt`: a line `# case: RULE NUMBER SEVERITY: what it is about` (or `RULE nothing: …`) and a configuration, in which
//! `# file: NAME` begins another file. Each has one thing wrong, or looks as if it had.

use crate::fixture::example;
use std::path::Path;

#[test]
fn every_case_is_told_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let (mut number, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for case in text.split("# case: ").skip(1) {
            number += 1;
            let (head, body) = case.split_once('\n').unwrap();
            let (want, title) = head.split_once(": ").unwrap_or_else(|| panic!("{head}"));
            let (rule, want) = want.split_once(' ').unwrap_or_else(|| panic!("{head}"));
            let findings = example(body).says(rule).findings;
            let told = match findings.first() {
                None => "nothing".to_owned(),
                Some(first) => format!("{} {}", findings.len(), first.severity.as_str()),
            };
            if told != want {
                let all: Vec<&str> = findings.iter().map(|f| f.summary.as_str()).collect();
                wrong.push(format!("{rule}, {title}: {told} instead of {want} {all:#?}"));
            }
        }
    }
    assert!(number > 100, "{number}");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
