//! Rules are listed by the page instead of described one by one, and targets of a rule listed once for all of them. Buses that
//! several objects need are described once.

use super::{bus_read, ids};
use crate::lang::value::Value;
use crate::provider::ReadHint;
use crate::provider::aws::resource::{Bulk, Cx};
use async_trait::async_trait;
use aws_sdk_eventbridge::types as t;
use futures::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// Rules on a page of ListRules, and targets on one of ListTargetsByRule (API reference: at most 100).
pub const PAGE: i32 = 100;
/// Listings under way at once.
const AT_ONCE: usize = 8;

/// Bus as configured, and rule.
type Key = (String, String);

/// What was read.
#[derive(Default)]
pub struct Found {
    rules: Mutex<HashMap<Key, Option<t::Rule>>>,
    targets: Mutex<HashMap<Key, Arc<Vec<t::Target>>>>,
}

fn key(bus: &str, rule: &str) -> Key {
    (bus.to_owned(), rule.to_owned())
}

impl Found {
    /// What is known of a rule: nothing, that it is gone, or what it is. Each answer is given once.
    pub fn take_rule(&self, bus: &str, rule: &str) -> Option<Option<t::Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(bus, rule))
    }

    /// All targets of a rule, if they were listed.
    pub fn targets(&self, bus: &str, rule: &str) -> Option<Arc<Vec<t::Target>>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).get(&key(bus, rule)).cloned()
    }
}

/// The bulk read.
pub struct Rules;

#[async_trait(?Send)]
impl Bulk for Rules {
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]) {
        bus_read::prefetch(cx, hints).await;
        let text = |h: &ReadHint, name: &str| h.prior.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut targets: BTreeMap<Key, usize> = BTreeMap::new();
        for hint in hints {
            match hint.type_name.as_str() {
                "aws_cloudwatch_event_rule" => {
                    let id = text(hint, "id");
                    if let Ok((bus, name)) = ids::parse_rule(&id) {
                        rules.entry(bus.to_owned()).or_default().insert(name.to_owned());
                    }
                }
                "aws_cloudwatch_event_target" => {
                    *targets.entry((text(hint, "event_bus_name"), text(hint, "rule"))).or_default() += 1;
                }
                _ => {}
            }
        }
        let found = cx.aws.bulk::<Found>();
        for (bus, names) in rules {
            list_rules(cx, &bus, &names, &found).await;
        }
        let shared = targets.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key);
        let listings = stream::iter(shared).map(|(bus, rule)| async {
            let listed = list_targets(cx, &bus, &rule).await;
            (bus, rule, listed)
        });
        let listings: Vec<_> = listings.buffer_unordered(AT_ONCE).collect().await;
        let mut known = found.targets.lock().unwrap_or_else(PoisonError::into_inner);
        for (bus, rule, listed) in listings {
            if let Some(listed) = listed {
                known.insert((bus, rule), Arc::new(listed));
            }
        }
    }
}

/// Lists the rules of a bus as long as that takes fewer calls than describing the wanted ones. After the last page, those that did not
/// come are gone.
async fn list_rules(cx: &Cx<'_>, bus: &str, wanted: &BTreeSet<String>, found: &Found) {
    let mut left = wanted.clone();
    let mut calls = 0;
    let mut next = None;
    let prefix = common_prefix(wanted);
    while left.len() > calls && wanted.len() > 1 {
        let call = cx.aws.events().list_rules().event_bus_name(bus).limit(PAGE).set_next_token(next);
        let Ok(page) = call.set_name_prefix(prefix.clone()).send().await else { return };
        calls += 1;
        let mut known = found.rules.lock().unwrap_or_else(PoisonError::into_inner);
        for rule in page.rules.unwrap_or_default() {
            let name = rule.name().unwrap_or_default().to_owned();
            if left.remove(&name) {
                known.insert((bus.to_owned(), name), Some(rule));
            }
        }
        next = page.next_token;
        if next.is_none() {
            known.extend(left.into_iter().map(|name| ((bus.to_owned(), name), None)));
            return;
        }
    }
}

/// What all names begin with; `None` when that is nothing.
fn common_prefix(names: &BTreeSet<String>) -> Option<String> {
    let (first, last) = (names.first()?, names.last()?);
    let same = first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a);
    Some(same.collect::<String>()).filter(|p| !p.is_empty())
}

async fn list_targets(cx: &Cx<'_>, bus: &str, rule: &str) -> Option<Vec<t::Target>> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let call = cx.aws.events().list_targets_by_rule().rule(rule).event_bus_name(bus).limit(PAGE);
        let page = call.set_next_token(next).send().await.ok()?;
        all.extend(page.targets.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Some(all);
        }
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

    #[test]
    fn the_prefix_is_what_all_names_share() {
        let names = |n: &[&str]| n.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(common_prefix(&names(&["app001-failed", "app002-failed"])), Some("app00".into()));
        assert_eq!(common_prefix(&names(&["a", "b"])), None);
    }
}
