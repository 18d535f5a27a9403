//! Reads files that may be anything: what is no file, and what never ends, is an error and not a wait.

use std::fs::File;
use std::io::{Error, Read, Result};
use std::path::Path;

/// Largest file of text that is read, in bytes.
pub const MAX_FILE: u64 = 256 << 20;

/// The content of a file that was found rather than named: a pipe or device in its place is refused, because opening it may wait for
/// ever.
///
/// # Errors
/// What the system says; what is no file; more than [`MAX_FILE`] bytes.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::other("it is not a regular file"));
    }
    read_named(path)
}

/// The content of a file the person named: a pipe is what process substitution gives.
///
/// # Errors
/// What the system says; more than [`MAX_FILE`] bytes.
pub fn read_named(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    // Room for all of it at once; what grows meanwhile, or has no size, is read all the same.
    let size = file.metadata()?.len().min(MAX_FILE);
    let mut bytes = Vec::with_capacity(usize::try_from(size).map_or(0, |s| s + 1));
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::other(format!("it is larger than {} MiB", MAX_FILE >> 20)));
    }
    Ok(bytes)
}

/// Like [`read_file`], as text.
///
/// # Errors
/// Those of [`read_file`], and text that is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read_file(path)?).map_err(|_| Error::other("it is not encoded as UTF-8"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("file"), "text").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        std::os::unix::fs::symlink("loop", path("loop")).unwrap();
        assert_eq!(read_file(&path("file")).unwrap(), b"text");
        for name in ["pipe", ".", "loop", "missing"] {
            assert!(read_file(&path(name)).is_err(), "{name}");
        }
        assert!(read_file(Path::new("/dev/zero")).is_err());
    }
}
