//! Maps and sets by address, type or name.

use indexmap::IndexSet;
use std::collections::HashMap;

/// A map of which nobody outside chooses the keys with ill will: its hashing is made for speed.
pub type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A set of such keys, numbered in the order in which they came.
pub type Set<K> = IndexSet<K, foldhash::fast::RandomState>;
