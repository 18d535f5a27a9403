//! Which files `fmt` looks at, and how it calls them.

use crate::diagnostics::Diagnostic;
use std::path::{Component, Path, PathBuf};

/// The endings of files in the language's own syntax. `.tofu` is read as configuration, so it is formatted like it.
const ENDINGS: &[&str] = &[".tf", ".tofu", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

/// A file, or why there is none.
#[derive(Debug)]
pub(super) enum Found {
    /// To be formatted.
    File {
        /// Where it is.
        path: PathBuf,
        /// What it is called in messages: relative to the current folder.
        name: String,
    },
    /// Nothing to format there.
    Problem(Box<Diagnostic>),
}

/// The files of all targets, in order; of the current folder when there is no target.
pub(super) fn find(targets: &[PathBuf], recursive: bool) -> Vec<Found> {
    let here = [PathBuf::from(".")];
    let targets = if targets.is_empty() { &here } else { targets };
    let cwd = std::env::current_dir().unwrap_or_default();
    let mut found = Vec::new();
    for target in targets {
        let path = relative(target, &cwd);
        let Ok(metadata) = std::fs::metadata(&path) else {
            let text = "Name a file or a folder, \"-\" for standard input, or nothing for the current folder.";
            let summary = format!("No file or directory at {}", path.display());
            found.push(Found::Problem(Diagnostic::error(summary, text).into()));
            break;
        };
        if metadata.is_dir() {
            folder(&path, recursive, &mut found);
        } else if is_formatted(&path.to_string_lossy()) {
            found.push(file(path));
        } else {
            let text = format!("fmt formats {} files; {} is none of them.", ENDINGS.join(", "), path.display());
            let mut problem = Diagnostic::error("Not a file that can be formatted", text);
            if path.extension().is_some_and(|e| e == "json") {
                problem = problem.hint("The layout of JSON is left to its authors.");
            }
            found.push(Found::Problem(problem.into()));
        }
    }
    found
}

fn is_formatted(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn file(path: PathBuf) -> Found {
    let name = path.display().to_string();
    Found::File { path, name }
}

/// The files of a folder by name, those of its sub-folders where they stand. Hidden, backup and editor files are passed over, and
/// links to folders, so that no circle is walked.
fn folder(dir: &Path, recursive: bool, found: &mut Vec<Found>) {
    let listed = std::fs::read_dir(dir).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(e) => {
            let problem = Diagnostic::error("Cannot read directory", format!("{}: {e}.", dir.display()));
            found.push(Found::Problem(problem.into()));
            return;
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#') {
            continue;
        }
        let path = if dir == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            if recursive {
                folder(&path, recursive, found);
            }
        } else if is_formatted(&name) {
            found.push(file(path));
        }
    }
}

/// A path from the current folder, without detours.
fn relative(path: &Path, cwd: &Path) -> PathBuf {
    let (path, cwd) = (cleaned(&cwd.join(path)), cleaned(cwd));
    let shared = path.iter().zip(cwd.iter()).take_while(|(a, b)| a == b).count();
    let up = cwd.iter().skip(shared).map(|_| "..".as_ref());
    let out: PathBuf = up.chain(path.iter().skip(shared)).collect();
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

fn cleaned(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_current_folder() {
        let told = |path: &str| relative(Path::new(path), Path::new("/a/b")).display().to_string();
        for (path, expected) in [
            (".", "."),
            ("./x/../y.tf", "y.tf"),
            ("../c/d.tf", "../c/d.tf"),
            ("/a/b/x.tf", "x.tf"),
            ("/z.tf", "../../z.tf"),
            ("..", ".."),
        ] {
            assert_eq!(told(path), expected, "{path}");
        }
    }
}
