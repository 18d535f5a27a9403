//! What a plan knows before apply although the cloud or the provider chooses it, over the recorded cases.
//!
//! Terraform shows every such attribute that the configuration leaves unset as `(known after apply)` when it makes an object.

use super::cases::{World, all_files};
use super::errors::account_only;
use super::live::Live;
use pipewright::lang::value::{Value, from_json_state, to_json};
use pipewright::provider::Factory;
use pipewright::provider::Object;
use pipewright::provider::aws::AwsFactory;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Of one type: attributes that every plan knows, that some plans know, that none knows.
#[derive(Default)]
pub struct Predicted {
    pub known: BTreeSet<String>,
    pub unknown: BTreeSet<String>,
}

impl Predicted {
    pub fn always(&self) -> Vec<&String> {
        self.known.difference(&self.unknown).collect()
    }

    pub fn sometimes(&self) -> Vec<&String> {
        self.known.intersection(&self.unknown).collect()
    }

    pub fn never(&self) -> Vec<&String> {
        self.unknown.difference(&self.known).collect()
    }
}

/// What plans know, by type; and predictions that are not what Terraform stored.
pub async fn predictions() -> (BTreeMap<String, Predicted>, Vec<String>) {
    let factory = AwsFactory::new().unwrap();
    let (mut out, mut wrong) = (BTreeMap::<String, Predicted>::new(), Vec::new());
    for file in all_files() {
        let live = Live::new(&account_only().await, file.provider.clone()).await;
        let mut world = World::default();
        for case in &file.cases {
            let recorded = &case.terraform()["attributes"];
            let schemas = if case.is_data() { &factory.schema().data } else { &factory.schema().resources };
            let block = &schemas.get(case.ty()).unwrap().block;
            let stored = from_json_state(recorded, &block.implied_type()).unwrap();
            if !case.is_data() {
                let config = live.config(case.ty(), &world.refer(case.config()));
                let planned = live.plan(case.ty(), &live.none(case.ty()), &config).await.planned;
                let row = out.entry(case.ty().to_owned()).or_default();
                for (name, attribute) in &block.attributes {
                    if !attribute.computed
                        || block.extensions.contains(name)
                        || config.get(name).is_some_and(|v| !v.is_null())
                    {
                        continue;
                    }
                    let value = planned.get(name).unwrap();
                    if !value.is_wholly_known() {
                        row.unknown.insert(name.to_string());
                        continue;
                    }
                    row.known.insert(name.to_string());
                    if !case.mask().contains(&name.as_ref()) && !alike(value, &recorded[name.as_ref()]) {
                        wrong.push(format!(
                            "{}: {}: {name}: {:?} is planned, Terraform stored {}",
                            file.name,
                            case.address(),
                            to_json(value).map(|j| j.to_string()),
                            recorded[name.as_ref()]
                        ));
                    }
                }
            }
            world.made.insert(case.address(), Object { value: stored, private: Vec::new() });
        }
    }
    (out, wrong)
}

/// Equal, or both nothing.
fn alike(planned: &Value, stored: &Json) -> bool {
    let nothing = |json: &Json| match json {
        Json::Null => true,
        Json::String(s) => s.is_empty(),
        Json::Bool(b) => !b,
        Json::Number(n) => n.as_f64() == Some(0.0),
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.is_empty(),
    };
    let planned = to_json(planned).unwrap();
    planned == *stored || (nothing(&planned) && nothing(stored))
}

#[tokio::test]
async fn what_is_known_before_apply_is_what_terraform_stored_after_it() {
    let (known, wrong) = predictions().await;
    assert_eq!(wrong, Vec::<String>::new());
    let names = |ty: &str| known[ty].always().into_iter().map(String::as_str).collect::<Vec<_>>();
    assert!(["arn", "id", "tags_all"].iter().all(|n| names("aws_codepipeline").contains(n)));
    assert!(names("aws_iam_role").contains(&"tags_all"));
}
