//! The last resort: a state that could not be stored where it belongs is written to `errored.tfstate` in the working directory.

use super::backend::atomic;
use super::codec;
use super::model::State;
use super::store::Snapshot;
use crate::diagnostics::{Diagnostic, Diagnostics};
use std::path::Path;

/// Name of the file.
pub const ERRORED_FILE: &str = "errored.tfstate";

/// Writes the state of a run whose final persist failed. `stored` is what the store holds; the file gets its lineage and the
/// next serial, so that `state push` takes it. Returns the message that tells the person what to do, with `cause` in it;
/// when even this write fails, the state itself is in the message.
pub fn save(dir: &Path, state: &State, stored: &Snapshot, cause: &Diagnostics) -> Diagnostic {
    let mut state = state.clone();
    state.terraform_version = super::TERRAFORM_VERSION.to_owned();
    state.serial = stored.serial + 1;
    state.lineage = if stored.lineage.is_empty() { uuid::Uuid::new_v4().to_string() } else { stored.lineage.clone() };
    let text = codec::write(&state);
    let cause: Vec<&str> = cause.iter().map(|d| d.detail.as_str()).collect();
    let cause = cause.join(" ");
    let path = dir.join(ERRORED_FILE);
    match atomic::write(&path, text.as_bytes()) {
        Ok(()) => Diagnostic::error(
            "Failed to save state",
            format!(
                "{cause}\n\nThe state after this run was written to {} instead. Until it is stored where it belongs, a \
                 further run would not know of the changes just made.",
                path.display()
            ),
        )
        .hint(format!("When the cause is gone: `pipewright state push {ERRORED_FILE}`.")),
        Err(e) => Diagnostic::error(
            "Failed to save state",
            format!(
                "{cause}\n\n{} could not be written either: {e}. The state follows; put it into a file and store it with \
                 `pipewright state push`, or the changes just made will be lost track of.\n\n{text}",
                path.display()
            ),
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_can_be_pushed() {
        let dir = tempfile::tempdir().unwrap();
        let stored = Snapshot { lineage: "l".into(), serial: 4 };
        let message = save(dir.path(), &State::default(), &stored, &Diagnostic::error("a", "Disk full.").into());
        assert!(message.detail.contains("Disk full."));
        let bytes = std::fs::read(dir.path().join(ERRORED_FILE)).unwrap();
        let state = codec::read(&bytes, "x").unwrap();
        assert_eq!(Snapshot::of(&state), Snapshot { lineage: "l".into(), serial: 5 });
    }

    #[test]
    fn when_nothing_can_be_written_the_message_holds_the_state() {
        let dir = tempfile::tempdir().unwrap();
        let blocker = dir.path().join("file");
        std::fs::write(&blocker, "").unwrap();
        let message = save(&blocker.join("sub"), &State::default(), &Snapshot::default(), &Diagnostics::new());
        assert!(message.detail.contains("\"version\": 4"));
    }
}
