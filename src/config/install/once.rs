//! Work done once per key, by whichever thread comes first; the others wait for its result.

use super::failure::Failure;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Slot<T> = Arc<OnceLock<Result<T, Failure>>>;

/// Results by key.
pub(super) struct Once<T>(Mutex<HashMap<String, Slot<T>>>);

impl<T: Clone> Once<T> {
    pub fn new() -> Self {
        Once(Mutex::new(HashMap::new()))
    }

    /// The result for a key; made by `make` when nobody did yet.
    pub fn get(&self, key: &str, make: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key.to_owned()).or_default())
        };
        slot.get_or_init(make).clone()
    }
}
