//! The formatter against Terraform's own answers: the stored ones of `fmt.jsonl`, and where `terraform` is on the PATH, those it gives
//! to texts made up on the spot.

use super::layouts::Layouts;
use pipewright::diagnostics::Sources;
use pipewright::lang::fmt::format;
use pipewright::lang::syntax::parse_body;
use pipewright::lang::syntax::scan::{ScanMode, TokenKind, scan};
use std::path::Path;
use std::process::Command;

const STORED: &str = include_str!("fmt.jsonl");

/// A case of `fmt.jsonl`: its name, a text, and what Terraform 1.11.4 makes of it.
fn stored() -> Vec<(String, String, String)> {
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        (text("name"), text("text"), text("formatted"))
    };
    let rows: Vec<_> = STORED.lines().map(row).collect();
    assert!(rows.len() > 70);
    rows
}

/// File names and texts. A few of those made up are no valid configuration.
fn made_up(count: u64) -> impl Iterator<Item = (String, String)> {
    (0..count).map(|seed| (format!("made-{seed}.tf"), Layouts::new(seed).file())).filter(|(_, text)| parses(text))
}

fn parses(text: &str) -> bool {
    let file = Sources::new().add("t.tf", "");
    !parse_body(file, text).1.has_errors()
}

/// The texts of all comments.
fn comments(text: &str) -> Vec<&str> {
    let tokens = scan(text, ScanMode::Normal).into_iter();
    tokens.filter(|t| t.kind == TokenKind::Comment).map(|t| &text[t.start as usize..t.end as usize]).collect()
}

#[test]
fn texts_are_laid_out_as_terraform_does() {
    let mut wrong = Vec::new();
    for (name, text, formatted) in stored() {
        let ours = format(&text);
        if ours != formatted {
            wrong.push(format!("{name}:\n--- Terraform\n{formatted}\n--- ours\n{ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of them differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_laid_out_stays_so_and_keeps_its_comments() {
    let stored = stored().into_iter().map(|(_, text, _)| text);
    for text in stored.chain(made_up(400).map(|(_, text)| text)) {
        let once = format(&text);
        assert!(parses(&once), "no longer parses:\n{text}\n---\n{once}");
        assert_eq!(comments(&text), comments(&once), "{text}");
        // Only nested interpolations take several rounds, one for each level, as they do with Terraform.
        let mut settled = once.clone();
        for _ in 0..8 {
            settled = format(&settled);
        }
        assert_eq!(format(&settled), settled);
        if !text.contains("${") {
            assert_eq!(format(&once), once, "{text}");
        }
    }
}

#[test]
fn what_terraform_drops_is_kept() {
    for (text, formatted) in [
        ("a /* x */ b /* y */ \"c\"/* z */{}\n", "a \"b\" \"c\" /* x */ /* y */ /* z */ {}\n"),
        ("a \"b$c\"   \"d%e\" {}\n", "a \"b$c\" \"d%e\" {}\n"),
        ("a=b[true]\n", "a = b[true]\n"),
    ] {
        assert_eq!(format(text), formatted);
    }
}

#[test]
fn unwrapping_leaves_an_expression_that_parses() {
    for (text, formatted) in [
        ("a = \"${\n  b + # x\n  c\n}\"\n", "a = (b + # x\n  c\n)\n"),
        ("a = \"${(b)\n  + (c)}\"\n", "a = ((b)\n+ (c))\n"),
    ] {
        let ours = format(text);
        assert!(parses(&ours), "{ours}");
        assert_eq!(ours.replace([' ', '\n'], ""), formatted.replace([' ', '\n'], ""));
    }
}

#[test]
fn texts_that_do_not_parse_lose_nothing() {
    for text in ["a = [1,\nb = {", "}}} ) a = \"x", "a = <<EOT\nx", "/* a", "a = \"${b", "\"\" { = }", "${}", "a \"b"] {
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert!(letters(&format(text)).contains(letters(text).trim_matches('"')), "{text}: {}", format(text));
    }
}

/// Whether `terraform` can be asked; says so when it cannot.
#[allow(clippy::print_stderr, reason = "says when the test is skipped")]
fn terraform() -> bool {
    let found = Command::new("terraform").arg("version").output().is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("skipped: terraform is not on the PATH");
    }
    found
}

fn terraform_fmt(dir: &Path) {
    let config = dir.join("terraform.rc");
    std::fs::write(&config, "").unwrap();
    let ran = Command::new("terraform")
        .args(["fmt", "-recursive", "-no-color", "-list=false"])
        .env("TF_CLI_CONFIG_FILE", &config)
        .env_remove("TF_CLI_ARGS")
        .env_remove("TF_CLI_ARGS_fmt")
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn made_up_texts_are_laid_out_as_terraform_does() {
    if !terraform() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let stored = stored().into_iter().map(|(name, text, _)| (format!("{name}.tf"), text));
    let texts: Vec<(String, String)> = stored.chain(made_up(600)).collect();
    for (name, text) in &texts {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    terraform_fmt(dir.path());
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let theirs = std::fs::read_to_string(dir.path().join(name)).unwrap();
        let ours = format(text);
        if ours != theirs {
            wrong.push(format!("{name}:\n{text}\n--- Terraform\n{theirs}\n--- ours\n{ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), texts.len(), wrong.first().unwrap());
}
