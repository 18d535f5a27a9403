//! The state for programs: `show -json`, and the `prior_state` of a plan. Format version 1.0.

use super::mask;
use crate::address::{InstanceKey, Mode, ModuleInstance, ProviderConfig, Resource, ResourceInstance};
use crate::provider::Registry;
use crate::state::TERRAFORM_VERSION;
use crate::state::model::{ObjectState, ObjectStatus, OutputValue, State};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A resource entry, in state values and planned values alike.
pub(super) struct Entry<'a> {
    pub(super) address: &'a ResourceInstance,
    pub(super) provider: &'a ProviderConfig,
    pub(super) schema_version: u64,
    pub(super) values: Json,
    pub(super) sensitive_values: Json,
    /// Only in state values.
    pub(super) depends_on: &'a [String],
    pub(super) tainted: bool,
    pub(super) deposed: Option<&'a str>,
}

impl Entry<'_> {
    fn json(&self) -> Json {
        let mut out = Map::new();
        identity(self.address, &mut out);
        out.insert("provider_name".into(), json!(self.provider.source.to_string()));
        out.insert("schema_version".into(), json!(self.schema_version));
        out.insert("values".into(), self.values.clone());
        out.insert("sensitive_values".into(), self.sensitive_values.clone());
        if !self.depends_on.is_empty() {
            out.insert("depends_on".into(), json!(self.depends_on));
        }
        if self.tainted {
            out.insert("tainted".into(), json!(true));
        }
        if let Some(key) = self.deposed {
            out.insert("deposed_key".into(), json!(key));
        }
        Json::Object(out)
    }
}

/// `address`, `mode`, `type`, `name`, `index`
pub(super) fn identity(address: &ResourceInstance, out: &mut Map<String, Json>) {
    let Resource { mode, type_name, name } = &address.resource;
    out.insert("address".into(), json!(address.to_string()));
    out.insert("mode".into(), json!(mode.as_str()));
    out.insert("type".into(), json!(type_name));
    out.insert("name".into(), json!(name));
    if let Some(index) = index(&address.key) {
        out.insert("index".into(), index);
    }
}

/// An instance key as JSON.
pub(super) fn index(key: &Option<InstanceKey>) -> Option<Json> {
    match key.as_ref()? {
        InstanceKey::Int(n) => Some(json!(n)),
        InstanceKey::Str(s) => Some(json!(s)),
    }
}

/// Entries as a tree of modules: `{resources, child_modules}`.
pub(super) fn module_tree(entries: &[Entry<'_>]) -> Json {
    let mut by_module: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for entry in entries {
        by_module.entry(entry.address.module.clone()).or_default().push(entry.json());
        let mut above = entry.address.module.parent();
        while let Some(module) = above {
            above = module.parent();
            by_module.entry(module).or_default();
        }
    }
    module_node(&ModuleInstance::root(), &by_module)
}

fn module_node(module: &ModuleInstance, all: &BTreeMap<ModuleInstance, Vec<Json>>) -> Json {
    let mut out = Map::new();
    if let Some(resources) = all.get(module).filter(|r| !r.is_empty()) {
        out.insert("resources".into(), json!(resources));
    }
    if !module.is_root() {
        out.insert("address".into(), json!(module.to_string()));
    }
    let children: Vec<Json> =
        all.keys().filter(|m| m.parent().as_ref() == Some(module)).map(|child| module_node(child, all)).collect();
    if !children.is_empty() {
        out.insert("child_modules".into(), json!(children));
    }
    Json::Object(out)
}

/// An output with its type; `hide` leaves out the value of a sensitive one.
pub fn output(output: &OutputValue, hide: bool) -> Json {
    let mut out = Map::new();
    out.insert("sensitive".into(), json!(output.sensitive));
    out.insert("type".into(), output.ty.to_json());
    if !(hide && output.sensitive) {
        out.insert("value".into(), mask::known(&output.value));
    }
    Json::Object(out)
}

/// The state inside a plan: the document without results of checks, which a plan has of its own.
pub(super) fn snapshot(state: &State, registry: &Registry) -> Json {
    json!({ "format_version": "1.0", "terraform_version": TERRAFORM_VERSION, "values": values(state, registry) })
}

/// The whole document. Objects of types without a schema show their stored attributes as they are.
pub fn document(state: &State, registry: &Registry) -> Json {
    if state.is_empty() && state.check_results.is_none() {
        return json!({ "format_version": "1.0" });
    }
    let mut out = snapshot(state, registry).as_object().cloned().unwrap_or_default();
    if let Some(checks) = state.check_results.as_ref().filter(|c| !c.is_empty()) {
        out.insert("checks".into(), json!(checks.iter().map(check).collect::<Vec<_>>()));
    }
    Json::Object(out)
}

fn values(state: &State, registry: &Registry) -> Json {
    let mut owned: Vec<(ResourceInstance, &ProviderConfig, &ObjectState, Option<&str>)> = Vec::new();
    for (address, resource, instance) in state.instances() {
        if let Some(object) = &instance.current {
            owned.push((address.clone(), &resource.provider, object, None));
        }
        for (key, object) in &instance.deposed {
            owned.push((address.clone(), &resource.provider, object, Some(key)));
        }
    }
    let entries: Vec<Entry<'_>> = owned
        .iter()
        .map(|(address, provider, object, deposed)| {
            let resource = &address.resource;
            let schema = registry.resource_schema(&provider.source, resource.mode, &resource.type_name);
            let value = schema.as_ref().and_then(|schema| {
                let value = object.decode(schema).ok()?;
                Some(schema.block.without_unset_extensions(&value))
            });
            let (values, sensitive_values) = match &value {
                Some(value) => (mask::known(value), mask::sensitive(value)),
                None => (object.attributes.clone(), json!({})),
            };
            Entry {
                address,
                provider,
                schema_version: object.schema_version,
                values,
                sensitive_values,
                depends_on: &object.dependencies,
                tainted: object.status == ObjectStatus::Tainted,
                deposed: *deposed,
            }
        })
        .collect();
    let mut out = Map::new();
    if !state.outputs.is_empty() {
        let outputs: Map<String, Json> =
            state.outputs.iter().map(|(name, o)| (name.clone(), output(o, false))).collect();
        out.insert("outputs".into(), Json::Object(outputs));
    }
    out.insert("root_module".into(), module_tree(&entries));
    Json::Object(out)
}

/// A stored check result in the shape of plans.
fn check(stored: &Json) -> Json {
    let text = |key: &str| stored.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let kind = match text("object_kind").as_str() {
        "output" => "output_value".to_owned(),
        other => other.to_owned(),
    };
    let objects = stored.get("objects").and_then(Json::as_array).cloned().unwrap_or_default();
    let instances: Vec<Json> = objects
        .iter()
        .map(|object| {
            let address = object.get("object_addr").and_then(Json::as_str).unwrap_or_default();
            let mut out =
                json!({ "address": check_instance(kind == "resource", address), "status": object.get("status") });
            let messages = object.get("failure_messages").and_then(Json::as_array);
            if let (Some(messages), Some(fields)) = (messages, out.as_object_mut()) {
                let problems: Vec<Json> = messages.iter().map(|m| json!({ "message": m })).collect();
                fields.insert("problems".into(), json!(problems));
            }
            out
        })
        .collect();
    json!({ "address": check_address(&kind, &text("config_addr")), "status": text("status"), "instances": instances })
}

/// The address of one checked object, taken apart.
pub(super) fn check_instance(resource: bool, address: &str) -> Json {
    let mut out = Map::new();
    out.insert("to_display".into(), json!(address));
    if let (true, Ok(address)) = (resource, address.parse::<ResourceInstance>()) {
        if !address.module.is_root() {
            out.insert("module".into(), json!(address.module.to_string()));
        }
        if let Some(key) = index(&address.key) {
            out.insert("instance_key".into(), key);
        }
    } else if let Some(at) = ["var.", "output.", "check."].iter().filter_map(|kind| address.rfind(kind)).max() {
        let module = address.get(..at).unwrap_or_default().trim_end_matches('.');
        if !module.is_empty() {
            out.insert("module".into(), json!(module));
        }
    }
    Json::Object(out)
}

/// The static address of a checkable block, taken apart.
pub(super) fn check_address(kind: &str, address: &str) -> Json {
    let mut out = Map::new();
    out.insert("kind".into(), json!(kind));
    out.insert("to_display".into(), json!(address));
    let (module, local) = match address.rfind("module.") {
        Some(at) if address.starts_with("module.") => {
            let rest = address.get(at + "module.".len()..).unwrap_or_default();
            let end = at + "module.".len() + rest.find('.').unwrap_or(rest.len());
            (address.get(..end).unwrap_or_default(), address.get(end + 1..).unwrap_or_default())
        }
        _ => ("", address),
    };
    if kind == "resource" {
        if let Ok(address) = local.parse::<ResourceInstance>() {
            out.insert("mode".into(), json!(address.resource.mode.as_str()));
            out.insert("type".into(), json!(address.resource.type_name));
            out.insert("name".into(), json!(address.resource.name));
        }
    } else if let Some((_, name)) = local.split_once('.') {
        out.insert("name".into(), json!(name));
    }
    if !module.is_empty() {
        out.insert("module".into(), json!(module));
    }
    Json::Object(out)
}

/// Whether an entry belongs to a plan's planned values: ephemeral ones never do.
pub(super) fn is_stored(address: &ResourceInstance) -> bool {
    address.resource.mode != Mode::Ephemeral
}
