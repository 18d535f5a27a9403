//! How a text is written in the configuration: with references to what it is made of, where the module has them.

use crate::domain::needs::outside_as_any;
use crate::domain::policy::symbol::{Piece, pieces};
use crate::lang::eval::references;
use crate::lint::model::{Attr, Delivery, Model, Object};
use std::collections::BTreeSet;

/// The references that stand for texts in one module.
pub struct References {
    /// Text and expression; longer texts first.
    known: Vec<(String, String)>,
    identity: String,
    region: String,
    /// The module that they stand in; empty for the root.
    module: String,
}

/// A text of the language: known parts and expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Expr(String),
}

/// What an expression needs beside the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extra {
    /// `data "aws_caller_identity" "current" {}`
    Identity,
    /// `data "aws_region" "current" {}`
    Region,
    /// Something in another module, which no reference of this one leads to: `*` stands for it.
    OutOfReach,
}

impl Extra {
    /// Its block.
    pub fn block(self) -> &'static str {
        match self {
            Extra::Identity => "data \"aws_caller_identity\" \"current\" {}\n",
            Extra::Region => "data \"aws_region\" \"current\" {}\n",
            Extra::OutOfReach => "",
        }
    }
}

impl References {
    /// The references that can stand in the module of a pipeline.
    pub fn of(model: &Model<'_>, pipeline: &Delivery<'_>) -> Self {
        let module = &pipeline.object.instance().module;
        let here = |object: &&Object<'_>| object.instance().module == *module;
        let mut known = Vec::new();
        let mut add = |text: &str, expr: String| {
            if text.len() > 2 && !known.iter().any(|(t, _)| t == text) {
                known.push((text.to_owned(), expr));
            }
        };
        for object in model.objects().filter(here) {
            // A policy that refers to its own pipeline would wait for what waits for it.
            if object.address() == pipeline.object.address() {
                continue;
            }
            if let Some(arn) = object.get("arn").text().filter(|_| is_referable(object)) {
                add(arn.0, format!("{}.arn", local(object)));
            }
        }
        for (text, expr) in written(model, pipeline) {
            add(&text, expr);
        }
        known.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let data = |kind: &str| {
            let found = model.of_type(kind).filter(here).find(|o| !o.is_managed());
            found.map_or_else(|| format!("data.{kind}.current"), local)
        };
        References {
            known,
            identity: data("aws_caller_identity"),
            region: data("aws_region"),
            module: module.to_string(),
        }
    }

    /// The expression for a text, and what it needs. Parts that the pipeline does not name become `*`.
    pub fn expression(&self, text: &str, extras: &mut BTreeSet<Extra>) -> String {
        let text = outside_as_any(text);
        let mut parts = vec![Part::Text(text)];
        for (known, expr) in &self.known {
            parts = parts.into_iter().flat_map(|part| replace(part, known, expr)).collect();
        }
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Expr(_) => out.push(part),
                Part::Text(text) => out.extend(self.symbols(&text, extras)),
            }
        }
        print(&out)
    }

    fn symbols(&self, text: &str, extras: &mut BTreeSet<Extra>) -> Vec<Part> {
        let mut out = Vec::new();
        for piece in pieces(text) {
            out.push(match piece {
                Piece::Text(text) => Part::Text(text.to_owned()),
                Piece::Symbol(symbol) => {
                    let of_provider = symbol.address.starts_with("provider.");
                    match symbol.attribute.as_str() {
                        "account_id" if of_provider => {
                            extras.insert(Extra::Identity);
                            Part::Expr(format!("{}.account_id", self.identity))
                        }
                        "region" if of_provider => {
                            extras.insert(Extra::Region);
                            Part::Expr(format!("{}.name", self.region))
                        }
                        _ if symbol.address == crate::domain::policy::symbol::ACCOUNT => {
                            extras.insert(Extra::Identity);
                            Part::Expr(format!("{}.account_id", self.identity))
                        }
                        _ if symbol.address == crate::domain::policy::symbol::REGION => {
                            extras.insert(Extra::Region);
                            Part::Expr(format!("{}.name", self.region))
                        }
                        attribute => match self.within(&symbol.address) {
                            Some(address) if attribute.is_empty() => Part::Expr(address.to_owned()),
                            Some(address) => Part::Expr(format!("{address}.{attribute}")),
                            None => {
                                extras.insert(Extra::OutOfReach);
                                Part::Text("*".into())
                            }
                        },
                    }
                }
            });
        }
        out
    }

    /// The address as it is written in this module.
    fn within<'a>(&self, address: &'a str) -> Option<&'a str> {
        if self.module.is_empty() {
            return (!address.starts_with("module.")).then_some(address);
        }
        address.strip_prefix(&self.module)?.strip_prefix('.')
    }

    /// The extras whose data source the module does not have yet.
    pub fn missing(&self, extras: &BTreeSet<Extra>, model: &Model<'_>, pipeline: &Delivery<'_>) -> Vec<Extra> {
        let module = &pipeline.object.instance().module;
        let has = |kind: &str| model.of_type(kind).any(|o| !o.is_managed() && o.instance().module == *module);
        let missing = |extra: &&Extra| match extra {
            Extra::Identity => !has("aws_caller_identity"),
            Extra::Region => !has("aws_region"),
            Extra::OutOfReach => false,
        };
        extras.iter().filter(missing).copied().collect()
    }
}

/// Whether an object's ARN is worth a reference: it stands in the configuration by its own name.
fn is_referable(object: &Object<'_>) -> bool {
    object.block().is_some() && object.instance().key.is_none()
}

/// The address within its module.
fn local(object: &Object<'_>) -> String {
    let prefix = object.instance().module.to_string();
    let address = object.address();
    address.strip_prefix(&prefix).map_or(address, |a| a.trim_start_matches('.')).to_owned()
}

/// Values that the pipeline's own block gives by expressions: `module.artifacts.bucket`, `var.repository`.
fn written(model: &Model<'_>, pipeline: &Delivery<'_>) -> Vec<(String, String)> {
    let mut attrs: Vec<Attr<'_>> = Vec::new();
    for store in pipeline.stores() {
        attrs.push(store.get("location"));
        attrs.push(store.block("encryption_key").get("id"));
    }
    for action in pipeline.actions() {
        attrs.extend(action.attr.get("configuration").entries().into_iter().map(|(_, attr)| attr));
        attrs.push(action.attr.get("role_arn"));
    }
    let mut out = Vec::new();
    for attr in attrs {
        let (Some(text), Some(expr)) = (attr.text(), attr.expr()) else { continue };
        let refers: Vec<_> = references(expr);
        // Names that only stand where the block is repeated mean nothing elsewhere.
        let bound = |root: &str| matches!(root, "each" | "count" | "self" | "path" | "terraform");
        let source = model.sources.text(expr.span);
        if refers.is_empty()
            || refers.iter().any(|r| bound(&r.root.name))
            || source.contains('\n')
            || source.starts_with('"')
        {
            continue;
        }
        out.push((text.0.to_owned(), source));
    }
    out
}

/// The part with the reference in the place of its text: whole, or up to a separator.
fn replace(part: Part, known: &str, expr: &str) -> Vec<Part> {
    let Part::Text(text) = &part else { return vec![part] };
    let Some(at) = text.find(known) else { return vec![part] };
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + known.len()..).unwrap_or_default());
    let edge = |c: Option<char>| c.is_none_or(|c| matches!(c, ':' | '/' | '*'));
    if !edge(before.chars().next_back()) || !edge(after.chars().next()) {
        return vec![part];
    }
    let text = |t: &str| (!t.is_empty()).then(|| Part::Text(t.to_owned()));
    text(before).into_iter().chain([Part::Expr(expr.to_owned())]).chain(text(after)).collect()
}

fn print(parts: &[Part]) -> String {
    if let [Part::Expr(expr)] = parts {
        return expr.clone();
    }
    let part = |part: &Part| match part {
        Part::Text(text) => {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            text.replace("${", "$${").replace("%{", "%%{")
        }
        Part::Expr(expr) => format!("${{{expr}}}"),
    };
    format!("\"{}\"", parts.iter().map(part).collect::<String>())
}
