//! Edits of a policy where it is written, by span: what stands around stays as it is.

use super::document::Document;
use super::locate::{Form, item, statement_expr};
use super::print;
use super::refer::{Extra, References};
use crate::diagnostics::{SourceFile, Span};
use crate::domain::needs::MinimalStatement;
use crate::lang::syntax::ast::{Expr, ExprKind};
use crate::lint::finding::Edit;
use std::collections::BTreeSet;

impl Document<'_> {
    /// Takes a whole statement out, with its line and the comma that separates it; `None` where it does not stand alone.
    pub fn without_statement(&self, number: usize) -> Option<Edit> {
        let sources = self.attr_sources()?;
        match &self.form {
            Form::Encoded(object) => {
                let statements = &item(object, "Statement")?.value;
                let ExprKind::Tuple(items) = &statements.kind else { return None };
                // A policy without statements is none.
                (items.len() > 1).then_some(())?;
                element(sources, items, number)
            }
            Form::Data(object) if self.form.is_plain() => {
                let body = &object.block()?.body;
                (body.blocks_of("statement").count() > 1).then_some(())?;
                let block = body.blocks_of("statement").nth(number)?;
                Some(Edit { span: lines(sources, block.span), text: String::new() })
            }
            _ => None,
        }
    }

    /// Takes texts out of the list of a statement; `None` where one of them does not stand there as itself.
    pub fn without_items(&self, number: usize, key: &str, gone: &[String]) -> Option<Vec<Edit>> {
        let sources = self.attr_sources()?;
        let expr = match &self.form {
            Form::Encoded(object) => &item(statement_expr(object, number)?, key)?.value,
            Form::Data(object) if self.form.is_plain() => {
                let name = if key == "Action" { "actions" } else { "resources" };
                &object.block()?.body.blocks_of("statement").nth(number)?.body.attribute(name)?.expr
            }
            _ => return None,
        };
        let ExprKind::Tuple(items) = &expr.kind else { return None };
        let mut edits = Vec::new();
        for text in gone {
            let at = items.iter().position(|i| matches!(&i.kind, ExprKind::Literal(v) if v.as_str() == Some(text)))?;
            edits.push((at, element(sources, items, at)?));
        }
        edits.sort_by_key(|(at, _)| *at);
        // Neighbours at the end of the list both reach for the comma before them: one edit takes the run.
        let numbers: Vec<usize> = edits.iter().map(|(at, _)| *at).collect();
        if numbers.last() == Some(&(items.len() - 1)) && numbers.len() > 1 {
            return trailing(sources, items, &numbers);
        }
        Some(edits.into_iter().map(|(_, edit)| edit).collect())
    }

    /// Puts statements behind the last one; `None` where the list of statements is not written as one.
    pub fn with_statements(
        &self,
        statements: &[MinimalStatement],
        refs: &References,
        extras: &mut BTreeSet<Extra>,
    ) -> Option<Vec<Edit>> {
        let source = self.attr_sources()?;
        match &self.form {
            Form::Encoded(object) => {
                let list = &item(object, "Statement")?.value;
                let (last, alone) = match &list.kind {
                    ExprKind::Tuple(items) => (items.last()?.span, false),
                    ExprKind::Object(_) => (list.span, true),
                    _ => return None,
                };
                let indent = indent_of(source, last.start);
                let own_line = line_start(source, last.start) + indent.len() as u32 == last.start;
                let separator = if own_line && !alone { format!(",\n{indent}") } else { ", ".to_owned() };
                let mut text = String::new();
                for statement in statements {
                    text.push_str(&separator);
                    text.push_str(&print::statement_object(statement, &indent, refs, extras));
                }
                let end = Span { start: last.end, ..last };
                if alone {
                    let start = Span { end: last.start, ..last };
                    return Some(vec![
                        Edit { span: start, text: "[".into() },
                        Edit { span: end, text: format!("{text}]") },
                    ]);
                }
                Some(vec![Edit { span: end, text }])
            }
            Form::Data(object) if self.form.is_plain() => {
                let last = object.block()?.body.blocks_of("statement").last()?.span;
                let blocks: Vec<String> = statements.iter().map(|s| print::statement_block(s, refs, extras)).collect();
                let text = format!("\n\n{}", blocks.join("\n").trim_end());
                Some(vec![Edit { span: Span { start: last.end, ..last }, text }])
            }
            Form::Text(expr) => {
                let raw = source.text.get(expr.span.start as usize..expr.span.end as usize)?;
                // A quoted text would need each quote escaped.
                if !raw.starts_with("<<") {
                    return None;
                }
                let last = json_list_end(raw, "Statement")?;
                let at = expr.span.start + last as u32;
                let mut text = String::new();
                for statement in statements {
                    let json = print::statement_json(statement, refs, extras);
                    let indent = indent_of(source, at);
                    text.push_str(&format!(",\n{indent}{}", json.replace('\n', &format!("\n{indent}"))));
                }
                Some(vec![Edit { span: Span { start: at, end: at, ..expr.span }, text }])
            }
            _ => None,
        }
    }

    /// Puts a block at the end of the file.
    pub fn with_block(&self, block: &str) -> Option<Edit> {
        let source = self.attr_sources()?;
        let file = self.home().span().or_else(|| self.attr.span())?.file;
        let end = source.text.len() as u32;
        let gap = if source.text.ends_with('\n') { "\n" } else { "\n\n" };
        Some(Edit { span: Span { file, start: end, end }, text: format!("{gap}{block}") })
    }

    fn attr_sources(&self) -> Option<&SourceFile> {
        self.source.as_deref()
    }
}

/// Removes the elements from the first of the run at the end on, and those before singly.
fn trailing(source: &SourceFile, items: &[Expr], numbers: &[usize]) -> Option<Vec<Edit>> {
    let mut first = items.len();
    while first > 0 && numbers.contains(&(first - 1)) {
        first -= 1;
    }
    let before = items.get(first.checked_sub(1)?)?.span;
    let last = items.last()?.span;
    let mut edits = Vec::new();
    for at in numbers.iter().filter(|n| **n < first) {
        edits.push(element(source, items, *at)?);
    }
    edits.push(Edit { span: Span { start: before.end, end: last.end, ..last }, text: String::new() });
    Some(edits)
}

/// Removes one element of a list with its comma; with its line, where it has one of its own.
fn element(source: &SourceFile, items: &[Expr], number: usize) -> Option<Edit> {
    let own = items.get(number)?.span;
    if let Some(next) = items.get(number + 1) {
        let whole = lines(source, Span { end: own.end, ..own });
        let text = source.text.get(own.end as usize..next.span.start as usize)?;
        // On a line of its own: the line goes, with what is behind the comma on it.
        if whole.start < own.start && text.contains('\n') {
            let comma = source.text.get(own.end as usize..)?.find(',')? as u32 + own.end + 1;
            return Some(Edit {
                span: lines(source, Span { start: own.start, end: comma, ..own }),
                text: String::new(),
            });
        }
        return Some(Edit { span: Span { end: next.span.start, ..own }, text: String::new() });
    }
    let before = items.get(number.checked_sub(1)?)?.span;
    Some(Edit { span: Span { start: before.end, end: own.end, ..own }, text: String::new() })
}

/// The span grown to whole lines, where nothing else but white space and a comment stands on them.
fn lines(source: &SourceFile, span: Span) -> Span {
    let text = &source.text;
    let start = text.get(..span.start as usize).map_or(0, |t| t.rfind('\n').map_or(0, |i| i + 1));
    let before = text.get(start..span.start as usize).unwrap_or_default();
    let rest = text.get(span.end as usize..).unwrap_or_default();
    let (line, length) = rest.split_once('\n').map_or((rest, rest.len()), |(line, _)| (line, line.len() + 1));
    let line = line.trim();
    let free = before.trim().is_empty() && (line.is_empty() || line.starts_with('#') || line.starts_with("//"));
    if free { Span { start: start as u32, end: span.end + length as u32, ..span } } else { span }
}

fn line_start(source: &SourceFile, at: u32) -> u32 {
    source.text.get(..at as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i as u32 + 1)
}

/// The white space that the line of a place begins with.
fn indent_of(source: &SourceFile, at: u32) -> String {
    let line = source.text.get(line_start(source, at) as usize..).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Where the last element of a list in a JSON text ends: the list of this key. `None` when it is empty or no list.
fn json_list_end(raw: &str, key: &str) -> Option<usize> {
    let at = raw.find(&format!("\"{key}\""))?;
    let open = at + raw.get(at..)?.find('[')?;
    // Nothing but the colon stands between.
    if !raw.get(at + key.len() + 2..open)?.chars().all(|c| c.is_whitespace() || c == ':') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped, mut last) = (0usize, false, false, None);
    for (offset, c) in raw.get(open..)?.char_indices() {
        if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => quoted = true,
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return last;
                }
                if depth == 1 {
                    last = Some(open + offset + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_list_of_a_json_text_is_found() {
        let raw = r#"{"Statement": [{"Sid": "a]\"}", "Action": ["x"]}, {"b": 1} ]}"#;
        let end = json_list_end(raw, "Statement");
        assert_eq!(end.and_then(|e| raw.get(e..)), Some(" ]}"));
        assert_eq!(json_list_end(r#"{"Statement": {"Action": ["x"]}}"#, "Statement"), None);
        assert_eq!(json_list_end(r#"{"Statement": []}"#, "Statement"), None);
    }
}
