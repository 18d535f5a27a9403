//! "Did you mean": the known name nearest to what was written.

/// The candidate that differs from `given` only in case, or in at most two letters; the nearest, of equals the first.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = if candidate.eq_ignore_ascii_case(given) { 0 } else { strsim::levenshtein(given, candidate) };
        let near = distance < 3 && distance < given.chars().count();
        if near && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(did_you_mean("lenght", ["lower", "length"]), Some("length"));
        assert_eq!(did_you_mean("UPPER", ["lower", "upper"]), Some("upper"));
        assert_eq!(did_you_mean("xy", ["ab"]), None);
    }
}
