//! State in memory. Attributes stay JSON until someone with a schema asks, so a state passes through unchanged where nothing touches it.

use crate::address::{AbsResource, InstanceKey, ProviderConfig, ResourceInstance};
use crate::lang::value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A whole state snapshot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Version of the program that wrote it, as a semantic version.
    pub terraform_version: String,
    /// Rises by one with each persisted snapshot that differs.
    pub serial: u64,
    /// Set once; empty until the first snapshot is written.
    pub lineage: String,
    /// Outputs of the root module.
    pub outputs: BTreeMap<String, OutputValue>,
    /// Resources by address, in the file's order (module, mode, type, name).
    pub resources: BTreeMap<AbsResource, ResourceState>,
    /// Results of checks; `None` when there was nothing to check.
    pub check_results: Option<Vec<serde_json::Value>>,
    /// Top-level keys this program does not know.
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

/// A stored output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputValue {
    /// Its value; unmarked.
    pub value: Value,
    /// Its type as stored.
    pub ty: Type,
    /// Never printed.
    pub sensitive: bool,
}

/// All objects of one resource block in one module instance.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceState {
    /// The provider configuration that manages it.
    pub provider: ProviderConfig,
    /// By instance key; an instance may have a current object and deposed ones.
    pub instances: BTreeMap<Option<InstanceKey>, InstanceState>,
    /// Keys this program does not know.
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

/// Objects of one instance. Objects are shared: a plan holds several snapshots, which differ in few of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InstanceState {
    /// The object in use.
    pub current: Option<Arc<ObjectState>>,
    /// Objects waiting to be destroyed, by their 8-digit hexadecimal key.
    pub deposed: BTreeMap<String, Arc<ObjectState>>,
}

/// Whether an object is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectStatus {
    /// As planned.
    #[default]
    Ready,
    /// To be replaced: creation failed half-way, or the person said so.
    Tainted,
}

/// One stored object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObjectState {
    /// Ready or tainted.
    pub status: ObjectStatus,
    /// Schema version of the attributes.
    pub schema_version: u64,
    /// Attributes as JSON, in the file's order.
    pub attributes: serde_json::Value,
    /// Paths of sensitive attributes, as stored (formats: array of steps).
    pub sensitive_paths: Vec<serde_json::Value>,
    /// The provider's bytes (decoded from base64).
    pub private: Vec<u8>,
    /// Configuration addresses it depends on, direct and transitive, sorted.
    pub dependencies: Vec<String>,
    /// Whether its replacement is created first.
    pub create_before_destroy: bool,
    /// Keys this program does not know.
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

impl State {
    /// Whether it holds neither resources nor outputs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// The objects of an instance.
    pub fn instance(&self, address: &ResourceInstance) -> Option<&InstanceState> {
        self.resources.get(&address.abs_resource())?.instances.get(&address.key)
    }

    /// The current object of an instance.
    pub fn current(&self, address: &ResourceInstance) -> Option<&ObjectState> {
        self.instance(address)?.current.as_deref()
    }

    /// The deposed object of an instance with this key, or the current one where there is no key.
    pub fn object(&self, address: &ResourceInstance, deposed: Option<&str>) -> Option<&ObjectState> {
        match deposed {
            Some(key) => self.instance(address)?.deposed.get(key).map(|object| &**object),
            None => self.current(address),
        }
    }

    /// Every instance, in order.
    pub fn instances(&self) -> impl Iterator<Item = (ResourceInstance, &ResourceState, &InstanceState)> {
        self.resources.iter().flat_map(|(address, resource)| {
            resource.instances.iter().map(move |(key, instance)| (address.instance(key.clone()), resource, instance))
        })
    }

    /// Sets or removes the current object; empty instances and resources vanish. One equal to the object that is there leaves that in
    /// place, shared with other snapshots.
    pub fn set_current(&mut self, address: &ResourceInstance, provider: &ProviderConfig, object: Option<ObjectState>) {
        self.edit(address, provider, |instance| {
            if instance.current.as_deref() != object.as_ref() {
                instance.current = object.map(Arc::new);
            }
        });
    }

    /// Sets or removes a deposed object.
    pub fn set_deposed(
        &mut self,
        address: &ResourceInstance,
        key: &str,
        provider: &ProviderConfig,
        object: Option<ObjectState>,
    ) {
        self.edit(address, provider, |instance| {
            match object {
                Some(object) => instance.deposed.insert(key.to_owned(), Arc::new(object)),
                None => instance.deposed.remove(key),
            };
        });
    }

    fn edit(&mut self, address: &ResourceInstance, provider: &ProviderConfig, change: impl FnOnce(&mut InstanceState)) {
        let abs = address.abs_resource();
        let resource = self.resources.entry(abs.clone()).or_insert_with(|| ResourceState {
            provider: provider.clone(),
            instances: BTreeMap::new(),
            unknown: serde_json::Map::new(),
        });
        resource.provider = provider.clone();
        let instance = resource.instances.entry(address.key.clone()).or_default();
        change(instance);
        if instance.current.is_none() && instance.deposed.is_empty() {
            resource.instances.remove(&address.key);
        }
        if resource.instances.is_empty() {
            self.resources.remove(&abs);
        }
    }
}
