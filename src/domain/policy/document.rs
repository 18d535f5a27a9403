//! The parsed document.

use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// A policy document. Sets are sorted; absent and empty are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// `2012-10-17`, or `2008-10-17` when absent in old documents (kept as written).
    pub version: Option<String>,
    /// `Id`.
    pub id: Option<String>,
    /// In the order written.
    pub statements: Vec<Statement>,
}

/// Who a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// `"*"`, also when written as `{"AWS": "*"}`.
    Everyone,
    /// By kind: `AWS`, `Service`, `Federated`, `CanonicalUser`.
    Some(BTreeMap<String, BTreeSet<String>>),
}

/// One statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// `Sid`; the empty one is none.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: String,
    /// `Principal`.
    pub principals: Option<Principals>,
    /// `NotPrincipal`.
    pub not_principals: Option<Principals>,
    /// `Action`.
    pub actions: BTreeSet<String>,
    /// `NotAction`.
    pub not_actions: BTreeSet<String>,
    /// `Resource`.
    pub resources: BTreeSet<String>,
    /// `NotResource`.
    pub not_resources: BTreeSet<String>,
    /// Operator, key in lower case, values.
    pub conditions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Policy {
    /// Parses a document; `None` when it is not JSON or not shaped as a policy.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_json(&serde_json::from_str(text).ok()?)
    }

    /// The same from JSON.
    pub fn from_json(json: &Json) -> Option<Self> {
        let top = json.as_object()?;
        let statements = match top.get("Statement") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => items.iter().map(statement).collect::<Option<_>>()?,
            Some(one) => vec![statement(one)?],
        };
        Some(Policy { version: text(top.get("Version"))?, id: text(top.get("Id"))?, statements })
    }

    /// The canonical form: sets sorted, single values alone, keys in the documented order, accounts as root ARNs.
    pub fn to_json(&self) -> Json {
        let mut top = Map::new();
        put_text(&mut top, "Version", self.version.as_deref());
        put_text(&mut top, "Id", self.id.as_deref());
        let mut statements: Vec<&Statement> = self.statements.iter().collect();
        statements.sort();
        top.insert("Statement".into(), statements.into_iter().map(Statement::to_json).collect());
        Json::Object(top)
    }
}

impl Statement {
    /// The canonical form.
    pub fn to_json(&self) -> Json {
        let mut out = Map::new();
        put_text(&mut out, "Sid", self.sid.as_deref());
        put_text(&mut out, "Effect", Some(&self.effect));
        for (key, who) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            match who {
                Some(Principals::Everyone) => {
                    out.insert(key.into(), json!("*"));
                }
                Some(Principals::Some(kinds)) => {
                    let kinds: Map<String, Json> = kinds.iter().map(|(k, v)| (k.clone(), scalar_or_list(v))).collect();
                    out.insert(key.into(), Json::Object(kinds));
                }
                None => {}
            }
        }
        let sets = [
            ("Action", &self.actions),
            ("NotAction", &self.not_actions),
            ("Resource", &self.resources),
            ("NotResource", &self.not_resources),
        ];
        for (key, set) in sets {
            if !set.is_empty() {
                out.insert(key.into(), scalar_or_list(set));
            }
        }
        if !self.conditions.is_empty() {
            let operators = self.conditions.iter().map(|(operator, keys)| {
                let keys: Map<String, Json> = keys.iter().map(|(k, v)| (k.clone(), scalar_or_list(v))).collect();
                (operator.clone(), Json::Object(keys))
            });
            out.insert("Condition".into(), Json::Object(operators.collect()));
        }
        Json::Object(out)
    }
}

fn put_text(out: &mut Map<String, Json>, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        out.insert(key.into(), json!(text));
    }
}

fn scalar_or_list(set: &BTreeSet<String>) -> Json {
    match set.iter().next() {
        Some(only) if set.len() == 1 => json!(only),
        _ => json!(set),
    }
}

/// `Some(None)` when absent or empty, `None` when it is no text.
fn text(json: Option<&Json>) -> Option<Option<String>> {
    match json {
        None | Some(Json::Null) => Some(None),
        Some(Json::String(s)) => Some(Some(s.clone()).filter(|s| !s.is_empty())),
        Some(_) => None,
    }
}

/// One text or a list of them; numbers and bools count as their text.
fn set(json: Option<&Json>) -> Option<BTreeSet<String>> {
    let one = |json: &Json| match json {
        Json::String(s) => Some(s.clone()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Number(n) => Some(n.to_string()),
        _ => None,
    };
    match json {
        None | Some(Json::Null) => Some(BTreeSet::new()),
        Some(Json::Array(items)) => items.iter().map(one).collect(),
        Some(single) => Some(BTreeSet::from([one(single)?])),
    }
}

fn statement(json: &Json) -> Option<Statement> {
    let s = json.as_object()?;
    let mut conditions = BTreeMap::new();
    if let Some(operators) = s.get("Condition").filter(|c| !c.is_null()) {
        for (operator, keys) in operators.as_object()? {
            let mut of_operator: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (key, values) in keys.as_object()? {
                of_operator.entry(key.to_lowercase()).or_default().extend(set(Some(values))?);
            }
            if !of_operator.is_empty() {
                conditions.insert(operator.clone(), of_operator);
            }
        }
    }
    Some(Statement {
        sid: text(s.get("Sid"))?,
        effect: text(s.get("Effect"))?.unwrap_or_default(),
        principals: principals(s.get("Principal"))?,
        not_principals: principals(s.get("NotPrincipal"))?,
        actions: set(s.get("Action"))?,
        not_actions: set(s.get("NotAction"))?,
        resources: set(s.get("Resource"))?,
        not_resources: set(s.get("NotResource"))?,
        conditions,
    })
}

fn principals(json: Option<&Json>) -> Option<Option<Principals>> {
    let kinds = match json {
        None | Some(Json::Null) => return Some(None),
        Some(Json::String(s)) if s == "*" => return Some(Some(Principals::Everyone)),
        Some(Json::Object(kinds)) => kinds,
        Some(_) => return None,
    };
    let mut out = BTreeMap::new();
    for (kind, who) in kinds {
        let who = set(Some(who))?;
        let who: BTreeSet<String> = if kind == "AWS" { who.iter().map(|w| account_root(w)).collect() } else { who };
        if !who.is_empty() {
            out.insert(kind.clone(), who);
        }
    }
    let everyone = out.len() == 1 && out.get("AWS").is_some_and(|who| who.len() == 1 && who.contains("*"));
    Some(Some(if everyone { Principals::Everyone } else { Principals::Some(out) }))
}

/// An account's number is short for its root; the root ARN is the long form in any partition.
fn account_root(who: &str) -> String {
    let number = who.len() == 12 && who.bytes().all(|b| b.is_ascii_digit());
    if number { format!("arn:aws:iam::{who}:root") } else { who.to_owned() }
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

    #[test]
    fn the_canonical_form_is_stable() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
            "Action":["s3:PutObject","s3:GetObject"],"Resource":["*"],"Condition":{"StringEquals":{"AWS:SourceAccount":"1"}}}}"#;
        let json = Policy::parse(text).unwrap().to_json();
        assert_eq!(
            json.to_string(),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":["s3:GetObject","s3:PutObject"],"Resource":"*","Condition":{"StringEquals":{"aws:sourceaccount":"1"}}}]}"#
        );
    }

    #[test]
    fn what_is_not_a_policy_is_none() {
        for text in ["", "[]", "\"x\"", r#"{"Statement":[1]}"#, r#"{"Statement":[{"Principal":7}]}"#] {
            assert_eq!(Policy::parse(text), None, "{text}");
        }
    }
}
