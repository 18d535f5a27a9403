//! Differences of two texts, line by line, as `diff -u` shows them.

use similar::{Algorithm, TextDiff};

/// The unified difference of a file's old and new text, with three lines around each change.
pub fn unified(old: &str, new: &str, name: &str) -> String {
    TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("old/{name}"), &format!("new/{name}"))
        .to_string()
}
