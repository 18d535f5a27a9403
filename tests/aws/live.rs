//! Drives the provider as the engine does: validate, plan, apply, read, plan again.

use pipewright::address::ResourceInstance;
use pipewright::diagnostics::Diagnostics;
use pipewright::lang::value::{Value, from_json, to_json};
use pipewright::provider::aws::AwsFactory;
use pipewright::provider::schema::{Block, NestedBlock, Nesting, proposed_new};
use pipewright::provider::{ApplyRequest, Factory, Object, PlanRequest, PlanResponse, Progress, Provider, Silent};
use serde_json::{Map, Value as Json, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// A configured provider, and the schemas it goes by.
pub struct Live {
    factory: AwsFactory,
    pub provider: Arc<dyn Provider>,
}

/// The account the cases were recorded in; LocalStack takes it from the access key.
pub const ACCOUNT: &str = "123456789012";

/// The emulator's address, if there is one.
pub fn endpoint() -> Option<String> {
    let found = std::env::var("PIPEWRIGHT_EMULATOR").ok().filter(|e| !e.is_empty());
    if found.is_none() {
        eprintln!("skipped: PIPEWRIGHT_EMULATOR names no emulator");
    }
    found
}

/// Tells the emulator to answer the next calls otherwise; see "Made for tests" in `localstack/README.md`.
pub fn inject(endpoint: &str, fault: &Json) {
    let answer = post(endpoint, "/_pipewright/faults", "Content-Type: application/json\r\n", fault);
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}

/// Calls an operation of an AWS API past the provider: `service`, and `target` and `body` (JSON), `path` and `body` (REST) or `form` (query);
/// or pauses for `pause_ms`. What it makes may exist already.
pub fn call(endpoint: &str, wanted: &Json) {
    if let Some(pause) = wanted["pause_ms"].as_u64() {
        return std::thread::sleep(std::time::Duration::from_millis(pause));
    }
    let text = |name: &str| wanted[name].as_str().unwrap();
    let scope = format!("{ACCOUNT}/20260101/us-east-1/{}/aws4_request", text("service"));
    let target = wanted["target"].as_str().map(|t| format!("X-Amz-Target: {t}\r\n")).unwrap_or_default();
    let (kind, body) = match wanted["form"].as_object() {
        None => ("application/x-amz-json-1.1", wanted["body"].to_string()),
        Some(form) => {
            let pairs: Vec<String> = form.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap())).collect();
            ("application/x-www-form-urlencoded", pairs.join("&"))
        }
    };
    let headers = format!(
        "Content-Type: {kind}\r\n{target}Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n"
    );
    let answer = post_text(endpoint, wanted["path"].as_str().unwrap_or("/"), &headers, &body);
    let there = answer.contains("Exist") || answer.contains("Duplicate");
    assert!(answer.starts_with("HTTP/1.1 2") || there, "{answer}");
}

fn post(endpoint: &str, path: &str, headers: &str, body: &Json) -> String {
    post_text(endpoint, path, headers, &body.to_string())
}

fn post_text(endpoint: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://").trim_end_matches('/')).unwrap();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What an operation says it waits for.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<String>>);

impl Progress for Told {
    fn waiting(&self, reason: &str) {
        self.0.lock().unwrap().push(reason.to_owned());
    }

    fn interrupted(&self) -> bool {
        false
    }
}

/// All of them as text.
pub fn say(diagnostics: &Diagnostics) -> String {
    diagnostics.iter().map(|d| format!("{}: {} {:?}\n", d.summary, d.detail, d.hint)).collect()
}

/// The JSON with every attribute and block of the schema: null and empty where it says nothing.
fn complete(block: &Block, json: &Json) -> Json {
    let mut out = Map::new();
    for name in block.attributes.keys() {
        out.insert(name.to_string(), json.get(name.as_ref()).cloned().unwrap_or(Json::Null));
    }
    for (name, nested) in &block.blocks {
        out.insert(name.to_string(), complete_nested(nested, json.get(name.as_ref())));
    }
    Json::Object(out)
}

fn complete_nested(nested: &NestedBlock, json: Option<&Json>) -> Json {
    match (nested.nesting, json) {
        (Nesting::Single | Nesting::Group, None) => Json::Null,
        (Nesting::Single | Nesting::Group, Some(json)) => complete(&nested.block, json),
        (_, None) => json!([]),
        (_, Some(items)) => items.as_array().unwrap().iter().map(|i| complete(&nested.block, i)).collect(),
    }
}

impl Live {
    /// A provider that talks to this endpoint; `settings` are further attributes of its block.
    pub async fn new(endpoint: &str, settings: Json) -> Self {
        let (live, wrong) = Self::try_new(endpoint, settings).await;
        assert!(!wrong.has_errors(), "{}", say(&wrong));
        live
    }

    /// The same, with what configuring it said.
    pub async fn try_new(endpoint: &str, settings: Json) -> (Self, Diagnostics) {
        let factory = AwsFactory::new().unwrap();
        let services = factory.schema().config.blocks["endpoints"].block.attributes.keys();
        let endpoints: Map<String, Json> = services.map(|s| (s.to_string(), json!(endpoint))).collect();
        let mut config = json!({
            "region": "us-east-1", "access_key": ACCOUNT, "secret_key": "test", "s3_use_path_style": true,
            "endpoints": [endpoints],
        });
        for (name, value) in settings.as_object().unwrap() {
            config[name] = value.clone();
        }
        let block = &factory.schema().config;
        let config = from_json(&complete(block, &config), &block.implied_type()).unwrap();
        let provider = factory.create();
        let wrong = provider.configure(&config).await;
        (Live { factory, provider }, wrong)
    }

    fn block(&self, ty: &str) -> Block {
        self.factory.schema().resources.get(ty).unwrap_or_else(|| panic!("no type {ty}")).block.clone()
    }

    /// The configuration of a resource.
    pub fn config(&self, ty: &str, json: &Json) -> Value {
        let block = self.block(ty);
        from_json(&complete(&block, json), &block.implied_type()).unwrap()
    }

    /// No object of this type.
    pub fn none(&self, ty: &str) -> Object {
        Object { value: Value::null(self.block(ty).implied_type()), private: Vec::new() }
    }

    fn address(ty: &str) -> ResourceInstance {
        format!("{ty}.test").parse().unwrap()
    }

    /// Validates and plans; errors panic.
    pub async fn plan(&self, ty: &str, prior: &Object, config: &Value) -> PlanResponse {
        let wrong = self.provider.validate_resource(ty, config);
        assert!(!wrong.has_errors(), "{ty}: {}", say(&wrong));
        let address = Self::address(ty);
        let proposed = proposed_new(&self.block(ty), &prior.value, config);
        let request = PlanRequest {
            address: &address,
            type_name: ty,
            prior: &prior.value,
            config,
            proposed: &proposed,
            prior_private: &prior.private,
        };
        let response = self.provider.plan(request).await;
        assert!(!response.diagnostics.has_errors(), "{ty}: {}", say(&response.diagnostics));
        response
    }

    /// Plans and applies a new object that AWS refuses: what was said.
    pub async fn refused(&self, ty: &str, config: &Value) -> Diagnostics {
        self.refused_after(ty, config, &Silent).await
    }

    /// The same, telling what it waits for.
    pub async fn refused_after(&self, ty: &str, config: &Value, progress: &dyn Progress) -> Diagnostics {
        let (address, none) = (Self::address(ty), self.none(ty));
        let plan = self.plan(ty, &none, config).await;
        let request = ApplyRequest {
            address: &address,
            type_name: ty,
            prior: &none.value,
            planned: &plan.planned,
            config,
            private: &plan.private,
            progress,
        };
        let response = self.provider.apply(request).await;
        assert!(response.object.value.is_null(), "{ty}: an object that was never made is kept");
        response.diagnostics
    }

    /// Plans and applies; errors and surprises panic.
    pub async fn apply(&self, ty: &str, prior: &Object, config: &Value) -> Object {
        let (object, surprises) = self.try_apply(ty, prior, config).await;
        assert_eq!(surprises, Vec::<String>::new(), "{ty}: what was planned is not what came");
        object
    }

    /// The same, with the attributes that came otherwise than planned.
    pub async fn try_apply(&self, ty: &str, prior: &Object, config: &Value) -> (Object, Vec<String>) {
        let plan = self.plan(ty, prior, config).await;
        assert!(plan.requires_replace.is_empty(), "{ty} wants a new object: {:?}", plan.requires_replace);
        let address = Self::address(ty);
        let request = ApplyRequest {
            address: &address,
            type_name: ty,
            prior: &prior.value,
            planned: &plan.planned,
            config,
            private: &plan.private,
            progress: &Silent,
        };
        let response = self.provider.apply(request).await;
        assert!(!response.diagnostics.has_errors(), "{ty}: {}", say(&response.diagnostics));
        let surprises = known_parts_differ(&plan.planned, &response.object.value);
        (response.object, surprises)
    }

    /// Plans and applies a new object; errors panic. Returns what it waited for too.
    pub async fn watched(&self, ty: &str, config: &Value) -> (Object, Vec<String>) {
        let (none, told) = (self.none(ty), Told::default());
        let plan = self.plan(ty, &none, config).await;
        let address = Self::address(ty);
        let request = ApplyRequest {
            address: &address,
            type_name: ty,
            prior: &none.value,
            planned: &plan.planned,
            config,
            private: &plan.private,
            progress: &told,
        };
        let made = self.provider.apply(request).await;
        assert!(!made.diagnostics.has_errors(), "{ty}: {}", say(&made.diagnostics));
        (made.object, told.0.into_inner().unwrap())
    }

    /// Deletes; errors panic.
    pub async fn delete(&self, ty: &str, prior: &Object) {
        let address = Self::address(ty);
        let none = self.none(ty);
        let request = ApplyRequest {
            address: &address,
            type_name: ty,
            prior: &prior.value,
            planned: &none.value,
            config: &none.value,
            private: &prior.private,
            progress: &Silent,
        };
        let response = self.provider.apply(request).await;
        assert!(!response.diagnostics.has_errors(), "{ty}: {}", say(&response.diagnostics));
    }

    /// Reads a data resource; errors panic.
    pub async fn read_data(&self, ty: &str, config: &Json) -> Value {
        let block = self.factory.schema().data.get(ty).unwrap_or_else(|| panic!("no data type {ty}")).block.clone();
        let config = from_json(&complete(&block, config), &block.implied_type()).unwrap();
        let wrong = self.provider.validate_data(ty, &config);
        assert!(!wrong.has_errors(), "data {ty}: {}", say(&wrong));
        let address = format!("data.{ty}.test").parse().unwrap();
        match self.provider.read_data(&address, ty, &config, &Silent).await {
            Ok((value, _)) => value,
            Err(wrong) => panic!("data {ty}: {}", say(&wrong)),
        }
    }

    /// Reads; errors panic.
    pub async fn read(&self, ty: &str, prior: &Object) -> Object {
        match self.provider.read(&Self::address(ty), ty, prior, &Silent).await {
            Ok((object, _)) => object,
            Err(wrong) => panic!("{ty}: {}", say(&wrong)),
        }
    }
}

/// Attributes whose planned value was known and is another one afterwards.
fn known_parts_differ(planned: &Value, applied: &Value) -> Vec<String> {
    let (planned, applied) = (planned.fields().unwrap(), applied.fields().unwrap());
    let differs = |(name, p): (&Arc<str>, &Value)| {
        let a = &applied[name];
        (p.is_wholly_known() && !same(p, a)).then(|| format!("{name}: {:?} → {:?}", to_json(p), to_json(a)))
    };
    planned.iter().filter_map(differs).collect()
}

/// Equal but for null and the zero of a type, anywhere inside.
fn same(a: &Value, b: &Value) -> bool {
    fn plain(json: Json) -> Json {
        match json {
            Json::Object(f) => f.into_iter().map(|(k, v)| (k, plain(v))).collect::<Map<_, _>>().into(),
            Json::Array(i) => {
                let mut i: Vec<Json> = i.into_iter().map(plain).collect();
                i.sort_by_key(Json::to_string);
                if i.is_empty() { Json::Null } else { i.into() }
            }
            Json::String(s) if s.is_empty() => Json::Null,
            Json::Bool(false) => Json::Null,
            Json::Number(n) if n.as_str() == "0" => Json::Null,
            other => other,
        }
    }
    plain(to_json(a).unwrap()) == plain(to_json(b).unwrap())
}
