//! How a text is written in the configuration: with references to what it is made of, where the module has them.

use crate::address::ModuleInstance;
use crate::domain::needs::outside_as_any;
use crate::domain::policy::symbol::{Piece, pieces};
use crate::lang::eval::references;
use crate::lint::model::{Attr, Delivery, Model, Object};
use crate::maps::Map;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the objects of a module are called in it, by their ARNs: made once for all pipelines of the module.
#[derive(Debug, Default)]
pub struct Names(Map<String, String>);

/// The references that stand for texts in one module.
pub struct References {
    names: Arc<Names>,
    /// Expressions that the pipeline's own block has, by what they give.
    written: Map<String, String>,
    /// The pipeline's ARN: a policy that refers to its own pipeline would wait for what waits for it.
    own: String,
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

impl Names {
    /// Those of a module.
    pub fn of(model: &Model<'_>, module: &ModuleInstance) -> Self {
        let mut names = Map::default();
        // An ARN that is an argument is that of something else: a target's is what its rule calls.
        let own = |object: &&Object<'_>| object.get("arn").expr().is_none();
        let here = model.objects().filter(|o| o.instance().module == *module && is_referable(o));
        for object in here.filter(own) {
            if let Some(arn) = object.get("arn").text().filter(|arn| arn.0.len() >= SHORTEST) {
                names.entry(arn.0.to_owned()).or_insert_with(|| format!("{}.arn", local(object)));
            }
        }
        Names(names)
    }
}

/// Shorter texts say nothing.
const SHORTEST: usize = 3;

impl References {
    /// The references that can stand in the module of a pipeline.
    pub fn of(model: &Model<'_>, pipeline: &Delivery<'_>) -> Self {
        Self::with(Arc::new(Names::of(model, &pipeline.object.instance().module)), model, pipeline)
    }

    /// The same with names that are made already.
    pub fn with(names: Arc<Names>, model: &Model<'_>, pipeline: &Delivery<'_>) -> Self {
        let module = &pipeline.object.instance().module;
        let here = |object: &&Object<'_>| object.instance().module == *module;
        let own = pipeline.object.get("arn").text().map(|t| t.0.to_owned()).unwrap_or_default();
        let mut written = Map::default();
        for (text, expr) in expressions(model, pipeline).into_iter().filter(|(text, _)| text.len() >= SHORTEST) {
            written.entry(text).or_insert(expr);
        }
        let data = |kind: &str| {
            let found = model.of_type(kind).filter(here).find(|o| !o.is_managed());
            found.map_or_else(|| format!("data.{kind}.current"), local)
        };
        References {
            names,
            written,
            own,
            identity: data("aws_caller_identity"),
            region: data("aws_region"),
            module: module.to_string(),
        }
    }

    /// The expression for a text, and what it needs. Parts that the pipeline does not name become `*`.
    pub fn expression(&self, text: &str, extras: &mut BTreeSet<Extra>) -> String {
        let mut parts = Vec::new();
        self.parts(&outside_as_any(text), &mut parts);
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Expr(_) => out.push(part),
                Part::Text(text) => out.extend(self.symbols(&text, extras)),
            }
        }
        print(&out)
    }

    fn known(&self, text: &str) -> Option<&String> {
        let named = self.names.0.get(text).filter(|_| text != self.own);
        named.or_else(|| self.written.get(text))
    }

    /// Puts the longest text that is known, between separators, in its expression, and goes on with what is before and behind it.
    fn parts(&self, text: &str, out: &mut Vec<Part>) {
        if text.is_empty() {
            return;
        }
        let edges: Vec<usize> = text.match_indices([':', '/', '*']).map(|(at, _)| at).collect();
        let starts: Vec<usize> = std::iter::once(0).chain(edges.iter().map(|at| at + 1)).collect();
        let ends: Vec<usize> = edges.iter().copied().chain([text.len()]).collect();
        let mut spans: Vec<(usize, usize)> =
            starts.iter().flat_map(|s| ends.iter().filter(move |e| *s < **e).map(move |e| (*s, *e))).collect();
        spans.sort_by_key(|(start, end)| (std::cmp::Reverse(end - start), *start));
        for (start, end) in spans {
            let Some(expr) = text.get(start..end).and_then(|t| self.known(t)) else { continue };
            self.parts(text.get(..start).unwrap_or_default(), out);
            out.push(Part::Expr(expr.clone()));
            self.parts(text.get(end..).unwrap_or_default(), out);
            return;
        }
        out.push(Part::Text(text.to_owned()));
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
fn expressions(model: &Model<'_>, pipeline: &Delivery<'_>) -> Vec<(String, String)> {
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
