//! A source file's content exchanged, so that at any moment the old or the new text is there as a whole.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Up to this size, in bytes, a file is written by one call, which nothing interrupts: no system has smaller pages.
const ONE_CALL: usize = 4096;

/// Small files are written in one call; others beside the file, which is then exchanged by renaming. Permissions and, where allowed, the
/// owner stay; a link stays a link, and what it leads to is exchanged. Where nothing can be put beside the file, it is written in place.
///
/// # Errors
/// Those of the file system.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // What may not be written must not be replaced either, though the folder would allow it.
    let mut current = File::options().write(true).open(path)?;
    let existing = current.metadata()?;
    let before = usize::try_from(existing.len()).unwrap_or(usize::MAX);
    if before.max(content.len()) <= ONE_CALL {
        return in_one_call(&mut current, content, before);
    }
    let target = std::fs::canonicalize(path)?;
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

/// Where the new text is shorter, the rest is empty lines until it is cut off: they mean nothing.
fn in_one_call(file: &mut File, content: &[u8], before: usize) -> io::Result<()> {
    let mut text = content.to_vec();
    text.resize(before.max(content.len()), b'\n');
    file.write_all(&text)?;
    if before > content.len() { file.set_len(content.len() as u64) } else { Ok(()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn permissions_and_links_stay_and_nothing_is_left_behind() {
        for (before, after) in [(10, 5), (5, 10), (5, ONE_CALL + 1), (ONE_CALL + 1, 5), (0, ONE_CALL), (ONE_CALL, 0)] {
            let dir = tempfile::tempdir().unwrap();
            let (real, link) = (dir.path().join("real.tf"), dir.path().join("link.tf"));
            std::fs::write(&real, "a".repeat(before)).unwrap();
            std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
            std::os::unix::fs::symlink("real.tf", &link).unwrap();
            replace(&link, "b".repeat(after).as_bytes()).unwrap();
            assert!(link.is_symlink());
            assert_eq!(std::fs::read_to_string(&real).unwrap(), "b".repeat(after), "{before} to {after}");
            assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        }
    }
}
