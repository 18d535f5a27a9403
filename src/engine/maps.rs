//! Maps by address.

use std::collections::HashMap;

/// A map of which nobody outside chooses the keys with ill will: its hashing is made for speed.
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
