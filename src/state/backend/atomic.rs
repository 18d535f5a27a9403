//! Writes a file so that at any moment either the old or the new content is there, whole.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A written file that is not in place yet.
pub(super) struct Staged {
    temporary: PathBuf,
    target: PathBuf,
    /// The new file, open for reading and writing.
    pub(super) file: File,
}

/// Writes `content` beside `path`, durably, with the permissions of the file that is there now. Symbolic links are followed, so
/// that the file they lead to is replaced, not the link.
pub(super) fn stage(path: &Path, content: &[u8]) -> io::Result<Staged> {
    let target = follow(path)?;
    let dir = folder(&target);
    std::fs::create_dir_all(dir)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = dir.join(format!(".{}.{}.tmp", name.trim_start_matches('.'), uuid::Uuid::new_v4().simple()));
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&temporary)?;
    let mut fill = || {
        if let Ok(existing) = std::fs::metadata(&target) {
            file.set_permissions(existing.permissions())?;
        }
        file.write_all(content)?;
        file.sync_all()
    };
    match fill() {
        Ok(()) => Ok(Staged { temporary, target, file }),
        Err(e) => {
            let _ = std::fs::remove_file(&temporary);
            Err(e)
        }
    }
}

impl Staged {
    /// Puts the file in place; returns its handle. On failure the old content is still there and nothing is left behind.
    pub(super) fn put(self) -> io::Result<File> {
        if let Err(e) = std::fs::rename(&self.temporary, &self.target) {
            let _ = std::fs::remove_file(&self.temporary);
            return Err(e);
        }
        // The rename itself becomes durable with its folder. Some file systems cannot sync folders; the content is safe.
        if let Ok(dir) = File::open(folder(&self.target)) {
            let _ = dir.sync_all();
        }
        Ok(self.file)
    }
}

/// Replaces the content of a file, or makes it.
///
/// # Errors
/// Those of the file system; the old content is still there then.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    stage(path, content)?.put().map(drop)
}

/// Whether a failure to stage or put means that the folder is fixed (a mounted single file, a folder without write permission),
/// so that only writing in place is left.
pub(super) fn only_in_place(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::CrossesDevices | ErrorKind::ResourceBusy)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a chain of symbolic links ends, whether or not something is there.
pub(super) fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..40 {
        match std::fs::read_link(&at) {
            Ok(to) => at = folder(&at).join(to),
            Err(_) => return Ok(at),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many levels of symbolic links"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_kept_and_nothing_is_left_behind() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::os::unix::fs::symlink("real", &link).unwrap();
        write(&link, b"x").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(real).unwrap(), "x");
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::os::unix::fs::symlink(&a, &b).unwrap();
        std::os::unix::fs::symlink(&b, &a).unwrap();
        assert!(write(&a, b"x").is_err());
    }
}
