#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::panic,
    reason = "a test fails by panicking, and says when it is skipped"
)]

use crate::address::Resource;
use crate::config::model::{Config, IgnoreChanges, Parsing, Repetition};
use crate::config::{LoadOptions, load};
use crate::diagnostics::{Diagnostic, Sources};
use std::process::Command;

type Files<'a> = &'a [(&'a str, &'a str)];

fn folder(files: Files<'_>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn read(files: Files<'_>) -> (Config, Vec<Diagnostic>) {
    let dir = folder(files);
    let options = LoadOptions::disk(Sources::new(), dir.path().join(".terraform"));
    let (config, problems) = load(dir.path(), &options);
    (config.unwrap(), problems.into_iter().collect())
}

fn good(text: &str) -> Config {
    let (config, problems) = read(&[("main.tf", text)]);
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// Summaries of what is wrong, sorted.
fn problems(files: Files<'_>) -> Vec<String> {
    let mut all: Vec<String> = read(files).1.into_iter().map(|d| d.summary).collect();
    all.sort();
    all
}

/// Mistakes: the text, and the summaries of Terraform's errors and warnings, sorted.
const MISTAKES: &[(&str, &[&str])] = &[
    ("x = 1", &["Unsupported argument"]),
    ("resorce \"a\" \"b\" {}", &["Unsupported block type"]),
    ("resource \"a\" {}", &["Missing name for resource"]),
    ("resource \"a\" \"b\" \"c\" {}", &["Extraneous label for resource"]),
    ("locals \"x\" {}", &["Extraneous label for locals"]),
    ("locals {\n  a {}\n}", &["Unexpected \"a\" block"]),
    ("locals {\n  a = 1\n}\nlocals {\n  a = 2\n}", &["Duplicate local value definition"]),
    ("variable \"count\" {}", &["Invalid variable name"]),
    ("variable \"1a\" {}", &["Invalid variable name"]),
    ("variable \"a\" {}\nvariable \"a\" {}", &["Duplicate variable declaration"]),
    ("variable \"a\" {\n  typ = string\n}", &["Unsupported argument"]),
    ("variable \"a\" {\n  type = \"string\"\n}", &["Invalid quoted type constraints"]),
    ("variable \"a\" {\n  type = strin\n}", &["Invalid type specification"]),
    ("variable \"a\" {\n  type = number\n  default = \"x\"\n}", &["Invalid default value for variable"]),
    ("variable \"a\" {\n  default = null\n  nullable = false\n}", &["Invalid default value for variable"]),
    ("variable \"a\" {\n  default = var.b\n}", &["Variables not allowed"]),
    ("variable \"a\" {\n  sensitive = \"x\"\n}", &["Unsuitable value type"]),
    (
        "variable \"a\" {\n  validation {\n    condition = true\n    error_message = \"x\"\n  }\n}",
        &["Invalid validation expression", "Invalid variable validation condition"],
    ),
    ("variable \"a\" {\n  validation {\n    condition = var.a > 1\n  }\n}", &["Missing required argument"]),
    ("output \"a\" {}", &["Missing required argument"]),
    ("output \"a b\" {\n  value = 1\n}", &["Invalid output name"]),
    ("output \"a\" {\n  value = 1\n}\noutput \"a\" {\n  value = 1\n}", &["Duplicate output definition"]),
    (
        "output \"a\" {\n  value = 1\n  postcondition {\n    condition = self\n    error_message = \"\"\n  }\n}",
        &["Postconditions are not allowed"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  count = 1\n  for_each = {}\n}",
        &["Invalid combination of \"count\" and \"for_each\""],
    ),
    (
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"a\" {}",
        &["Duplicate resource \"terraform_data\" configuration"],
    ),
    ("resource \"terraform_data\" \"a\" {\n  depends_on = terraform_data.b\n}", &["Invalid expression"]),
    ("resource \"terraform_data\" \"a\" {\n  depends_on = [f(1)]\n}", &["Invalid expression"]),
    ("resource \"terraform_data\" \"a\" {\n  provider = a.b.c\n}", &["Invalid provider configuration reference"]),
    ("resource \"terraform_data\" \"a\" {\n  locals {}\n}", &["Reserved block type name in resource block"]),
    ("resource \"terraform_data\" \"a\" {\n  lifecycle {}\n  lifecycle {}\n}", &["Duplicate lifecycle block"]),
    (
        "resource \"terraform_data\" \"a\" {\n  lifecycle {\n    prevent_destroy = var.x\n  }\n}",
        &["Variables not allowed"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  lifecycle {\n    prevent_destory = true\n  }\n}",
        &["Unsupported argument"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  lifecycle {\n    ignore_changes = [\"*\"]\n  }\n}",
        &["Invalid ignore_changes wildcard"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  lifecycle {\n    ignore_changes = [\"input\"]\n  }\n}",
        &["Quoted references are deprecated"],
    ),
    (
        "variable \"v\" {}\nresource \"terraform_data\" \"a\" {\n  lifecycle {\n    replace_triggered_by = [var.v]\n  }\n}",
        &["Invalid reference in replace_triggered_by expression"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  lifecycle {\n    postcondition {\n      condition = terraform_data.a.id != \"\"\n      error_message = \"x\"\n    }\n  }\n}",
        &["Invalid reference in postcondition"],
    ),
    (
        "data \"terraform_remote_state\" \"a\" {\n  backend = \"local\"\n  lifecycle {\n    prevent_destroy = true\n  }\n}",
        &["Invalid data resource lifecycle argument"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"x\"\n    when = maybe\n  }\n}",
        &["Invalid \"when\" keyword"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = var.x\n    when = destroy\n  }\n}",
        &["Invalid reference from destroy provisioner"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"x\"\n    on_failure = \"continue\"\n  }\n}",
        &["Quoted keywords are deprecated"],
    ),
    (
        "resource \"terraform_data\" \"a\" {\n  provisioner \"chef\" {}\n}",
        &["The \"chef\" provisioner has been removed"],
    ),
    ("resource \"terraform_data\" \"a\" {\n  connection {}\n  connection {}\n}", &["Duplicate connection block"]),
    ("provider \"Aws\" {}", &["Invalid provider local name"]),
    ("provider \"terraform\" {}\nprovider \"terraform\" {}", &["Duplicate provider configuration"]),
    (
        "provider \"terraform\" {\n  alias = \"a\"\n}\nprovider \"terraform\" {\n  alias = \"a\"\n}",
        &["Duplicate provider configuration"],
    ),
    ("module \"m\" {}", &["Missing required argument"]),
    ("required_providers {}", &["Invalid required_providers block"]),
    ("terraform {\n  required_version = \"x\"\n}", &["Invalid version constraint"]),
    ("terraform {\n  required_version = \">= 2.0\"\n}", &["Unsupported Terraform Core version"]),
    ("terraform {\n  backend \"local\" {}\n  backend \"local\" {}\n}", &["Duplicate backend configuration"]),
    ("terraform {\n  experiments = [nothing]\n}", &["Module uses experimental features"]),
    (
        "terraform {\n  required_providers {\n    a = { sorce = \"x/y\" }\n  }\n}",
        &["Invalid required_providers object"],
    ),
    ("terraform {\n  required_providers {\n    a = { version = \"x\" }\n  }\n}", &["Invalid version constraint"]),
    (
        "terraform {\n  required_providers {\n    a = { source = \"a/b/c/d\" }\n  }\n}",
        &["Invalid provider source string"],
    ),
    (
        "terraform {\n  required_providers {\n    terraform = { source = \"terraform.io/builtin/terraform\", configuration_aliases = [aws.x] }\n  }\n}",
        &["Invalid configuration_aliases value"],
    ),
    ("moved {\n  from = terraform_data.a\n}", &["Missing required argument"]),
    ("moved {\n  from = terraform_data.a\n  to = module.b\n}", &["Invalid \"moved\" addresses"]),
    ("removed {\n  from = terraform_data.a[0]\n}", &["Resource instance keys not allowed"]),
    (
        "removed {\n  from = terraform_data.a\n  provisioner \"local-exec\" {\n    command = \"x\"\n  }\n}",
        &["Invalid provisioner block"],
    ),
    ("import {\n  to = terraform_data.a\n}", &["Missing required argument"]),
    ("check \"c\" {}", &["Zero assert blocks"]),
    (
        "check \"c\" {\n  data \"terraform_remote_state\" \"a\" {\n    backend = \"local\"\n    count = 1\n  }\n  assert {\n    condition = data.terraform_remote_state.a.outputs != null\n    error_message = \"x\"\n  }\n}",
        &["Invalid \"count\" attribute"],
    ),
    ("resource \"terraform_data\" \"a\" {\n  input =\n}", &["Invalid expression"]),
];

#[test]
fn mistakes_are_reported_in_terraforms_words() {
    let wrong: Vec<String> = MISTAKES
        .iter()
        .map(|(text, expected)| (text, expected, problems(&[("main.tf", text)])))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(text, expected, found)| format!("{text}\n  found {found:?}, expected {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table above is checked against Terraform itself where it is there.
#[test]
fn terraform_reports_the_same_mistakes() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    let threads: Vec<Vec<String>> = std::thread::scope(|scope| {
        let halves: Vec<_> = MISTAKES.chunks(MISTAKES.len().div_ceil(2)).collect();
        let running: Vec<_> = halves.into_iter().map(|half| scope.spawn(|| differences(half))).collect();
        running.into_iter().map(|r| r.join().unwrap()).collect()
    });
    let all: Vec<String> = threads.into_iter().flatten().collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

fn differences(rows: &[(&str, &[&str])]) -> Vec<String> {
    rows.iter()
        .filter_map(|(text, expected)| {
            let dir = folder(&[("main.tf", text)]);
            let output = Command::new("terraform")
                .args(["validate", "-json"])
                .current_dir(dir.path())
                .env("CHECKPOINT_DISABLE", "1")
                .env("TF_CLI_CONFIG_FILE", "/dev/null")
                .output()
                .unwrap();
            let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let theirs: Vec<&str> =
                json["diagnostics"].as_array().unwrap().iter().map(|d| d["summary"].as_str().unwrap()).collect();
            // References are checked later than blocks; what is compared here is that each of ours is theirs.
            let missing: Vec<&&str> = expected.iter().filter(|e| !theirs.contains(*e)).collect();
            (!missing.is_empty()).then(|| format!("{text}\n  ours {expected:?}, theirs {theirs:?}"))
        })
        .collect()
}

#[test]
fn a_suggestion_stands_beside_a_slip() {
    let (_, found) = read(&[(
        "main.tf",
        "variable \"a\" {\n  defualt = 1\n}\nresource \"t\" \"x\" {\n  lifecycle {\n    precondition = 1\n  }\n}\n",
    )]);
    assert!(found[0].detail.contains("Did you mean \"default\"?"), "{found:?}");
    assert!(found[1].detail.contains("Did you mean to define a block of type \"precondition\"?"), "{found:?}");
}

#[test]
fn duplicates_name_the_first_place() {
    let (_, found) = read(&[("a.tf", "variable \"a\" {}\n"), ("b.tf", "\nvariable \"a\" {}\n")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].labels.len(), 1);
    assert_ne!(found[0].labels[0].span.file, found[0].span.unwrap().file);
}

#[test]
fn a_whole_resource_is_taken_apart() {
    let config = good(
        "resource \"aws_iam_role\" \"r\" {\n  for_each = toset([])\n  provider = aws.east\n  depends_on = [aws_s3_bucket.b]\n  name = \"x\"\n  \
         inline_policy {}\n  lifecycle {\n    create_before_destroy = true\n    prevent_destroy = \"true\"\n    ignore_changes = [name, tags[\"x\"]]\n    \
         replace_triggered_by = [aws_s3_bucket.b[each.key].id]\n    precondition {\n      condition = each.key != \"\"\n      error_message = \"e\"\n    }\n  }\n  \
         connection {\n    host = self.name\n  }\n  provisioner \"local-exec\" {\n    when = destroy\n    on_failure = continue\n    command = self.name\n  }\n  \
         _ {\n    count = 3\n  }\n}\n",
    );
    let block = &config.root.resources[&Resource::managed("aws_iam_role", "r")];
    let names: Vec<&str> = block.body.attributes.iter().map(|a| &*a.name.name).collect();
    assert_eq!(names, ["name", "count"]);
    assert_eq!(block.body.blocks.len(), 1);
    assert!(matches!(block.repetition, Repetition::ForEach(_)));
    assert_eq!(block.provider.as_ref().unwrap().alias.as_deref(), Some("east"));
    assert_eq!(block.lifecycle.create_before_destroy, Some(true));
    assert!(block.lifecycle.prevent_destroy);
    assert!(matches!(&block.lifecycle.ignore_changes, IgnoreChanges::Paths(p) if p.len() == 2));
    assert_eq!(block.lifecycle.replace_triggered_by.len(), 1);
    assert_eq!(block.lifecycle.preconditions.len(), 1);
    assert!(block.provisioners[0].on_destroy && block.provisioners[0].continue_on_failure);
    assert!(block.connection.is_some());
}

#[test]
fn variables_know_how_their_text_is_read() {
    let config = good(
        "variable \"a\" {}\nvariable \"b\" {\n  type = bool\n}\nvariable \"c\" {\n  type = any\n}\nvariable \"d\" {\n  type = list\n}\n",
    );
    let parsing = |name: &str| config.root.variables[name].parsing;
    assert_eq!(
        ["a", "b", "c", "d"].map(parsing),
        [Parsing::Literal, Parsing::Literal, Parsing::Expression, Parsing::Expression]
    );
}

const BASE: &str = "terraform {\n  required_version = \">= 1.0\"\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"~> 4.0\" }\n  }\n  \
                    backend \"s3\" {}\n}\nprovider \"aws\" {\n  region = \"a\"\n}\nlocals {\n  x = 1\n  y = 2\n}\nvariable \"v\" {\n  type = string\n  default = \"a\"\n  \
                    validation {\n    condition = var.v != \"\"\n    error_message = \"e\"\n  }\n}\noutput \"o\" {\n  value = 1\n}\n\
                    resource \"aws_iam_role\" \"r\" {\n  count = 1\n  name = \"x\"\n  inline_policy {}\n  inline_policy {}\n  tag {}\n  lifecycle {\n    \
                    prevent_destroy = true\n    create_before_destroy = true\n  }\n}\n";

#[test]
fn overrides_replace_argument_by_argument() {
    let over = "terraform {\n  required_version = \">= 1.5\"\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"~> 5.0\" }\n  }\n  \
                backend \"local\" {}\n}\nprovider \"aws\" {\n  region = \"b\"\n}\nlocals {\n  y = 3\n}\nvariable \"v\" {\n  default = \"b\"\n}\noutput \"o\" {\n  sensitive = true\n}\n\
                resource \"aws_iam_role\" \"r\" {\n  for_each = {}\n  path = \"/\"\n  dynamic \"inline_policy\" {\n    for_each = []\n    content {}\n  }\n  lifecycle {\n    \
                prevent_destroy = false\n  }\n}\n";
    let (config, found) = read(&[("main.tf", BASE), ("z_override.tf", over)]);
    assert!(found.is_empty(), "{found:?}");
    let root = config.root;
    assert_eq!(root.required_versions.len(), 1);
    assert_eq!(root.required_versions[0].0, ">= 1.5");
    assert_eq!(root.required_providers["aws"].version.as_deref(), Some("~> 5.0"));
    assert_eq!(&*root.backend.unwrap().kind.name, "local");
    assert_eq!(root.locals.len(), 2);
    assert_eq!(root.variables["v"].default.as_ref().unwrap().as_str(), Some("b"));
    assert_eq!(root.variables["v"].validations.len(), 1);
    assert!(root.outputs["o"].sensitive);
    let role = &root.resources[&Resource::managed("aws_iam_role", "r")];
    assert!(matches!(role.repetition, Repetition::ForEach(_)));
    assert_eq!(role.body.attributes.len(), 2);
    let kinds: Vec<&str> = role.body.blocks.iter().map(|b| &*b.kind.name).collect();
    assert_eq!(kinds, ["tag", "dynamic"]);
    assert!(!role.lifecycle.prevent_destroy);
    assert_eq!(role.lifecycle.create_before_destroy, Some(true));
}

#[test]
fn overrides_need_something_to_override() {
    for (over, expected) in [
        ("variable \"x\" {}", "Missing base variable declaration to override"),
        ("locals {\n  z = 1\n}", "Missing base local value definition to override"),
        ("output \"x\" {}", "Missing base output definition to override"),
        ("module \"x\" {}", "Missing module call to override"),
        ("resource \"a\" \"b\" {}", "Missing resource to override"),
        ("data \"a\" \"b\" {}", "Missing data resource to override"),
        ("provider \"aws\" {\n  alias = \"x\"\n}", "Missing base provider configuration for override"),
        ("moved {\n  from = a.b\n  to = a.c\n}", "Cannot override 'moved' blocks"),
        ("check \"x\" {}", "Can't override check blocks"),
        ("resource \"aws_iam_role\" \"r\" {\n  depends_on = [a.b]\n}", "Unsupported override"),
        ("variable \"v\" {\n  type = number\n}", "Invalid default value for variable"),
        ("variable \"v\" {\n  validation {}\n}", "Can't override validation blocks"),
    ] {
        assert_eq!(problems(&[("main.tf", BASE), ("override.tf", over)]), [expected], "{over}");
    }
}

#[test]
fn json_means_what_native_syntax_means() {
    let json = r#"{
      "//": "for people",
      "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
      "variable": {"v": {"type": "list(string)", "default": ["a"], "validation": {"condition": "${length(var.v) > 0}", "error_message": "e"}}},
      "locals": {"l": "${var.v[0]}-x"},
      "output": {"o": {"value": "${local.l}", "depends_on": ["aws_iam_role.r"]}},
      "provider": {"aws": [{"region": "a"}, {"region": "b", "alias": "east"}]},
      "module": {"m": {"source": "./m", "providers": {"aws": "aws.east"}, "x": 1}},
      "resource": {"aws_iam_role": {"r": {"provider": "aws.east", "name": "${local.l}", "inline_policy": [{"name": "p"}],
         "lifecycle": {"ignore_changes": "all", "prevent_destroy": true},
         "provisioner": [{"local-exec": {"command": "echo", "when": "destroy"}}]}}},
      "moved": {"from": "aws_iam_role.q", "to": "aws_iam_role.r"}
    }"#;
    let (config, found) = read(&[("main.tf.json", json), ("m/x.tf", "provider \"aws\" {}\nvariable \"x\" {}\n")]);
    assert!(found.is_empty(), "{found:?}");
    let root = &config.root;
    assert_eq!(root.variables["v"].ty, crate::lang::value::Type::list(crate::lang::value::Type::String));
    assert_eq!(root.variables["v"].validations.len(), 1);
    assert_eq!(root.providers.len(), 2);
    assert_eq!(root.calls["m"].providers[0].1.alias.as_deref(), Some("east"));
    assert_eq!(root.outputs["o"].depends_on.len(), 1);
    let role = &root.resources[&Resource::managed("aws_iam_role", "r")];
    assert!(matches!(role.lifecycle.ignore_changes, IgnoreChanges::All));
    assert!(role.provisioners[0].on_destroy);
    assert_eq!(root.moved.len(), 1);
    let body = crate::config::json::with_blocks(&role.body, |name| name == "inline_policy").unwrap();
    assert_eq!(body.blocks.len(), 1);
    assert_eq!(body.blocks[0].body.attributes.len(), 1);
    assert!(body.attribute("inline_policy").is_none());
}
