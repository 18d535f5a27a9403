//! Makes the repairs that findings carry: edits by span, each once, none over another.

use super::finding::{Edit, Finding};
use crate::diagnostics::{FileId, Sources};
use crate::lang::fmt;
use std::collections::{BTreeMap, BTreeSet};

/// A file with its repairs made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Its name, as in messages.
    pub name: String,
    /// Its text as it is.
    pub before: String,
    /// Its text repaired.
    pub after: String,
    /// What was repaired, by rule.
    pub repairs: BTreeSet<String>,
}

/// The files that change when all repairs are made that fit together. `may_change` says which files may: not those of installed modules.
/// A repair is made whole or not at all; one that touches what another changes waits for the next run.
pub fn repaired(findings: &[Finding], sources: &Sources, may_change: &dyn Fn(&str) -> bool) -> Vec<Repaired> {
    let mut accepted: BTreeMap<FileId, Vec<(Edit, String)>> = BTreeMap::new();
    let mut added: BTreeSet<String> = BTreeSet::new();
    for finding in findings {
        let Some(fix) = finding.fix.as_ref().filter(|f| !f.edits.is_empty()) else { continue };
        let named = |edit: &Edit| sources.get(edit.span.file).is_some_and(|f| may_change(&f.name));
        if !fix.edits.iter().all(named) {
            continue;
        }
        let done = |edit: &Edit| accepted.get(&edit.span.file).is_some_and(|all| all.iter().any(|(e, _)| e == edit));
        let clashes = |edit: &Edit| {
            accepted.get(&edit.span.file).is_some_and(|all| all.iter().any(|(e, _)| e != edit && touch(e, edit)))
        };
        if fix.edits.iter().any(clashes) {
            continue;
        }
        let label = format!("{}: {}", finding.rule, fix.summary);
        let new: Vec<Edit> = fix.edits.iter().filter(|e| !done(e)).cloned().collect();
        // Two repairs may add one block that both need: the second finds it there in the next run.
        let blocks: Vec<&str> = new.iter().flat_map(|e| headers(&e.text)).collect();
        if blocks.iter().any(|header| added.contains(*header)) {
            continue;
        }
        added.extend(blocks.into_iter().map(str::to_owned));
        for edit in new {
            accepted.entry(edit.span.file).or_default().push((edit, label.clone()));
        }
    }
    let mut out = Vec::new();
    for (file, mut edits) in accepted {
        let Some(source) = sources.get(file) else { continue };
        // From the end, so that places before stay where they are.
        edits.sort_by_key(|(edit, _)| std::cmp::Reverse((edit.span.start, edit.span.end)));
        let mut text = source.text.to_string();
        let mut repairs = BTreeSet::new();
        for (edit, label) in edits {
            let range = edit.span.start as usize..edit.span.end as usize;
            if text.get(range.clone()).is_some() {
                text.replace_range(range, &edit.text);
                repairs.insert(label);
            }
        }
        // Where the file was formatted it stays so; otherwise its layout is nobody's business here.
        if fmt::format(&source.text) == *source.text {
            text = fmt::format(&text);
        }
        if text != *source.text {
            out.push(Repaired { name: source.name.clone(), before: source.text.to_string(), after: text, repairs });
        }
    }
    out
}

/// The headers of the resources and data sources that a text adds.
fn headers(text: &str) -> impl Iterator<Item = &str> {
    let adds = |line: &&str| line.starts_with("resource \"") || line.starts_with("data \"");
    text.lines().filter(adds).map(|line| line.split('{').next().unwrap_or(line).trim_end())
}

/// Whether two edits change the same text; to insert where another's text ends or begins is no clash, twice at one place is, unless both
/// are whole lines.
fn touch(a: &Edit, b: &Edit) -> bool {
    let lines = |e: &Edit| e.text.starts_with('\n');
    let both = lines(a) && lines(b);
    let (a, b) = (a.span, b.span);
    (a.start < b.end && b.start < a.end) || (a.start == b.start && a.start == a.end && b.start == b.end && !both)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::diagnostics::Span;
    use crate::lint::finding::{Fix, Level};

    fn finding(edits: Vec<Edit>) -> Finding {
        Finding {
            rule: "X001",
            severity: Level::Info,
            address: "a.b".into(),
            range: None,
            context: None,
            summary: String::new(),
            detail: String::new(),
            fingerprint: String::new(),
            fix: Some(Fix { summary: "Do".into(), edits }),
        }
    }

    #[test]
    fn repairs_are_made_once_and_never_over_each_other() {
        let sources = Sources::new();
        let file = sources.add("main.tf", "one two three");
        let edit = |start, end, text: &str| Edit { span: Span { file, start, end }, text: text.into() };
        let findings = [
            finding(vec![edit(4, 7, "2")]),
            finding(vec![edit(4, 7, "2")]),
            // Over the first: whole or not at all.
            finding(vec![edit(5, 9, "X"), edit(0, 3, "1")]),
            finding(vec![edit(8, 13, "3"), edit(13, 13, "!")]),
        ];
        let out = repaired(&findings, &sources, &|_| true);
        assert_eq!(out[0].after, "one 2 3!");
        assert!(repaired(&findings, &sources, &|_| false).is_empty());
    }

    #[test]
    fn a_block_that_two_repairs_need_is_added_once() {
        let sources = Sources::new();
        let file = sources.add("main.tf", "one two three");
        let edit = |at, text: &str| Edit { span: Span { file, start: at, end: at }, text: text.into() };
        let data = "\ndata \"aws_region\" \"current\" {}\n";
        let findings = [finding(vec![edit(0, "1"), edit(13, data)]), finding(vec![edit(3, &format!("{data}2"))])];
        let out = repaired(&findings, &sources, &|_| true);
        assert_eq!(out[0].after.matches("data").count(), 1, "{}", out[0].after);
        assert!(!out[0].after.contains('2'), "the second waits: {}", out[0].after);
    }
}
