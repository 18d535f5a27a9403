//! `aws_iam_policy_document`: an IAM policy put together offline, byte for byte as the original provider writes it.
//!
//! The order of merging is: source documents, the statements of the block itself, override documents. A statement with a `Sid` replaces
//! an earlier one with the same; texts of actions, resources and principals stand in falling order, values of conditions as written.

use super::go_json::Out;
use super::sdk_hash::{crc32, sdk_order};
use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::aws::object::Obj;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What the data resource gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// With line breaks.
    pub json: String,
    /// Without.
    pub minified: String,
    /// Checksum of `json`.
    pub id: String,
}

/// One text, or several.
#[derive(Debug, Clone)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone)]
struct Principal {
    kind: String,
    identifiers: Texts,
}

#[derive(Debug, Clone)]
struct Condition {
    test: String,
    variable: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Statement {
    sid: String,
    effect: String,
    actions: Option<Out>,
    not_actions: Option<Out>,
    resources: Option<Out>,
    not_resources: Option<Out>,
    principals: Vec<Principal>,
    not_principals: Vec<Principal>,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Default)]
struct Document {
    version: String,
    id: String,
    statements: Vec<Statement>,
}

/// Puts the document together from the data resource's configuration (wholly known, defaults filled).
pub fn render(config: &Value) -> Result<(Rendered, Diagnostics), Diagnostics> {
    let config = Obj::new(config);
    let mut diagnostics = Diagnostics::new();
    let mut merged = Document::default();
    let mut sids = BTreeSet::new();
    for (index, text) in documents(&config, "source_policy_documents") {
        let document = parse(&text, "source_policy_documents", index, &mut diagnostics)?;
        for statement in document.statements.iter().filter(|s| !s.sid.is_empty()) {
            if !sids.insert(statement.sid.clone()) {
                return Err(problem(
                    &format!(
                        "The source documents have more than one statement with the Sid {:?}. Remove the Sid or make it unique.",
                        statement.sid
                    ),
                    vec![AttributeStep::Name("source_policy_documents".into()), AttributeStep::Index(index)],
                ));
            }
        }
        merged.merge(document);
    }
    merged.merge(own(&config)?);
    for (index, text) in documents(&config, "override_policy_documents") {
        merged.merge(parse(&text, "override_policy_documents", index, &mut diagnostics)?);
    }
    let out = merged.out();
    let json = out.indented();
    let id = crc32(&json).to_string();
    Ok((Rendered { minified: out.compact(), json, id }, diagnostics))
}

fn problem(detail: &str, at: Vec<AttributeStep>) -> Diagnostics {
    Diagnostic::error("Invalid policy document", detail).attribute(at).into()
}

fn documents(config: &Obj<'_>, name: &str) -> Vec<(u64, String)> {
    let items = config.value(name).and_then(Value::elements).unwrap_or_default();
    (0..).zip(items).filter_map(|(i, v)| Some((i, v.as_str()?.to_owned()))).collect()
}

/// The document the configuration's own blocks describe.
fn own(config: &Obj<'_>) -> Result<Document, Diagnostics> {
    let version = config.opt("version").unwrap_or("2012-10-17").to_owned();
    let mut seen = BTreeSet::new();
    let mut statements = Vec::new();
    for (index, block) in (0..).zip(config.blocks("statement")) {
        let at = |name: &str| {
            vec![
                AttributeStep::Name("statement".into()),
                AttributeStep::Index(index),
                AttributeStep::Name(name.to_owned()),
            ]
        };
        let sid = block.str("sid").to_owned();
        if !sid.is_empty() && !seen.insert(sid.clone()) {
            let detail = format!("More than one statement has the Sid {sid:?}. Remove the Sid or make it unique.");
            return Err(problem(&detail, at("sid")));
        }
        let variables = |name: &str, texts: Vec<String>| {
            texts.into_iter().map(|t| replace_variables(t, &version, || at(name))).collect::<Result<Vec<_>, _>>()
        };
        let principals = |name: &str| {
            let elements = block.value(name).and_then(Value::elements).unwrap_or_default();
            sdk_order(elements)
                .into_iter()
                .map(|v| {
                    let principal = Obj::new(v);
                    let identifiers = falling(variables(name, principal.strings("identifiers"))?);
                    Ok(Principal { kind: principal.str("type").to_owned(), identifiers })
                })
                .collect::<Result<Vec<_>, Diagnostics>>()
        };
        let conditions = sdk_order(block.value("condition").and_then(Value::elements).unwrap_or_default());
        let conditions = conditions.into_iter().map(|v| {
            let condition = Obj::new(v);
            Ok(Condition {
                test: condition.str("test").to_owned(),
                variable: condition.str("variable").to_owned(),
                values: variables("condition", condition.strings("values"))?,
            })
        });
        statements.push(Statement {
            sid,
            effect: block.opt("effect").unwrap_or("Allow").to_owned(),
            actions: texts(block.strings("actions")),
            not_actions: texts(block.strings("not_actions")),
            resources: texts(variables("resources", block.strings("resources"))?),
            not_resources: texts(variables("not_resources", block.strings("not_resources"))?),
            principals: principals("principals")?,
            not_principals: principals("not_principals")?,
            conditions: conditions.collect::<Result<_, Diagnostics>>()?,
        });
    }
    Ok(Document { version, id: config.str("policy_id").to_owned(), statements })
}

/// `&{` stands for `${`, which the language would interpolate; the older policy version knows no variables.
fn replace_variables(text: String, version: &str, at: impl Fn() -> Vec<AttributeStep>) -> Result<String, Diagnostics> {
    if version == "2008-10-17" && text.contains("&{") {
        let detail = format!(
            "{text:?} has a policy variable (&{{…}}), which version 2008-10-17 does not know. Set version to 2012-10-17."
        );
        return Err(problem(&detail, at()));
    }
    Ok(text.replace("&{", "${"))
}

fn falling(mut texts: Vec<String>) -> Texts {
    if texts.len() == 1
        && let Some(text) = texts.pop()
    {
        return Texts::One(text);
    }
    texts.sort_by(|a, b| b.cmp(a));
    Texts::Many(texts)
}

fn texts(texts: Vec<String>) -> Option<Out> {
    if texts.is_empty() { None } else { Some(falling(texts).out()) }
}

impl Texts {
    fn out(self) -> Out {
        match self {
            Texts::One(text) => Out::Text(text),
            Texts::Many(texts) => Out::Array(texts.into_iter().map(Out::Text).collect()),
        }
    }
}

impl Document {
    fn merge(&mut self, other: Document) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for statement in other.statements {
            match self.statements.iter_mut().find(|s| !statement.sid.is_empty() && s.sid == statement.sid) {
                Some(earlier) => *earlier = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn out(&self) -> Out {
        let mut fields = Vec::new();
        push_text(&mut fields, "Version", &self.version);
        push_text(&mut fields, "Id", &self.id);
        if !self.statements.is_empty() {
            let statements = self.statements.iter().map(Statement::out).collect();
            fields.push(("Statement".to_owned(), Out::Array(statements)));
        }
        Out::Object(fields)
    }
}

fn push_text(fields: &mut Vec<(String, Out)>, name: &str, text: &str) {
    if !text.is_empty() {
        fields.push((name.to_owned(), Out::Text(text.to_owned())));
    }
}

impl Statement {
    fn out(&self) -> Out {
        let mut fields = Vec::new();
        push_text(&mut fields, "Sid", &self.sid);
        push_text(&mut fields, "Effect", &self.effect);
        let parts = [
            ("Action", self.actions.clone()),
            ("NotAction", self.not_actions.clone()),
            ("Resource", self.resources.clone()),
            ("NotResource", self.not_resources.clone()),
            ("Principal", principals_out(&self.principals)),
            ("NotPrincipal", principals_out(&self.not_principals)),
            ("Condition", conditions_out(&self.conditions)),
        ];
        fields.extend(parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?))));
        Out::Object(fields)
    }
}

/// By type, sorted; everyone (`*` of type `*`) alone is written as `"*"`.
fn principals_out(principals: &[Principal]) -> Option<Out> {
    if let [only] = principals
        && only.kind == "*"
        && matches!(&only.identifiers, Texts::One(t) if t == "*")
            | matches!(&only.identifiers, Texts::Many(m) if m.as_slice() == ["*"])
    {
        return Some(Out::Text("*".into()));
    }
    let mut by_type: BTreeMap<&str, Texts> = BTreeMap::new();
    for principal in principals {
        let more = match &principal.identifiers {
            Texts::One(text) => vec![text.clone()],
            Texts::Many(texts) => {
                let mut texts = texts.clone();
                texts.sort_by(|a, b| b.cmp(a));
                texts
            }
        };
        let joined = match (by_type.remove(principal.kind.as_str()), &principal.identifiers) {
            (None, Texts::One(text)) => Texts::One(text.clone()),
            (None, Texts::Many(_)) => Texts::Many(more),
            (Some(Texts::One(text)), _) => Texts::Many([vec![text], more].concat()),
            (Some(Texts::Many(texts)), _) => Texts::Many([texts, more].concat()),
        };
        by_type.insert(&principal.kind, joined);
    }
    if by_type.is_empty() {
        return None;
    }
    Some(Out::Object(by_type.into_iter().map(|(kind, texts)| (kind.to_owned(), texts.out())).collect()))
}

/// By test, then by variable; values of equal ones joined; a single value without brackets.
fn conditions_out(conditions: &[Condition]) -> Option<Out> {
    if conditions.is_empty() {
        return None;
    }
    let mut by_test: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for condition in conditions {
        let values = by_test.entry(&condition.test).or_default().entry(&condition.variable).or_default();
        values.extend(condition.values.iter().cloned());
    }
    let tests = by_test.into_iter().map(|(test, variables)| {
        let variables = variables.into_iter().map(|(variable, mut values)| {
            let texts = if values.len() == 1
                && let Some(value) = values.pop()
            {
                Texts::One(value)
            } else {
                Texts::Many(values)
            };
            (variable.to_owned(), texts.out())
        });
        (test.to_owned(), Out::Object(variables.collect()))
    });
    Some(Out::Object(tests.collect()))
}

/// A document given as JSON. Names of elements are matched without regard to case.
fn parse(text: &str, attribute: &str, index: u64, notes: &mut Diagnostics) -> Result<Document, Diagnostics> {
    let at = || vec![AttributeStep::Name(attribute.to_owned()), AttributeStep::Index(index)];
    let wrong = |detail: String| problem(&format!("Document {index} of {attribute}: {detail}"), at());
    let json: Json = serde_json::from_str(text).map_err(|e| wrong(format!("not valid JSON: {e}.")))?;
    let Json::Object(document) = &json else { return Err(wrong("a policy must be a JSON object.".into())) };
    let mut statements = Vec::new();
    match field(document, "Statement") {
        None | Some(Json::Null) => {}
        Some(Json::Array(items)) => {
            for item in items {
                let Json::Object(item) = item else { return Err(wrong("each statement must be an object.".into())) };
                statements.push(parse_statement(item, &wrong, notes)?);
            }
        }
        Some(_) => return Err(wrong("\"Statement\" must be a list; put [ ] around the one statement.".into())),
    }
    Ok(Document {
        version: text_field(document, "Version", &wrong)?,
        id: text_field(document, "Id", &wrong)?,
        statements,
    })
}

type JsonObject = serde_json::Map<String, Json>;

fn field<'a>(object: &'a JsonObject, name: &str) -> Option<&'a Json> {
    object.get(name).or_else(|| object.iter().rev().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

fn text_field(object: &JsonObject, name: &str, wrong: &impl Fn(String) -> Diagnostics) -> Result<String, Diagnostics> {
    match field(object, name) {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.clone()),
        Some(_) => Err(wrong(format!("{name:?} must be a text."))),
    }
}

fn parse_statement(
    object: &JsonObject,
    wrong: &impl Fn(String) -> Diagnostics,
    notes: &mut Diagnostics,
) -> Result<Statement, Diagnostics> {
    let raw = |name: &str| field(object, name).filter(|v| !v.is_null()).map(|v| Out::Raw(v.clone()));
    Ok(Statement {
        sid: text_field(object, "Sid", wrong)?,
        effect: text_field(object, "Effect", wrong)?,
        actions: raw("Action"),
        not_actions: raw("NotAction"),
        resources: raw("Resource"),
        not_resources: raw("NotResource"),
        principals: parse_principals(field(object, "Principal"), wrong)?,
        not_principals: parse_principals(field(object, "NotPrincipal"), wrong)?,
        conditions: parse_conditions(field(object, "Condition"), wrong, notes)?,
    })
}

fn strings(items: &[Json]) -> Option<Vec<String>> {
    items.iter().map(|v| v.as_str().map(str::to_owned)).collect()
}

fn parse_principals(
    json: Option<&Json>,
    wrong: &impl Fn(String) -> Diagnostics,
) -> Result<Vec<Principal>, Diagnostics> {
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::String(_)) => Ok(vec![Principal { kind: "*".into(), identifiers: Texts::Many(vec!["*".into()]) }]),
        Some(Json::Object(types)) => types
            .iter()
            .map(|(kind, value)| {
                let identifiers = match value {
                    Json::String(text) => Some(Texts::One(text.clone())),
                    Json::Array(items) => strings(items).map(Texts::Many),
                    _ => None,
                };
                let identifiers = identifiers
                    .ok_or_else(|| wrong(format!("principals of type {kind:?} must be a text or a list of texts.")))?;
                Ok(Principal { kind: kind.clone(), identifiers })
            })
            .collect(),
        Some(_) => Err(wrong("a principal must be \"*\" or an object.".into())),
    }
}

fn parse_conditions(
    json: Option<&Json>,
    wrong: &impl Fn(String) -> Diagnostics,
    notes: &mut Diagnostics,
) -> Result<Vec<Condition>, Diagnostics> {
    let malformed = || wrong("\"Condition\" must be an object of objects.".into());
    let Some(json) = json.filter(|v| !v.is_null()) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for (test, variables) in json.as_object().ok_or_else(malformed)? {
        for (variable, value) in variables.as_object().ok_or_else(malformed)? {
            let values = match value {
                Json::String(text) => Some(vec![text.clone()]),
                Json::Bool(truth) => Some(vec![truth.to_string()]),
                Json::Array(items) => Some(strings(items).ok_or_else(|| {
                    wrong(format!(
                        "the values of condition {test} {variable} must be texts; put quotes around numbers and bools."
                    ))
                })?),
                _ => None,
            };
            match values {
                Some(values) => out.push(Condition { test: test.clone(), variable: variable.clone(), values }),
                None => notes.push(
                    Diagnostic::warning(
                        "Condition left out of the policy",
                        format!(
                            "The value of condition {test} {variable} is {value}, which is not a text. Terraform leaves such a condition out, and so does this program to give the same document, which allows more than was meant."
                        ),
                    )
                    .hint("Put quotes around the value."),
                ),
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::lang::value::{Type, json};

    /// Type of the configuration, as the schema has it.
    fn config_type() -> Type {
        let text = || Type::String;
        let principals = || Type::set(Type::object([("identifiers", Type::set(text())), ("type", text())]));
        let condition = Type::object([("test", text()), ("values", Type::list(text())), ("variable", text())]);
        let statement = Type::object([
            ("actions", Type::set(text())),
            ("condition", Type::set(condition)),
            ("effect", text()),
            ("not_actions", Type::set(text())),
            ("not_principals", principals()),
            ("not_resources", Type::set(text())),
            ("principals", principals()),
            ("resources", Type::set(text())),
            ("sid", text()),
        ]);
        Type::object([
            ("id", text()),
            ("json", text()),
            ("minified_json", text()),
            ("override_json", text()),
            ("override_policy_documents", Type::list(text())),
            ("policy_id", text()),
            ("source_json", text()),
            ("source_policy_documents", Type::list(text())),
            ("statement", Type::list(statement)),
            ("version", text()),
        ])
    }

    #[test]
    fn documents_are_those_of_the_original_byte_for_byte() {
        let cases: Vec<Json> = serde_json::from_str(include_str!("../testdata/policy_documents.json")).unwrap();
        assert!(cases.len() > 100);
        for case in &cases {
            let config = json::from_json(case, &config_type()).unwrap();
            let (got, _) = render(&config).unwrap();
            assert_eq!(got.json, case["json"].as_str().unwrap());
            assert_eq!(got.minified, case["minified_json"].as_str().unwrap());
            assert_eq!(got.id, case["id"].as_str().unwrap());
        }
    }

    fn with(attribute: &str, value: Json) -> Result<(Rendered, Diagnostics), Diagnostics> {
        let mut config = serde_json::Map::new();
        for name in ["id", "json", "minified_json", "override_json", "policy_id", "source_json", "version", "statement"]
        {
            config.insert(name.into(), Json::Null);
        }
        for name in ["source_policy_documents", "override_policy_documents"] {
            config.insert(name.into(), Json::Null);
        }
        config.insert(attribute.into(), value);
        render(&json::from_json(&Json::Object(config), &config_type()).unwrap())
    }

    #[test]
    fn a_condition_with_a_number_is_left_out_with_a_warning() {
        let source = r#"{"Statement":[{"Action":"a:b","Condition":{"NumericLessThan":{"x":5}}}]}"#;
        let (got, notes) = with("source_policy_documents", serde_json::json!([source])).unwrap();
        assert_eq!(got.minified, r#"{"Version":"2012-10-17","Statement":[{"Action":"a:b"}]}"#);
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn a_sid_in_two_source_documents_is_refused() {
        let source = r#"{"Statement":[{"Sid":"x","Action":"a:b"}]}"#;
        let errors = with("source_policy_documents", serde_json::json!([source, source])).unwrap_err();
        assert!(errors.iter().next().unwrap().detail.contains("\"x\""));
    }

    #[test]
    fn broken_json_names_the_document() {
        let errors = with("override_policy_documents", serde_json::json!(["{}", "{"])).unwrap_err();
        assert!(errors.iter().next().unwrap().detail.starts_with("Document 1 of override_policy_documents"));
    }
}
