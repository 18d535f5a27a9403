//! Which files of a folder are configuration, and in which order they count.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Configuration files of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFiles {
    /// Ordinary files, by name.
    pub primary: Vec<PathBuf>,
    /// `override.tf`, `*_override.tf` and their siblings, by name; merged after all others.
    pub overrides: Vec<PathBuf>,
}

/// The endings, best first: of files that differ only in `.tofu` and `.tf`, the former is read.
const ENDINGS: &[&str] = &[".tofu", ".tofu.json", ".tf", ".tf.json"];

/// Splits a name into stem and ending; `None` for names that are no configuration.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
        return None;
    }
    let ending = ENDINGS.iter().filter(|e| name.ends_with(*e)).max_by_key(|e| e.len())?;
    Some((name.strip_suffix(ending)?, ending))
}

/// Lists a folder's configuration files; folders and hidden, backup and editor files are passed over.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(dir: &Path) -> io::Result<ConfigFiles> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        // Only a link has to be followed to see what it is.
        let is_dir = |kind: std::fs::FileType| if kind.is_symlink() { entry.path().is_dir() } else { kind.is_dir() };
        if let Ok(name) = entry.file_name().into_string()
            && split(&name).is_some()
            && !entry.file_type().is_ok_and(is_dir)
        {
            names.insert(name);
        }
    }
    Ok(sorted(dir, &names))
}

/// The configuration files among the names of a folder.
pub fn sorted(dir: &Path, names: &BTreeSet<String>) -> ConfigFiles {
    let mut files = ConfigFiles::default();
    for name in names {
        let Some((stem, ending)) = split(name) else { continue };
        let shadowed =
            ending.starts_with(".tf") && names.contains(&format!("{stem}{}", ending.replacen(".tf", ".tofu", 1)));
        if shadowed {
            continue;
        }
        let target =
            if stem == "override" || stem.ends_with("_override") { &mut files.overrides } else { &mut files.primary };
        target.push(dir.join(name));
    }
    files
}

/// Whether a folder holds any configuration file.
pub fn is_config_dir(dir: &Path) -> bool {
    list(dir).is_ok_and(|files| !files.primary.is_empty() || !files.overrides.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn overrides_come_apart_and_other_files_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        for name in
            ["b.tf", "a.tf", "override.tf", "x_override.tf", ".hidden.tf", "a.tf~", "notes.txt", "c.tf", "c.tofu"]
        {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let names = |paths: &[PathBuf]| -> Vec<String> {
            paths.iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        let files = list(dir.path()).unwrap();
        assert_eq!(names(&files.primary), ["a.tf", "b.tf", "c.tofu"]);
        assert_eq!(names(&files.overrides), ["override.tf", "x_override.tf"]);
    }
}
