//! Generated names, as the original provider makes them: a prefix, the time, and a counter.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The prefix used when neither name nor prefix is given.
pub const DEFAULT_PREFIX: &str = "terraform-";

/// A suffix of 26 characters that sorts by time: `20061102150405000000000001`.
pub fn unique_suffix() -> String {
    let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    let text = now.strftime("%Y%m%d%H%M%S").to_string();
    let fraction = now.subsec_nanosecond().unsigned_abs() / 100_000;
    let count = COUNTER.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    format!("{text}{fraction:04}{count:08x}")
}

/// The name as configured, else generated from the prefix.
pub fn name(name: Option<&str>, prefix: Option<&str>) -> String {
    match name {
        Some(name) => name.to_owned(),
        None => format!("{}{}", prefix.unwrap_or(DEFAULT_PREFIX), unique_suffix()),
    }
}

/// The prefix a generated name was made from; `None` when the name was not generated.
pub fn prefix_of(name: &str) -> Option<&str> {
    let (prefix, suffix) = name.split_at_checked(name.len().checked_sub(26)?)?;
    let (time, count) = suffix.split_at_checked(18)?;
    let generated = time.bytes().all(|b| b.is_ascii_digit()) && count.bytes().all(|b| b.is_ascii_hexdigit());
    generated.then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_name_shows_its_prefix() {
        let made = name(None, Some("app-"));
        assert_eq!(made.len(), 4 + 26);
        assert_eq!(prefix_of(&made), Some("app-"));
        assert_eq!(prefix_of("chosen-by-hand"), None);
    }

    #[test]
    fn generated_names_sort_by_their_making() {
        let a = unique_suffix();
        assert!(a < unique_suffix());
    }
}
