//! Arguments of `backend` blocks: what a backend accepts, and one complete value made of the block and of `-backend-config`.
//!
//! The value has every argument of the backend, null where nothing is set, in the types Terraform gives them: its JSON is what
//! `.terraform/terraform.tfstate` keeps.

use crate::config::suggest::{closest, did_you_mean};
use crate::config::{bounded, model};
use crate::diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::lang::eval::evaluate_constant;
use crate::lang::syntax::ast::Body;
use crate::lang::syntax::{parse_body, parse_expression};
use crate::lang::value::{Fields, ObjectType, Type, Value, convert, from_json_implied};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// One argument a backend accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgumentKind,
}

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A string.
    String,
    /// A number.
    Number,
    /// A bool.
    Bool,
    /// A set of strings.
    Strings,
    /// A map of strings.
    Map,
    /// An object with these attributes, all of which may be left out.
    Object(&'static [Argument]),
}

impl ArgumentKind {
    /// The type of its value.
    pub fn ty(&self) -> Type {
        match self {
            ArgumentKind::String => Type::String,
            ArgumentKind::Number => Type::Number,
            ArgumentKind::Bool => Type::Bool,
            ArgumentKind::Strings => Type::set(Type::String),
            ArgumentKind::Map => Type::map(Type::String),
            ArgumentKind::Object(arguments) => object_type(arguments),
        }
    }
}

/// The type of a value with these arguments.
pub fn object_type(arguments: &[Argument]) -> Type {
    Type::Object(Arc::new(ObjectType {
        attributes: arguments.iter().map(|a| (a.name.into(), a.kind.ty())).collect(),
        optional: arguments.iter().map(|a| a.name.into()).collect(),
    }))
}

/// A backend's arguments with their values.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// An object with every argument; null where nothing is set.
    pub value: Value,
    /// Where an argument was set, if in a file.
    pub spans: BTreeMap<String, Span>,
}

impl Arguments {
    /// None set.
    pub fn none(known: &[Argument]) -> Self {
        let nulls = known.iter().map(|a| (Arc::from(a.name), Value::null(a.kind.ty().without_optional())));
        Arguments { value: Value::object(nulls.collect()), spans: BTreeMap::new() }
    }

    /// Those a block sets.
    ///
    /// # Errors
    /// Unknown arguments and blocks, wrong types, and anything that is not a constant.
    pub fn of_block(known: &[Argument], block: &model::Backend) -> Result<Self, Diagnostics> {
        let mut errors = Diagnostics::new();
        let mut arguments = Arguments::none(known);
        for (name, value, span) in entries(known, &block.body, block.span, &mut errors) {
            arguments.set(name, value, Some(span));
        }
        errors.into_result(arguments).map(|(arguments, _)| arguments)
    }

    /// Sets what `-backend-config` gives, in order.
    ///
    /// # Errors
    /// Unknown arguments and wrong types.
    pub fn overlay(&mut self, known: &[Argument], overrides: &[Override]) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        for given in overrides {
            let Some(argument) = known.iter().find(|a| a.name == given.name) else {
                let detail = format!(
                    "The backend configuration argument \"{}\" given on the command line is not expected for the selected backend \
                     type.{}",
                    given.name,
                    did_you_mean(&given.name, known.iter().map(|a| a.name))
                );
                errors.push(Diagnostic::error("Invalid backend configuration argument", detail).at_opt(given.span));
                continue;
            };
            let value = match &given.value {
                Given::Value(value) => Ok(value.clone()),
                Given::Text(text, _) if argument.kind.ty().is_primitive() => Ok(Value::string_normalized(text)),
                Given::Text(text, file) => parse_expression(*file, text, 0).and_then(|e| evaluate_constant(&e)),
            };
            let Some(value) = errors.absorb(value) else { continue };
            match typed(argument, &value, None) {
                Ok(value) => self.set(argument.name, value, given.span),
                Err((_, problem)) => errors.push(
                    Diagnostic::error(
                        "Invalid backend configuration value",
                        format!("Inappropriate value for \"{}\" in -backend-config: {problem}.", given.name),
                    )
                    .at_opt(given.span),
                ),
            }
        }
        errors.into_result(()).map(|_| ())
    }

    /// What `.terraform/terraform.tfstate` keeps. Arguments this program does not know are left out.
    ///
    /// # Errors
    /// A sentence, when a value is not of its argument's type.
    pub fn of_json(known: &[Argument], json: &serde_json::Map<String, serde_json::Value>) -> Result<Self, String> {
        let mut arguments = Arguments::none(known);
        for argument in known {
            let Some(json) = json.get(argument.name).filter(|v| !v.is_null()) else { continue };
            let value = typed(argument, &from_json_implied(json), None)
                .map_err(|(_, problem)| format!("\"{}\": {problem}", argument.name))?;
            arguments.set(argument.name, value, None);
        }
        Ok(arguments)
    }

    fn set(&mut self, name: &str, value: Value, span: Option<Span>) {
        self.value = self.value.with_field(name, value);
        match span {
            Some(span) => self.spans.insert(name.to_owned(), span),
            None => self.spans.remove(name),
        };
    }

    /// The text of an argument that is set and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value.get(name).and_then(Value::as_str).filter(|s| !s.is_empty())
    }
}

/// What a body sets: arguments, and blocks where an argument takes an object.
fn entries(
    known: &[Argument],
    body: &Body,
    context: Span,
    errors: &mut Diagnostics,
) -> Vec<(&'static str, Value, Span)> {
    let mut found = Vec::new();
    for attribute in &body.attributes {
        let name = &*attribute.name.name;
        let Some(argument) = known.iter().find(|a| a.name == name) else {
            let close = did_you_mean(name, known.iter().map(|a| a.name));
            let detail = format!("An argument named \"{name}\" is not expected here.{close}");
            errors.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name.span).within(context));
            continue;
        };
        let Some(value) = errors.absorb(evaluate_constant(&attribute.expr)) else { continue };
        match typed(argument, &value, Some(attribute.expr.span)) {
            Ok(value) => found.push((argument.name, value, attribute.expr.span)),
            Err((span, problem)) => errors.push(
                Diagnostic::error(
                    "Incorrect attribute value type",
                    format!("Inappropriate value for attribute \"{name}\": {problem}."),
                )
                .at_opt(span)
                .within(context),
            ),
        }
    }
    for block in &body.blocks {
        let name = &*block.kind.name;
        let object = known.iter().find(|a| a.name == name).map(|a| (a.name, a.kind));
        let Some((name, ArgumentKind::Object(inner))) = object else {
            let detail = match object {
                Some(_) => format!("\"{name}\" is an argument: set it with an equals sign."),
                None => {
                    let close = did_you_mean(name, known.iter().map(|a| a.name));
                    format!("Blocks of type \"{name}\" are not expected here.{close}")
                }
            };
            errors.push(Diagnostic::error("Unsupported block type", detail).at(block.kind.span).within(context));
            continue;
        };
        let nested = entries(inner, &block.body, block.header, errors);
        let mut value = Arguments::none(inner);
        for (name, inner_value, span) in nested {
            value.set(name, inner_value, Some(span));
        }
        found.push((name, value.value, block.header));
    }
    found
}

/// A value in the type of its argument, or what is wrong with it.
fn typed(argument: &Argument, value: &Value, span: Option<Span>) -> Result<Value, (Option<Span>, String)> {
    if let (ArgumentKind::Object(inner), Some(fields)) = (argument.kind, value.fields()) {
        for name in fields.keys() {
            if !inner.iter().any(|a| a.name == &**name) {
                let close = closest(name, inner.iter().map(|a| a.name));
                let close = close.map(|c| format!(" (did you mean \"{c}\"?)")).unwrap_or_default();
                return Err((span, format!("an attribute named \"{name}\" is not expected here{close}")));
            }
        }
    }
    convert(value, &argument.kind.ty()).map_err(|e| (span, e.to_string()))
}

/// One setting of `-backend-config`.
#[derive(Debug, Clone)]
pub struct Override {
    /// The argument.
    pub name: String,
    value: Given,
    /// In a file: where.
    span: Option<Span>,
}

#[derive(Debug, Clone)]
enum Given {
    /// From the command line; the text is also a source of its own, for messages.
    Text(String, FileId),
    /// From a file or a configuration.
    Value(Value),
}

impl Override {
    /// A setting with its value.
    pub fn of_value(name: &str, value: Value) -> Self {
        Override { name: name.to_owned(), value: Given::Value(value), span: None }
    }

    /// Reads the values of `-backend-config`: `NAME=VALUE`, or a file of settings in the language or in JSON.
    ///
    /// # Errors
    /// Files that cannot be read or understood.
    pub fn parse(items: &[String], dir: &Path, sources: &Sources) -> Result<Vec<Override>, Diagnostics> {
        let mut errors = Diagnostics::new();
        let mut all = Vec::new();
        for item in items {
            match item.split_once('=') {
                Some((name, value)) => {
                    let file = sources.add(format!("<value for {name} in -backend-config>"), value);
                    all.push(Override {
                        name: name.to_owned(),
                        value: Given::Text(value.to_owned(), file),
                        span: None,
                    });
                }
                None => {
                    errors.absorb(from_file(item, dir, sources).map(|found| all.extend(found)));
                }
            }
        }
        errors.into_result(all).map(|(all, _)| all)
    }
}

fn from_file(name: &str, dir: &Path, sources: &Sources) -> Result<Vec<Override>, Diagnostics> {
    let text = bounded::read_text(&dir.join(name)).map_err(|e| {
        Diagnostic::error("Failed to read file", format!("-backend-config names {name}, which cannot be read: {e}."))
            .hint("Write -backend-config=NAME=VALUE for one setting, or the path of a file of settings.")
    })?;
    if name.ends_with(".json") {
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text)
            .map_err(|e| Diagnostic::error("Invalid backend configuration file", format!("{name}: {e}.")))?;
        let each = |(name, json): (String, serde_json::Value)| Override {
            value: Given::Value(from_json_implied(&json)),
            name,
            span: None,
        };
        return Ok(fields.into_iter().map(each).collect());
    }
    let file = sources.add(name, text.as_str());
    let (body, mut errors) = parse_body(file, &text);
    let mut all = Vec::new();
    for attribute in &body.attributes {
        if let Some(value) = errors.absorb(evaluate_constant(&attribute.expr)) {
            let name = attribute.name.name.to_string();
            all.push(Override { name, value: Given::Value(value), span: Some(attribute.expr.span) });
        }
    }
    for block in &body.blocks {
        let mut fields = Fields::new();
        for attribute in &block.body.attributes {
            if let Some(value) = errors.absorb(evaluate_constant(&attribute.expr)) {
                fields.insert(attribute.name.name.clone(), value);
            }
        }
        let name = block.kind.name.to_string();
        all.push(Override { name, value: Given::Value(Value::object(fields)), span: Some(block.header) });
    }
    errors.into_result(all).map(|(all, _)| all)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
pub(super) mod tests {
    use super::*;

    const KNOWN: &[Argument] = &[
        Argument { name: "bucket", kind: ArgumentKind::String },
        Argument { name: "encrypt", kind: ArgumentKind::Bool },
        Argument { name: "ids", kind: ArgumentKind::Strings },
        Argument {
            name: "role",
            kind: ArgumentKind::Object(&[
                Argument { name: "arn", kind: ArgumentKind::String },
                Argument { name: "tags", kind: ArgumentKind::Map },
            ]),
        },
    ];

    /// The first block of a text, as a backend block.
    pub fn block(text: &str) -> model::Backend {
        let sources = Sources::new();
        let file = sources.add("main.tf", text);
        let (body, problems) = parse_body(file, text);
        assert!(problems.is_empty(), "{problems:?}");
        let block = body.blocks[0].clone();
        model::Backend { kind: block.labels[0].clone(), body: block.body, span: block.header }
    }

    fn errors(text: &str) -> Vec<String> {
        let found = Arguments::of_block(KNOWN, &block(text)).unwrap_err();
        found.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect()
    }

    #[test]
    fn every_argument_is_there_and_unset_ones_are_null() {
        let found =
            Arguments::of_block(KNOWN, &block("backend \"x\" {\n bucket = \"b\"\n ids = [\"2\", \"1\"]\n}")).unwrap();
        let json = crate::lang::value::to_json(&found.value).unwrap();
        assert_eq!(json, serde_json::json!({"bucket": "b", "encrypt": null, "ids": ["1", "2"], "role": null}));
    }

    #[test]
    fn objects_may_be_written_as_blocks() {
        let as_block = Arguments::of_block(KNOWN, &block("backend \"x\" {\n role {\n arn = \"a\"\n }\n}")).unwrap();
        let as_object = Arguments::of_block(KNOWN, &block("backend \"x\" {\n role = { arn = \"a\" }\n}")).unwrap();
        assert_eq!(as_block.value, as_object.value);
        assert!(as_block.value.get("role").unwrap().get("tags").unwrap().is_null());
    }

    #[test]
    fn wrong_names_and_values_are_refused_in_terraforms_words() {
        let found =
            errors("backend \"x\" {\n buckt = \"b\"\n encrypt = \"maybe\"\n role = { ar = \"a\" }\n other {}\n}");
        assert_eq!(
            found[0],
            "Unsupported argument: An argument named \"buckt\" is not expected here. Did you mean \"bucket\"?"
        );
        assert!(
            found[1].starts_with("Incorrect attribute value type: Inappropriate value for attribute \"encrypt\":"),
            "{found:?}"
        );
        assert!(found[2].contains("\"ar\" is not expected here (did you mean \"arn\"?)."), "{found:?}");
        assert!(found[3].contains("Blocks of type \"other\" are not expected here."), "{found:?}");
    }

    #[test]
    fn references_are_refused() {
        assert_eq!(
            errors("backend \"x\" {\n bucket = var.b\n}"),
            ["Variables not allowed: Variables may not be used here."]
        );
    }

    #[test]
    fn the_command_line_wins_and_later_wins_over_earlier() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s.tfbackend"), "bucket = \"file\"\nencrypt = true\n").unwrap();
        let items = ["bucket=line".to_owned(), "s.tfbackend".to_owned(), "ids=[\"1\"]".to_owned()];
        let overrides = Override::parse(&items, dir.path(), &Sources::new()).unwrap();
        let mut found = Arguments::of_block(KNOWN, &block("backend \"x\" {\n bucket = \"block\"\n}")).unwrap();
        found.overlay(KNOWN, &overrides).unwrap();
        let json = crate::lang::value::to_json(&found.value).unwrap();
        assert_eq!(json, serde_json::json!({"bucket": "file", "encrypt": true, "ids": ["1"], "role": null}));
    }

    #[test]
    fn unknown_settings_of_the_command_line_are_refused() {
        let overrides = Override::parse(&["bogus=1".to_owned()], Path::new("."), &Sources::new()).unwrap();
        let error = Arguments::none(KNOWN).overlay(KNOWN, &overrides).unwrap_err();
        assert_eq!(error.iter().next().unwrap().summary, "Invalid backend configuration argument");
    }
}
