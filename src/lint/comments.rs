//! Comments that switch rules off at one place: `# pipewright:ignore IAM010 the role is shared until May`.
//!
//! A comment at the end of a line is about that line, one on a line of its own about the next line that says something. Where that line
//! begins a block the comment is about all of the block. A comment without a reason hides nothing.

use super::finding::{Edit, Finding, Fix, Level};
use super::registry;
use super::rewrite;
use super::rule::{Confidence, Rule};
use super::runner::{Context, Report, Reporter};
use crate::config::model::Module;
use crate::diagnostics::{FileId, Span};
use crate::lang::syntax::ast::Body;
use std::collections::BTreeSet;

/// The family, by id.
pub static RULES: &[Rule] = &[IGN001, IGN002];

/// A comment.
#[derive(Debug, Clone)]
struct Comment {
    /// Of the words from `pipewright:ignore` on.
    span: Span,
    /// Ids as written.
    rules: Vec<String>,
    reason: String,
    /// The line it is about, from 1.
    line: u32,
}

const MARK: &str = "pipewright:ignore";

/// All comments of the configuration's files.
fn comments(context: &Context<'_>) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files(context) {
        if !seen.insert(file) {
            continue;
        }
        let Some(source) = context.model.sources.get(file) else { continue };
        if !source.text.contains(MARK) {
            continue;
        }
        let mut start = 0u32;
        let lines: Vec<&str> = source.text.split('\n').collect();
        for (number, line) in lines.iter().enumerate() {
            let at = start;
            start += line.len() as u32 + 1;
            let Some((offset, alone)) = mark(line) else { continue };
            let words = line.get(offset + MARK.len()..).unwrap_or_default().trim().trim_end_matches("*/").trim();
            let (ids, reason) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
            let about = match alone {
                false => number,
                true => {
                    let says = |l: &&str| {
                        let t = l.trim_start();
                        !t.is_empty() && !t.starts_with('#') && !t.starts_with("//")
                    };
                    let next = lines.iter().skip(number + 1).position(says).unwrap_or(0);
                    number + 1 + next
                }
            };
            let end = at + line.trim_end().len() as u32;
            found.push(Comment {
                span: Span { file, start: at + offset as u32, end },
                rules: ids.split(',').map(|id| id.trim().to_ascii_uppercase()).filter(|id| !id.is_empty()).collect(),
                reason: reason.trim().to_owned(),
                line: about as u32 + 1,
            });
        }
    }
    found
}

/// Where the mark begins in a line, if it stands in a comment; whether the comment has the line to itself.
fn mark(line: &str) -> Option<(usize, bool)> {
    let offset = line.find(MARK)?;
    let before = line.get(..offset)?.trim_end();
    let sign = ["#", "//", "/*"].into_iter().find(|sign| before.ends_with(sign))?;
    let code = before.strip_suffix(sign)?.trim();
    Some((offset, code.is_empty()))
}

fn files(context: &Context<'_>) -> Vec<FileId> {
    let mut ids = Vec::new();
    if let Some(config) = context.model.config() {
        modules(&config.root, &mut ids);
    }
    ids
}

fn modules(module: &Module, ids: &mut Vec<FileId>) {
    ids.extend(module.resources.values().map(|b| b.span.file));
    module.children.values().for_each(|child| modules(child, ids));
}

/// The range a comment covers: its line, or the whole block that begins there.
fn covered(context: &Context<'_>, comment: &Comment) -> Option<Span> {
    let source = context.model.sources.get(comment.span.file)?;
    let line_of = |byte: u32| source.position(byte).line;
    let config = context.model.config()?;
    let mut best = None;
    let mut modules = vec![&config.root];
    while let Some(module) = modules.pop() {
        modules.extend(module.children.values());
        for block in module.resources.values().filter(|b| b.span.file == comment.span.file) {
            if line_of(block.span.start) == comment.line {
                best = Some(Span { end: block.body.span.end.max(block.span.end), ..block.span });
            } else {
                nested(&block.body, comment, &line_of, &mut best);
            }
        }
    }
    best
}

fn nested(body: &Body, comment: &Comment, line_of: &dyn Fn(u32) -> u32, best: &mut Option<Span>) {
    for attribute in &body.attributes {
        if line_of(attribute.span.start) == comment.line {
            *best = Some(attribute.span);
        }
    }
    for block in &body.blocks {
        if line_of(block.span.start) == comment.line {
            *best = Some(block.span);
        } else {
            nested(&block.body, comment, line_of, best);
        }
    }
}

/// Takes out what comments hide, and tells of comments that hide nothing although their rule ran.
pub(super) fn apply(context: &Context<'_>, ran: &[&'static Rule], report: &mut Report) {
    let comments: Vec<(Comment, Option<Span>)> = comments(context)
        .into_iter()
        .filter(|c| !c.reason.is_empty())
        .map(|comment| {
            let span = covered(context, &comment);
            (comment, span)
        })
        .collect();
    if comments.is_empty() {
        return;
    }
    let mut used = vec![BTreeSet::new(); comments.len()];
    report.findings.retain(|finding| {
        let Some(range) = finding.range else { return true };
        let line = context.model.sources.get(range.file).map(|f| f.position(range.start).line);
        let mut hidden = false;
        for ((comment, span), used) in comments.iter().zip(used.iter_mut()) {
            let about = comment.rules.iter().find(|id| *id == finding.rule);
            let inside = range.file == comment.span.file
                && (line == Some(comment.line) || span.is_some_and(|s| s.start <= range.start && range.start < s.end));
            if let (Some(id), true) = (about, inside) {
                used.insert(id.clone());
                hidden = true;
            }
        }
        !hidden
    });
    let Some(rule) = ran.iter().find(|r| r.id == IGN002.id) else { return };
    for ((comment, _), used) in comments.iter().zip(&used) {
        for id in comment.rules.iter().filter(|id| !used.contains(*id) && ran.iter().any(|r| r.id == id.as_str())) {
            let mut told = finding(
                rule,
                context,
                comment,
                id,
                format!("The comment ignores {id}, which finds nothing there"),
                "What it was for is repaired, or the comment stands at another place. Remove it.".into(),
            );
            told.fix = Fix::one(format!("Do not ignore {id}"), without(context, comment, id));
            report.findings.push(told);
        }
    }
}

/// Takes an id out of a comment, or the comment away when it has no other.
fn without(context: &Context<'_>, comment: &Comment, id: &str) -> Option<Edit> {
    let source = context.model.sources.get(comment.span.file)?;
    let text = source.text.get(comment.span.start as usize..comment.span.end as usize)?;
    if comment.rules.len() > 1 {
        let others: Vec<&str> = comment.rules.iter().filter(|r| *r != id).map(String::as_str).collect();
        let text = format!("{MARK} {} {}", others.join(","), comment.reason);
        return Some(Edit { span: comment.span, text });
    }
    // What a comment over several lines says besides is left to people.
    if text.contains("*/") {
        return None;
    }
    let before = source.text.get(..comment.span.start as usize)?.trim_end();
    let before = before.strip_suffix('#').or_else(|| before.strip_suffix("//"))?;
    let own_line = before.is_empty() || before.trim_end_matches([' ', '\t']).ends_with('\n');
    let kept = if own_line { before } else { before.trim_end_matches([' ', '\t']) };
    let span = Span { start: kept.len() as u32, ..comment.span };
    Some(Edit { span: if own_line { rewrite::lines(&source, span) } else { span }, text: String::new() })
}

fn finding(
    rule: &Rule,
    context: &Context<'_>,
    comment: &Comment,
    id: &str,
    summary: String,
    detail: String,
) -> Finding {
    let file = context.model.sources.get(comment.span.file).map(|f| f.name.clone()).unwrap_or_default();
    let base = file.rsplit('/').next().unwrap_or_default();
    Finding {
        rule: rule.id,
        severity: rule.severity,
        fingerprint: Finding::fingerprint_of(rule.id, base, id, &comment.reason),
        address: file,
        range: Some(comment.span),
        context: None,
        summary,
        detail,
        fix: None,
    }
}

/// No reason, or no rule.
pub const IGN001: Rule = Rule {
    id: "IGN001",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An ignore comment has no reason, or names no rule",
    rationale: "A comment `# pipewright:ignore RULE reason` hides findings only with a reason: who reads it later must be able to tell whether it still holds.",
    source: "pipewright",
    bad: "# pipewright:ignore PL007\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n}\n",
    good: "# pipewright:ignore PL007 billed by pipeline until the contract ends\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n}\n",
    check: reasons,
};

fn reasons(context: &Context<'_>, found: &mut Reporter<'_>) {
    for comment in comments(context) {
        let strangers: Vec<&String> = comment.rules.iter().filter(|id| registry::find(id).is_none()).collect();
        let (what, detail) = if let Some(id) = strangers.first() {
            let near = crate::lang::eval::did_you_mean(id, registry::rules().map(|r| r.id));
            let near = near.map(|n| format!(" Did you mean {n}?")).unwrap_or_default();
            (
                format!("There is no rule {id} to ignore"),
                format!("Write `# {MARK} RULE reason`.{near} It hides nothing as it stands."),
            )
        } else if comment.rules.is_empty() || comment.reason.is_empty() {
            (
                "The comment gives no reason".to_owned(),
                format!("Write `# {MARK} RULE reason`. Without a reason it hides nothing."),
            )
        } else {
            continue;
        };
        let rule = &IGN001;
        let id = comment.rules.join(",");
        found.add(finding(rule, context, &comment, &id, what, detail));
    }
}

/// Of no use.
pub const IGN002: Rule = Rule {
    id: "IGN002",
    severity: Level::Warning,
    confidence: Confidence::High,
    title: "An ignore comment hides nothing",
    rationale: "A comment that outlives what it was for would hide the next mistake at that place.",
    source: "pipewright",
    bad: "# pipewright:ignore PL007 billed by pipeline until the contract ends\nresource \"aws_codepipeline\" \"shop\" {\n  name          = \"shop\"\n  pipeline_type = \"V2\"\n}\n",
    good: "# pipewright:ignore PL007 billed by pipeline until the contract ends\nresource \"aws_codepipeline\" \"shop\" {\n  name = \"shop\"\n}\n",
    // Told when the other rules have run.
    check: |_, _| {},
};
