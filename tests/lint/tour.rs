//! `examples/lint-tour`: what its README shows is what the program says.
//!
//! A line `<!-- FOLDER: ARGUMENTS -->` stands before each block of output. With PIPEWRIGHT_WRITE_DOCS the blocks are written anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn tour() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lint-tour")
}

/// Runs the program over a copy of a folder of the tour: exit code and output.
fn run(folder: &Path, arguments: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright"));
    command.args(arguments.split_whitespace()).current_dir(folder).env_clear().env("HOME", folder);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

fn copy(name: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in fs::read_dir(tour().join(name)).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, dir.path().join(file.file_name().unwrap())).unwrap();
    }
    dir
}

#[test]
fn the_readme_shows_what_the_program_says() {
    let path = tour().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let mut parts = readme.split("<!-- ");
    let mut fresh = parts.next().unwrap().to_owned();
    let mut blocks = 0;
    for part in parts {
        let (mark, rest) = part.split_once(" -->\n").unwrap();
        let (folder, arguments) = mark.split_once(": ").unwrap();
        let (_, after) = rest.split_once("```text\n").unwrap().1.split_once("```\n").unwrap();
        let (_, output) = run(copy(folder).path(), &format!("{arguments} -no-color"));
        fresh.push_str(&format!("<!-- {mark} -->\n```text\n{}\n```\n{after}", output.trim_end()));
        blocks += 1;
    }
    assert!(blocks >= 4, "the README shows {blocks} runs");
    if std::env::var_os("PIPEWRIGHT_WRITE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    assert!(
        fresh == fs::read_to_string(&path).unwrap(),
        "run the test with PIPEWRIGHT_WRITE_DOCS=1; the README would be:\n{fresh}"
    );
}

#[test]
fn the_faulty_pipeline_is_found_and_its_twin_is_clean() {
    let (code, text) = run(copy("faulty").path(), "lint -no-color");
    assert_eq!(code, Some(2), "{text}");
    for rule in ["CP017", "CP019", "IAM009", "IAM010", "EV002", "EV006", "S3001", "PL001"] {
        assert!(text.contains(&format!("[{rule}]")), "{rule} is missing:\n{text}");
    }
    let (code, text) = run(copy("repaired").path(), "lint -no-color -fail-on=info");
    assert_eq!((code, text.as_str()), (Some(0), "No findings.\n"));
}

#[test]
fn what_fix_repairs_is_clean_afterwards() {
    let folder = copy("faulty");
    let (_, text) = run(folder.path(), "lint -fix -auto-approve -no-color");
    assert!(text.contains("Repaired main.tf"), "{text}");
    let (_, again) = run(folder.path(), "lint -fix -auto-approve -no-color");
    assert!(!again.contains("Repaired"), "{again}");
    let (_, text) = run(folder.path(), "lint -json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for finding in json["findings"].as_array().unwrap() {
        assert!(finding["fix"]["edits"].as_array().is_none_or(Vec::is_empty), "{finding}");
    }
    let (code, text) = run(folder.path(), "validate -no-color");
    assert_eq!(code, Some(0), "{text}");
}
