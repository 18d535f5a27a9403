//! The table of cases: requests, the policies that have a say, and what AWS decides.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::*;
use serde_json::Value as Json;

const ROLE: &str = "arn:aws:iam::111111111111:role/deploy/pipeline";

/// A list of statements; `Effect` is Allow, `Resource` is `*` and the version is the current one where the case says nothing.
fn policy(json: &Json) -> Policy {
    if json.get("Statement").is_some() {
        return Policy::from_json(json).unwrap();
    }
    let mut statements = json.as_array().expect("a list of statements").clone();
    for statement in &mut statements {
        let fields = statement.as_object_mut().unwrap();
        fields.entry("Effect").or_insert("Allow".into());
        if fields.get("NotResource").is_none() && fields.get("Trust").is_none() {
            fields.entry("Resource").or_insert("*".into());
        }
    }
    Policy::from_json(&serde_json::json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

fn caller(json: Option<&Json>) -> Caller {
    let Some(json) = json else { return Caller::Role { arn: ROLE.into(), session: Some("run".into()) } };
    let (kind, name) = json.as_object().unwrap().iter().next().unwrap();
    let name = name.as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "role" => Caller::Role { arn: name, session: None },
        "user" => Caller::User(name),
        "service" => Caller::Service(name),
        "federated" => Caller::Federated(name),
        "anonymous" => Caller::Anonymous,
        other => panic!("{other}"),
    }
}

fn context(case: &Json) -> Context {
    let mut context = if case["partial"] == true { Context::partial() } else { Context::complete() };
    for (key, value) in case["context"].as_object().into_iter().flatten() {
        let fact = match value {
            Json::String(one) if one == "?" => Fact::Unknown,
            Json::String(one) => Fact::Values(vec![one.clone()]),
            Json::Array(many) => Fact::Values(many.iter().map(|v| v.as_str().unwrap().to_owned()).collect()),
            _ => Fact::Absent,
        };
        context.set(key, fact);
    }
    context
}

/// `<name>` in a text is a symbol.
fn text(json: &Json, default: &str) -> String {
    symbols(json.as_str().unwrap_or(default))
}

fn symbols(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let (name, tail) = after.split_once('>').unwrap();
        out.push_str(before);
        out.push_str(&symbol::symbol(name));
        rest = tail;
    }
    out + rest
}

fn with_symbols(json: &Json) -> Json {
    serde_json::from_str(&symbols(&json.to_string())).unwrap()
}

#[test]
fn the_table_of_cases_is_decided_as_aws_does() {
    let cases: Vec<Json> = serde_json::from_str(include_str!("cases.json")).unwrap();
    assert!(cases.len() > 100, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        let list = |key: &str| -> Vec<Policy> {
            case[key].as_array().into_iter().flatten().map(|p| policy(&with_symbols(p))).collect()
        };
        let one = |key: &str| case.get(key).map(|p| policy(&with_symbols(p)));
        let (identity, session) = (list("identity"), list("session"));
        let (boundary, resource) = (one("boundary"), one("resource_policy"));
        let levels: Vec<Vec<Policy>> = case["service_control"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|level| level.as_array().unwrap().iter().map(policy).collect())
            .collect();
        fn named<'a>(name: &'a str, policy: &'a Policy) -> Named<'a> {
            Named { name, policy }
        }
        let policies = Policies {
            identity: identity.iter().map(|p| named("identity", p)).collect(),
            boundary: boundary.as_ref().map(|p| named("boundary", p)),
            session: session.iter().map(|p| named("session", p)).collect(),
            service_control: levels.iter().map(|l| l.iter().map(|p| named("control", p)).collect()).collect(),
            resource: resource.as_ref().map(|p| named("resource", p)),
            kind: if case["guarded"] == true { ResourceKind::Guarded } else { ResourceKind::Ordinary },
            resource_account: case["resource_account"].as_str(),
            identity_partial: case["identity_partial"] == true,
        };
        let request = Request {
            caller: caller(case.get("caller")),
            action: text(&case["action"], "s3:GetObject"),
            resource: text(&case["resource"], "arn:aws:s3:::bucket/key"),
            context: context(case),
        };
        let decision = evaluate(&policies, &request);
        let verdict = format!("{:?}", decision.verdict);
        if verdict != case["want"].as_str().expect("what is wanted") {
            wrong.push(format!("{name}: {verdict}, by {:?}", decision.deciding));
        }
        if let Some(by) = case["by"].as_array() {
            let found: Vec<Json> =
                decision.deciding.iter().map(|d| Json::from(format!("{} {}", d.policy, d.statement))).collect();
            if &found != by {
                wrong.push(format!("{name}: decided by {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_trust_policy_lets_in_whom_it_names() {
    let trust = policy(&serde_json::json!([
        {"Trust": 1, "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Trust": 1, "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "7"}}}
    ]));
    let service = |name: &str| Caller::Service(name.into());
    let nothing = Context::complete();
    assert!(trusts(&trust, &service("codepipeline.amazonaws.com"), &nothing).is_yes());
    assert!(trusts(&trust, &service("codebuild.amazonaws.com"), &nothing).is_no());
    let role = Caller::Role { arn: ROLE.into(), session: None };
    assert!(trusts(&trust, &role, &nothing).is_no());
    assert!(trusts(&trust, &role, &nothing.clone().with("sts:ExternalId", &["7"])).is_yes());
    assert_eq!(trusts(&trust, &role, &Context::partial()), Truth::Unknown);
}

#[test]
fn odd_documents_are_evaluated_without_failing() {
    for text in
        [r#"{}"#, r#"{"Statement":[{}]}"#, r#"{"Statement":[{"Effect":"Perhaps","Action":"*","Resource":"*"}]}"#]
    {
        let policy = Policy::parse(text).unwrap();
        let policies = Policies { identity: vec![Named { name: "odd", policy: &policy }], ..Policies::default() };
        let request = Request {
            caller: Caller::Anonymous,
            action: String::new(),
            resource: String::new(),
            context: Context::partial(),
        };
        assert_eq!(evaluate(&policies, &request).verdict, Verdict::NotAllowed);
    }
}
