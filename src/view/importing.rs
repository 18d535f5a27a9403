//! What `import pipeline` found, wrote and could not read.

use crate::engine::plan::ResourceChange;
use crate::operate::importing::Named;
use crate::provider::discovery::Missing;
use std::path::Path;

/// What is told.
pub struct Report<'a> {
    /// Name of the pipeline.
    pub pipeline: &'a str,
    /// What was written.
    pub named: &'a [Named],
    /// What was not.
    pub missing: &'a [Missing],
    /// Where.
    pub folder: &'a Path,
    /// Names of the files.
    pub files: &'a [&'a str],
    /// Imported objects that a plan would change.
    pub changing: &'a [&'a ResourceChange],
}

/// The report as text, ending with a line break.
pub fn report(report: &Report<'_>) -> String {
    let mut out = format!("\n{} belong to pipeline {}:\n\n", objects(report.named.len()), report.pipeline);
    let width = report.named.iter().map(|n| n.address.to_string().len()).max().unwrap_or(0).min(64);
    for one in report.named {
        out.push_str(&format!("  {:width$}  {}\n", one.address.to_string(), one.found.because));
    }
    if !report.missing.is_empty() {
        out.push_str("\nNot included:\n\n");
        for one in report.missing {
            out.push_str(&format!("  {}\n    {}\n", one.what, one.why));
        }
        let mut denied: Vec<&str> = report.missing.iter().filter_map(|m| m.denied.as_deref()).collect();
        denied.sort_unstable();
        denied.dedup();
        if !denied.is_empty() {
            out.push_str(&format!("\nTo find the rest, allow: {}\n", denied.join(", ")));
        }
    }
    let here = report.folder == Path::new(".");
    let place = if here { String::new() } else { format!(" in {}", report.folder.display()) };
    out.push_str(&format!("\nWritten{place}: {}\n", report.files.join(", ")));
    if report.changing.is_empty() {
        out.push_str(&format!("A plan imports {} and changes nothing.\n", objects(report.named.len()).to_lowercase()));
    } else {
        out.push_str("\nA plan imports them, and would change what configuration cannot say:\n\n");
        for change in report.changing {
            out.push_str(&format!("  {}: {}\n", change.address, differing(change).join(", ")));
        }
    }
    let chdir = if here { String::new() } else { format!(" -chdir={}", report.folder.display()) };
    out.push_str(&format!(
        "\nReview the files, then run:\n  pipewright{chdir} init\n  pipewright{chdir} plan\n  pipewright{chdir} apply\n"
    ));
    out
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// Names of the arguments and blocks that would change.
fn differing(change: &ResourceChange) -> Vec<String> {
    let (before, after) = (change.before.unmark_deep(), change.after.unmark_deep());
    let fields = after.fields().into_iter().flatten();
    fields.filter(|(name, v)| before.get(name).is_none_or(|b| b != *v)).map(|(name, _)| name.to_string()).collect()
}
