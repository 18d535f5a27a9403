//! Findings for people: an excerpt each, then counts.

use crate::diagnostics::Sources;
use crate::lint::{Finding, Level, Report};
use crate::view::diagnostic::titled;
use crate::view::style::{Palette, Role};
use annotate_snippets::Level as Title;

/// All findings and the summary line.
pub fn report(report: &Report, sources: &Sources, palette: Palette, verbose: bool) -> String {
    let mut out = String::new();
    let sources = &report.hidden.sources(sources);
    for finding in &report.findings {
        out.push_str(&excerpt(finding, sources, palette));
        out.push('\n');
    }
    if verbose {
        for note in &report.notes {
            let rule = if note.rule.is_empty() { "note" } else { &note.rule };
            let about = if note.address.is_empty() { String::new() } else { format!("{}: ", note.address) };
            out.push_str(&format!("{} {about}{}\n", palette.paint(Role::Faint, &format!("{rule}:")), note.text));
        }
        if !report.notes.is_empty() {
            out.push('\n');
        }
    }
    out.push_str(&summary(report, palette));
    out
}

/// One finding.
pub fn excerpt(finding: &Finding, sources: &Sources, palette: Palette) -> String {
    let level = match finding.severity {
        Level::Error => Title::ERROR.with_name("Error"),
        Level::Warning => Title::WARNING.with_name("Warning"),
        Level::Info => Title::INFO.with_name("Info"),
    };
    titled(&finding.as_diagnostic(), level, sources, palette)
}

fn summary(report: &Report, palette: Palette) -> String {
    if report.findings.is_empty() {
        return format!("{}\n", palette.paint(Role::Good, "No findings."));
    }
    let count = |level: Level, name: &str| {
        let n = report.count(level);
        format!("{n} {name}{}", if n == 1 || level == Level::Info { "" } else { "s" })
    };
    let counts = [count(Level::Error, "error"), count(Level::Warning, "warning"), count(Level::Info, "info")];
    format!("{} {}.\n", palette.paint(Role::Strong, "Findings:"), counts.join(", "))
}
