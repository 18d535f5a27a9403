//! Commands that look and change nothing: `console`, `graph`, `output`, `providers`, `metadata`. What they print is what Terraform 1.11.4
//! printed for the same configuration.

use crate::harness::{Folder, Ran};
use std::io::Write;
use std::process::Stdio;

const MAIN: &str = r#"
variable "x" {
  type    = string
  default = "a"
}

variable "s" {
  default   = "q"
  sensitive = true
}

variable "req" {
  type = list(string)
}

locals {
  n = "${var.x}-1"
  m = { a = 1, "b c" = [1, "x"] }
}

resource "terraform_data" "a" {
  input = local.n
}

resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.output
}

module "m" {
  source = "./m"
  v      = terraform_data.b[0].id
}

output "o" {
  value = module.m.o
}

output "l" {
  value = tolist(["a", "b"])
}

output "hidden" {
  value     = var.s
  sensitive = true
}

check "c" {
  assert {
    condition     = terraform_data.a.id != ""
    error_message = "x"
  }
}
"#;

const MODULE: &str = r#"
variable "v" {}

resource "terraform_data" "c" {
  input = var.v
}

resource "terraform_data" "d" {
  input      = terraform_data.c.id
  depends_on = [terraform_data.c]
}

output "o" {
  value = terraform_data.d.output
}
"#;

fn folder() -> Folder {
    let folder = Folder::new(MAIN);
    folder.write("m/main.tf", MODULE);
    folder.ok(&["init"]);
    folder
}

fn applied() -> Folder {
    let folder = folder();
    folder.ok(&["apply", "-auto-approve", "-input=false", "-var", "req=[\"z\"]"]);
    folder
}

fn console(folder: &Folder, args: &[&str], input: &str) -> Ran {
    let mut all = vec!["console"];
    all.extend(args);
    let mut command = folder.command(&all);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn the_console_prints_the_value_of_the_last_entry() {
    let folder = folder();
    for (input, printed) in [
        ("local.m\n", "{\n  \"a\" = 1\n  \"b c\" = [\n    1,\n    \"x\",\n  ]\n}\n"),
        ("var.s", "(sensitive value)\n"),
        ("var.req", "(known after apply)\n"),
        ("terraform_data.a", "(known after apply)\n"),
        (
            "type(local.m)",
            "object({\n    a: number,\n    b c: tuple([\n        number,\n        string,\n    ]),\n})\n",
        ),
        ("type(var.req)", "list(string)\n"),
        ("module.m", "{\n  \"o\" = (known after apply)\n}\n"),
        ("\"a\\nb\"", "<<EOT\na\nb\nEOT\n"),
        (
            "[sensitive(\"a\"), null, tolist([]), tomap({a=null}), toset([1]), {x=\"a\\nb\"}]",
            "[\n  (sensitive value),\n  null,\n  tolist([]),\n  tomap({\n    \"a\" = null\n  }),\n  toset([\n    1,\n  ]),\n  {\n    \"x\" = <<-EOT\n    a\n    b\n    EOT\n  },\n]\n",
        ),
        ("1\n2\n", "2\n"),
        ("1\nexit\n3\n", ""),
        ("", "\n"),
        ("\n", "\n"),
        ("1e30", "1000000000000000000000000000000\n"),
        ("\"é\\u0001\"", "\"é\\x01\"\n"),
        ("path.module", "\".\"\n"),
        ("terraform.workspace", "\"default\"\n"),
        ("timestamp() == \"\"", "false\n"),
        ("[1,\n  2,\n]", "[\n  1,\n  2,\n]\n"),
        ("<<EOT\nx\nEOT\n", "<<EOT\nx\n\nEOT\n"),
    ] {
        let ran = console(&folder, &[], input);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), printed), "{input}: {}", ran.err);
    }
    let ran = console(&folder, &["-var", "x=other", "-var=req=[1]"], "[local.n, var.req]");
    assert_eq!(ran.out, "[\n  \"other-1\",\n  tolist([\n    \"1\",\n  ]),\n]\n");
}

#[test]
fn the_console_says_what_is_wrong_and_ends() {
    let folder = folder();
    for (input, text) in [
        ("var.nope", "Reference to undeclared input variable"),
        ("1 +", "Missing expression"),
        ("x = 1", "Extra characters after expression"),
        ("nope(1)", "Call to unknown function"),
        ("length(type(1))", "Invalid use of type function"),
        ("type(1, 2)", "Too many function arguments"),
        ("each.key", "Reference to \"each\" in context without for_each"),
        ("self", "Invalid \"self\" reference"),
        ("terraform_data", "Invalid reference"),
        ("terraform_data.nope", "Reference to undeclared resource"),
    ] {
        let ran = console(&folder, &[], &format!("{input}\n1\n"));
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{input}");
        ran.says(&[text, "<console-input>:1"]);
    }
}

#[test]
fn the_console_knows_the_state_and_what_a_plan_makes_of_it() {
    let folder = applied();
    let before = folder.read("terraform.tfstate");
    let ran = console(&folder, &[], "[terraform_data.a.output, terraform_data.b[*].output, length(module.m.o)]");
    assert_eq!(ran.out, "[\n  \"a-1\",\n  [\n    \"a-1\",\n    \"a-1\",\n  ],\n  36,\n]\n");
    let ran = console(
        &folder,
        &["-plan", "-var", "x=new", "-var", "req=[]"],
        "[terraform_data.a.input, terraform_data.b[1].output]",
    );
    assert_eq!(ran.out, "[\n  \"new-1\",\n  (known after apply),\n]\n", "{}", ran.err);
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn resources_are_drawn_with_what_they_need() {
    let folder = folder();
    let dot = "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n  \"terraform_data.a\" [label=\"terraform_data.a\"];\n  \"terraform_data.b\" [label=\"terraform_data.b\"];\n  subgraph \"cluster_module.m\" {\n    label = \"module.m\"\n    fontname = \"sans-serif\"\n    \"module.m.terraform_data.c\" [label=\"terraform_data.c\"];\n    \"module.m.terraform_data.d\" [label=\"terraform_data.d\"];\n  }\n  \"terraform_data.b\" -> \"terraform_data.a\";\n  \"module.m.terraform_data.c\" -> \"terraform_data.b\";\n  \"module.m.terraform_data.d\" -> \"module.m.terraform_data.c\";\n}\n";
    assert_eq!(folder.ok(&["graph"]).out, dot);
    let mermaid = "flowchart RL\n  n0[\"terraform_data.a\"]\n  n1[\"terraform_data.b\"]\n  subgraph m2[\"module.m\"]\n    n2[\"terraform_data.c\"]\n    n3[\"terraform_data.d\"]\n  end\n  n1 --> n0\n  n2 --> n1\n  n3 --> n2\n";
    assert_eq!(folder.ok(&["graph", "-format=mermaid"]).out, mermaid);
}

#[test]
fn everything_is_drawn_for_a_type() {
    let folder = folder();
    let plan = folder.ok(&["graph", "-type=plan"]).out;
    for line in [
        "\t\t\"[root] module.m.terraform_data.c (expand)\" [label = \"module.m.terraform_data.c\", shape = \"box\"]\n",
        "\t\t\"[root] provider[\\\"terraform.io/builtin/terraform\\\"]\" [label = \"provider[\\\"terraform.io/builtin/terraform\\\"]\", shape = \"diamond\"]\n",
        "\t\t\"[root] var.req\" [label = \"var.req\", shape = \"note\"]\n",
        "\t\t\"[root] check.c (expand)\" -> \"[root] check.c (report)\"\n",
        "\t\t\"[root] module.m.var.v (expand)\" -> \"[root] module.m (expand)\"\n",
        "\t\t\"[root] provider[\\\"terraform.io/builtin/terraform\\\"] (close)\" -> \"[root] module.m.terraform_data.d (expand)\"\n",
        "\t\t\"[root] root\" -> \"[root] local.m (expand)\"\n",
    ] {
        assert!(plan.contains(line), "{line} is missing in\n{plan}");
    }
    // What a longer way says already is left out.
    assert!(!plan.contains("\"[root] root\" -> \"[root] terraform_data.a (expand)\""));
    assert!(!folder.ok(&["graph", "-type=apply"]).out.contains("(report)"));
    folder.fails(&["graph", "-type=nope"]).says(&["Unsupported graph type"]);
    folder.fails(&["graph", "-type=validate"]).says(&["Graph type no longer available"]);
}

#[test]
fn the_graph_of_a_destruction_goes_backwards() {
    let folder = applied();
    let out = folder.ok(&["graph", "-type=plan-destroy"]).out;
    assert!(out.contains("\"[root] terraform_data.a (destroy)\" -> \"[root] terraform_data.b (destroy)\"\n"), "{out}");
    assert!(
        out.contains("\"[root] terraform_data.b (destroy)\" -> \"[root] module.m.terraform_data.c (destroy)\"\n"),
        "{out}"
    );
    folder.ok(&["plan", "-var", "req=[]", "-var", "x=y", "-out=p"]);
    let out = folder.ok(&["graph", "-plan=p"]).out;
    assert!(out.contains("\"[root] terraform_data.b[1]\" -> \"[root] terraform_data.b (expand)\"\n"), "{out}");
}

#[test]
fn cycles_are_an_error_or_red() {
    let folder = Folder::new("locals {\n  a = local.b\n  b = local.a\n}\n");
    folder.fails(&["graph", "-type=plan"]).says(&["Cycle: local.a (expand), local.b (expand)"]);
    let out = folder.ok(&["graph", "-type=plan", "-draw-cycles"]).out;
    assert!(
        out.contains(
            "\"[root] local.a (expand)\" -> \"[root] local.b (expand)\" [color = \"red\", penwidth = \"2.0\"]\n"
        ),
        "{out}"
    );
}

#[test]
fn outputs_are_printed_in_the_languages_notation() {
    let folder = applied();
    let out = folder.ok(&["output"]).out;
    assert!(out.starts_with("hidden = <sensitive>\nl = tolist([\n  \"a\",\n  \"b\",\n])\no = \""), "{out}");
    assert_eq!(folder.ok(&["output", "l"]).out, "tolist([\n  \"a\",\n  \"b\",\n])\n");
    assert_eq!(folder.ok(&["output", "hidden"]).out, "\"q\"\n");
    assert_eq!(folder.ok(&["output", "-raw", "hidden"]).out, "q");
    assert_eq!(folder.ok(&["output", "-json", "l"]).out, "[\"a\",\"b\"]\n");
    assert_eq!(folder.ok(&["output", "-json"]).json()["l"]["type"], serde_json::json!(["list", "string"]));
    folder.fails(&["output", "nope"]).says(&["Output \"nope\" not found"]);
    folder.fails(&["output", "-raw", "l"]).says(&["Unsupported value for raw output", "is list of string"]);
    folder.fails(&["output", "-raw"]).says(&["Output name required"]);
}

#[test]
fn a_state_without_outputs_is_a_warning() {
    let folder = folder();
    for args in [&["output"][..], &["output", "x"], &["output", "-raw", "x"]] {
        let ran = folder.ok(args);
        assert_eq!(ran.out, "");
        ran.says(&["No outputs found"]);
    }
    assert_eq!(folder.ok(&["output", "-json"]).out, "{}\n");
    folder.fails(&["output", "-json", "x"]).says(&["Output \"x\" not found"]);
}

#[test]
fn providers_are_listed_described_and_not_fetched() {
    let folder = applied();
    let tree = "\nProviders required by configuration:\n.\n├── provider[terraform.io/builtin/terraform]\n└── module.m\n    └── provider[terraform.io/builtin/terraform]\n\nProviders required by state:\n\n    provider[terraform.io/builtin/terraform]\n\n";
    assert_eq!(folder.ok(&["providers"]).out, tree);
    let schemas = folder.ok(&["providers", "schema", "-json"]).json();
    let data = &schemas["provider_schemas"]["terraform.io/builtin/terraform"]["resource_schemas"]["terraform_data"];
    let id = serde_json::json!({"type": "string", "description_kind": "plain", "computed": true});
    assert_eq!(data["block"]["attributes"]["id"], id);
    folder.fails(&["providers", "schema"]).says(&["requires the -json flag"]);
    assert!(folder.ok(&["providers", "lock", "-platform=linux_amd64"]).out.contains("nothing to lock"));
    folder.fails(&["providers", "mirror", "dir"]).says(&["There are no provider packages"]);
}

#[test]
fn functions_are_described_under_both_names() {
    let folder = Folder::new("");
    let all = folder.ok(&["metadata", "functions", "-json"]).json();
    let signatures = all["function_signatures"].as_object().unwrap();
    assert_eq!(signatures.len(), 236);
    assert_eq!(signatures["abs"], signatures["core::abs"]);
    assert_eq!(signatures["abs"]["parameters"], serde_json::json!([{"name": "num", "type": "number"}]));
    folder.fails(&["metadata", "functions"]).says(&["requires the -json flag"]);
}
