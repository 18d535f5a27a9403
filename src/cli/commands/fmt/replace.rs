//! A source file's content exchanged, so that at any moment the old or the new text is there as a whole.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Writes beside the file and renames. Permissions and, where allowed, the owner stay; a link stays a link, and what it leads to is
/// exchanged. Where nothing can be put beside the file, it is written in place.
///
/// # Errors
/// Those of the file system.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = std::fs::canonicalize(path)?;
    let existing = std::fs::metadata(&target)?;
    // What may not be written must not be replaced either, though the folder would allow it.
    let mut current = File::options().write(true).open(&target)?;
    let beside = target
        .parent()
        .ok_or_else(|| io::Error::from(ErrorKind::NotFound))
        .and_then(|dir| tempfile::Builder::new().prefix(".pipewright-fmt-").tempfile_in(dir));
    let in_place = |current: &mut File| current.write_all(content).and_then(|()| current.set_len(content.len() as u64));
    let mut new = match beside {
        Ok(new) => new,
        Err(e) if matches!(e.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            return in_place(&mut current);
        }
        Err(e) => return Err(e),
    };
    new.write_all(content)?;
    let created = new.as_file().metadata()?;
    if (created.uid(), created.gid()) != (existing.uid(), existing.gid()) {
        // Only a superuser may give files away; otherwise the file is ours to own.
        let _ = std::os::unix::fs::fchown(new.as_file(), Some(existing.uid()), Some(existing.gid()));
    }
    new.as_file().set_permissions(existing.permissions())?;
    match new.persist(&target) {
        Ok(_) => Ok(()),
        // A file that is mounted by itself cannot be renamed over.
        Err(e) if matches!(e.error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices) => {
            in_place(&mut current)
        }
        Err(e) => Err(e.error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn permissions_and_links_stay_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.tf"), dir.path().join("link.tf"));
        std::fs::write(&real, "a longer text").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.tf", &link).unwrap();
        replace(&link, b"short").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "short");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
