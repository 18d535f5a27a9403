//! Tags: what the provider block adds to and hides from every object's tags.

use super::object::Obj;
use std::collections::BTreeMap;

/// Key to value.
pub type Tags = BTreeMap<String, String>;

/// Tags of others: never shown, never removed.
#[derive(Debug, Clone, Default)]
pub struct IgnoreTags {
    /// Whole keys.
    pub keys: Vec<String>,
    /// Beginnings of keys.
    pub prefixes: Vec<String>,
}

impl IgnoreTags {
    fn hides(&self, key: &str) -> bool {
        key.starts_with("aws:")
            || self.keys.iter().any(|k| k == key)
            || self.prefixes.iter().any(|p| key.starts_with(p))
    }

    /// The tags that are ours to see; AWS's own (`aws:…`) never are.
    pub fn visible(&self, mut tags: Tags) -> Tags {
        tags.retain(|key, _| !self.hides(key));
        tags
    }
}

/// `tags` and `tags_all` as they are stored, from what AWS has: `tags_all` is everything visible; `tags` leaves out what
/// only the provider's default tags put there. `own` are the object's own tags as last planned or stored.
pub fn split(remote: Tags, default: &Tags, ignore: &IgnoreTags, own: &Tags) -> (Tags, Tags) {
    let all = ignore.visible(remote);
    let mut tags = all.clone();
    tags.retain(|key, value| default.get(key) != Some(value) || own.contains_key(key));
    (tags, all)
}

/// What to set and what to remove to get from one `tags_all` to another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// New or changed.
    pub set: Tags,
    /// Keys no longer wanted.
    pub remove: Vec<String>,
}

impl TagChange {
    /// Between two objects' `tags_all`.
    pub fn between(prior: &Obj<'_>, plan: &Obj<'_>) -> Self {
        let (old, new) = (prior.string_map("tags_all"), plan.string_map("tags_all"));
        let remove = old.keys().filter(|k| !new.contains_key(*k)).cloned().collect();
        let set = new.into_iter().filter(|(k, v)| old.get(k) != Some(v)).collect();
        TagChange { set, remove }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn a_default_tag_is_in_tags_only_when_the_resource_says_it_too() {
        let default = tags(&[("Team", "a")]);
        let remote = tags(&[("Team", "a"), ("App", "x"), ("aws:cloudformation:stack-name", "s")]);
        let (own, all) = split(remote.clone(), &default, &IgnoreTags::default(), &tags(&[]));
        assert_eq!(own, tags(&[("App", "x")]));
        assert_eq!(all, tags(&[("Team", "a"), ("App", "x")]));
        let (own, _) = split(remote, &default, &IgnoreTags::default(), &tags(&[("Team", "a")]));
        assert_eq!(own, tags(&[("Team", "a"), ("App", "x")]));
    }

    #[test]
    fn ignored_tags_are_neither_shown_nor_counted() {
        let ignore = IgnoreTags { keys: vec!["k".into()], prefixes: vec!["p-".into()] };
        let (own, all) = split(tags(&[("k", "1"), ("p-1", "1"), ("x", "1")]), &tags(&[]), &ignore, &tags(&[]));
        assert_eq!((own, all), (tags(&[("x", "1")]), tags(&[("x", "1")])));
    }
}
