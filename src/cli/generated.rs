//! Files of generated configuration: always new ones, whole or not at all.

use crate::diagnostics::{Diagnostic, Diagnostics};
use std::io::Write as _;
use std::path::Path;

/// Refuses a file that exists.
pub fn check_target(path: &Path) -> Result<(), Diagnostics> {
    if path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    Ok(())
}

/// Writes a file that must not exist yet. An interrupted run leaves no file.
pub fn write_new(path: &Path, text: &str) -> Result<(), Diagnostics> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => Diagnostics::from(
            Diagnostic::error(
                "Failed to create target generated file",
                format!("Pipewright could not create the generated file ({}): {e}.", path.display()),
            )
            .hint("The folder must exist and be writable."),
        ),
    };
    let mut file = tempfile::Builder::new().permissions(open_to_readers()).tempfile_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist_noclobber(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// What a file is usually created with; the process's mask takes away from it.
fn open_to_readers() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn exists(path: &Path) -> Diagnostics {
    Diagnostic::error(
        "Target generated file already exists",
        format!(
            "Pipewright can only write generated config into a new file. Either choose a different target location or move all \
             existing configuration out of the target file {}, delete it and try again.",
            path.display()
        ),
    )
    .into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_exists_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("generated.tf");
        assert!(check_target(&path).is_ok());
        write_new(&path, "a").unwrap();
        assert!(check_target(&path).is_err());
        assert_eq!(
            write_new(&path, "b").unwrap_err().iter().next().unwrap().summary,
            "Target generated file already exists"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let error = write_new(&dir.path().join("no/x.tf"), "a").unwrap_err();
        assert_eq!(error.iter().next().unwrap().summary, "Failed to create target generated file");
    }
}
