//! Diagnostics for people (source excerpt with underline) and for programs (Terraform's JSON object).

use super::style::{Palette, Role};
use crate::diagnostics::{Diagnostic, Severity, SourceFile, Sources, Span};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};

/// A message for people, ending with a line break.
pub fn human(diagnostic: &Diagnostic, sources: &Sources, palette: Palette) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("Error"),
        Severity::Warning => Level::WARNING.with_name("Warning"),
        Severity::Hint => Level::INFO.with_name("Hint"),
    };
    titled(diagnostic, level, sources, palette)
}

/// The same for a message whose severity is another one than those of diagnostics.
pub(super) fn titled(diagnostic: &Diagnostic, level: Level<'_>, sources: &Sources, palette: Palette) -> String {
    let renderer = if palette.is_coloured() { Renderer::styled() } else { Renderer::plain() };
    let mut title = level.primary_title(diagnostic.summary.as_str());
    if let Some(code) = &diagnostic.code {
        title = title.id(code.as_ref());
    }
    let file = diagnostic.span.and_then(|s| sources.get(s.file).map(|f| (s, f)));
    let label = diagnostic.address.as_ref().map(|a| format!("with {a}"));
    let mut group = annotate_snippets::Group::with_title(title);
    if let Some((span, file)) = &file {
        let mut marks = vec![(AnnotationKind::Primary, range(*span, file), label.as_deref())];
        if let Some(context) = diagnostic.context.filter(|c| c.file == span.file && !overlaps(*c, *span, file)) {
            marks.push((AnnotationKind::Visible, range(context, file), None));
        }
        for extra in diagnostic.labels.iter().filter(|l| l.span.file == span.file) {
            marks.push((AnnotationKind::Context, range(extra.span, file), Some(extra.text.as_str())));
        }
        // The lines that are marked and those between: to lay out a whole file for every message takes long in long files.
        let first = marks.iter().map(|(_, r, _)| r.start).min().unwrap_or(0);
        let last = marks.iter().map(|(_, r, _)| r.end).max().unwrap_or(first);
        let (number, lines) = file.lines(first..last);
        let mut snippet = Snippet::source(file.text.get(lines.clone()).unwrap_or_default())
            .path(file.name.as_str())
            .line_start(number);
        for (kind, mark, label) in marks {
            let mark = kind.span(mark.start - lines.start..mark.end - lines.start);
            snippet = snippet.annotation(match label {
                Some(label) => mark.label(label),
                None => mark,
            });
        }
        group = group.element(snippet);
    }
    let mut out = renderer.render(&[group]);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    if let (None, Some(label)) = (&file, &label) {
        out.push_str(&format!("  {label}\n"));
    }
    for extra in diagnostic.labels.iter().filter(|l| diagnostic.span.is_none_or(|s| s.file != l.span.file)) {
        if let Some(file) = sources.get(extra.span.file) {
            let at = file.position(extra.span.start);
            out.push_str(&format!("  {}:{}:{}: {}\n", file.name, at.line, at.column, extra.text));
        }
    }
    for value in &diagnostic.values {
        out.push_str(&format!("  {} {}\n", palette.paint(Role::Strong, &value.traversal), value.statement));
    }
    for line in diagnostic.detail.lines() {
        let pad = if line.is_empty() { "" } else { "  " };
        out.push_str(&format!("{pad}{line}\n"));
    }
    if let Some(hint) = &diagnostic.hint {
        out.push_str(&format!("  {} {hint}\n", palette.paint(Role::Hint, "help:")));
    }
    out
}

/// Byte range clamped to character boundaries inside the text; never empty where a character follows.
fn range(span: Span, file: &SourceFile) -> std::ops::Range<usize> {
    let text = &file.text;
    let clamp = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = clamp(span.start as usize);
    start..clamp(span.end as usize).max(start)
}

fn overlaps(context: Span, span: Span, file: &SourceFile) -> bool {
    file.position(context.start).line == file.position(span.start).line
}

/// Terraform's diagnostic object, as in `validate -json` and the JSON stream.
pub fn json(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    };
    let detail = match &diagnostic.hint {
        Some(hint) if diagnostic.detail.is_empty() => hint.clone(),
        Some(hint) => format!("{}\n\n{hint}", diagnostic.detail),
        None => diagnostic.detail.clone(),
    };
    let mut out = json!({ "severity": severity, "summary": diagnostic.summary, "detail": detail });
    let Some(fields) = out.as_object_mut() else { return out };
    if let Some(address) = &diagnostic.address {
        fields.insert("address".into(), json!(address));
    }
    if let Some((span, file)) = diagnostic.span.and_then(|s| sources.get(s.file).map(|f| (s, f))) {
        let point = |byte: u32| {
            let p = file.position(byte);
            json!({ "line": p.line, "column": p.column, "byte": p.byte })
        };
        fields.insert(
            "range".into(),
            json!({ "filename": file.name, "start": point(span.start), "end": point(span.end) }),
        );
        fields.insert("snippet".into(), snippet(diagnostic, span, &file));
    }
    out
}

fn snippet(diagnostic: &Diagnostic, span: Span, file: &SourceFile) -> Json {
    let (first, last) = (file.position(span.start), file.position(span.end));
    let code: Vec<&str> = (first.line..=last.line).filter_map(|n| file.line(n)).collect();
    let code = code.join("\n");
    let line_start = file.text.get(..first.byte as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let start = (span.start as usize).saturating_sub(line_start).min(code.len());
    let end = (span.end as usize).saturating_sub(line_start).min(code.len()).max(start);
    let context = diagnostic.context.map(|c| file.slice(c).trim_end_matches([' ', '{']).to_owned());
    let values: Vec<Json> =
        diagnostic.values.iter().map(|v| json!({ "traversal": v.traversal, "statement": v.statement })).collect();
    let mut out = json!({
        "context": context,
        "code": code,
        "start_line": first.line,
        "highlight_start_offset": start,
        "highlight_end_offset": end,
        "values": values,
    });
    if let (Some(name), Some(fields)) = (&diagnostic.function, out.as_object_mut()) {
        fields.insert("function_call".into(), json!({ "called_as": name }));
    }
    out
}
