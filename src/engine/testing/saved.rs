//! Saved plans.

use super::*;
use crate::engine::planfile;
use std::path::Path;

const TEXT: &str = r#"
    variable "v" {
      default   = "s"
      sensitive = true
    }
    resource "mock_thing" "a" { name = var.v }
    resource "mock_thing" "b" { name = mock_thing.a.id }
    output "o" { value = mock_thing.b.name }"#;

fn options() -> LoadOptions {
    LoadOptions { sources: Sources::new(), data_dir: ".terraform".into(), snapshot: None }
}

async fn saved(bench: &Bench, path: &Path) -> Plan {
    let plan = bench.planned(TEXT).await;
    planfile::write(path, &plan, &config(TEXT), &options(), &bench.settings, "here").unwrap();
    plan
}

#[tokio::test]
async fn a_saved_plan_is_the_plan_and_applies() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan");
    let bench = Bench::new();
    let plan = saved(&bench, &path).await;
    let read = planfile::read(&path, &bench.registry).unwrap();
    assert_eq!(format!("{:?}", read.plan.changes), format!("{:?}", plan.changes));
    assert_eq!(format!("{:?}", read.plan.outputs), format!("{:?}", plan.outputs));
    assert_eq!(read.plan.variables, plan.variables);
    let settings = read.settings(".".into(), 10);
    let outcome = apply(&config(TEXT), &read.plan, &bench.registry, &settings, &Discard, &Quiet, &bench.cancel).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", texts(&outcome.diagnostics).join("\n"));
    assert_eq!(outcome.counts.add, 2);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_a_plan_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan");
    saved(&Bench::new(), &path).await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_plan_is_refused_when_its_ground_has_moved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan");
    let mut bench = Bench::new();
    bench.state.lineage = "l".into();
    bench.state.serial = 3;
    saved(&bench, &path).await;
    let read = planfile::read(&path, &bench.registry).unwrap();
    assert!(read.check_fresh(&bench.state).is_ok());
    bench.state.serial = 4;
    assert_eq!(read.check_fresh(&bench.state).unwrap_err().iter().next().unwrap().summary, "Saved plan is stale");
    assert!(read.check_place("other", "here").is_err());
    assert!(read.check_place("default", "here").is_ok());
}

#[tokio::test]
async fn other_files_are_no_plans() {
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::new();
    let text = dir.path().join("text");
    std::fs::write(&text, "hello").unwrap();
    let foreign = dir.path().join("tfplan");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&foreign).unwrap());
    archive.start_file("tfplan", zip::write::SimpleFileOptions::default()).unwrap();
    archive.finish().unwrap();
    let said = |path: &Path| {
        let errors = planfile::read(path, &bench.registry).unwrap_err();
        errors.iter().next().unwrap().detail.clone()
    };
    assert!(said(&text).contains("not a saved plan"));
    assert!(said(&foreign).contains("Terraform"));
}
