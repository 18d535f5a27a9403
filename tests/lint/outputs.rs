//! Every output says the same, in its own way.

use crate::fixture::example;
use pipewright::lint::{self, Level, Rule, baseline::Baseline};
use pipewright::view::lint as view;
use pipewright::view::style::Palette;
use serde_json::Value as Json;
use std::collections::HashSet;

const TEXT: &str = "resource \"aws_codepipeline\" \"shop\" {\n  name = \"bad name & more\"\n}\n";

#[test]
fn json_has_the_promised_fields() {
    let fixture = example(TEXT);
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    let json: Json = serde_json::from_str(&view::json::text(&report, &fixture.config.sources)).unwrap();
    assert_eq!(json["format_version"], "1.0");
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), report.findings.len());
    for finding in findings {
        let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["rule", "severity", "address", "range", "summary", "detail", "fingerprint", "fix"]);
        assert_eq!(finding["fingerprint"].as_str().unwrap().len(), 32);
        assert!(finding["range"]["start"]["line"].as_u64().unwrap() >= 1);
    }
    assert!(json["notes"].is_array());
}

#[test]
fn sarif_has_what_its_schema_requires() {
    let fixture = example(TEXT);
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    let log = view::sarif::document(&report, &rules, &fixture.config.sources);
    assert_eq!(log["version"], "2.1.0");
    let driver = &log["runs"][0]["tool"]["driver"];
    let ids: HashSet<&str> = driver["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in driver["rules"].as_array().unwrap() {
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Wrong"));
    }
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len());
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(driver["rules"][index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1 && region["startColumn"].as_u64().unwrap() >= 1);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
    }
}

#[test]
fn junit_is_well_formed_and_counts_failures_from_the_wanted_severity_on() {
    let fixture = example(TEXT);
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    let errors = report.count(Level::Error);
    let xml = view::junit::document(&report, &rules, Level::Error, &fixture.config.sources);
    assert!(errors > 0 && xml.contains(&format!("failures=\"{errors}\" errors=\"0\">\n  <testsuite ")));
    assert_eq!(xml.matches("<failure ").count(), errors);
    assert!(xml.contains("bad name &amp; more") && !xml.contains("name & more"));
    assert_eq!(xml.matches("<testcase").count(), xml.matches("</testcase>").count() + xml.matches("\"/>").count());
}

#[test]
fn github_commands_are_one_line_each_and_markdown_one_row() {
    let fixture = example(TEXT);
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let report = fixture.report(&rules);
    let commands = view::github::commands(&report, &fixture.config.sources);
    assert_eq!(commands.lines().count(), report.findings.len());
    assert!(commands.lines().all(|l| l.starts_with("::") && l.contains("file=") && l.contains(",line=")));
    let markdown = view::markdown::text(&report, &fixture.config.sources);
    assert_eq!(markdown.lines().filter(|l| l.starts_with("| ")).count(), report.findings.len() + 1);
}

#[test]
fn people_see_the_place_and_the_counts() {
    let fixture = example(TEXT);
    let report = fixture.says("CP016");
    let text = view::human::report(&report, &fixture.config.sources, Palette::plain(), false);
    assert!(text.contains("Error[CP016]") || text.contains("error[CP016]"), "{text}");
    assert!(text.contains("main.tf:2"), "{text}");
    assert!(text.ends_with("Findings: 1 error, 0 warnings, 0 info.\n"), "{text}");
}

#[test]
fn a_baseline_hides_what_it_knows_and_tells_what_is_gone() {
    let fixture = example(TEXT);
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let mut report = fixture.report(&rules);
    let baseline = Baseline::parse("b.json", &Baseline::of(&report.findings).text()).unwrap();
    baseline.apply(&mut report);
    assert!(report.findings.is_empty());
    let other = example(&TEXT.replace("bad name & more", "shop"));
    let mut report = other.report(&rules);
    baseline.apply(&mut report);
    assert!(report.notes.iter().any(|n| n.text.contains("CP016") && n.text.contains("no longer found")));
}
