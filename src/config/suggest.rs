//! "Did you mean": the known name closest to a wrong one, if any is close enough to be a slip.

/// The candidate that differs in at most two letters; the nearest.
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    crate::lang::eval::did_you_mean(given, candidates)
}

/// ` Did you mean "x"?`, or nothing.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(given, candidates).map(|c| format!(" Did you mean \"{c}\"?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_different_word_is_not() {
        assert_eq!(closest("buckt", ["bucket", "region"]), Some("bucket"));
        assert_eq!(closest("arn", ["bucket", "region"]), None);
        assert_eq!(closest("a", ["b"]), None);
    }
}
