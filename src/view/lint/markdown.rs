//! Findings as Markdown: for a comment on a pull request or a step summary.

use super::place;
use crate::diagnostics::Sources;
use crate::lint::{Finding, Level, Report};

/// The text.
pub fn text(report: &Report, sources: &Sources) -> String {
    if report.findings.is_empty() {
        return "### Lint\n\nNo findings.\n".into();
    }
    let count = |level: Level| report.count(level);
    let mut out = format!(
        "### Lint\n\n{} errors, {} warnings, {} infos.\n\n| | rule | where | what |\n|---|---|---|---|\n",
        count(Level::Error),
        count(Level::Warning),
        count(Level::Info)
    );
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    for finding in findings {
        let at = match place(finding, sources) {
            Some((file, line, _)) => format!("`{}`<br>{file}:{line}", finding.address),
            None => format!("`{}`", finding.address),
        };
        let what = format!("**{}**<br>{}", cell(&finding.summary), cell(&finding.detail));
        out.push_str(&format!("| {} | {} | {at} | {what} |\n", finding.severity, finding.rule));
    }
    out
}

/// A table cell: nothing in it may end the cell or the row, or be read as markup.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}
