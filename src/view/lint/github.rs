//! Workflow commands of GitHub Actions, which become annotations.

use crate::diagnostics::Sources;
use crate::lint::{Finding, Level, Report};

/// One line per finding.
pub fn commands(report: &Report, sources: &Sources) -> String {
    report.findings.iter().map(|f| command(f, sources)).collect()
}

fn command(finding: &Finding, sources: &Sources) -> String {
    let kind = match finding.severity {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let mut properties = String::new();
    if let Some((span, file)) = finding.range.and_then(|s| sources.get(s.file).map(|f| (s, f))) {
        let (start, end) = (file.position(span.start), file.position(span.end));
        properties = format!("file={},line={},endLine={},", property(&file.name), start.line, end.line);
        if start.line == end.line {
            properties.push_str(&format!("col={},endColumn={},", start.column, end.column));
        }
    }
    let title = property(&format!("{} {}", finding.rule, finding.summary));
    let text = data(&format!("{}: {}", finding.address, finding.detail));
    format!("::{kind} {properties}title={title}::{text}\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
