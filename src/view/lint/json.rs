//! Findings as one JSON document.

use crate::diagnostics::{Sources, Span};
use crate::lint::{Finding, Fix, Report};
use serde_json::{Value as Json, json};

/// Version of the document's shape; the first number changes when something that was there changes its meaning.
pub const FORMAT_VERSION: &str = "1.0";

/// The document.
pub fn document(report: &Report, sources: &Sources) -> Json {
    let findings: Vec<Json> = report.findings.iter().map(|f| finding(f, sources)).collect();
    let notes: Vec<Json> =
        report.notes.iter().map(|n| json!({ "rule": n.rule, "address": n.address, "text": n.text })).collect();
    json!({ "format_version": FORMAT_VERSION, "findings": findings, "notes": notes })
}

fn finding(finding: &Finding, sources: &Sources) -> Json {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.as_str(),
        "address": finding.address,
        "range": finding.range.and_then(|span| range(span, sources)),
        "summary": finding.summary,
        "detail": finding.detail,
        "fingerprint": finding.fingerprint,
        "fix": finding.fix.as_ref().map(|f| fix(f, sources)),
    })
}

fn range(span: Span, sources: &Sources) -> Option<Json> {
    let file = sources.get(span.file)?;
    let point = |byte: u32| {
        let p = file.position(byte);
        json!({ "line": p.line, "column": p.column, "byte": p.byte })
    };
    Some(json!({ "filename": file.name, "start": point(span.start), "end": point(span.end) }))
}

fn fix(fix: &Fix, sources: &Sources) -> Json {
    let edits: Vec<Json> =
        fix.edits.iter().map(|e| json!({ "range": range(e.span, sources), "text": e.text })).collect();
    json!({ "summary": fix.summary, "edits": edits })
}
