//! "Did you mean": the known name closest to a wrong one, if any is close enough to be a slip.

/// The candidate with the smallest edit distance, when that is at most a third of the name's length (Terraform: fewer than
/// three edits) and the name is not a candidate itself.
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|c| *c != given)
        .map(|c| (strsim::damerau_levenshtein(given, c), c))
        .filter(|(distance, c)| *distance < 3 && *distance < given.chars().count().max(c.chars().count()))
        .min()
        .map(|(_, c)| c)
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
