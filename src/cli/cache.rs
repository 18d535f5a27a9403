//! The folder for what is fetched once and kept: `PIPEWRIGHT_CACHE_DIR`, else `$XDG_CACHE_HOME/pipewright`, else `~/.cache/pipewright`.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::domain::catalog::iam::Catalog;
use std::path::{Path, PathBuf};
use std::{fs, io};

const CATALOG: &str = "iam-catalog.bin";

/// The folder; `None` where the environment does not tell one.
pub fn folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("PIPEWRIGHT_CACHE_DIR")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("pipewright")))
        .or_else(|| Some(set("HOME")?.join(".cache").join("pipewright")))
}

/// Keeps a catalogue; readers see the old one or the new one, never half of it.
pub fn keep_catalog(folder: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(CATALOG);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(path)
}

/// The catalogue to work with: the one in the program, with the services of a kept one in the place of its own. A kept one that cannot
/// be read is told and not used.
pub fn catalog() -> (Catalog, Diagnostics) {
    let mut told = Diagnostics::new();
    let embedded = Catalog::embedded().clone();
    let Some(path) = folder().map(|f| f.join(CATALOG)) else { return (embedded, told) };
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return (embedded, told),
        Err(e) => {
            told.push(unusable(&path, &e.to_string()));
            return (embedded, told);
        }
    };
    match Catalog::decode(&bytes) {
        Ok(newer) => (embedded.overlaid(newer), told),
        Err(e) => {
            told.push(unusable(&path, &e.to_string()));
            (embedded, told)
        }
    }
}

fn unusable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::warning(
        "The kept IAM catalogue is not used",
        format!("{} cannot be read: {why}. The one in the program is used.", path.display()),
    )
    .hint("Run pipewright catalog refresh, or remove the file.")
}
