//! The resource policies this run wrote. A service that is refused by a policy nobody touched will go on being refused: only one that
//! was just written may still be on its way, and only then is trying again worth the time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarded {
    /// A bucket, by its name.
    Bucket,
    /// A topic, by its ARN.
    Topic,
    /// A key, by its id.
    Key,
}

/// The policies written so far, as they were sent last. All accounts and regions of a run share one: the bucket of a trail is often
/// another account's.
#[derive(Debug, Default)]
pub struct Written(Mutex<BTreeMap<(Guarded, String), String>>);

impl Written {
    /// It was written.
    pub fn note(&self, what: Guarded, name: &str, document: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((what, name.to_owned()), document.to_owned());
    }

    /// It was taken away again.
    pub fn forget(&self, what: Guarded, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(what, name.to_owned()));
    }

    /// Whether any of this kind was written.
    pub fn any(&self, what: Guarded) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().any(|(kind, _)| *kind == what)
    }

    /// The document, if this run wrote one.
    pub fn document(&self, what: Guarded, name: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(what, name.to_owned())).cloned()
    }
}
