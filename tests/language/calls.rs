//! Calls with every kind of argument (null, unknown, sensitive, of the wrong type, empty, huge), operators, templates and collections at
//! their edges, with what Terraform 1.11.4 makes of them as outputs of a plan: type and value, or its first error. The locals stand in
//! `calls.tf`; `var.sec` is sensitive, `var.nul` null, `var.opt` an object with optional attributes.

use crate::fixture;
use pipewright::diagnostics::{Diagnostic, Diagnostics, Sources};
use pipewright::lang::eval::{Resolved, Scope, Templates, evaluate};
use pipewright::lang::functions::CallContext;
use pipewright::lang::syntax::ast::{Body, Traversal, TraversalStep};
use pipewright::lang::syntax::{parse_body, parse_expression};
use pipewright::lang::value::{Number, Type, Value, to_json};
use serde_json::{Value as Json, json};

struct Plan {
    body: Body,
    context: CallContext<'static>,
}

impl Plan {
    fn new() -> Self {
        let text = include_str!("calls.tf");
        let (body, diagnostics) = parse_body(Sources::new().add("calls.tf", text), text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        Plan { body, context: CallContext::new(fixture::folder(), &Templates) }
    }
}

impl Scope for Plan {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let name = |step: usize| match reference.steps.get(step) {
            Some(TraversalStep::Attr(name)) => name.name.to_string(),
            _ => String::new(),
        };
        let first = name(0);
        let (value, consumed) = match (&*reference.root.name, first.as_str()) {
            ("terraform_data", _) if name(1) == "id" => (Value::unknown_not_null(Type::String), 2),
            ("terraform_data", _) => (Value::unknown(Type::Dynamic), 2),
            ("var", "sec") => (Value::string("s3cret").sensitive(), 1),
            ("var", "nul") => (Value::null(Type::String), 1),
            ("var", "opt") => {
                let list = Value::list(Type::Number, vec![Value::number(1)]);
                (Value::object_of([("a", Value::string("da")), ("b", list), ("c", Value::null(Type::Bool))]), 1)
            }
            ("local", local) if self.body.blocks[0].body.attribute(local).is_some() => {
                (evaluate(&self.body.blocks[0].body.attribute(local).unwrap().expr, self)?, 1)
            }
            _ => return Err(Diagnostic::error("Invalid reference", "There is nothing of this name.").into()),
        };
        Ok(Resolved { value, consumed })
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.context)
    }
}

/// With all numbers as texts of one form, whether they stood in quotes or not.
fn plain(json: &Json) -> Json {
    let number = |text: &str| json!(Number::parse(text).map_or_else(|| text.to_owned(), |n| n.to_string()));
    match json {
        Json::Number(n) => number(&n.to_string()),
        Json::String(text) => number(text),
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

/// What is different from the stored answer, if anything.
fn difference(row: &Json, plan: &Plan) -> Option<String> {
    let text = row["expr"].as_str().unwrap();
    let sources = Sources::new();
    let answer = parse_expression(sources.add("main.tf", text), text, 0)
        .and_then(|expr| evaluate(&expr, plan))
        .map(|value| value.unmark_deep());
    match (row.get("error"), answer) {
        (Some(error), Err(found)) => {
            let first = found.iter().next().unwrap();
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (summary, detail) = (error[0].as_str().unwrap(), flat(error[1].as_str().unwrap()));
            let found = flat(&first.detail).replace(&plan.context.base_dir.display().to_string(), ".");
            let alike = first.summary == summary && strsim::normalized_levenshtein(&detail, &found) > 0.75;
            (!alike).then(|| format!("{}: {found} instead of {summary}: {detail}", first.summary))
        }
        (Some(_), Ok(value)) => Some(format!("no error but {value:?}")),
        (None, Err(found)) => Some(found.iter().next().unwrap().detail.clone()),
        (None, Ok(value)) if row["unknown"] == true => value.is_known().then(|| format!("{value:?} is known")),
        (None, Ok(value)) if row["unknown"] != false => {
            let partly = value.is_known() && value.contains_unknown();
            (!partly).then(|| format!("{value:?}"))
        }
        (None, Ok(value)) => {
            let ty = if value.is_null() { json!("dynamic") } else { value.ty().to_json() };
            if ty != row["type"] {
                return Some(format!("type {ty} instead of {}", row["type"]));
            }
            let found = to_json(&value).map(|json| plain(&json));
            (found.as_ref() != Some(&plain(&row["value"]))).then(|| format!("{found:?} instead of {}", row["value"]))
        }
    }
}

#[test]
fn edges_of_functions_and_operators_are_terraforms() {
    let plan = Plan::new();
    let mut wrong = Vec::new();
    for line in include_str!("calls.jsonl").lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        wrong.extend(difference(&row, &plan).map(|d| format!("{}\n    {d}", row["expr"])));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
