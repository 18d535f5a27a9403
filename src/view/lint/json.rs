//! Findings as one JSON document.

use crate::diagnostics::{Sources, Span};
use crate::lint::{Finding, Fix, Note, Report};
use serde::Serialize;

/// Version of the document's shape; the first number changes when something that was there changes its meaning.
pub const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Document<'r> {
    format_version: &'static str,
    findings: Vec<Told<'r>>,
    notes: Vec<Noted<'r>>,
}

#[derive(Serialize)]
struct Told<'r> {
    rule: &'static str,
    severity: &'static str,
    address: &'r str,
    range: Option<Range>,
    summary: &'r str,
    detail: &'r str,
    fingerprint: &'r str,
    fix: Option<Repair<'r>>,
}

#[derive(Serialize)]
struct Noted<'r> {
    rule: &'r str,
    address: &'r str,
    text: &'r str,
}

#[derive(Serialize)]
struct Range {
    filename: String,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    byte: u32,
}

#[derive(Serialize)]
struct Repair<'r> {
    summary: &'r str,
    edits: Vec<Change<'r>>,
}

#[derive(Serialize)]
struct Change<'r> {
    range: Option<Range>,
    text: &'r str,
}

/// The document as text, indented.
pub fn text(report: &Report, sources: &Sources) -> String {
    let document = Document {
        format_version: FORMAT_VERSION,
        findings: report.findings.iter().map(|f| told(f, sources)).collect(),
        notes: report.notes.iter().map(noted).collect(),
    };
    // Texts and numbers under fixed names: nothing here can fail to be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn told<'r>(finding: &'r Finding, sources: &Sources) -> Told<'r> {
    Told {
        rule: finding.rule,
        severity: finding.severity.as_str(),
        address: &finding.address,
        range: finding.range.and_then(|span| range(span, sources)),
        summary: &finding.summary,
        detail: &finding.detail,
        fingerprint: &finding.fingerprint,
        fix: finding.fix.as_ref().map(|f| repair(f, sources)),
    }
}

fn noted(note: &Note) -> Noted<'_> {
    Noted { rule: &note.rule, address: &note.address, text: &note.text }
}

fn range(span: Span, sources: &Sources) -> Option<Range> {
    let file = sources.get(span.file)?;
    let point = |byte: u32| {
        let p = file.position(byte);
        Point { line: p.line, column: p.column, byte: p.byte }
    };
    Some(Range { filename: file.name.to_string(), start: point(span.start), end: point(span.end) })
}

fn repair<'r>(fix: &'r Fix, sources: &Sources) -> Repair<'r> {
    let change = |edit: &'r crate::lint::Edit| Change { range: range(edit.span, sources), text: &edit.text };
    Repair { summary: &fix.summary, edits: fix.edits.iter().map(change).collect() }
}
