//! `validate`: what it says beside errors, and its JSON.

use crate::harness::Folder;
use serde_json::Value as Json;

fn answer(folder: &Folder) -> Json {
    serde_json::from_str(&folder.run(&["validate", "-json"]).out).unwrap()
}

#[test]
fn everything_wrong_in_all_files_is_told_in_order() {
    let folder =
        Folder::new("output \"a\" {\n  value = var.nope\n}\n\nresource \"terraform_data\" \"x\" {\n  inptu = 1\n}\n");
    folder.write("a.tf", "locals {\n  l = local.missing\n  f = uper(\"x\")\n}\n");
    let told = answer(&folder);
    let places: Vec<String> = told["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            format!(
                "{}:{} {}",
                d["range"]["filename"].as_str().unwrap(),
                d["range"]["start"]["line"],
                d["summary"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            "a.tf:2 Reference to undeclared local value",
            "a.tf:3 Call to unknown function",
            "main.tf:2 Reference to undeclared input variable",
            "main.tf:6 Unsupported argument",
        ]
    );
    assert_eq!(
        (&told["valid"], &told["error_count"], &told["warning_count"]),
        (&Json::Bool(false), &4.into(), &0.into())
    );
    assert_eq!(told["hints"].as_array().unwrap().len(), 2, "{told}");
}

#[test]
fn deprecated_arguments_are_warnings_in_the_providers_words() {
    let folder = Folder::new(
        "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"private\"\n  versioning {\n    enabled = true\n  }\n}\n",
    );
    let told = answer(&folder);
    let details: Vec<&str> =
        told["diagnostics"].as_array().unwrap().iter().map(|d| d["detail"].as_str().unwrap()).collect();
    assert_eq!(
        details,
        [
            "acl is deprecated. Use the aws_s3_bucket_acl resource instead.",
            "versioning is deprecated. Use the aws_s3_bucket_versioning resource instead.",
        ]
    );
    assert_eq!((&told["valid"], &told["warning_count"]), (&Json::Bool(true), &2.into()));
    folder.ok(&["validate"]).says(&["Argument is deprecated", "aws_s3_bucket_acl"]);
}

#[test]
fn what_nothing_refers_to_is_a_hint() {
    let folder = Folder::new(
        "variable \"used\" {\n  default = 1\n}\nvariable \"unused\" {\n  default = 1\n  validation {\n    condition = var.unused > 0\n    error_message = \"No.\"\n  }\n}\nlocals {\n  a = var.used\n  b = 1\n}\noutput \"o\" {\n  value = local.a\n}\ndata \"aws_region\" \"r\" {}\nmodule \"m\" {\n  source = \"./m\"\n}\n",
    );
    folder.write("m/main.tf", "variable \"inner\" {\n  default = 1\n}\n");
    folder.ok(&["init"]);
    let told = answer(&folder);
    let hints: Vec<&str> = told["hints"].as_array().unwrap().iter().map(|d| d["summary"].as_str().unwrap()).collect();
    assert_eq!(
        hints,
        [
            "Unused input variable \"inner\"",
            "Unused input variable \"unused\"",
            "Unused local value \"b\"",
            "Unused data source data.aws_region.r",
        ]
    );
    assert!(told["diagnostics"].as_array().unwrap().is_empty(), "{told}");
    let ran = folder.ok(&["validate"]);
    ran.says(&["Hint", "Unused local value \"b\""]);
    assert!(ran.out.contains("Success! The configuration is valid.\n"), "{ran:?}");
}
