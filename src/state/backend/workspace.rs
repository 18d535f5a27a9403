//! The selected workspace: its name in `.terraform/environment`, and which names are allowed.

use super::atomic;
use crate::config::bounded;
use crate::diagnostics::{Diagnostic, Diagnostics};
use std::io::ErrorKind;
use std::path::Path;

/// The workspace that always exists.
pub const DEFAULT: &str = "default";

/// The workspace selected in a data folder (`.terraform`); `default` when none is. `TF_WORKSPACE` is the caller's to look at first.
///
/// # Errors
/// When the file exists and cannot be read, or holds no valid name.
pub fn selected(data_dir: &Path) -> Result<String, Diagnostics> {
    let path = data_dir.join("environment");
    let name = match bounded::read_text(&path) {
        Ok(text) => text.trim().to_owned(),
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        Err(e) => {
            let detail = format!("{}: {e}.", path.display());
            return Err(Diagnostic::error("Cannot tell the selected workspace", detail).into());
        }
    };
    if name.is_empty() {
        return Ok(DEFAULT.to_owned());
    }
    check_name(&name)?;
    Ok(name)
}

/// Selects a workspace.
///
/// # Errors
/// An invalid name, and failures to write.
pub fn select(data_dir: &Path, name: &str) -> Result<(), Diagnostics> {
    check_name(name)?;
    let path = data_dir.join("environment");
    std::fs::create_dir_all(data_dir)
        .and_then(|()| atomic::write(&path, name.as_bytes()))
        .map_err(|e| Diagnostic::error("Cannot select the workspace", format!("{}: {e}.", path.display())).into())
}

/// Whether a name may be that of a workspace: it must stand in a path and in a URL without escapes.
///
/// # Errors
/// A sentence when not.
pub fn check_name(name: &str) -> Result<(), Diagnostics> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(c);
    if !name.is_empty() && name.chars().all(plain) && name != "." && name != ".." {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Invalid workspace name",
        format!(
            "The workspace name \"{name}\" is not allowed. It must not be empty, and contain only characters that can stand \
             in a URL path segment."
        ),
    )
    .into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_is_selected_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join(".terraform");
        assert_eq!(selected(&data).unwrap(), "default");
        select(&data, "blue").unwrap();
        assert_eq!(selected(&data).unwrap(), "blue");
    }

    #[test]
    fn names_must_be_one_path_segment() {
        for name in ["", "a/b", "..", "a b", "a?b", "é"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("prod-1.eu_west").is_ok());
    }
}
