//! A provider in memory: objects with ids, scripted failures and delays, and a record of what it was asked for, in order.

use crate::address::{ProviderSource, ResourceInstance};
use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::{Path, Type, Value, from_json_state};
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting, ProviderSchema, Schema};
use crate::provider::*;
use async_trait::async_trait;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the provider does for an address, besides what it always does.
#[derive(Clone, Default)]
pub struct Script {
    /// Creating fails with nothing made.
    pub fail_create: bool,
    /// Creating fails half-way.
    pub half_create: bool,
    /// Deleting fails.
    pub fail_delete: bool,
    /// Updating fails.
    pub fail_update: bool,
    /// How long a change takes.
    pub delay: Option<Duration>,
    /// Cancelled when a change of it runs.
    pub cancel: Option<CancellationToken>,
}

/// The world: objects by id, and what was asked.
#[derive(Default)]
pub struct World {
    pub objects: BTreeMap<String, Value>,
    pub log: Vec<String>,
    pub scripts: HashMap<String, Script>,
    next: u32,
    running: usize,
    pub most_running: usize,
    pub configured: usize,
}

impl World {
    /// A host shows how many parts there are on it.
    fn count_parts(&mut self) {
        let hosts: Vec<String> =
            self.objects.values().filter_map(|v| v.get("host")?.as_str().map(str::to_owned)).collect();
        for (id, object) in &mut self.objects {
            if object.get("parts").is_some() {
                let count = hosts.iter().filter(|h| *h == id).count();
                *object = object.with_field("parts", Value::number(count as i64));
            }
        }
    }
}

#[derive(Clone)]
pub struct Mock {
    pub world: Arc<Mutex<World>>,
    schema: Arc<ProviderSchema>,
}

fn attribute(ty: Type, flags: &str) -> Attribute {
    Attribute {
        ty,
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
        deprecated: false,
    }
}

fn block(attributes: Vec<(&str, Attribute)>, blocks: Vec<(&str, NestedBlock)>) -> Block {
    Block {
        attributes: attributes.into_iter().map(|(n, a)| (Arc::from(n), a)).collect(),
        blocks: blocks.into_iter().map(|(n, b)| (Arc::from(n), b)).collect(),
        ..Block::default()
    }
}

impl Default for Mock {
    fn default() -> Self {
        let nested = |nesting, min_items, max_items| NestedBlock {
            nesting,
            block: block(vec![("name", attribute(Type::String, "r")), ("size", attribute(Type::Number, "o"))], vec![]),
            min_items,
            max_items,
        };
        let thing = block(
            vec![
                ("id", attribute(Type::String, "c")),
                ("name", attribute(Type::String, "o")),
                ("kind", attribute(Type::String, "o")),
                ("secret", attribute(Type::String, "os")),
                ("token", attribute(Type::String, "ow")),
                ("size", attribute(Type::Number, "oc")),
                ("tags", attribute(Type::map(Type::String), "o")),
                ("needs", attribute(Type::list(Type::String), "o")),
                ("rules", attribute(Type::list(Type::object([("port", Type::Number), ("open", Type::Bool)])), "oc")),
            ],
            vec![
                ("stage", nested(Nesting::List, 0, 0)),
                ("label", nested(Nesting::Set, 0, 0)),
                ("one", nested(Nesting::List, 0, 1)),
            ],
        );
        let must = block(
            vec![("id", attribute(Type::String, "c")), ("name", attribute(Type::String, "r"))],
            vec![("part", nested(Nesting::List, 1, 2))],
        );
        let host = block(
            vec![
                ("id", attribute(Type::String, "c")),
                ("name", attribute(Type::String, "o")),
                ("parts", attribute(Type::Number, "oc")),
            ],
            vec![],
        );
        let part = block(vec![("id", attribute(Type::String, "c")), ("host", attribute(Type::String, "r"))], vec![]);
        let lookup = block(vec![("id", attribute(Type::String, "c")), ("name", attribute(Type::String, "r"))], vec![]);
        let secret =
            block(vec![("name", attribute(Type::String, "r")), ("value", attribute(Type::String, "cs"))], vec![]);
        let schema = |block, version| Arc::new(Schema { version, block });
        let schema = ProviderSchema {
            config: block(vec![("region", attribute(Type::String, "o"))], vec![]),
            resources: [
                ("mock_thing".to_owned(), schema(thing, 1)),
                ("mock_must".to_owned(), schema(must, 0)),
                ("mock_host".to_owned(), schema(host, 0)),
                ("mock_part".to_owned(), schema(part, 0)),
            ]
            .into(),
            data: [("mock_lookup".to_owned(), schema(lookup, 0))].into(),
            ephemeral: [("mock_secret".to_owned(), schema(secret, 0))].into(),
            original_types: "data.mock_future\nmock_future\n",
            ..ProviderSchema::default()
        };
        Mock { world: Arc::default(), schema: Arc::new(schema) }
    }
}

impl Mock {
    pub fn script(&self, address: &str, script: Script) {
        self.world.lock().unwrap().scripts.insert(address.to_owned(), script);
    }

    /// What was asked since the last call.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.world.lock().unwrap().log)
    }

    fn log(&self, text: String) {
        self.world.lock().unwrap().log.push(text);
    }
}

impl Factory for Mock {
    fn source(&self) -> ProviderSource {
        ProviderSource::hashicorp("mock")
    }
    fn version(&self) -> &str {
        "1.0.0"
    }
    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }
    fn create(&self) -> Arc<dyn Provider> {
        Arc::new(self.clone())
    }
    /// A thing whose kind names a must-have waits for the things whose name does.
    fn companions(&self) -> &[Companion] {
        const COMPANIONS: &[Companion] = &[Companion {
            type_name: "mock_thing",
            attribute: "kind",
            shared: "mock_must",
            waits_for: &[("mock_thing", "name")],
        }];
        COMPANIONS
    }
}

#[async_trait(?Send)]
impl Provider for Mock {
    fn validate_resource(&self, _: &str, config: &Value) -> Diagnostics {
        match config.get("name").and_then(Value::as_str) {
            Some("forbidden") => Diagnostic::error("Bad name", "This name is forbidden.")
                .attribute(vec![AttributeStep::Name("name".into())])
                .into(),
            _ => Diagnostics::new(),
        }
    }
    fn validate_data(&self, _: &str, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }
    fn validate_config(&self, _: &Value) -> Diagnostics {
        Diagnostics::new()
    }
    async fn configure(&self, _: &Value) -> Diagnostics {
        self.world.lock().unwrap().configured += 1;
        Diagnostics::new()
    }
    fn upgrade_state(&self, type_name: &str, _: u64, attributes: &serde_json::Value) -> Result<Value, Diagnostics> {
        let schema = self.schema.resources.get(type_name).or(self.schema.data.get(type_name)).cloned().unwrap();
        from_json_state(attributes, &schema.block.implied_type())
            .map_err(|e| Diagnostic::error("Unreadable", e.to_string()).into())
    }
    async fn prefetch(&self, hints: &[ReadHint], _: &dyn Progress) {
        self.log(format!("prefetch {}", hints.len()));
    }
    async fn read(
        &self,
        address: &ResourceInstance,
        _: &str,
        prior: &Object,
        _: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        self.log(format!("read {address}"));
        let id = prior.value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let world = self.world.lock().unwrap();
        let value = world.objects.get(&id).cloned().unwrap_or_else(|| Value::null(Type::Dynamic));
        Ok((Object { value, private: prior.private.clone() }, Diagnostics::new()))
    }
    async fn plan(&self, request: PlanRequest<'_>) -> PlanResponse {
        let mut planned = request.proposed.clone();
        let mut requires_replace = Vec::new();
        if request.prior.is_null() {
            planned = planned.with_field("id", Value::unknown_not_null(Type::String));
            if planned.get("size").is_some_and(Value::is_null) {
                planned = planned.with_field("size", Value::unknown(Type::Number));
            }
            if planned.get("parts").is_some_and(Value::is_null) {
                planned = planned.with_field("parts", Value::unknown(Type::Number));
            }
            if planned.get("rules").is_some_and(Value::is_null) {
                planned = planned.with_field(
                    "rules",
                    Value::list(Type::object([("port", Type::Number), ("open", Type::Bool)]), vec![]),
                );
            }
        } else {
            requires_replace.push(Path::attrs(["kind"]));
        }
        PlanResponse { planned, requires_replace, private: b"p".to_vec(), diagnostics: Diagnostics::new() }
    }
    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let address = request.address.to_string();
        let word = match (request.prior.is_null(), request.planned.is_null()) {
            (true, _) => "create",
            (_, true) => "delete",
            _ => "update",
        };
        let script = {
            let mut world = self.world.lock().unwrap();
            world.log.push(format!("{word} {address}"));
            if let Some(token) = request.config.get("token").and_then(Value::as_str) {
                world.log.push(format!("token {token}"));
            }
            world.running += 1;
            world.most_running = world.most_running.max(world.running);
            world.scripts.get(&address).cloned().unwrap_or_default()
        };
        if let Some(cancel) = &script.cancel {
            cancel.cancel();
        }
        tokio::time::sleep(script.delay.unwrap_or(Duration::from_millis(1))).await;
        let mut world = self.world.lock().unwrap();
        world.running -= 1;
        world.log.push(format!("{word}d {address}"));
        let fail = |text: &str| Diagnostics::from(Diagnostic::error("Mock failure", text));
        let answer = |value: Value, diagnostics| ApplyResponse {
            object: Object { value, private: b"private".to_vec() },
            diagnostics,
        };
        let nothing = Value::null(Type::Dynamic);
        match word {
            "create" if script.fail_create => answer(nothing, fail("create")),
            "delete" if script.fail_delete => answer(request.prior.clone(), fail("delete")),
            "update" if script.fail_update => answer(request.prior.clone(), fail("update")),
            "delete" => {
                let id = request.prior.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                world.objects.remove(&id);
                world.count_parts();
                answer(nothing, Diagnostics::new())
            }
            _ => {
                let mut value = request.planned.clone();
                if value.get("id").is_some_and(|v| !v.is_known()) {
                    world.next += 1;
                    let id = format!("id-{}", world.next);
                    value = value.with_field("id", Value::string(id));
                }
                if value.get("size").is_some_and(|v| !v.is_known()) {
                    value = value.with_field("size", Value::number(1));
                }
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                if value.get("parts").is_some_and(|v| !v.is_known()) {
                    value = value.with_field("parts", Value::number(0));
                }
                world.objects.insert(id, value.clone());
                world.count_parts();
                let diagnostics = if script.half_create { fail("half-way") } else { Diagnostics::new() };
                answer(value, diagnostics)
            }
        }
    }
    async fn open_ephemeral(
        &self,
        address: &ResourceInstance,
        _: &str,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        let name = config.get("name").and_then(Value::as_str).unwrap_or_default();
        self.log(format!("open {address} {name}"));
        let value = config.with_field("value", Value::string(format!("secret-{name}")));
        Ok((Object { value, private: name.as_bytes().to_vec() }, Diagnostics::new()))
    }
    async fn close_ephemeral(&self, _: &str, private: &[u8], _: &dyn Progress) -> Diagnostics {
        self.log(format!("close {}", String::from_utf8_lossy(private)));
        Diagnostics::new()
    }
    fn mirrors(&self, type_name: &str) -> &'static [Mirror] {
        match type_name {
            "mock_host" => &[Mirror { attribute: "parts", of: &["mock_part"] }],
            _ => &[],
        }
    }
    async fn import(&self, type_name: &str, id: &str, _: &dyn Progress) -> Result<Vec<Imported>, Diagnostics> {
        self.log(format!("import {id}"));
        let schema = self.schema.resources.get(type_name).unwrap();
        let value = schema.block.empty_value().with_field("id", Value::string(id));
        Ok(vec![Imported { type_name: type_name.to_owned(), object: Object { value, private: vec![] } }])
    }
    async fn read_data(
        &self,
        address: &ResourceInstance,
        _: &str,
        config: &Value,
        _: &dyn Progress,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        self.log(format!("read {address}"));
        let name = config.get("name").and_then(Value::as_str).unwrap_or_default();
        if name == "missing" {
            return Err(Diagnostic::error("Not found", "There is no such thing.").into());
        }
        Ok((config.with_field("id", Value::string(format!("data-{name}"))), Diagnostics::new()))
    }
}
