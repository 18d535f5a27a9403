//! The providers null, random, time, local, archive, template, external and http: made once, stable after, replaced when they must be.

use crate::harness::Folder;
use std::io::{Read as _, Write as _};

const ALL: &str = r#"
resource "null_resource" "n" {
  triggers = { a = random_id.i.hex }
}

resource "random_id" "i" {
  byte_length = 4
  prefix      = "x-"
  keepers     = { v = var.keeper }
}

resource "random_string" "s" {
  length  = 12
  special = false
}

resource "random_password" "p" {
  length      = 20
  min_numeric = 3
}

resource "random_pet" "p" {}

resource "random_uuid" "u" {}

resource "random_integer" "i" {
  min  = 1
  max  = 100
  seed = "fixed"
}

resource "random_shuffle" "s" {
  input        = ["a", "b", "c"]
  result_count = 5
}

resource "random_bytes" "b" {
  length = 3
}

resource "time_static" "t" {}

resource "time_offset" "o" {
  base_rfc3339  = "2024-01-31T00:00:00Z"
  offset_months = 1
}

resource "time_rotating" "r" {
  rotation_years = 5
}

resource "time_sleep" "s" {
  create_duration = "1ms"
}

resource "local_file" "f" {
  filename        = "${path.module}/out/f.txt"
  content         = "hello"
  file_permission = "0640"
}

resource "local_sensitive_file" "f" {
  filename = "${path.module}/out/secret.txt"
  content  = random_password.p.result
}

data "local_file" "read" {
  filename = local_file.f.filename
}

data "archive_file" "z" {
  type        = "zip"
  output_path = "${path.module}/out/z.zip"

  source {
    filename = "a.txt"
    content  = "a"
  }
}

data "template_file" "t" {
  template = "Hello $${name}"
  vars     = { name = "you" }
}

data "external" "e" {
  program = ["sh", "-c", "printf '{\"a\":\"b\"}'"]
}

variable "keeper" {
  default = "1"
}

output "month" {
  value = time_offset.o.rfc3339
}

output "said" {
  value = [data.template_file.t.rendered, data.external.e.result.a, data.local_file.read.content]
}

output "id" {
  value = random_id.i.hex
}
"#;

#[test]
fn everything_is_made_once_and_then_stays() {
    let folder = Folder::new(ALL);
    folder.ok(&["init"]);
    let ran = folder.apply();
    ran.shows(&["month = \"2024-03-02T00:00:00Z\"", "\"Hello you\", \"b\", \"hello\""]);
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
    assert_eq!(folder.read("out/f.txt"), "hello");
    let secret = folder.read("out/secret.txt");
    assert_eq!(secret.len(), 20);
    assert!(!ran.out.contains(&secret) && !folder.ok(&["show"]).out.contains(&secret), "secrets are not shown");
    let state = folder.state();
    let object = |kind: &str| {
        let found = state["resources"].as_array().unwrap().iter().find(|r| r["type"] == kind && r["mode"] == "managed");
        found.unwrap()["instances"][0].clone()
    };
    assert_eq!(object("random_string")["schema_version"], 2);
    assert_eq!(object("random_password")["schema_version"], 3);
    assert_eq!(object("random_password")["attributes"]["id"], "none");
    assert_eq!(object("random_shuffle")["attributes"]["result"].as_array().unwrap().len(), 5);
    assert_eq!(object("null_resource")["schema_version"], 0);
    let provider = state["resources"].as_array().unwrap().iter().find(|r| r["type"] == "random_id").unwrap();
    assert_eq!(provider["provider"], "provider[\"registry.terraform.io/hashicorp/random\"]");

    // A changed file is written again; a changed keeper makes a new id, and what is triggered by it.
    folder.write("out/f.txt", "other");
    let ran = folder.run(&["plan", "-detailed-exitcode", "-var=keeper=2"]);
    assert_eq!(ran.code, Some(2));
    ran.shows(&["local_file.f will be created", "random_id.i must be replaced", "null_resource.n must be replaced"]);
    folder.ok(&["apply", "-auto-approve", "-var=keeper=2"]);
    assert_eq!(folder.read("out/f.txt"), "hello");
    folder.ok(&["destroy", "-auto-approve", "-var=keeper=2"]);
    assert!(!folder.path("out/f.txt").exists() && !folder.path("out/secret.txt").exists());
}

#[test]
fn state_of_terraform_is_read_without_changes() {
    let folder = Folder::new(
        r#"
resource "random_string" "old" {
  length  = 8
  special = false
}

resource "random_id" "i" {
  byte_length = 4
}

resource "null_resource" "n" {}

resource "random_pet" "p" {
  length = 2
}
"#,
    );
    // The first object is as version 2 of the provider wrote it, without `numeric`.
    folder.write(
        "terraform.tfstate",
        r#"{
  "version": 4, "terraform_version": "1.5.7", "serial": 1, "lineage": "3a1c9d1e-0000-4000-8000-000000000001", "outputs": {},
  "resources": [
    {"mode": "managed", "type": "random_string", "name": "old", "provider": "provider[\"registry.terraform.io/hashicorp/random\"]",
     "instances": [{"schema_version": 1, "attributes": {"id": "k3jx0q2a", "keepers": null, "length": 8, "lower": true, "min_lower": 0,
       "min_numeric": 0, "min_special": 0, "min_upper": 0, "number": true, "override_special": null, "result": "k3jx0q2a", "special": false,
       "upper": true}, "sensitive_attributes": [], "private": "eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ=="}]},
    {"mode": "managed", "type": "random_id", "name": "i", "provider": "provider[\"registry.terraform.io/hashicorp/random\"]",
     "instances": [{"schema_version": 0, "attributes": {"b64_std": "p+9hUg==", "b64_url": "p-9hUg", "byte_length": 4, "dec": "2817483090",
       "hex": "a7ef6152", "id": "p-9hUg", "keepers": null, "prefix": null}, "sensitive_attributes": []}]},
    {"mode": "managed", "type": "null_resource", "name": "n", "provider": "provider[\"registry.terraform.io/hashicorp/null\"]",
     "instances": [{"schema_version": 0, "attributes": {"id": "5577006791947779410", "triggers": null}, "sensitive_attributes": []}]},
    {"mode": "managed", "type": "random_pet", "name": "p", "provider": "provider[\"registry.terraform.io/hashicorp/random\"]",
     "instances": [{"schema_version": 0, "attributes": {"id": "wise-owl", "keepers": null, "length": 2, "prefix": null, "separator": "-"},
       "sensitive_attributes": []}]}
  ]
}"#,
    );
    assert_eq!(folder.ok(&["plan", "-detailed-exitcode"]).code, Some(0));
}

#[test]
fn objects_are_imported_by_the_providers_ids() {
    let folder = Folder::new(
        "resource \"random_integer\" \"i\" {\n  min = 1\n  max = 9\n}\n\nresource \"random_id\" \"d\" {\n  byte_length = 4\n  prefix = \"a\"\n}\n\nresource \"time_static\" \"t\" {}\n\nresource \"random_pet\" \"p\" {}\n",
    );
    folder.ok(&["import", "random_integer.i", "5,1,9"]);
    folder.ok(&["import", "random_id.d", "a,p-9hUg"]);
    folder.ok(&["import", "time_static.t", "2024-02-03T04:05:06Z"]);
    folder.fails(&["import", "random_pet.p", "x"]).says(&["does not support import"]);
    folder.fails(&["import", "random_integer.i", "x"]).says(&["random_integer.i"]);
    let plan = folder.run(&["plan", "-detailed-exitcode", "-target=random_integer.i", "-target=random_id.d"]);
    assert_eq!(plan.code, Some(0), "{plan:?}");
}

#[test]
fn wrong_arguments_are_told_by_validate() {
    for (block, said) in [
        ("resource \"random_string\" \"s\" {\n  length = 0\n}\n", "Attribute length value must be at least 1, got: 0"),
        ("resource \"random_string\" \"s\" {\n  length = 3\n  min_lower = 4\n}\n", "at least sum of min_upper"),
        ("resource \"time_sleep\" \"s\" {}\n", "At least one attribute out of"),
        (
            "resource \"time_sleep\" \"s\" {\n  create_duration = \"1d\"\n}\n",
            "must be a number immediately followed by",
        ),
        ("resource \"time_rotating\" \"r\" {}\n", "At least one of these attributes must be configured"),
        ("resource \"time_static\" \"r\" {\n  rfc3339 = \"yesterday\"\n}\n", "Invalid RFC3339 String Value"),
        (
            "resource \"local_file\" \"f\" {\n  filename = \"x\"\n}\n",
            "No attribute specified when one (and only one) of",
        ),
        (
            "resource \"local_file\" \"f\" {\n  filename = \"x\"\n  content = \"\"\n  file_permission = \"999\"\n}\n",
            "octal numeric notation",
        ),
        (
            "data \"archive_file\" \"z\" {\n  type = \"zip\"\n  output_path = \"x\"\n}\n",
            "At least one of these attributes",
        ),
        ("data \"http\" \"h\" {\n  url = \"http://localhost\"\n  method = \"PUT\"\n}\n", "must be one of"),
    ] {
        let folder = Folder::new(block);
        folder.fails(&["validate"]).says(&[said]);
    }
}

#[test]
fn an_address_is_asked_over_http() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0u8; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Two: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        }
    });
    let folder = Folder::new(&format!(
        "data \"http\" \"h\" {{\n  url = \"http://{address}/x\"\n}}\n\noutput \"said\" {{\n  value = [data.http.h.status_code, data.http.h.response_body, data.http.h.response_headers[\"X-Two\"]]\n}}\n"
    ));
    folder.apply().shows(&["200, \"hello\", \"a\""]);
}

#[test]
fn versions_are_those_of_the_schemas() {
    let needs = |version: &str| {
        format!(
            "terraform {{\n  required_providers {{\n    random = {{\n      source = \"hashicorp/random\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n\nresource \"random_uuid\" \"u\" {{}}\n"
        )
    };
    Folder::new(&needs("~> 3.5")).ok(&["init"]);
    Folder::new(&needs("~> 2.0")).fails(&["validate"]).says(&["random", "2.0"]);
}

#[test]
fn a_null_resource_may_move_to_terraform_data_and_nothing_else_changes_its_type() {
    let folder = Folder::new(
        "resource \"null_resource\" \"a\" {\n  triggers = { v = \"1\" }\n}\nresource \"terraform_data\" \"q\" {}\n",
    );
    folder.apply();
    let id = folder.state()["resources"][0]["instances"][0]["attributes"]["id"].clone();
    let moved =
        "moved {\n  from = null_resource.a\n  to   = terraform_data.b\n}\nresource \"terraform_data\" \"q\" {}\n";
    folder.write(
        "main.tf",
        &format!("resource \"terraform_data\" \"b\" {{\n  triggers_replace = {{ v = \"1\" }}\n}}\n{moved}"),
    );
    folder
        .ok(&["plan"])
        .shows(&["null_resource.a has moved to terraform_data.b", "0 to add, 0 to change, 0 to destroy"]);
    folder.apply();
    let state = folder.state();
    let b = state["resources"].as_array().unwrap().iter().find(|r| r["name"] == "b").unwrap();
    assert_eq!(b["instances"][0]["attributes"]["id"], id);
    assert_eq!(b["provider"], "provider[\"terraform.io/builtin/terraform\"]");
    folder.ok(&["plan", "-detailed-exitcode"]);
    folder.write(
        "main.tf",
        "moved {\n  from = terraform_data.b\n  to   = null_resource.c\n}\nresource \"null_resource\" \"c\" {}\n",
    );
    folder.fails(&["plan"]).says(&["Unsupported `moved` across resource types", "main.tf:1"]);
}
