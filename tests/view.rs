//! What a person reads, as snapshots: plans of each kind, stored objects, diagnostics, and the stream for programs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pipewright::address::{ModulePath, ProviderConfig, ProviderSource};
use pipewright::diagnostics::{Diagnostic, Sources, Span};
use pipewright::engine::event::Event;
use pipewright::engine::plan::{Action, ActionReason, OutputChange, ResourceChange};
use pipewright::lang::value::{Kind, Path, PathStep, Value, from_json, from_json_implied};
use pipewright::provider::Factory;
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::schema::{Block, Nesting, Schema};
use pipewright::view::style::Palette;
use pipewright::view::{diagnostic, json, plan, state};
use serde_json::{Value as Json, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

static AWS: LazyLock<AwsFactory> = LazyLock::new(|| AwsFactory::new().expect("embedded schemas"));

fn schema(kind: &str) -> Arc<Schema> {
    AWS.schema().resources.get(kind).cloned().unwrap_or_else(|| panic!("no {kind}"))
}

/// A whole object from the parts that matter; `"?"` at the top level is an unknown.
fn object(block: &Block, given: Json) -> Value {
    if given.is_null() {
        return Value::null(block.implied_type());
    }
    let value = from_json(&complete(block, &given), &block.implied_type()).expect("fits the schema");
    let Kind::Object(fields) = value.into_kind() else { panic!("no object") };
    let mut fields = (*fields).clone();
    for (name, attribute) in &block.attributes {
        if given.get(&**name) == Some(&json!("?")) {
            fields.insert(name.clone(), Value::unknown(attribute.ty.clone()));
        }
    }
    Value::object(fields)
}

fn complete(block: &Block, given: &Json) -> Json {
    let mut out = serde_json::Map::new();
    for name in block.attributes.keys() {
        out.insert(name.to_string(), given.get(&**name).filter(|v| **v != json!("?")).cloned().unwrap_or(Json::Null));
    }
    for (name, nested) in &block.blocks {
        let inside = |v: &Json| complete(&nested.block, v);
        let value = match (nested.nesting, given.get(&**name)) {
            (Nesting::List | Nesting::Set, v) => {
                v.and_then(Json::as_array).map(|items| items.iter().map(inside).collect()).unwrap_or_else(|| json!([]))
            }
            (_, Some(v)) => inside(v),
            (_, None) => Json::Null,
        };
        out.insert(name.to_string(), value);
    }
    Json::Object(out)
}

fn change(address: &str, action: Action, before: Json, after: Json) -> ResourceChange {
    let address: pipewright::address::ResourceInstance = address.parse().unwrap();
    let schema = schema(&address.resource.type_name);
    let source: ProviderSource = "hashicorp/aws".parse().unwrap();
    ResourceChange {
        previous_address: None,
        deposed: None,
        provider: ProviderConfig { module: ModulePath::root(), source, alias: None },
        action,
        reason: None,
        before: object(&schema.block, before),
        after: object(&schema.block, after),
        replace_paths: Vec::new(),
        importing: None,
        planned_private: Vec::new(),
        address,
        schema,
    }
}

fn shown(change: &ResourceChange) -> String {
    plan::resource(change, Palette::plain())
}

fn role() -> Json {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Trust","Effect":"Allow","Principal":{"Service":"codepipeline.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    json!({ "id": "r", "name": "r", "arn": "arn:aws:iam::1:role/r", "path": "/", "description": "", "assume_role_policy": trust,
            "tags": { "a": "1", "b": "2" } })
}

fn with(mut object: Json, name: &str, value: Json) -> Json {
    object[name] = value;
    object
}

#[test]
fn a_role_to_create() {
    let after = with(with(role(), "id", json!("?")), "arn", json!("?"));
    insta::assert_snapshot!(shown(&change("aws_iam_role.r", Action::Create, Json::Null, after)));
}

#[test]
fn a_role_to_destroy_with_its_policy_as_a_document() {
    let mut gone = change("module.a.aws_iam_role.r[\"x\"]", Action::Delete, role(), Json::Null);
    gone.reason = Some(ActionReason::DeleteBecauseEachKey);
    insta::assert_snapshot!(shown(&gone));
}

#[test]
fn a_changed_map_and_a_changed_policy() {
    let trust = r#"{"Statement":[{"Sid":"Extra","Effect":"Deny","Principal":"*","Action":["sts:TagSession"]},{"Sid":"Trust","Effect":"Allow","Principal":{"Service":["codepipeline.amazonaws.com","codebuild.amazonaws.com"]},"Action":"sts:AssumeRole"}],"Version":"2012-10-17"}"#;
    let after = with(with(role(), "assume_role_policy", json!(trust)), "tags", json!({ "a": "1", "b": "3", "c": "4" }));
    insta::assert_snapshot!(shown(&change("aws_iam_role.r", Action::Update, role(), after)));
}

#[test]
fn a_policy_only_apply_can_tell() {
    insta::assert_snapshot!(shown(&change(
        "aws_iam_role.r",
        Action::Update,
        role(),
        with(role(), "assume_role_policy", json!("?"))
    )));
}

#[test]
fn a_replacement_says_which_attribute_forces_it() {
    let after = with(with(with(role(), "name", json!("r2")), "id", json!("?")), "arn", json!("?"));
    let mut replaced = change("aws_iam_role.r", Action::CreateThenDelete, role(), after);
    replaced.reason = Some(ActionReason::ReplaceBecauseCannotUpdate);
    replaced.replace_paths = vec![Path(vec![PathStep::Attr("name".into())])];
    insta::assert_snapshot!(shown(&replaced));
}

#[test]
fn moved_and_imported() {
    let mut moved = change("aws_iam_role.r", Action::NoOp, role(), role());
    moved.previous_address = Some("aws_iam_role.old".parse().unwrap());
    let mut imported = change("aws_iam_role.r", Action::Update, role(), with(role(), "description", json!("d")));
    imported.importing = Some("r".into());
    insta::assert_snapshot!(shown(&moved) + "\n" + &shown(&imported));
}

#[test]
fn lists_of_texts_and_a_heredoc() {
    let project = |spec: &str, subnets: Json| {
        json!({ "id": "b", "name": "b", "service_role": "r", "source": [{ "type": "NO_SOURCE", "buildspec": spec }],
                "artifacts": [{ "type": "NO_ARTIFACTS" }], "vpc_config": [{ "vpc_id": "v", "subnets": subnets, "security_group_ids": ["s"] }] })
    };
    let before = project("version: 0.2\nphases:\n  build:\n    commands:\n      - make\n", json!(["a", "b", "c"]));
    let after = project("version: 0.2\nphases:\n  build:\n    commands:\n      - make test\n", json!(["a", "c", "d"]));
    insta::assert_snapshot!(shown(&change("aws_codebuild_project.b", Action::Update, before, after)));
}

fn action(name: &str, branch: &str) -> Json {
    json!({ "name": name, "category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1",
            "configuration": { "BranchName": branch, "FullRepositoryId": "o/r" } })
}

fn pipeline(stages: Json) -> Json {
    json!({ "id": "p", "name": "p", "role_arn": "arn", "artifact_store": [{ "location": "l", "type": "S3" }], "stage": stages })
}

#[test]
fn an_inserted_stage_is_one_insertion_and_reordered_actions_are_moves() {
    let before = pipeline(json!([
        { "name": "Source", "action": [action("A", "main"), action("B", "main")] },
        { "name": "Deploy", "action": [action("D", "main")] },
    ]));
    let after = pipeline(json!([
        { "name": "Source", "action": [action("B", "main"), action("A", "dev")] },
        { "name": "Test", "action": [action("T", "main")] },
        { "name": "Deploy", "action": [action("D", "main")] },
    ]));
    insta::assert_snapshot!(shown(&change("aws_codepipeline.p", Action::Update, before, after)));
}

#[test]
fn a_sensitive_value_is_never_shown() {
    let hidden = |mut c: ResourceChange| {
        let Kind::Object(fields) = c.after.clone().into_kind() else { panic!("no object") };
        let mut fields = (*fields).clone();
        let value = fields["description"].clone().sensitive();
        fields.insert("description".into(), value);
        c.after = Value::object(fields);
        c
    };
    let text =
        shown(&hidden(change("aws_iam_role.r", Action::Update, role(), with(role(), "description", json!("s3cret")))));
    assert!(!text.contains("s3cret"));
    insta::assert_snapshot!(text);
}

#[test]
fn the_token_of_a_source_action_is_never_shown() {
    let source = |token: &str| {
        let configuration = json!({ "Owner": "acme", "OAuthToken": token });
        let action = json!({
            "name": "A", "category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1",
            "configuration": configuration,
        });
        pipeline(json!([{ "name": "Source", "action": [action] }, { "name": "Next", "action": [] }]))
    };
    let none = Json::Null;
    for (action, before, after) in [
        (Action::Create, none.clone(), source("ghp_one")),
        (Action::Update, source("ghp_one"), source("ghp_two")),
        (Action::Delete, source("ghp_two"), none),
    ] {
        let text = shown(&change("aws_codepipeline.p", action, before, after));
        assert!(text.contains("OAuthToken") && text.contains("(sensitive value)"), "{text}");
        assert!(!text.contains("ghp_"), "{text}");
    }
}

#[test]
fn outputs_that_change() {
    let change = |before: Json, after: Json, sensitive| OutputChange {
        action: Action::Update,
        before: from_json_implied(&before),
        after: from_json_implied(&after),
        sensitive,
    };
    let list = change(json!(["a", "b", "c", "d"]), json!(["a", "x", "c", "d"]), false);
    let map = change(json!({ "a": 1, "b": 2 }), json!({ "a": 1, "c": 3 }), false);
    let secret = change(json!("old"), json!("new"), true);
    let outputs = [("list", &list), ("map", &map), ("secret", &secret)];
    insta::assert_snapshot!(plan::output_changes(outputs.into_iter(), Palette::plain()));
}

#[test]
fn a_stored_object() {
    let schema = schema("aws_iam_role");
    let value = object(&schema.block, role());
    let address = "aws_iam_role.r".parse().unwrap();
    let shown = state::Shown { address: &address, deposed: None, tainted: true, value: &value, block: &schema.block };
    insta::assert_snapshot!(state::object(&shown, Palette::plain()));
}

fn missing_argument() -> (Diagnostic, Sources) {
    let sources = Sources::new();
    let file = sources.add("main.tf", "resource \"aws_iam_role\" \"r\" {\n  nam = \"x\"\n}\n");
    let at = |start, end| Span { file, start, end };
    let diagnostic = Diagnostic::error("Unsupported argument", "An argument named \"nam\" is not expected here.")
        .at(at(32, 35))
        .within(at(0, 27))
        .hint("Did you mean \"name\"?")
        .address("aws_iam_role.r");
    (diagnostic, sources)
}

#[test]
fn a_diagnostic_for_people_and_for_programs() {
    let (problem, sources) = missing_argument();
    let programs = serde_json::to_string_pretty(&diagnostic::json(&problem, &sources)).unwrap();
    insta::assert_snapshot!(diagnostic::human(&problem, &sources, Palette::plain()) + "\n" + &programs);
}

#[test]
fn the_stream_of_an_apply() {
    let address = || "module.a.aws_iam_role.r[0]".parse().unwrap();
    let (action, id, elapsed) = (Action::Delete, Some("r".to_owned()), Duration::from_secs(65));
    let events = [
        Event::RefreshStart { address: address(), id: id.clone() },
        Event::ApplyStart { address: address(), action, id: id.clone(), deposed: None },
        Event::ApplyProgress { address: address(), action, id: id.clone(), elapsed },
        Event::Waiting { address: address(), reason: "the role is not visible yet".into() },
        Event::ApplyComplete { address: address(), action, id, elapsed },
        Event::ApplyErrored { address: address(), action: Action::Create, elapsed },
    ];
    let sources = Sources::new();
    let lines: String = events.iter().map(|e| json::stream::event_message(e, &sources).line_at("T")).collect();
    insta::assert_snapshot!(lines);
}
