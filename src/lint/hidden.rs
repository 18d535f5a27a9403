//! Texts that are never shown: values marked sensitive, and what PL005 takes for a secret, wherever it stands.

use super::model::{Delivery, Model};
use super::rules::secret_texts;
use super::runner::Report;
use crate::diagnostics::Sources;
use crate::lang::value::{Kind, Marks, Value, symbol};
use std::collections::BTreeSet;

/// Shorter texts are no secrets, and would be found in every other word.
const SHORTEST: usize = 4;

/// The texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden(BTreeSet<String>);

impl Hidden {
    /// Those of a model.
    pub fn of<'p, 'm: 'p>(model: &Model<'_>, pipelines: impl Iterator<Item = &'p Delivery<'m>>) -> Self {
        let mut texts = BTreeSet::new();
        for object in model.objects() {
            sensitive(object.value(), false, &mut texts);
        }
        for pipeline in pipelines {
            texts.extend(secret_texts(pipeline));
        }
        // Sources and diffs are looked through line by line.
        let mut texts: BTreeSet<String> = texts.iter().flat_map(|t| t.lines()).map(|l| l.trim().to_owned()).collect();
        texts.retain(|t: &String| {
            t.len() >= SHORTEST
                && !t.chars().all(|c| c == '*')
                && !symbol::has_symbol(t)
                && !matches!(t.as_str(), "true" | "false" | "null")
        });
        Hidden(texts)
    }

    /// A message with these texts masked.
    pub fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| match text.contains(secret.as_str()) {
            true => text.replace(secret.as_str(), "(sensitive value)"),
            false => text,
        })
    }

    /// Source texts in which these are stars, byte for byte: spans stay what they are.
    #[must_use]
    pub fn sources(&self, sources: &Sources) -> Sources {
        if self.0.is_empty() {
            return sources.clone();
        }
        let masked = Sources::new();
        for file in sources.files() {
            let mut text = file.text.to_string();
            for secret in self.0.iter().filter(|s| file.text.contains(s.as_str())) {
                text = text.replace(secret.as_str(), &"*".repeat(secret.len()));
            }
            masked.add(file.name.clone(), text);
        }
        masked
    }

    /// Masks them in everything that a report says.
    pub(super) fn in_report(self, report: &mut Report) {
        if !self.0.is_empty() {
            for finding in &mut report.findings {
                finding.summary = self.mask(&finding.summary);
                finding.detail = self.mask(&finding.detail);
            }
            for note in &mut report.notes {
                note.text = self.mask(&note.text);
            }
        }
        report.hidden = self;
    }
}

fn sensitive(value: &Value, inside: bool, texts: &mut BTreeSet<String>) {
    let marked = inside || value.marks().contains(Marks::SENSITIVE);
    match value.kind() {
        Kind::String(text) if marked => {
            texts.insert(text.to_string());
        }
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().for_each(|item| sensitive(item, marked, texts));
        }
        Kind::Map(_, fields) | Kind::Object(fields) => fields.iter().for_each(|(_, v)| sensitive(v, marked, texts)),
        _ => {}
    }
}
