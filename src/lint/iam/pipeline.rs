//! The facts of a pipeline for its permissions, and what its roles need.

use crate::domain::needs::{ActionFacts, PipelineFacts, Place, RuleFacts, Settings, StoreFacts, outside};
use crate::domain::policy::{account_of, symbol};
use crate::lang::value::Value;
use crate::lint::model::{Attr, Delivery, Found, Model};
use std::collections::BTreeMap;

/// Where a pipeline is: from its ARN, its role's, or its provider.
pub fn place(pipeline: &Delivery<'_>) -> Place {
    let arn = pipeline.object.get("arn").text().map(|t| t.0).unwrap_or_default();
    let role = pipeline.object.get("role_arn").text().map(|t| t.0).unwrap_or_default();
    let part = |text: &str, number: usize| text.split(':').nth(number).filter(|p| !p.is_empty()).map(str::to_owned);
    let is_arn = |text: &str| text.starts_with("arn:");
    let of = |number: usize| [arn, role].iter().filter(|t| is_arn(t)).find_map(|t| part(t, number));
    Place {
        partition: of(1).unwrap_or_else(|| "aws".into()),
        region: pipeline
            .region()
            .map(str::to_owned)
            .or_else(|| is_arn(arn).then(|| part(arn, 3)).flatten())
            .unwrap_or_else(|| symbol::symbol(symbol::REGION)),
        account: of(4).unwrap_or_else(|| symbol::symbol(symbol::ACCOUNT)),
    }
}

/// The facts.
pub fn facts(pipeline: &Delivery<'_>) -> PipelineFacts {
    let text = |attr: &Attr<'_>, what: &str| match attr.text() {
        Some(text) => text.0.to_owned(),
        None => outside(&format!("{} {what}", pipeline.object.address())),
    };
    let stores = pipeline.stores().into_iter().map(|store| StoreFacts {
        bucket: text(&store.get("location"), "bucket"),
        key: key_of(pipeline.model, &store),
        region: store.get("region").known().map(str::to_owned).filter(|r| !r.is_empty()),
    });
    let mut actions = Vec::new();
    let mut rules = Vec::new();
    for stage in &pipeline.stages {
        for action in &stage.actions {
            actions.push(ActionFacts {
                stage: stage.title(),
                name: action.title(),
                kind: action.key(),
                role: optional(&action.attr.get("role_arn"), "role of an action"),
                region: optional(&action.attr.get("region"), "region of an action"),
                settings: settings(&action.attr.get("configuration")),
                inputs: action.attr.get("input_artifacts").is_set(),
                outputs: action.attr.get("output_artifacts").is_set(),
            });
        }
        for kind in ["before_entry", "on_success", "on_failure"] {
            for rule in
                stage.attr.blocks(kind).iter().flat_map(|b| b.blocks("condition")).flat_map(|c| c.blocks("rule"))
            {
                rules.push(RuleFacts {
                    stage: stage.title(),
                    name: rule.get("name").str().to_owned(),
                    provider: rule.block("rule_type_id").get("provider").known().map(str::to_owned),
                    role: optional(&rule.get("role_arn"), "role of a rule"),
                    region: optional(&rule.get("region"), "region of a rule"),
                    settings: settings(&rule.get("configuration")),
                });
            }
        }
    }
    PipelineFacts {
        name: text(&pipeline.name(), "name"),
        role: text(&pipeline.object.get("role_arn"), "role"),
        place: place(pipeline),
        stores: stores.collect(),
        actions,
        rules,
        complete: pipeline.is_complete(),
    }
}

/// The ARN of the key, when it is a customer managed one. An alias stands for the key it names.
fn key_of(model: &Model<'_>, store: &Attr<'_>) -> Option<String> {
    let block = store.block("encryption_key");
    let id = block.get("id");
    let text = id.text()?.0;
    if text.is_empty() || text.ends_with("alias/aws/s3") {
        return None;
    }
    // The same key by a data source.
    let alias = id.text().and_then(|t| t.symbol()).and_then(|s| model.object(&s.address));
    if alias.is_some_and(|o| o.type_name() == "aws_kms_alias" && o.get("name").known() == Some("alias/aws/s3")) {
        return None;
    }
    let found = match model.resolve(&["aws_kms_key", "aws_kms_alias"], &id) {
        Found::Here(alias) if alias.type_name() == "aws_kms_alias" => alias.get("target_key_arn").text(),
        Found::Here(key) => key.get("arn").text(),
        _ => None,
    };
    Some(found.map_or_else(
        // A key id or an alias of elsewhere: only the ARN of a key matches in a policy.
        || if text.contains(":key/") { text.to_owned() } else { outside(&format!("key {}", symbol::display(text))) },
        |t| t.0.to_owned(),
    ))
}

fn optional(attr: &Attr<'_>, what: &str) -> Option<String> {
    attr.value()?;
    match attr.text() {
        Some(text) => Some(text.0.to_owned()).filter(|t| !t.is_empty()),
        // Left to the provider, which takes the pipeline's own.
        None if attr.expr().is_none() => None,
        None => Some(outside(what)),
    }
}

fn settings(attr: &Attr<'_>) -> Settings {
    let mut values = BTreeMap::new();
    for (key, value) in attr.entries() {
        if value.value().is_none() {
            continue;
        }
        let text = match value.text() {
            Some(text) => text.0.to_owned(),
            None => value.bool().map(|b| b.to_string()).unwrap_or_else(|| outside(key)),
        };
        values.insert(key.to_owned(), text);
    }
    Settings { values, partial: attr.value().is_some_and(|v: &Value| !v.is_known()) }
}

/// Whether two ARNs are of accounts that are surely different.
pub fn in_other_account(a: &str, b: &str) -> bool {
    match (account_of(a), account_of(b)) {
        (Some(a), Some(b)) => symbol::is_known(a) && symbol::is_known(b) && a != b,
        _ => false,
    }
}
