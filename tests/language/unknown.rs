//! Expressions over unknown and sensitive values: what Terraform 1.11.4 plans as the input of a `terraform_data` resource, what of it
//! is known, and what is sensitive. The locals stand in `unknown.tf`.

use pipewright::diagnostics::{Diagnostics, Sources};
use pipewright::lang::eval::{Resolved, Scope, Templates, evaluate};
use pipewright::lang::functions::CallContext;
use pipewright::lang::syntax::ast::{Body, Traversal, TraversalStep};
use pipewright::lang::syntax::{parse_body, parse_expression};
use pipewright::lang::value::{Kind, Marks, Type, Value, to_json};
use serde_json::{Value as Json, json};

/// Terraform forgets that these unknown values are sensitive (and refuses them only when applying); here they stay sensitive.
const STAYS_SENSITIVE: &[&str] = &[
    "try([local.sens, local.s], 1)",
    "local.b && local.sensb",
    "local.b || sensitive(true)",
    "-sensitive(local.n)",
    "!sensitive(local.b)",
];

/// Terraform forgets the element type of an unknown list that `tolist` leaves as it is, so that this stays unknown.
const KNOWS_MORE: &[&str] = &["tolist(local.l) == tolist([])"];

struct Plan {
    body: Body,
    context: CallContext<'static>,
}

impl Scope for Plan {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        let (value, consumed) = match (&*reference.root.name, &reference.steps[0]) {
            ("terraform_data", _) => (Value::unknown_not_null(Type::String), 2),
            ("local", TraversalStep::Attr(name)) => {
                (evaluate(&self.body.blocks[0].body.attribute(&name.name).unwrap().expr, self)?, 1)
            }
            _ => panic!("{reference:?}"),
        };
        Ok(Resolved { value, consumed })
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        Some(&self.context)
    }
}

/// The known part: unknown elements are null, unknown attributes absent.
fn known(value: &Value) -> Json {
    match value.kind() {
        Kind::Unknown(..) => Json::Null,
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.iter().map(known).collect(),
        Kind::Map(_, fields) | Kind::Object(fields) => {
            fields.iter().filter(|(_, v)| v.is_known()).map(|(k, v)| (k.to_string(), known(v))).collect()
        }
        _ => to_json(&value.unmark_deep()).unwrap(),
    }
}

/// True where `test` holds, and the way there.
fn where_is(value: &Value, test: &dyn Fn(&Value) -> bool) -> Json {
    if test(value) {
        return json!(true);
    }
    match value.kind() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.iter().map(|v| where_is(v, test)).collect()
        }
        Kind::Map(_, fields) | Kind::Object(fields) => {
            fields.iter().map(|(k, v)| (k.to_string(), where_is(v, test))).collect()
        }
        _ => json!(false),
    }
}

/// Without the parts in which nothing is true.
fn essential(json: &Json) -> Json {
    match json {
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().map(essential).collect();
            if items.iter().all(|i| *i == json!(false)) { json!(false) } else { json!(items) }
        }
        Json::Object(fields) => {
            let fields: serde_json::Map<_, _> =
                fields.iter().map(|(k, v)| (k.clone(), essential(v))).filter(|(_, v)| *v != json!(false)).collect();
            if fields.is_empty() { json!(false) } else { Json::Object(fields) }
        }
        other => other.clone(),
    }
}

fn difference(row: &Json, plan: &Plan) -> Option<String> {
    let text = row["expr"].as_str().unwrap();
    let expr = parse_expression(Sources::new().add("t", text), text, 0).unwrap();
    let value = match (evaluate(&expr, plan), row["error"].as_str()) {
        (Ok(value), None) => value,
        (Err(diagnostics), Some(summary)) => {
            let said = &diagnostics.iter().next().unwrap().summary;
            return (said != summary).then(|| said.clone());
        }
        (answer, _) => return Some(format!("{answer:?}")),
    };
    let found = [
        known(&value),
        essential(&where_is(&value, &|v| !v.is_known())),
        essential(&where_is(&value, &|v| v.marks().contains(Marks::SENSITIVE))),
    ];
    let mut wanted = [row["after"].clone(), essential(&row["unknown"]), essential(&row["sensitive"])];
    if STAYS_SENSITIVE.contains(&text) {
        wanted[2] = json!(true);
    }
    if KNOWS_MORE.contains(&text) {
        wanted = [json!(false), json!(false), json!(false)];
    }
    (found != wanted).then(|| format!("{} instead of {}", json!(found), json!(wanted)))
}

#[test]
fn unknown_and_sensitive_parts_are_those_of_terraforms_plan() {
    let text = include_str!("unknown.tf");
    let (body, _) = parse_body(Sources::new().add("unknown.tf", text), text);
    let plan = Plan { body, context: CallContext::new(".", &Templates) };
    let mut wrong = Vec::new();
    for line in include_str!("unknown.jsonl").lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        wrong.extend(difference(&row, &plan).map(|d| format!("{}\n    {d}", row["expr"])));
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
