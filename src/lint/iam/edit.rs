//! Edits of a policy where it is written, by span: what stands around stays as it is.

use super::document::Document;
use super::locate::{Form, item, statement_expr};
use super::print;
use super::refer::{Extra, References};
use crate::diagnostics::{SourceFile, Span};
use crate::domain::needs::MinimalStatement;
use crate::lang::syntax::ast::{Expr, ExprKind};
use crate::lint::finding::Edit;
use crate::lint::model::Model;
use crate::lint::rewrite::{indent_of, insert_entry, lines, own_line};
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
        let expr = self.part_expr(number, key)?;
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
        match &self.form {
            Form::Encoded(_) => {
                let written = |indent: &str| -> Vec<String> {
                    statements.iter().map(|s| print::statement_object(s, indent, refs, extras)).collect()
                };
                self.with_objects(written)
            }
            Form::Data(_) => {
                let blocks: Vec<String> = statements.iter().map(|s| print::statement_block(s, refs, extras)).collect();
                self.with_blocks(&blocks)
            }
            Form::Text(expr) => {
                let source = self.attr_sources()?;
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
            Form::Other => None,
        }
    }

    /// Puts objects behind the last statement of a `jsonencode` call. `written` gets the indent and gives them, the first line without it.
    pub fn with_objects(&self, written: impl FnOnce(&str) -> Vec<String>) -> Option<Vec<Edit>> {
        let source = self.attr_sources()?;
        let Form::Encoded(object) = &self.form else { return None };
        let list = &item(object, "Statement")?.value;
        let (last, alone) = match &list.kind {
            ExprKind::Tuple(items) => (items.last()?.span, false),
            ExprKind::Object(_) => (list.span, true),
            _ => return None,
        };
        let indent = indent_of(source, last.start);
        let separator = match own_line(source, last.start) && !alone {
            true => format!(",\n{indent}"),
            false => ", ".to_owned(),
        };
        let text: String = written(&indent).iter().map(|each| format!("{separator}{each}")).collect();
        let end = Span { start: last.end, ..last };
        if alone {
            let start = Span { end: last.start, ..last };
            return Some(vec![Edit { span: start, text: "[".into() }, Edit { span: end, text: format!("{text}]") }]);
        }
        Some(vec![Edit { span: end, text }])
    }

    /// Puts `statement` blocks, indented by two, behind the last one of a policy document's data source.
    pub fn with_blocks(&self, blocks: &[String]) -> Option<Vec<Edit>> {
        let Form::Data(object) = &self.form else { return None };
        self.form.is_plain().then_some(())?;
        let last = object.block()?.body.blocks_of("statement").last()?.span;
        let text = format!("\n\n{}", blocks.join("\n").trim_end());
        Some(vec![Edit { span: Span { start: last.end, ..last }, text }])
    }

    /// Adds a condition to a statement that has none; `value` is an expression.
    pub fn with_condition(&self, model: &Model<'_>, number: usize, test: &str, key: &str, value: &str) -> Option<Edit> {
        match &self.form {
            Form::Encoded(object) => {
                let statement = statement_expr(object, number)?;
                item(statement, "Condition").is_none().then_some(())?;
                insert_entry(model, statement, "Condition", &format!("{{ {test} = {{ \"{key}\" = {value} }} }}"))
            }
            Form::Data(object) if self.form.is_plain() => {
                let source = self.attr_sources()?;
                let statement = object.block()?.body.blocks_of("statement").nth(number)?;
                let last = statement
                    .body
                    .attributes
                    .iter()
                    .map(|a| a.span)
                    .chain(statement.body.blocks.iter().map(|b| b.span));
                let last = last.max_by_key(|s| s.end)?;
                let indent = indent_of(source, last.start);
                own_line(source, last.start).then_some(())?;
                let text = format!(
                    "\n\n{indent}condition {{\n{indent}  test     = \"{test}\"\n{indent}  variable = \"{key}\"\n{indent}  values   = [{value}]\n{indent}}}"
                );
                Some(Edit { span: Span { start: last.end, ..last }, text })
            }
            _ => None,
        }
    }

    /// Puts another principal in place of one that stands in a statement as itself, and once.
    pub fn with_principal(&self, number: usize, old: &str, new: &str) -> Option<Edit> {
        fn texts<'e>(expr: &'e Expr, out: &mut Vec<&'e Expr>) {
            match &expr.kind {
                ExprKind::Tuple(items) => items.iter().for_each(|item| texts(item, out)),
                ExprKind::Object(items) => items.iter().for_each(|item| texts(&item.value, out)),
                _ => out.push(expr),
            }
        }
        let mut found = Vec::new();
        match &self.form {
            Form::Encoded(object) => texts(&item(statement_expr(object, number)?, "Principal")?.value, &mut found),
            Form::Data(object) if self.form.is_plain() => {
                let block = object.block()?.body.blocks_of("statement").nth(number)?;
                for principals in block.body.blocks_of("principals") {
                    texts(&principals.body.attribute("identifiers")?.expr, &mut found);
                }
            }
            _ => return None,
        }
        found.retain(|e| matches!(&e.kind, ExprKind::Literal(v) if v.as_str() == Some(old)));
        let [only] = found.as_slice() else { return None };
        Some(Edit { span: only.span, text: format!("\"{new}\"") })
    }

    /// Puts another text in place of one that stands in a statement as itself, alone or in a list.
    pub fn with_text(&self, number: usize, key: &str, old: &str, new: &str) -> Option<Edit> {
        let expr = self.part_expr(number, key)?;
        let is_old = |e: &&Expr| matches!(&e.kind, ExprKind::Literal(v) if v.as_str() == Some(old));
        let found = match &expr.kind {
            ExprKind::Tuple(items) => items.iter().find(is_old)?,
            _ => Some(expr).filter(is_old)?,
        };
        Some(Edit { span: found.span, text: new.to_owned() })
    }

    /// Puts an expression in place of a text that is all that a part of a statement says, alone or in a list.
    pub fn with_whole(&self, number: usize, key: &str, old: &str, new: &str) -> Option<Edit> {
        let expr = self.part_expr(number, key)?;
        let is_old = |e: &Expr| matches!(&e.kind, ExprKind::Literal(v) if v.as_str() == Some(old));
        let all = match &expr.kind {
            ExprKind::Tuple(items) => items.len() == 1 && items.iter().all(is_old),
            _ => is_old(expr),
        };
        all.then(|| Edit { span: expr.span, text: new.to_owned() })
    }

    /// The expression of `Action`, `NotAction`, `Resource` or `NotResource` of a statement.
    fn part_expr(&self, number: usize, key: &str) -> Option<&Expr> {
        match &self.form {
            Form::Encoded(object) => Some(&item(statement_expr(object, number)?, key)?.value),
            Form::Data(object) if self.form.is_plain() => {
                let name = match key {
                    "Action" => "actions",
                    "NotAction" => "not_actions",
                    "NotResource" => "not_resources",
                    _ => "resources",
                };
                Some(&object.block()?.body.blocks_of("statement").nth(number)?.body.attribute(name)?.expr)
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
