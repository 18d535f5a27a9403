//! The folder inside a package that a source names; `*` stands for the one folder that is there.

use super::failure::Failure;
use std::path::{Path, PathBuf};

/// Finds it.
pub(super) fn folder(package: &Path, inside: &str) -> Result<PathBuf, Failure> {
    let missing = || {
        Failure::download(format!("The package has no folder \"{inside}\".")).titled("Unreadable module subdirectory")
    };
    if !inside.contains(['*', '?', '[']) {
        let path = package.join(inside);
        return if path.is_dir() { Ok(path) } else { Err(missing()) };
    }
    let mut found = vec![package.to_path_buf()];
    for part in inside.split('/') {
        let pattern =
            globset::GlobBuilder::new(part).literal_separator(true).build().map_err(|_| missing())?.compile_matcher();
        let mut next = Vec::new();
        for dir in &found {
            let entries = std::fs::read_dir(dir).map_err(super::failure::at_path(dir))?;
            let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
            next.extend(names.filter(|name| pattern.is_match(name)).map(|name| dir.join(name)));
        }
        next.retain(|path: &PathBuf| path.is_dir());
        found = next;
    }
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(missing()),
        several => Err(Failure::download(format!("\"{inside}\" means {} folders of the package.", several.len()))
            .hint("Name one of them.")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_the_only_folder() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["repo-1.0/modules/a", "repo-1.0/modules/b"] {
            std::fs::create_dir_all(dir.path().join(path)).unwrap();
        }
        std::fs::write(dir.path().join("readme"), "").unwrap();
        let find = |inside: &str| folder(dir.path(), inside).map(|p| p.strip_prefix(dir.path()).unwrap().to_owned());
        assert_eq!(find("*").unwrap(), Path::new("repo-1.0"));
        assert_eq!(find("*/modules/a").unwrap(), Path::new("repo-1.0/modules/a"));
        assert_eq!(find("repo-1.0/modules").unwrap(), Path::new("repo-1.0/modules"));
        assert!(find("*/modules/*").unwrap_err().detail.contains("2 folders"));
        for missing in ["x", "*/x", "readme", "[", "*/modules/c*"] {
            assert!(find(missing).is_err(), "{missing}");
        }
    }
}
