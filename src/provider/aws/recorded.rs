//! Objects as the original provider configured and stored them, recorded from its own runs; and what differs from them here.
//!
//! With PIPEWRIGHT_TEST_ENDPOINT set (and the AWS environment pointing there: AWS_ENDPOINT_URL, credentials, AWS_REGION) every recorded
//! object is also made, read, planned and deleted at that endpoint. The emulator there must have the account's role `p`, the
//! buckets `full-art` and `full-art-b` with a policy for CloudTrail, and the event bus `busx`.

use super::native::AwsFactory;
use crate::lang::value::{Kind, Path, PathStep, Value, from_json_state, to_json};
use crate::provider::schema::{Block, proposed_new};
use crate::provider::{ApplyRequest, Factory, Object, PlanRequest, Provider, ReadHint, Silent};
use serde_json::Value as Json;
use std::sync::Arc;

/// One object.
pub struct Recorded {
    /// Resource type.
    pub type_name: String,
    /// Its name in the recorded configuration.
    pub name: String,
    /// The configuration.
    pub config: Value,
    /// What the state had after the apply.
    pub stored: Value,
    /// The type's schema.
    pub block: Block,
}

/// All of them, in the order in which they can be made.
pub fn all() -> Vec<Recorded> {
    let rows: Vec<Json> = serde_json::from_str(include_str!("testdata/objects.json")).unwrap();
    let factory = AwsFactory::new().unwrap();
    rows.iter()
        .map(|row| {
            let type_name = row["type"].as_str().unwrap().to_owned();
            let block = factory.schema().resources.get(&type_name).unwrap().block.clone();
            let value = |key: &str| from_json_state(&row[key], &block.implied_type()).unwrap();
            Recorded {
                name: row["name"].as_str().unwrap().into(),
                config: value("config"),
                stored: value("stored"),
                type_name,
                block,
            }
        })
        .collect()
}

/// Those of one type.
pub fn of(type_name: &str) -> Vec<Recorded> {
    all().into_iter().filter(|r| r.type_name == type_name).collect()
}

/// Where two values differ, as `path: a ≠ b`.
pub fn differences(a: &Value, b: &Value) -> Vec<String> {
    let mut out = Vec::new();
    walk(a, b, &mut Path::root(), &mut out);
    out
}

fn walk(a: &Value, b: &Value, path: &mut Path, out: &mut Vec<String>) {
    let mut step = |s: PathStep, a: &Value, b: &Value| {
        path.0.push(s);
        walk(a, b, path, out);
        path.0.pop();
    };
    match (a.kind(), b.kind()) {
        (Kind::Object(x), Kind::Object(y)) | (Kind::Map(_, x), Kind::Map(_, y)) if x.keys().eq(y.keys()) => {
            for (name, v) in x.iter() {
                step(PathStep::Attr(Arc::clone(name)), v, &y[name]);
            }
        }
        (Kind::List(_, x), Kind::List(_, y)) if x.len() == y.len() => {
            for (i, (v, w)) in x.iter().zip(y.iter()).enumerate() {
                step(PathStep::index(i), v, w);
            }
        }
        _ if a == b => {}
        _ => out.push(format!("{path}: {} ≠ {}", show(a), show(b))),
    }
}

fn show(v: &Value) -> String {
    to_json(v).map_or_else(|| "(unknown)".into(), |j| j.to_string().chars().take(200).collect())
}

/// Texts that are different with every run: generated names, ids of connections and subscriptions.
fn is_generated(difference: &str) -> bool {
    let made = |text: &str| {
        let digits = text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| {
            let digits = w.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            digits.len() >= 26 && digits.bytes().all(|b| b.is_ascii_hexdigit())
        });
        digits || text.split([':', '/', '"']).any(|w| w.len() == 36 && w.matches('-').count() == 4)
    };
    difference.split(" ≠ ").all(made)
}

/// What the emulator used for recording does not keep, or the original does not: type, attribute.
const GAPS: &[(&str, &str)] = &[
    ("aws_cloudwatch_log_group.full", "log_group_class"),
    ("aws_sns_topic.full", "feedback_"),
    ("aws_sns_topic.full", "signature_version"),
    ("aws_sns_topic.full", "tracing_config"),
    // UpdateProject is not there.
    ("aws_codebuild_project.min", ""),
    ("aws_codebuild_project.pipe", "UpdateProject"),
    ("aws_codebuild_project.pipe", "queued_timeout"),
    // Has the generated name inside.
    ("aws_sns_topic.pre", "policy"),
    // Changed by the aws_sns_topic_policy recorded with it.
    ("aws_sns_topic.min", "policy"),
    ("aws_codebuild_project.full", "badge_"),
    ("aws_codebuild_project.full", "build_batch_config"),
    ("aws_codebuild_project.full", "concurrent_build_limit"),
    ("aws_codebuild_project.full", "file_system_locations"),
    ("aws_codebuild_project.full", "secondary_"),
    // The original forgets the timeout of rules.
    ("aws_codepipeline.full", "stage[1].before_entry[0].condition[0].rule[0].timeout_in_minutes"),
];

/// Changes made to some objects after their making: attributes of the outermost block.
const CHANGES: &[(&str, &str)] = &[
    ("aws_codestarconnections_connection.gh", r#"{"tags":{"B":"c"}}"#),
    ("aws_cloudwatch_log_group.min", r#"{"retention_in_days":7,"tags":{"B":"c"}}"#),
    ("aws_cloudwatch_log_group.pre", r#"{"retention_in_days":0,"skip_destroy":true}"#),
    ("aws_sns_topic.min", r#"{"display_name":"Min","tags":{"B":"c"},"kms_master_key_id":"alias/aws/sns"}"#),
    ("aws_sns_topic.fifo", r#"{"content_based_deduplication":false,"tags":null}"#),
    (
        "aws_sns_topic_policy.p",
        r#"{"policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"b\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sns:Publish\",\"Resource\":\"arn:aws:sns:us-east-1:123456789012:min\"}]}"}"#,
    ),
    (
        "aws_sns_topic_subscription.sqs",
        r#"{"raw_message_delivery":false,"filter_policy":"{\"c\":[1]}","redrive_policy":null}"#,
    ),
    ("aws_codepipeline.full", r#"{"execution_mode":"PARALLEL","tags":null,"variable":[],"trigger":[]}"#),
    ("aws_codepipeline.min", r#"{"pipeline_type":"V2","execution_mode":"QUEUED","tags":{"B":"c"}}"#),
    ("aws_codebuild_project.min", r#"{"description":"d","build_timeout":15,"source_version":"x","tags":{"B":"c"}}"#),
    ("aws_codebuild_project.pipe", r#"{"cache":[],"logs_config":[],"queued_timeout":30,"vpc_config":[]}"#),
    (
        "aws_cloudwatch_event_rule.min",
        r#"{"description":"d","state":"DISABLED","event_pattern":"{\"source\": [\"y\"]}","tags":{"B":"c"}}"#,
    ),
    ("aws_cloudwatch_event_rule.old", r#"{"is_enabled":true}"#),
    ("aws_cloudwatch_event_rule.bus", r#"{"state":"ENABLED"}"#),
    ("aws_cloudwatch_event_target.tr", r#"{"input_transformer":[],"input":"{}","retry_policy":[]}"#),
    ("aws_cloudwatch_event_target.batch", r#"{"force_destroy":true}"#),
    (
        "aws_cloudtrail.full",
        r#"{"enable_logging":true,"event_selector":[],"s3_key_prefix":null,"tags":{"B":"c"},"sns_topic_name":null}"#,
    ),
    ("aws_cloudtrail.min", r#"{"enable_logging":false,"is_multi_region_trail":true,"tags":{"B":"c"}}"#),
];

struct Live {
    provider: Arc<dyn Provider>,
    findings: Vec<String>,
    /// Names recorded as generated, and those generated now.
    names: Vec<(String, String)>,
}

impl Live {
    async fn connect() -> Self {
        let factory = AwsFactory::new().unwrap();
        let provider = factory.create();
        let block = &factory.schema().config;
        let tags = from_json_state(
            &serde_json::json!([{ "tags": { "Owner": "team" } }]),
            &block.blocks["default_tags"].implied_type(),
        );
        let config = block.empty_value().with_field("default_tags", tags.unwrap());
        let diagnostics = provider.configure(&config).await;
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        Live { provider, findings: Vec::new(), names: Vec::new() }
    }

    fn find(&mut self, of: &str, what: &str, more: impl IntoIterator<Item = String>) {
        let known = |m: &String| GAPS.iter().any(|(object, attribute)| of == *object && m.contains(attribute));
        let more = more.into_iter().filter(|m| !known(m));
        self.findings.extend(more.map(|m| format!("{of} {what}: {m}")));
    }

    async fn plan(&mut self, r: &Recorded, prior: &Object) -> (Value, Vec<u8>) {
        let address = format!("{}.{}", r.type_name, r.name).parse().unwrap();
        let proposed = proposed_new(&r.block, &prior.value, &r.config);
        let plan = self.provider.plan(PlanRequest {
            address: &address,
            type_name: &r.type_name,
            prior: &prior.value,
            config: &r.config,
            proposed: &proposed,
            prior_private: &prior.private,
        });
        let plan = plan.await;
        let of = address.to_string();
        self.find(&of, "plan", plan.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.detail.clone()));
        self.find(&of, "replace", plan.requires_replace.iter().map(ToString::to_string));
        (plan.planned, plan.private)
    }

    async fn apply(&mut self, r: &Recorded, prior: &Value, planned: &Value, private: &[u8]) -> Object {
        let address = format!("{}.{}", r.type_name, r.name).parse().unwrap();
        let none = Value::null(r.block.implied_type());
        let config = if planned.is_null() { &none } else { &r.config };
        let done = self.provider.apply(ApplyRequest {
            address: &address,
            type_name: &r.type_name,
            prior,
            planned,
            config,
            private,
            progress: &Silent,
        });
        let done = done.await;
        let of = address.to_string();
        self.find(&of, "apply", done.diagnostics.iter().map(|d| format!("{} {}", d.summary, d.detail)));
        done.object
    }

    /// The configuration with the names generated now instead of the recorded ones.
    fn renamed(&self, config: &Value) -> Value {
        let rename = |v: Value| -> Result<Value, std::convert::Infallible> {
            let known = v.as_str().and_then(|text| self.names.iter().find(|(old, _)| old == text));
            Ok(known.map_or_else(|| v.clone(), |(_, new)| Value::string(new.as_str())))
        };
        config.transform(&mut |_, v| rename(v)).unwrap()
    }

    /// Makes it and compares with what the original stored.
    async fn make(&mut self, r: &mut Recorded) -> Object {
        r.config = self.renamed(&r.config);
        let of = format!("{}.{}", r.type_name, r.name);
        let nothing = Object { value: Value::null(r.block.implied_type()), private: Vec::new() };
        let (planned, private) = self.plan(r, &nothing).await;
        let made = self.apply(r, &nothing.value, &planned, &private).await;
        if made.value.is_null() {
            return made;
        }
        if let (Some(old), Some(new)) = (r.stored.get("name"), made.value.get("name"))
            && old != new
        {
            self.names.push((old.as_str().unwrap().into(), new.as_str().unwrap().into()));
        }
        let unlike = differences(&made.value, &r.stored).into_iter().filter(|d| !is_generated(d));
        self.find(&of, "stored (ours ≠ original)", unlike);
        let broken = differences(&planned, &made.value).into_iter();
        let broken = broken.filter(|d| !d.contains("(unknown) ≠") && !d.contains("null ≠"));
        self.find(&of, "predicted (planned ≠ made)", broken);
        made
    }

    async fn read(&mut self, r: &Recorded, made: &Object) -> Object {
        let of = format!("{}.{}", r.type_name, r.name);
        match self.provider.read(&of.parse().unwrap(), &r.type_name, made, &Silent).await {
            Ok((object, _)) => object,
            Err(errors) => {
                self.find(&of, "read", errors.iter().map(|d| d.detail.clone()));
                made.clone()
            }
        }
    }

    /// Makes the change listed for it, if there is one.
    async fn change(&mut self, r: &mut Recorded, made: Object) -> Object {
        let of = format!("{}.{}", r.type_name, r.name);
        let Some((_, patch)) = CHANGES.iter().find(|(name, _)| *name == of) else { return made };
        let patch: serde_json::Map<String, Json> = serde_json::from_str(patch).unwrap();
        for (name, json) in patch {
            let ty = r.config.get(&name).unwrap().ty();
            let ty = r.block.attributes.get(name.as_str()).map_or(ty, |a| a.ty.clone());
            r.config = r.config.with_field(name, from_json_state(&json, &ty).unwrap());
        }
        let now = self.read(r, &made).await;
        let (planned, private) = self.plan(r, &now).await;
        if differences(&now.value, &planned).is_empty() && of != "aws_cloudwatch_event_rule.bus" {
            self.find(&of, "change", ["nothing planned".to_owned()]);
        }
        let changed = self.apply(r, &now.value, &planned, &private).await;
        let broken = differences(&planned, &changed.value).into_iter();
        let broken = broken.filter(|d| !d.contains("(unknown) ≠") && !d.contains("null ≠"));
        self.find(&of, "changed (planned ≠ made)", broken);
        changed
    }

    async fn look_again(&mut self, r: &Recorded, made: &Object) {
        let of = format!("{}.{}", r.type_name, r.name);
        let again = self.read(r, made).await;
        self.find(&of, "read (stored ≠ read)", differences(&made.value, &again.value));
        let (planned, _) = self.plan(r, &again).await;
        self.find(&of, "second plan (now ≠ planned)", differences(&again.value, &planned));
    }
}

#[tokio::test]
async fn objects_are_stored_as_the_original_provider_stores_them() {
    if std::env::var("PIPEWRIGHT_TEST_ENDPOINT").is_err() {
        return;
    }
    let mut live = Live::connect().await;
    let mut recorded: Vec<_> = all();
    let mut made = Vec::new();
    for r in &mut recorded {
        made.push(live.make(r).await);
    }
    let hints: Vec<_> = recorded
        .iter()
        .zip(&made)
        .map(|(r, o)| ReadHint { type_name: r.type_name.clone(), prior: o.value.clone() })
        .collect();
    live.provider.prefetch(&hints, &Silent).await;
    for (r, object) in recorded.iter().zip(&made).filter(|(_, o)| !o.value.is_null()) {
        live.look_again(r, object).await;
    }
    for (r, object) in recorded.iter_mut().zip(&mut made).filter(|(_, o)| !o.value.is_null()) {
        *object = live.change(r, object.clone()).await;
    }
    for (r, object) in recorded.iter().zip(&made).filter(|(_, o)| !o.value.is_null()) {
        live.look_again(r, object).await;
    }
    for (r, object) in recorded.iter().zip(&made).rev().filter(|(_, o)| !o.value.is_null()) {
        let none = Value::null(r.block.implied_type());
        let gone = live.apply(r, &object.value, &none, &object.private).await;
        let again = live.read(r, object).await;
        let kept = object.value.get("skip_destroy").and_then(Value::as_bool) == Some(true)
            || r.type_name == "aws_sns_topic_policy";
        if !gone.value.is_null() || !(again.value.is_null() || kept) {
            live.find(&format!("{}.{}", r.type_name, r.name), "delete", ["still there".to_owned()]);
        }
        // Deleting once more what is gone is no error.
        live.apply(r, &object.value, &none, &object.private).await;
    }
    assert!(live.findings.is_empty(), "{} findings:\n{}", live.findings.len(), live.findings.join("\n"));
}
