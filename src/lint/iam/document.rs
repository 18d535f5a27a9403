//! Every policy document of the model, once: a data source that several resources use counts where it is written.

use super::locate::{Form, form_of};
use crate::diagnostics::{SourceFile, Span};
use crate::domain::policy::{Policy, Statement};
use crate::lint::finding::Finding;
use crate::lint::model::{Attr, Model, Object};
use crate::lint::runner::Reporter;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grants what its owner may do.
    Identity,
    /// Says who may take a role.
    Trust,
}

/// A policy document.
#[derive(Debug, Clone)]
pub struct Document<'m> {
    /// The attribute that holds it.
    pub attr: Attr<'m>,
    /// How it is written.
    pub form: Form<'m>,
    /// Parsed; texts may hold symbols.
    pub policy: Policy,
    /// What it is for.
    pub kind: Kind,
    /// The file that it is written in.
    pub(super) source: Option<Arc<SourceFile>>,
}

/// Attributes that hold documents.
const HOLDERS: &[(&str, &str, Kind)] = &[
    ("aws_iam_role", "assume_role_policy", Kind::Trust),
    ("aws_iam_role_policy", "policy", Kind::Identity),
    ("aws_iam_policy", "policy", Kind::Identity),
    ("aws_iam_user_policy", "policy", Kind::Identity),
    ("aws_iam_group_policy", "policy", Kind::Identity),
];

impl<'m> Document<'m> {
    /// The document of an attribute; `None` where it is absent, not known, or no policy.
    pub fn of(model: &'m Model<'m>, attr: Attr<'m>, kind: Kind) -> Option<Self> {
        let policy = Policy::parse(attr.text()?.0)?;
        let form = form_of(model, &attr);
        let home = match &form {
            Form::Data(object) => object.span(),
            _ => attr.span(),
        };
        let source = home.and_then(|span| model.sources.get(span.file));
        Some(Document { attr, form, policy, kind, source })
    }

    /// The object it is written in.
    pub fn home(&self) -> &'m Object<'m> {
        match &self.form {
            Form::Data(object) => object,
            _ => self.attr.object(),
        }
    }

    /// Statements with their numbers.
    pub fn statements(&self) -> impl Iterator<Item = (usize, &Statement)> {
        self.policy.statements.iter().enumerate()
    }

    /// How a statement is called: by its Sid, else by its number.
    pub fn title(&self, number: usize) -> String {
        let sid = self.policy.statements.get(number).and_then(|s| s.sid.clone());
        sid.map_or_else(|| format!("statement {}", number + 1), |sid| format!("statement \"{sid}\""))
    }

    /// A finding about a part of a statement. `apart` tells several findings of one rule in one statement from each other.
    pub fn report<'f>(
        &self,
        found: &'f mut Reporter<'_>,
        number: usize,
        key: &str,
        apart: &str,
        summary: String,
        detail: &str,
    ) -> &'f mut Finding {
        let span = self.span_of(number, key);
        let sid = self.policy.statements.get(number).and_then(|s| s.sid.clone()).unwrap_or_else(|| number.to_string());
        let part = format!("{sid} {key} {apart}");
        let finding = match &self.form {
            Form::Data(object) => found.on_part(object, &part, summary, detail),
            _ => found.at_part(&self.attr, &part, summary, detail),
        };
        if let Some(span) = span {
            finding.range = Some(span);
        }
        finding
    }

    fn span_of(&self, number: usize, key: &str) -> Option<Span> {
        self.form.part(number, key).or_else(|| self.form.statement(number))
    }
}

/// All documents of this kind, in the order of addresses.
pub fn documents<'m>(model: &'m Model<'m>, kind: Kind) -> Vec<Document<'m>> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    let mut add = |document: Option<Document<'m>>| {
        let Some(document) = document else { return };
        let place = match &document.form {
            Form::Data(object) => object.address().to_owned(),
            _ => format!("{}/{}", document.attr.object().address(), document.attr.place()),
        };
        if seen.insert(place) {
            out.push(document);
        }
    };
    for (type_name, attribute, of) in HOLDERS.iter().filter(|(_, _, of)| *of == kind) {
        for object in model.all(type_name) {
            add(Document::of(model, object.get(attribute), *of));
        }
    }
    if kind == Kind::Identity {
        for role in model.all("aws_iam_role") {
            for inline in role.blocks("inline_policy") {
                add(Document::of(model, inline.get("policy"), kind));
            }
        }
    }
    out
}
