//! Changes of a resource's source text for repairs: what stands around stays as it is.
//!
//! A change is made only where the source holds the value itself: what a variable, a `dynamic` block or a function gives is left alone.

use super::finding::{Edit, Fix};
use super::iam::item;
use super::model::{Attr, Model, Object};
use crate::address::{Mode, Resource};
use crate::diagnostics::{AttributeStep, SourceFile, Span};
use crate::lang::syntax::ast::{Body, Expr, ExprKind, ObjectItem, ObjectKey};

/// What an attribute stands in.
#[derive(Clone, Copy)]
enum Holder<'e> {
    Block(&'e Body),
    Object(&'e Expr),
}

impl Fix {
    /// A repair of one edit, where that could be made.
    pub fn one(summary: impl Into<String>, edit: Option<Edit>) -> Option<Fix> {
        edit.map(|edit| Fix { summary: summary.into(), edits: vec![edit] })
    }

    /// A repair of several edits, where all could be made.
    pub fn all(summary: impl Into<String>, edits: Option<Vec<Edit>>) -> Option<Fix> {
        edits.filter(|e| !e.is_empty()).map(|edits| Fix { summary: summary.into(), edits })
    }
}

/// Gives an attribute, or an entry of a map, this value: in place of a literal, or as a new line where it is absent.
pub fn set(model: &Model<'_>, attr: &Attr<'_>, text: &str) -> Option<Edit> {
    let (holder, name) = place(attr)?;
    match holder {
        Holder::Block(body) => match body.attribute(&name) {
            Some(there) => replace(&there.expr, text),
            None => insert_attribute(model, body, &name, text),
        },
        Holder::Object(object) => match item(object, &name) {
            Some(there) => replace(&there.value, text),
            None => insert_entry(model, object, &name, text),
        },
    }
}

/// Gives an entry of a map another key.
pub fn rename(attr: &Attr<'_>, new: &str) -> Option<Edit> {
    let (Holder::Object(object), name) = place(attr)? else { return None };
    Some(match &item(object, &name)?.key {
        ObjectKey::Name(ident) => Edit { span: ident.span, text: new.to_owned() },
        ObjectKey::Expr(expr) => Edit { span: expr.span, text: format!("\"{new}\"") },
    })
}

/// Takes an entry out of a map, with its line where it has one of its own.
pub fn remove(model: &Model<'_>, attr: &Attr<'_>) -> Option<Edit> {
    let (Holder::Object(object), name) = place(attr)? else { return None };
    let entry = item(object, &name)?;
    let whole = Span { end: entry.value.span.end, ..key_span(&entry.key) };
    let source = model.sources.get(whole.file)?;
    let rest = source.text.get(whole.end as usize..)?;
    let comma =
        rest.find(|c: char| !matches!(c, ' ' | '\t')).filter(|at| rest.get(*at..).is_some_and(|t| t.starts_with(',')));
    let end = comma.map_or(whole.end, |at| whole.end + at as u32 + 1);
    let span = lines(&source, Span { end, ..whole });
    // Between others on one line the comma after it goes with it; behind the last one, the one before it stays and is allowed.
    Some(Edit { span, text: String::new() })
}

/// Adds a block behind the one of an object, in the same file.
pub fn append(model: &Model<'_>, object: &Object<'_>, block: &str) -> Option<Edit> {
    let end = block_end(model, object)?;
    Some(Edit { span: Span { start: end.end, ..end }, text: format!("\n\n{}", block.trim_end()) })
}

/// The name that a new resource of a type gets next to an object: the object's, where it is free.
pub fn free_name(model: &Model<'_>, near: &Object<'_>, type_name: &str) -> Option<String> {
    let module = model.config()?.module(&near.instance().module.path())?;
    let taken = |name: &str| {
        module.resources.contains_key(&Resource { mode: Mode::Managed, type_name: type_name.into(), name: name.into() })
    };
    let own = near.instance().resource.name.to_string();
    let numbered = (2..100).map(|n| format!("{own}_{n}"));
    std::iter::once(own.clone()).chain(numbered).find(|name| !taken(name))
}

/// How expressions next to `near` name an object: `aws_s3_bucket.artifacts`. `None` where its block makes several, or it is of another
/// module.
pub fn reference(near: &Object<'_>, object: &Object<'_>) -> Option<String> {
    let (here, there) = (near.instance(), object.instance());
    let data = if object.is_managed() { "" } else { "data." };
    (here.module == there.module && there.key.is_none())
        .then(|| format!("{data}{}.{}", there.resource.type_name, there.resource.name))
}

/// Where a block ends, behind its brace; an empty span.
pub fn block_end(model: &Model<'_>, object: &Object<'_>) -> Option<Span> {
    let block = object.block()?;
    let source = model.sources.get(block.span.file)?;
    let from = block.body.span.end.max(block.span.end);
    let brace = closing(&source.text, from as usize)?;
    let end = brace as u32 + 1;
    Some(Span { file: block.span.file, start: end, end })
}

fn place<'e>(attr: &Attr<'e>) -> Option<(Holder<'e>, String)> {
    let block = attr.object().block()?;
    let path = attr.path();
    let name = match path.last()? {
        AttributeStep::Name(name) | AttributeStep::Key(name) => name.clone(),
        AttributeStep::Index(_) => return None,
    };
    Some((holder(&block.body, &path)?, name))
}

fn holder<'e>(body: &'e Body, path: &[AttributeStep]) -> Option<Holder<'e>> {
    let (AttributeStep::Name(name), rest) = path.split_first()? else { return None };
    // Which block is which cannot be told from here when some are made.
    if body.blocks.iter().any(|b| b.is_dynamic_of(name)) {
        return None;
    }
    if rest.is_empty() {
        return Some(Holder::Block(body));
    }
    if let Some(attribute) = body.attribute(name) {
        return inside(&attribute.expr, rest);
    }
    let (index, rest) = match rest.split_first() {
        Some((AttributeStep::Index(index), rest)) => (usize::try_from(*index).ok()?, rest),
        _ => (0, rest),
    };
    holder(&body.blocks.iter().filter(|b| *b.kind.name == **name).nth(index)?.body, rest)
}

fn inside<'e>(expr: &'e Expr, path: &[AttributeStep]) -> Option<Holder<'e>> {
    let (first, rest) = path.split_first()?;
    match (&expr.kind, first) {
        (ExprKind::Parens(inner), _) => inside(inner, path),
        (ExprKind::Object(_), AttributeStep::Key(name) | AttributeStep::Name(name)) => match rest {
            [] => Some(Holder::Object(expr)),
            _ => inside(&item(expr, name)?.value, rest),
        },
        (ExprKind::Tuple(items), AttributeStep::Index(index)) => {
            inside(items.get(usize::try_from(*index).ok()?)?, rest)
        }
        _ => None,
    }
}

fn replace(expr: &Expr, text: &str) -> Option<Edit> {
    matches!(expr.kind, ExprKind::Literal(_)).then(|| Edit { span: expr.span, text: text.to_owned() })
}

/// Behind the last of the attributes that the block begins with.
fn insert_attribute(model: &Model<'_>, body: &Body, name: &str, text: &str) -> Option<Edit> {
    let source = model.sources.get(body.span.file)?;
    let first_block = body.blocks.iter().map(|b| b.span.start).min().unwrap_or(u32::MAX);
    let last = body.attributes.iter().filter(|a| a.span.end < first_block).max_by_key(|a| a.span.start);
    let open = source.text.get(..body.span.start as usize)?.rfind('{')?;
    let (after, indent) = match last {
        // A block of one line holds one attribute and no more.
        Some(last) if !own_line(&source, last.span.start) => return None,
        Some(last) => (last.span.end, indent_of(&source, last.span.start)),
        None => (open as u32 + 1, format!("{}  ", indent_of(&source, open as u32))),
    };
    let (end, rest) = rest_of_line(&source, after)?;
    // `{}` on one line becomes a block of three.
    if last.is_none() && rest.starts_with('}') && body.blocks.is_empty() {
        let span = Span { file: body.span.file, start: after, end: after };
        let outer = indent_of(&source, open as u32);
        return Some(Edit { span, text: format!("\n{indent}{name} = {text}\n{outer}") });
    }
    if !(rest.is_empty() || rest.starts_with('#') || rest.starts_with("//")) {
        return None;
    }
    let span = Span { file: body.span.file, start: end, end };
    Some(Edit { span, text: format!("\n{indent}{name} = {text}") })
}

/// Behind the last entry.
pub fn insert_entry(model: &Model<'_>, object: &Expr, name: &str, text: &str) -> Option<Edit> {
    let ExprKind::Object(items) = &object.kind else { return None };
    let source = model.sources.get(object.span.file)?;
    let last: &ObjectItem = items.iter().max_by_key(|i| i.value.span.end)?;
    let key = if is_name(name) { name.to_owned() } else { format!("\"{name}\"") };
    let (start, end) = (key_span(&last.key).start, last.value.span.end);
    let at = Span { file: object.span.file, start: end, end };
    if !own_line(&source, start) {
        return Some(Edit { span: at, text: format!(", {key} = {text}") });
    }
    let indent = indent_of(&source, start);
    let (line_end, rest) = rest_of_line(&source, end)?;
    match rest.strip_prefix(',') {
        Some(_) => Some(Edit {
            span: Span { start: line_end, end: line_end, ..at },
            text: format!("\n{indent}{key} = {text},"),
        }),
        None if rest.is_empty() || rest.starts_with('#') || rest.starts_with("//") => Some(Edit {
            span: Span { start: line_end, end: line_end, ..at },
            text: format!("\n{indent}{key} = {text}"),
        }),
        None => None,
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Where the key of an entry stands.
pub fn key_span(key: &ObjectKey) -> Span {
    match key {
        ObjectKey::Name(name) => name.span,
        ObjectKey::Expr(expr) => expr.span,
    }
}

/// The span grown to whole lines, where nothing else but white space and a comment stands on them.
pub fn lines(source: &SourceFile, span: Span) -> Span {
    let start = line_start(source, span.start);
    let before = source.text.get(start as usize..span.start as usize).unwrap_or_default();
    let rest = source.text.get(span.end as usize..).unwrap_or_default();
    let (line, length) = rest.split_once('\n').map_or((rest, rest.len()), |(line, _)| (line, line.len() + 1));
    let line = line.trim();
    let free = before.trim().is_empty() && (line.is_empty() || line.starts_with('#') || line.starts_with("//"));
    if free { Span { start, end: span.end + length as u32, ..span } } else { span }
}

/// Where the line of a place begins.
pub fn line_start(source: &SourceFile, at: u32) -> u32 {
    source.text.get(..at as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i as u32 + 1)
}

/// The white space that the line of a place begins with.
pub fn indent_of(source: &SourceFile, at: u32) -> String {
    let line = source.text.get(line_start(source, at) as usize..).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Whether nothing but white space stands before a place on its line.
pub fn own_line(source: &SourceFile, at: u32) -> bool {
    line_start(source, at) + indent_of(source, at).len() as u32 == at
}

/// Where the line of a place ends, without the line break, and what stands on it from there, trimmed.
fn rest_of_line(source: &SourceFile, at: u32) -> Option<(u32, &str)> {
    let rest = source.text.get(at as usize..)?;
    let line = rest.split('\n').next().unwrap_or_default();
    let kept = line.trim_end();
    Some((at + kept.len() as u32, kept.trim_start()))
}

/// The brace that closes a block of which `from` is the end of the inside: behind white space and comments.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let skipped = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        at += skipped;
        if rest.starts_with('}') {
            return Some(at);
        }
        if rest.starts_with('#') || rest.starts_with("//") {
            at += rest.find('\n')?;
        } else if rest.starts_with("/*") {
            at += rest.find("*/")? + 2;
        } else {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brace_of_a_block_is_behind_comments() {
        let text = "a {\n  b = 1 # }\n  /* } */\n}\n";
        let value = text.find(" # }").unwrap_or_default();
        assert_eq!(closing(text, value).and_then(|at| text.get(at..)), Some("}\n"));
        assert_eq!(closing("a { b }", 4), None);
    }
}
