//! Every case of `cases.json`: what is stored after a create is what Terraform stored for the same configuration, the plan after it is
//! empty, the plan over Terraform's own attributes is empty, a change is made in place and is then no change any more, an
//! import finds the same object, a delete works twice, and what is gone reads as gone.

use super::live::{Live, endpoint};
use pipewright::lang::value::{Value, from_json_state, to_json};
use pipewright::provider::{Object, Silent};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("cases.json")).unwrap()
}

/// Attributes that differ, but for those masked.
fn differences(ours: &Value, terraforms: &Json, mask: &[&str]) -> Vec<String> {
    let ours = to_json(ours).unwrap();
    let empty = Map::new();
    let theirs = terraforms.as_object().unwrap_or(&empty);
    let mut names: Vec<&String> = ours.as_object().unwrap().keys().chain(theirs.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|n| !mask.contains(&n.as_str()))
        .filter_map(|n| {
            let (a, b) = (ours.get(n), theirs.get(n));
            (a != b).then(|| format!("{n}: ours {} terraform {}", a.unwrap_or(&Json::Null), b.unwrap_or(&Json::Null)))
        })
        .collect()
}

/// `${aws_kms_key.min}` stands for that case's id.
fn refer(json: &Json, made: &BTreeMap<String, Object>) -> Json {
    let mut text = json.to_string();
    for (name, object) in made {
        let id = object.value.get("id").and_then(Value::as_str).unwrap_or_default();
        text = text.replace(&format!("${{{name}}}"), id);
    }
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_is_stored_as_terraform_stores_it() {
    let Some(endpoint) = endpoint() else { return };
    let live = Live::new(&endpoint, serde_json::json!({})).await;
    let mut made: BTreeMap<String, Object> = BTreeMap::new();
    let mut order = Vec::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let ty = case["type"].as_str().unwrap();
        let name = format!("{ty}.{}", case["name"].as_str().unwrap());
        let mask: Vec<&str> = case["mask"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
        let mut note = |what: &str, found: Vec<String>| {
            if !found.is_empty() {
                wrong.push(format!("{name}: {what}:\n    {}", found.join("\n    ")));
            }
        };
        let config = live.config(ty, &refer(&case["config"], &made));
        let object = live.apply(ty, &live.none(ty), &config).await;
        note("stored otherwise", differences(&object.value, &case["terraform"]["attributes"], &mask));
        let private = case["terraform"]["private"].as_str().unwrap_or_default();
        let ours = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &object.private);
        if ours != private {
            note("private bytes", vec![format!("ours {ours} terraform {private}")]);
        }
        let again = live.plan(ty, &object, &config).await;
        note("not empty after create", changes(&object.value, &again.planned));
        let fresh = live.read(ty, &object).await;
        note("drifts by itself", changes(&object.value, &fresh.value));
        let again = live.plan(ty, &fresh, &config).await;
        note("not empty after refresh", changes(&fresh.value, &again.planned));

        // Over Terraform's own attributes, with the generated ones exchanged for ours.
        let mut theirs = case["terraform"]["attributes"].clone();
        for masked in &mask {
            theirs[*masked] = to_json(object.value.get(masked).unwrap()).unwrap();
        }
        let theirs = Object { value: from_json_state(&theirs, &object.value.ty()).unwrap(), private: Vec::new() };
        let over = live.plan(ty, &theirs, &config).await;
        note("not empty over terraform's state", changes(&theirs.value, &over.planned));

        let mut current = fresh;
        if !case["update"].is_null() {
            let config = live.config(ty, &refer(&case["update"], &made));
            current = live.apply(ty, &current, &config).await;
            let again = live.plan(ty, &current, &config).await;
            note("not empty after update", changes(&current.value, &again.planned));
            let fresh = live.read(ty, &current).await;
            note("drifts after update", changes(&current.value, &fresh.value));
        }
        let id = import_id(ty, &current.value);
        let imported = live.provider.import(ty, &id, &Silent).await.unwrap();
        let imported = live.read(ty, &imported[0].object).await;
        if imported.value.is_null() {
            note("import", vec![format!("{id} not found")]);
        }
        made.insert(name.clone(), current);
        order.push((ty.to_owned(), name));
    }
    for (ty, name) in order.iter().rev() {
        let object = &made[name];
        live.delete(ty, object).await;
        live.delete(ty, object).await;
        let gone = live.read(ty, object).await;
        let stays = ty == "aws_s3_bucket_versioning" || ty == "aws_s3_bucket_server_side_encryption_configuration";
        if !gone.value.is_null() && !stays {
            wrong.push(format!("{name}: still there after delete"));
        }
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

fn changes(before: &Value, after: &Value) -> Vec<String> {
    let (Some(before), Some(after)) = (before.fields(), after.fields()) else {
        return if before == after { vec![] } else { vec!["null".into()] };
    };
    let differs = |(n, v): (&std::sync::Arc<str>, &Value)| {
        let w = &after[n];
        (v != w)
            .then(|| format!("{n}: {:?} → {:?}", to_json(v).map(|j| j.to_string()), to_json(w).map(|j| j.to_string())))
    };
    before.iter().filter_map(differs).collect()
}

fn import_id(ty: &str, object: &Value) -> String {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match ty {
        "aws_iam_role_policy_attachment" => format!("{}/{}", text("role"), text("policy_arn")),
        _ => text("id"),
    }
}
