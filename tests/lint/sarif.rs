//! SARIF against the shape that version 2.1.0 gives a log.
//!
//! `sarif-shape.json` holds, in the words of JSON Schema, what the standard says of the objects that are written here: their properties, which
//! are required, types, enumerations and patterns. With `SARIF_SCHEMA=FILE` the whole published schema is taken instead.

use crate::fixture::example;
use pipewright::lint::{self, Rule};
use pipewright::view::lint::sarif;
use regex::Regex;
use serde_json::{Value as Json, json};

/// Keywords that say nothing about validity here.
const SILENT: &[&str] = &["$schema", "title", "id", "description", "default", "format", "definitions"];

struct Schema(Json);

impl Schema {
    fn load() -> Self {
        let text = match std::env::var_os("SARIF_SCHEMA") {
            Some(path) => std::fs::read_to_string(path).unwrap(),
            None => include_str!("sarif-shape.json").to_owned(),
        };
        Schema(serde_json::from_str(&text).unwrap())
    }

    fn problems(&self, value: &Json) -> Vec<String> {
        let mut out = Vec::new();
        self.check(&self.0, value, "", &mut out);
        out
    }

    fn check(&self, schema: &Json, value: &Json, at: &str, out: &mut Vec<String>) {
        let no = |what: String, out: &mut Vec<String>| out.push(format!("{at}: {what}"));
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
                    self.check(&self.0["definitions"][name], value, at, out);
                }
                "type" => {
                    let is = |name: &str| match name {
                        "object" => value.is_object(),
                        "array" => value.is_array(),
                        "string" => value.is_string(),
                        "boolean" => value.is_boolean(),
                        "integer" => value.is_i64() || value.is_u64(),
                        "number" => value.is_number(),
                        "null" => value.is_null(),
                        other => panic!("type {other}"),
                    };
                    let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                    let is = names.iter().any(|name| is(name.as_str().unwrap()));
                    if !is {
                        no(format!("is no {rule}"), out);
                    }
                }
                "enum" if !rule.as_array().unwrap().contains(value) => no(format!("{value} is none of {rule}"), out),
                "pattern" if value.is_string() => {
                    if !Regex::new(rule.as_str().unwrap()).unwrap().is_match(value.as_str().unwrap()) {
                        no(format!("{value} does not fit {rule}"), out);
                    }
                }
                "minimum" if value.as_f64().is_some_and(|v| v < rule.as_f64().unwrap()) => {
                    no(format!("{value} is less than {rule}"), out)
                }
                "maximum" if value.as_f64().is_some_and(|v| v > rule.as_f64().unwrap()) => {
                    no(format!("{value} is more than {rule}"), out)
                }
                "minItems" if value.as_array().is_some_and(|v| (v.len() as u64) < rule.as_u64().unwrap()) => {
                    no("too few".into(), out)
                }
                "uniqueItems" if rule == &json!(true) => {
                    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    if (1..items.len()).any(|n| items[..n].contains(&items[n])) {
                        no("an item stands twice".into(), out);
                    }
                }
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}/{n}"), out);
                    }
                }
                "required" if value.is_object() => {
                    for name in rule.as_array().unwrap().iter().map(|n| n.as_str().unwrap()) {
                        if value.get(name).is_none() {
                            no(format!("lacks {name}"), out);
                        }
                    }
                }
                "properties" => {
                    for (name, inner) in value.as_object().into_iter().flatten() {
                        if let Some(rule) = rule.get(name) {
                            self.check(rule, inner, &format!("{at}/{name}"), out);
                        }
                    }
                }
                "additionalProperties" => {
                    let known = schema.get("properties").and_then(Json::as_object);
                    for (name, inner) in value.as_object().into_iter().flatten() {
                        if known.is_some_and(|k| k.contains_key(name)) {
                            continue;
                        }
                        match rule {
                            Json::Bool(true) => {}
                            Json::Bool(false) => no(format!("has the unknown property {name}"), out),
                            rule => self.check(rule, inner, &format!("{at}/{name}"), out),
                        }
                    }
                }
                "anyOf" | "oneOf" => {
                    let fits = |rule: &Json| {
                        let mut problems = Vec::new();
                        self.check(rule, value, at, &mut problems);
                        problems.is_empty()
                    };
                    if !rule.as_array().unwrap().iter().any(fits) {
                        no(format!("fits none of {rule}"), out);
                    }
                }
                "enum" | "minimum" | "maximum" | "minItems" | "uniqueItems" | "required" | "pattern" => {}
                "not" => {
                    let mut problems = Vec::new();
                    self.check(rule, value, at, &mut problems);
                    if problems.is_empty() {
                        no(format!("fits what it must not: {rule}"), out);
                    }
                }
                silent => assert!(SILENT.contains(&silent), "the schema says {silent}, which this test does not know"),
            }
        }
    }
}

#[test]
fn every_rule_s_findings_are_a_valid_log() {
    let schema = Schema::load();
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let mut fixes = 0;
    for rule in lint::rules() {
        let fixture = example(rule.bad);
        let report = fixture.report(&rules);
        let log = sarif::document(&report, &rules, &fixture.config.sources);
        assert_eq!(schema.problems(&log), Vec::<String>::new(), "{}", rule.id);
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), report.findings.len());
        for result in results {
            let described = &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(described["id"], result["ruleId"]);
            assert!(
                described["help"]["text"].as_str().unwrap().len() > 20 && described["help"]["markdown"].is_string()
            );
            assert_eq!(result["partialFingerprints"]["pipewright/v1"].as_str().unwrap().len(), 32);
            fixes += usize::from(result.get("fixes").is_some());
        }
    }
    assert!(fixes > 20, "only {fixes} repairs were told");
}

#[test]
fn a_wrong_log_is_refused_by_this_test() {
    let schema = Schema::load();
    let rules: Vec<&'static Rule> = lint::rules().collect();
    let fixture = example(lint::find("CP001").unwrap().bad);
    let log = sarif::document(&fixture.report(&rules), &rules, &fixture.config.sources);
    for (at, wrong) in [
        ("/version", json!("2.0")),
        ("/runs/0/results/0/level", json!("info")),
        ("/runs/0/results/0/message", json!({})),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
        ("/runs/0/tool/driver", json!({})),
        ("/runs/0/columnKind", json!("bytes")),
        ("/runs/0/results/0/partialFingerprints", json!({ "a": 1 })),
    ] {
        let mut log = log.clone();
        *log.pointer_mut(at).unwrap_or_else(|| panic!("{at}")) = wrong;
        assert!(!schema.problems(&log).is_empty(), "{at}");
    }
    let mut log = log.clone();
    log["runs"][0]["results"][0]["severity"] = json!("x");
    assert!(!schema.problems(&log).is_empty());
}
