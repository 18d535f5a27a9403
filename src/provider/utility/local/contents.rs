//! Writing and reading files, with the permissions of their new folders.

use crate::diagnostics::{Diagnostic, Diagnostics};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// An octal number of three or four digits, as `file_permission` takes it.
pub(super) fn mode(text: &str) -> Result<u32, String> {
    if !(3..=4).contains(&text.len()) {
        return Err(format!("bad mode permission: string length should be 3 or 4 digits: {text}"));
    }
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
        .ok_or_else(|| format!("bad mode permission: string must be expressed in octal numeric notation: {text}"))
}

/// Writes a file, making folders on the way. Permissions are before the process's mask, and only those of what is new.
pub(super) fn write(path: &Path, content: &[u8], file: u32, folder: u32) -> Result<(), Diagnostics> {
    let failed = |what: &str, e: std::io::Error| {
        let text = format!("An unexpected error occurred while {what}\n\nOriginal Error: {}: {e}", path.display());
        Diagnostics::from(Diagnostic::error("Create local file error", text))
    };
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty() && !p.exists()) {
        let made = std::fs::DirBuilder::new().recursive(true).mode(folder).create(parent);
        made.map_err(|e| failed("creating file directory", e))?;
    }
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(file).open(path);
    opened.and_then(|mut f| f.write_all(content)).map_err(|e| failed("writing the file", e))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_three_or_four_octal_digits() {
        assert_eq!(mode("0644"), Ok(0o644));
        assert_eq!(mode("700"), Ok(0o700));
        for wrong in ["", "7", "08", "0888", "1777", "rwxr", "00644"] {
            assert!(mode(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn folders_are_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/c.txt");
        write(&path, b"x", 0o600, 0o700).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
        let file = dir.path().join("a/b/c.txt/d");
        assert!(write(&file, b"x", 0o600, 0o700).is_err());
    }
}
