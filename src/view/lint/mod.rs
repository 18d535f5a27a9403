//! What lint found, one file per format.

pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod sarif;

use crate::diagnostics::Sources;
use crate::lint::Finding;

/// Name of the file, and line and column of a finding, from 1.
fn place(finding: &Finding, sources: &Sources) -> Option<(String, u32, u32)> {
    let span = finding.range?;
    let file = sources.get(span.file)?;
    let at = file.position(span.start);
    Some((file.name.clone(), at.line, at.column))
}
