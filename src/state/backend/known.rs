//! What a store knows of the stored snapshot, and the rules of serial and lineage: every store follows them through this type.

use crate::state::codec::{self, Digest};
use crate::state::model::State;
use crate::state::store::Snapshot;

/// The stored snapshot as last read or written.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Its serial and lineage.
    pub(super) snapshot: Snapshot,
    /// Digest of its content; `None` when nothing is stored at all.
    content: Option<Digest>,
}

impl Known {
    /// Of a state as read from these bytes.
    pub(super) fn of(state: &State, bytes: &[u8]) -> Self {
        let stored = !bytes.iter().all(u8::is_ascii_whitespace);
        Known { snapshot: Snapshot::of(state), content: stored.then(|| codec::digest(state)) }
    }

    /// Whether this content is stored already.
    pub(super) fn holds(&self, content: &Digest) -> bool {
        self.content.as_ref() == Some(content)
    }

    /// Serial and lineage for a content to persist: the next serial when it differs from the stored one, and a lineage when
    /// there is none yet.
    pub(super) fn next(&self, content: &Digest) -> Snapshot {
        let lineage = match self.snapshot.lineage.as_str() {
            "" => uuid::Uuid::new_v4().to_string(),
            lineage => lineage.to_owned(),
        };
        Snapshot { lineage, serial: self.snapshot.serial + u64::from(!self.holds(content)) }
    }

    /// The text of a state under a serial and lineage, and what is known once it is stored; `content` is its digest.
    pub(super) fn render(state: &State, content: Digest, snapshot: Snapshot) -> (String, Known) {
        let mut state = state.clone();
        state.terraform_version = crate::state::TERRAFORM_VERSION.to_owned();
        state.serial = snapshot.serial;
        state.lineage.clone_from(&snapshot.lineage);
        (codec::write(&state), Known { content: Some(content), snapshot })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_first_snapshot_gets_serial_one_and_a_lineage_even_when_empty() {
        let next = Known::default().next(&codec::digest(&State::default()));
        assert_eq!((next.serial, next.lineage.is_empty()), (1, false));
    }

    #[test]
    fn equal_content_keeps_the_serial_and_other_content_raises_it() {
        let snapshot = Snapshot { lineage: "l".into(), serial: 4 };
        let empty = codec::digest(&State::default());
        let (text, known) = Known::render(&State::default(), empty, snapshot.clone());
        assert!(text.contains("\"serial\": 4"));
        assert_eq!(known.next(&empty), snapshot);
        let changed = State { check_results: Some(Vec::new()), ..State::default() };
        let other = Known { content: Some([0; 32]), ..known };
        assert_eq!(other.next(&codec::digest(&changed)), Snapshot { lineage: "l".into(), serial: 5 });
    }
}
