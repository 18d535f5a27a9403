//! The matrix of types in `docs/resources.md`, made from the schemas and the recorded cases.
//!
//! `PIPEWRIGHT_UPDATE_DOCS=1 cargo test --test aws matrix` writes the page anew.

use super::cases::{Case, all_files};
use super::predicted::{Predicted, predictions};
use pipewright::provider::Factory;
use pipewright::provider::aws::AwsFactory;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Fewest configurations of a type: minimal, full, and one changed.
const CONFIGURATIONS: usize = 3;

const HEAD: &str = "\
# Resource types

Made from the schemas and from `tests/aws/cases/` by a test; do not edit. A case is a configuration, usually with a change of it, and what
Terraform 1.11.4 with hashicorp/aws 5.100.0 stored for both. `tests/aws/stored_like_terraform.rs` makes every case on the emulator and holds
what is stored against that.

- **create, read, delete**: stored as Terraform stores it; a refresh and a plan after it find nothing; a read in bulk finds the same; a
  second delete of what is gone succeeds, and what is gone reads as gone.
- **update, replace**: the change is made in place, or by a new object, where Terraform does so and for the same attributes.
- **import**: by the provider's id form, stored as Terraform stores it.
- **both**: the plan over Terraform's own state is empty, and what is stored is what Terraform stores (`recorded`); or Terraform itself
  was run over the case file too, see `tests/aws/both_ways.py` (`run`).

`–` stands for what there is not, with the reason under the table.

";

#[derive(Default)]
struct Row {
    cases: usize,
    configurations: usize,
    updates: bool,
    replaces: BTreeSet<String>,
    imports: bool,
    not_importable: bool,
    run: bool,
    gaps: BTreeSet<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The case files (`kms`) and folders (`iam/`) that both tools were found to be one about.
fn run_both_ways() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("tests/aws/both_ways.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The types that stand in a folder's configuration.
fn types_in(folder: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("tests/aws/both_ways").join(folder).join("main.tf")).unwrap();
    let of = |line: &str, kind: &str, prefix: &str| {
        let name = line.strip_prefix(kind)?.split('"').next()?;
        Some(format!("{prefix}{name}"))
    };
    text.lines().filter_map(|l| of(l, "resource \"", "").or_else(|| of(l, "data \"", "data."))).collect()
}

fn full_name(case: &Case) -> String {
    let prefix = if case.is_data() { "data." } else { "" };
    format!("{prefix}{}", case.ty())
}

fn rows() -> BTreeMap<String, Row> {
    let factory = AwsFactory::new().unwrap();
    let schema = factory.schema();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    rows.extend(schema.resources.keys().map(|name| (name.to_string(), Row::default())));
    rows.extend(schema.data.keys().map(|name| (format!("data.{name}"), Row::default())));
    let run = run_both_ways();
    for name in run.iter().filter(|name| name.ends_with('/')).flat_map(|folder| types_in(folder)) {
        rows.entry(name).or_default().run = true;
    }
    for file in all_files() {
        for case in &file.cases {
            let row = rows.get_mut(&full_name(case)).unwrap_or_else(|| panic!("no type {}", full_name(case)));
            row.cases += 1;
            row.configurations += 1 + usize::from(case.update().is_some());
            row.run |= run.contains(&file.name);
            row.gaps.extend(case.gap().map(str::to_owned));
            let unsettled = case.unsettled().into_iter();
            row.gaps.extend(unsettled.map(|(name, why)| {
                format!("`{name}` of `{}` is not compared with what Terraform makes: {why}.", full_name(case))
            }));
            row.not_importable |= !case.is_data() && case.cannot_be_imported();
            let recorded = case.terraform();
            row.imports |= recorded.get("import").is_some();
            if let Some(update) = recorded.get("update") {
                match update.get("replaces").and_then(Json::as_array) {
                    Some(names) => row.replaces.extend(names.iter().map(|n| n.as_str().unwrap().to_owned())),
                    None => row.updates = true,
                }
            }
        }
    }
    rows
}

/// What of a type's arguments needs a new object, and what does not.
fn changes_of(name: &str) -> (bool, bool) {
    let path = root().join(format!("src/provider/aws/schema/{name}.json"));
    let schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let forces = |argument: &str| schema["behaviour"][argument]["force_new"] == true;
    let arguments = schema["block"]["attributes"].as_object().unwrap().iter();
    let arguments = arguments.filter(|(n, a)| n.as_str() != "id" && (a["optional"] == true || a["required"] == true));
    let mut names: Vec<&str> = arguments.map(|(n, _)| n.as_str()).collect();
    if let Some(blocks) = schema["block"]["block_types"].as_object() {
        names.extend(blocks.keys().map(String::as_str).filter(|n| *n != "timeouts"));
    }
    (names.iter().any(|n| !forces(n)), names.iter().any(|n| forces(n)))
}

fn page(rows: &BTreeMap<String, Row>, predicted: &BTreeMap<String, Predicted>) -> String {
    let mut out = String::from(HEAD);
    let mut reasons: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut because = |reason: &str, name: &str| {
        reasons.entry(reason.to_owned()).or_default().insert(name.to_owned());
        "–"
    };
    out.push_str(
        "## Resources\n\n| type | configurations | create | read | update | replace | delete | import | both |\n",
    );
    out.push_str("|---|---:|---|---|---|---|---|---|---|\n");
    for (name, row) in rows.iter().filter(|(name, _)| !name.starts_with("data.")) {
        let made = if row.cases > 0 { "yes" } else { because("no case", name) };
        let (in_place, anew) = changes_of(name);
        let update = match (row.updates, in_place) {
            (true, _) => "yes",
            (false, false) => because("every change needs a new object", name),
            (false, true) => because("no change in place is recorded", name),
        };
        let replace = match (row.replaces.is_empty(), anew) {
            (false, _) => "yes",
            (true, false) => because("no argument needs a new object", name),
            (true, true) => because("no change that needs a new object is recorded", name),
        };
        let import = match (row.imports, row.not_importable) {
            (true, _) => "yes",
            (false, true) => because("Terraform cannot import the type", name),
            (false, false) => because("no import is recorded", name),
        };
        let both = if row.run {
            "run"
        } else if row.cases > 0 {
            "recorded"
        } else {
            "–"
        };
        writeln!(
            out,
            "| `{name}` | {} | {made} | {made} | {update} | {replace} | {made} | {import} | {both} |",
            row.configurations
        )
        .unwrap();
    }
    out.push_str("\n## Data\n\n| type | configurations | read | both |\n|---|---:|---|---|\n");
    for (name, row) in rows.iter().filter(|(name, _)| name.starts_with("data.")) {
        let read = if row.cases > 0 { "yes" } else { because("no case", name) };
        let both = if row.run {
            "run"
        } else if row.cases > 0 {
            "recorded"
        } else {
            "–"
        };
        writeln!(out, "| `{}` | {} | {read} | {both} |", name.trim_start_matches("data."), row.configurations).unwrap();
    }
    out.push_str("\n## What there is not\n\n");
    for (reason, names) in &reasons {
        let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        writeln!(out, "- {reason}: {}.", names.join(", ")).unwrap();
    }
    let gaps: BTreeSet<&String> = rows.values().flat_map(|r| &r.gaps).collect();
    for gap in gaps {
        writeln!(out, "- {gap}").unwrap();
    }
    out.push_str(KNOWN);
    for (name, row) in predicted {
        let list = |names: Vec<&String>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        let (always, sometimes, never) = (list(row.always()), list(row.sometimes()), list(row.never()));
        writeln!(out, "| `{name}` | {always} | {sometimes} | {never} |").unwrap();
    }
    out
}

const KNOWN: &str = "
## Known before apply

Of what the cloud or the provider chooses when an object is made and the configuration leaves unset. Terraform shows all of it as
`(known after apply)`. The plans are those of the cases, and what they know is what Terraform stored after its apply.

| type | known in every plan | known where its arguments are | known after apply |
|---|---|---|---|
";

#[tokio::test]
async fn the_page_of_resource_types_is_current() {
    let path: &Path = &root().join("docs/resources.md");
    let page = page(&rows(), &predictions().await.0);
    if std::env::var_os("PIPEWRIGHT_UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page, "docs/resources.md is behind: PIPEWRIGHT_UPDATE_DOCS=1 cargo test --test aws matrix");
}

#[test]
fn every_resource_type_has_a_minimal_a_full_and_a_changed_configuration() {
    let few: Vec<String> = rows()
        .into_iter()
        .filter(|(name, row)| !name.starts_with("data.") && row.configurations < CONFIGURATIONS)
        .map(|(name, row)| format!("{name} has {}", row.configurations))
        .collect();
    assert_eq!(few, Vec::<String>::new());
}
