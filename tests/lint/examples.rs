//! Every rule fires on its own bad example and is silent on its good one.

use crate::fixture::example;
use pipewright::lint;
use std::collections::BTreeSet;

#[test]
fn every_rule_fires_on_its_bad_example_and_not_on_its_good_one() {
    let mut wrong = Vec::new();
    for rule in lint::rules() {
        let bad = example(rule.bad).says(rule.id);
        if bad.findings.is_empty() {
            wrong.push(format!("{} says nothing about its bad example", rule.id));
        }
        for finding in &bad.findings {
            if finding.range.is_none() {
                wrong.push(format!("{} does not say where: {}", rule.id, finding.summary));
            }
            if finding.summary.is_empty() || finding.summary.ends_with('.') || !finding.detail.ends_with(['.', '?']) {
                wrong.push(format!("{} is worded wrongly: {} / {}", rule.id, finding.summary, finding.detail));
            }
        }
        let good = example(rule.good).says(rule.id);
        for finding in &good.findings {
            wrong.push(format!("{} fires on its good example: {}", rule.id, finding.summary));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn ids_are_unique_and_texts_are_whole() {
    let mut seen = BTreeSet::new();
    for rule in lint::rules() {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{}", rule.id);
        assert!(rule.rationale.ends_with('.'), "{}: the rationale is whole sentences", rule.id);
        assert!(!rule.source.is_empty(), "{}", rule.id);
        let sure = rule.severity != lint::Level::Error || rule.confidence != lint::Confidence::Low;
        assert!(sure, "{}: a fact of low confidence never makes an error", rule.id);
    }
}

#[test]
fn fingerprints_do_not_move_with_lines_and_tell_findings_apart() {
    for rule in lint::rules() {
        let once = example(rule.bad).says(rule.id);
        let moved = example(&format!("# A line\n\n{}", rule.bad)).says(rule.id);
        let prints = |r: &lint::Report| r.findings.iter().map(|f| f.fingerprint.clone()).collect::<BTreeSet<_>>();
        assert_eq!(prints(&once), prints(&moved), "{}", rule.id);
        assert_eq!(prints(&once).len(), once.findings.len(), "{}: two findings have one fingerprint", rule.id);
    }
}
