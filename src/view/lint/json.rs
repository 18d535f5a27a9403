//! Findings as one JSON document.

use crate::diagnostics::{Sources, Span};
use crate::lint::{Finding, Fix, Note, Report};
use crate::parallel;
use serde::Serialize;

/// Version of the document's shape; the first number changes when something that was there changes its meaning.
pub const FORMAT_VERSION: &str = "1.0";

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
    let mut text = format!("{{\n  \"format_version\": \"{FORMAT_VERSION}\",\n  \"findings\": ");
    list(&report.findings, |f| told(f, sources), &mut text);
    text.push_str(",\n  \"notes\": ");
    list(&report.notes, noted, &mut text);
    text.push_str("\n}\n");
    text
}

/// A further thread is worth its start from this number of elements on.
const PER_THREAD: usize = 2_000;

/// Appends a list as it stands in the document; long ones are written piece by piece, side by side.
fn list<'r, I: Sync, T: Serialize>(items: &'r [I], told: impl Fn(&'r I) -> T + Sync, text: &mut String) {
    #[derive(Serialize)]
    struct Piece<T> {
        of: Vec<T>,
    }
    let pieces: Vec<&[I]> = items.chunks(PER_THREAD).collect();
    let written = parallel::each(&pieces, 1, |piece| {
        // In an object of its own, so that everything is indented as in the document. Texts and numbers under fixed names: nothing here
        // can fail to be written.
        serde_json::to_string_pretty(&Piece { of: piece.iter().map(&told).collect() }).unwrap_or_default()
    });
    if written.is_empty() {
        text.push_str("[]");
        return;
    }
    text.reserve(written.iter().map(String::len).sum());
    for (number, piece) in written.into_iter().enumerate() {
        let inner = piece.strip_prefix("{\n  \"of\": [\n").and_then(|piece| piece.strip_suffix("\n  ]\n}"));
        text.push_str(if number == 0 { "[\n" } else { ",\n" });
        text.push_str(inner.unwrap_or_default());
    }
    text.push_str("\n  ]");
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn report(count: usize) -> Report {
        let note = |n: usize| Note { rule: "IAM009".into(), address: format!("a.b[{n}]"), text: "two\nlines".into() };
        Report { notes: (0..count).map(note).collect(), ..Report::default() }
    }

    #[test]
    fn what_is_written_in_pieces_is_one_document() {
        for count in [0, 1, PER_THREAD, 2 * PER_THREAD + 1] {
            let text = text(&report(count), &Sources::new());
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["notes"].as_array().unwrap().len(), count);
            assert_eq!(text, serde_json::to_string_pretty(&document).unwrap() + "\n");
        }
    }
}
