//! The rooms and their one-way dependencies: a room may use those above it in the list and none below.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. `provider::aws` is a room of its own: only `cli` may name it.
const ROOMS: &[&str] = &[
    "diagnostics",
    "address",
    "maps",
    "parallel",
    "lang",
    "config",
    "domain",
    "remote",
    "provider",
    "state",
    "engine",
    "lint",
    "drift",
    "operate",
    "view",
    "cli",
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Every `crate::a::b` of a file's code (not of its comments), as `(line number, "a::b…")`, `use crate::{a, b::c}` opened one level.
fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest_of_group = false;
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        for part in code.split("crate::").skip(1) {
            if let Some(group) = part.strip_prefix('{') {
                rest_of_group = !group.contains("};");
                let names = group.split("};").next().unwrap().split(',');
                found.extend(names.map(|n| (number + 1, n.trim().to_owned())).filter(|(_, n)| !n.is_empty()));
            } else {
                let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(part.len());
                found.push((number + 1, part[..end].to_owned()));
            }
        }
        if rest_of_group && !code.contains("crate::") {
            found.extend(
                code.split([',', '}']).map(|n| (number + 1, n.trim().to_owned())).filter(|(_, n)| !n.is_empty()),
            );
            rest_of_group = !code.contains("};");
        }
    }
    found
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|r| *r == room)
}

/// Uses that point down, as readable lines.
fn downward(root: &Path) -> Vec<String> {
    let mut files = Vec::new();
    sources(root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let room = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own) = rank(&room) else { continue };
        let in_aws = relative.starts_with("provider/aws");
        for (line, path) in crate_paths(&fs::read_to_string(&file).unwrap()) {
            let target = path.split("::").next().unwrap();
            let Some(other) = rank(target) else { continue };
            let reaches_aws = path.starts_with("provider::aws") && !in_aws && room != "cli";
            if other > own || reaches_aws {
                wrong.push(format!("src/{relative}:{line}: `{room}` must not use `{path}`"));
            }
        }
    }
    wrong
}

#[test]
fn no_room_uses_a_room_below_it() {
    let wrong = downward(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_check_sees_plain_and_grouped_uses() {
    let text = "use crate::engine::plan;\nuse crate::{view, lang::value};\nlet x = crate::cli::run();\n// crate::drift";
    let names: Vec<String> = crate_paths(text).into_iter().map(|(_, p)| p).collect();
    assert_eq!(names, ["engine::plan", "view", "lang::value", "cli::run"]);
}

#[test]
fn every_folder_of_the_crate_is_a_known_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let room = name.trim_end_matches(".rs");
        assert!(matches!(room, "lib" | "main") || rank(room).is_some(), "`{room}` is not in the list of rooms");
    }
}

#[test]
fn no_file_is_more_than_one_idea() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let long: Vec<String> = files
        .iter()
        .map(|f| (f, fs::read_to_string(f).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 800)
        .map(|(f, lines)| format!("{} has {lines} lines", f.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
