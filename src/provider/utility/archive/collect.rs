//! What goes into an archive: contents, a file, or a folder's files in the order of their names.

use super::Entry;
use crate::lang::value::Value;
use crate::provider::utility::text;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Deepest nesting of folders: symbolic links may lead in circles.
const DEPTH: usize = 128;

pub(super) fn entries(config: &Value) -> Result<Vec<Entry>, String> {
    if is_set(config, "source_dir") {
        return folder(config);
    }
    if is_set(config, "source_file") {
        let path = Path::new(text(config, "source_file"));
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !path.exists() {
            return Err(format!("error archiving file: could not archive missing file: {}", path.display()));
        }
        return file(path, name).map(|entry| vec![entry]).map_err(|e| format!("error archiving file: {e}"));
    }
    let entry =
        |name: &str, content: &str| Entry { name: name.to_owned(), content: content.as_bytes().to_vec(), mode: None };
    if is_set(config, "source_content_filename") {
        return Ok(vec![entry(text(config, "source_content_filename"), text(config, "source_content"))]);
    }
    let blocks = config.get("source").and_then(Value::elements).unwrap_or_default();
    let mut all: Vec<Entry> = blocks.iter().map(|b| entry(text(b, "filename"), text(b, "content"))).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(all)
}

fn is_set(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|v| !v.is_null())
}

fn file(path: &Path, name: String) -> std::io::Result<Entry> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    Ok(Entry { name, content: std::fs::read(path)?, mode: Some(mode) })
}

fn folder(config: &Value) -> Result<Vec<Entry>, String> {
    let root = PathBuf::from(text(config, "source_dir"));
    let failed = |why: String| format!("error archiving directory: {why}");
    match std::fs::metadata(&root) {
        Err(_) => return Err(failed(format!("could not archive missing directory: {}", root.display()))),
        Ok(found) if !found.is_dir() => {
            return Err(failed(format!("could not archive directory that is a file: {}", root.display())));
        }
        Ok(_) => {}
    }
    let mut patterns = GlobSetBuilder::new();
    for pattern in config.get("excludes").and_then(Value::elements).unwrap_or_default() {
        let Some(pattern) = pattern.as_str().filter(|p| !p.is_empty()) else { continue };
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        patterns.add(glob.map_err(|e| failed(format!("error checking excludes matches: {e}")))?);
    }
    let excludes = patterns.build().map_err(|e| failed(e.to_string()))?;
    let links = config.get("exclude_symlink_directories").and_then(Value::as_bool) != Some(true);
    let mut out = Vec::new();
    walk(&root, "", &excludes, links, 0, &mut out).map_err(failed)?;
    if out.is_empty() {
        return Err(failed("archive has not been created as it would be empty".to_owned()));
    }
    Ok(out)
}

fn walk(
    dir: &Path,
    prefix: &str,
    excludes: &GlobSet,
    links: bool,
    depth: usize,
    out: &mut Vec<Entry>,
) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("error encountered during file walk: {}: {e}", dir.display());
    if depth > DEPTH {
        return Err(format!("{} is nested too deep, or links lead in a circle", dir.display()));
    }
    let mut found: Vec<_> = std::fs::read_dir(dir).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    found.sort_by_key(std::fs::DirEntry::file_name);
    for item in found {
        let name = item.file_name().to_string_lossy().into_owned();
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if excludes.is_match(&name) {
            continue;
        }
        let path = item.path();
        let is_link = item.file_type().map_err(failed)?.is_symlink();
        let is_dir = std::fs::metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?.is_dir();
        match (is_dir, is_link) {
            (true, true) if !links => {}
            (true, _) => walk(&path, &name, excludes, links, depth + 1, out)?,
            (false, _) => {
                let shown = path.display().to_string();
                out.push(file(&path, name).map_err(|e| format!("error reading file for archival: {shown}: {e}"))?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::lang::value::Type;

    #[test]
    fn a_folder_is_archived_in_order_without_what_is_excluded() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("b/deep")).unwrap();
        for name in ["c.txt", "a.txt", "b/x.log", "b/deep/y.txt"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        std::os::unix::fs::symlink(dir.path().join("b/deep"), dir.path().join("link")).unwrap();
        let config = |links: bool| {
            Value::object_of([
                ("source_dir", Value::string(dir.path().to_str().unwrap())),
                ("excludes", Value::set(Type::String, vec![Value::string("**/*.log")])),
                ("exclude_symlink_directories", Value::bool(!links)),
            ])
        };
        let names = |links| entries(&config(links)).unwrap().into_iter().map(|e| e.name).collect::<Vec<_>>();
        assert_eq!(names(true), ["a.txt", "b/deep/y.txt", "c.txt", "link/y.txt"]);
        assert_eq!(names(false), ["a.txt", "b/deep/y.txt", "c.txt"]);
    }
}
