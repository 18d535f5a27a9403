#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use super::*;
use crate::config::{LoadOptions, load};

struct Case {
    dir: tempfile::TempDir,
    environment: Vec<(String, String)>,
    options: Vec<VariableOption>,
}

impl Case {
    fn new(config: &str) -> Self {
        let case = Case { dir: tempfile::tempdir().unwrap(), environment: Vec::new(), options: Vec::new() };
        case.file("main.tf", config)
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.dir.path().join(name), text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn var(mut self, text: &str) -> Self {
        self.options.push(VariableOption::Var(text.into()));
        self
    }

    fn var_file(mut self, name: &str) -> Self {
        self.options.push(VariableOption::File(self.dir.path().join(name)));
        self
    }

    fn run(&self) -> (BTreeMap<String, Value>, Diagnostics) {
        self.run_asking(None)
    }

    fn run_asking(&self, ask: std::option::Option<Ask<'_>>) -> (BTreeMap<String, Value>, Diagnostics) {
        let sources = Sources::new();
        let options = LoadOptions::disk(sources.clone(), "none");
        let (config, problems) = load(self.dir.path(), &options);
        assert!(problems.is_empty(), "{problems:?}");
        let given =
            Given { dir: self.dir.path(), environment: &self.environment, options: &self.options, ask, required: true };
        let (values, mut found) = collect(&config.unwrap().root.variables, &given, &sources);
        found.extend(values.rejected.into_values());
        (values.converted, found)
    }

    fn value(&self, name: &str) -> Value {
        let (mut values, d) = self.run();
        assert!(!d.has_errors(), "{d:?}");
        values.remove(name).unwrap()
    }

    fn problem(&self) -> String {
        let (_, d) = self.run();
        let all: Vec<String> = d.iter().map(|d| d.summary.clone()).collect();
        all.join("; ")
    }
}

fn text(value: Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn later_sources_win() {
    let mut case = Case::new("variable \"a\" {\n  type = string\n}\n").env("TF_VAR_a", "environment");
    assert_eq!(text(case.value("a")), "environment");
    for (name, content, expected) in [
        ("terraform.tfvars", "a = \"default file\"\n", "default file"),
        ("terraform.tfvars.json", "{\"a\": \"default json\"}", "default json"),
        ("b.auto.tfvars", "a = \"auto b\"\n", "auto b"),
        ("a.auto.tfvars", "a = \"auto a\"\n", "auto b"),
        ("c.auto.tfvars.json", "{\"a\": \"auto ${json}\"}", "auto ${json}"),
    ] {
        case = case.file(name, content);
        assert_eq!(text(case.value("a")), expected, "{name}");
    }
    let case = case.file("given.tfvars", "a = \"given\"\n");
    let case = case.var("a=first").var_file("given.tfvars");
    assert_eq!(text(case.value("a")), "given");
    assert_eq!(text(case.var("a=last=one").value("a")), "last=one");
}

#[test]
fn text_is_a_string_or_an_expression_by_the_declared_type() {
    let config = "variable \"any\" {\n  type = any\n}\nvariable \"none\" {}\nvariable \"n\" {\n  type = number\n}\n\
                  variable \"l\" {\n  type = list(string)\n}\n";
    let case = Case::new(config).var("any=[1]").var("none=[1]").var("n=5").var("l=[\"a\", 2]");
    assert_eq!(case.value("any").elements().map(<[Value]>::len), Some(1));
    assert_eq!(text(case.value("none")), "[1]");
    assert_eq!(case.value("n").as_i64(), Some(5));
    assert_eq!(case.value("l").at(1).unwrap().as_str(), Some("2"));
}

#[test]
fn values_are_converted_completed_and_marked() {
    let config = "variable \"o\" {\n  type = object({ a = string, b = optional(number, 7) })\n  sensitive = true\n}\n";
    let value = Case::new(config).file("terraform.tfvars", "o = { a = 1 }\n").value("o");
    assert_eq!(value.get("a").unwrap().as_str(), Some("1"));
    assert_eq!(value.get("b").unwrap().as_i64(), Some(7));
    assert!(value.marks().contains(crate::lang::value::Marks::SENSITIVE));
}

#[test]
fn null_means_the_default_where_it_is_no_value() {
    let config = "variable \"a\" {\n  default = 1\n  nullable = false\n}\nvariable \"b\" {\n  default = 1\n}\n";
    let (values, d) = Case::new(config).file("terraform.tfvars", "a = null\nb = null\n").run();
    assert!(d.is_empty(), "{d:?}");
    assert!(!values.contains_key("a"));
    assert!(values["b"].is_null());
    let required = Case::new("variable \"a\" {\n  nullable = false\n}\n").file("terraform.tfvars", "a = null\n");
    assert_eq!(required.problem(), "Invalid value for input variable");
}

#[test]
fn undeclared_values_are_errors_on_the_command_line_only() {
    let declared = "variable \"region\" {\n  default = \"\"\n}\n";
    assert_eq!(Case::new(declared).env("TF_VAR_other", "x").problem(), "");
    let (_, d) = Case::new(declared).var("regoin=x").run();
    let first = d.iter().next().unwrap();
    assert!(first.is_error());
    assert_eq!(first.hint.as_deref(), Some("Did you mean \"region\"?"));
    let (_, d) = Case::new(declared).file("terraform.tfvars", "a = 1\nb = 2\nc = 3\nd = 4\n").run();
    assert!(!d.has_errors());
    assert_eq!(d.len(), 3);
    assert!(d.iter().last().unwrap().detail.contains("2 other"));
}

#[test]
fn a_missing_value_is_asked_for_or_an_error() {
    let case = Case::new("variable \"a\" {}\nvariable \"b\" {\n  type = list(number)\n}\n");
    assert_eq!(case.problem(), "No value for required variable; No value for required variable");
    let ask = |v: &Variable| Ok(if &*v.name.name == "a" { "x".to_owned() } else { "[1, 2]".to_owned() });
    let (values, d) = case.run_asking(Some(&ask));
    assert!(d.is_empty(), "{d:?}");
    assert_eq!(values["a"].as_str(), Some("x"));
    assert_eq!(values["b"].elements().map(<[Value]>::len), Some(2));
}

#[test]
fn mistakes_are_told_apart() {
    let config = "variable \"n\" {\n  type = number\n}\n";
    for (case, expected) in [
        (Case::new(config).var("n"), "Invalid -var option"),
        (Case::new(config).var("n =1"), "Invalid -var option"),
        (Case::new(config).var("n=x"), "Invalid value for input variable"),
        (Case::new(config).var("n=1").var_file("missing.tfvars"), "Failed to read variables file"),
        (Case::new(config).var("n=1").file("terraform.tfvars", "n = \n"), "Invalid expression"),
        (Case::new(config).var("n=1").file("terraform.tfvars", "n = var.x\n"), ""),
        (Case::new(config).file("terraform.tfvars", "n = var.x\n"), "Variables not allowed"),
        (
            Case::new(config).var("n=1").file("terraform.tfvars", "variable \"n\" {}\n"),
            "Variable declaration in .tfvars file",
        ),
        (Case::new(config).var("n=1").file("terraform.tfvars.json", "[]"), "Incorrect JSON value type"),
    ] {
        let problem = case.problem();
        assert!(problem.starts_with(expected) && (expected.is_empty() == problem.is_empty()), "{problem} / {expected}");
    }
}
