//! State to text.

use super::json::{self, Digest};
use crate::address::{InstanceKey, Mode};
use crate::lang::value::to_json_state;
use crate::state::model::{ObjectState, ObjectStatus, OutputValue, ResourceState, State};
use base64::Engine;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};
use std::io;

/// The state as Terraform writes it: two spaces of indentation, a line break at the end, everything in its order.
pub fn write(state: &State) -> String {
    json::pretty(&Document { state, identity: true })
}

/// What [`write`] gives, without holding it.
///
/// # Errors
/// When writing fails.
pub fn write_to(state: &State, out: impl io::Write) -> io::Result<()> {
    json::write_pretty(&Document { state, identity: true }, out)
}

/// What two snapshots are compared by: everything but serial, lineage and the writer's version.
pub fn digest(state: &State) -> Digest {
    json::digest(&Document { state, identity: false })
}

struct Document<'a> {
    state: &'a State,
    /// Whether serial, lineage and writer are part of it, and the order of sensitive paths matters.
    identity: bool,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state = self.state;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &4)?;
        if self.identity {
            map.serialize_entry("terraform_version", &state.terraform_version)?;
            map.serialize_entry("serial", &state.serial)?;
            map.serialize_entry("lineage", &state.lineage)?;
        }
        let outputs: Map<String, Json> =
            state.outputs.iter().filter_map(|(name, o)| Some((name.clone(), output(o)?))).collect();
        map.serialize_entry("outputs", &outputs)?;
        map.serialize_entry("resources", &Resources(self))?;
        map.serialize_entry("check_results", &state.check_results)?;
        rest(&mut map, &state.unknown, &[])?;
        map.end()
    }
}

/// `None` for a value that cannot be stored (unknown); such an output is left out, as Terraform does.
fn output(output: &OutputValue) -> Option<Json> {
    let mut map = Map::new();
    map.insert("value".into(), to_json_state(&output.value, &output.ty)?);
    map.insert("type".into(), output.ty.to_json());
    if output.sensitive {
        map.insert("sensitive".into(), Json::Bool(true));
    }
    Some(Json::Object(map))
}

struct Resources<'a>(&'a Document<'a>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sorted: Vec<_> = self
            .0
            .state
            .resources
            .iter()
            .filter(|(address, _)| address.resource.mode != Mode::Ephemeral)
            .map(|(address, resource)| (address.module.to_string(), &address.resource, resource))
            .collect();
        sorted.sort_by(|(module_a, a, _), (module_b, b, _)| {
            let key = |module: &str, r: &crate::address::Resource| {
                (module.to_owned(), r.mode.as_str(), r.type_name.clone(), r.name.clone())
            };
            key(module_a, a).cmp(&key(module_b, b))
        });
        let mut seq = serializer.serialize_seq(Some(sorted.len()))?;
        for (module, address, resource) in sorted {
            seq.serialize_element(&Resource { module, address, resource, identity: self.0.identity })?;
        }
        seq.end()
    }
}

struct Resource<'a> {
    module: String,
    address: &'a crate::address::Resource,
    resource: &'a ResourceState,
    identity: bool,
}

impl Serialize for Resource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.module.is_empty() {
            map.serialize_entry("module", &self.module)?;
        }
        map.serialize_entry("mode", self.address.mode.as_str())?;
        map.serialize_entry("type", &self.address.type_name)?;
        map.serialize_entry("name", &self.address.name)?;
        map.serialize_entry("provider", &self.resource.provider.to_string())?;
        map.serialize_entry("instances", &Instances(self.resource, self.identity))?;
        rest(&mut map, &self.resource.unknown, &[])?;
        map.end()
    }
}

struct Instances<'a>(&'a ResourceState, bool);

impl Serialize for Instances<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for (key, instance) in &self.0.instances {
            for (deposed, object) in instance
                .current
                .iter()
                .map(|object| (None, object))
                .chain(instance.deposed.iter().map(|(key, object)| (Some(key.as_str()), object)))
            {
                seq.serialize_element(&Object { key: key.as_ref(), deposed, object, identity: self.1 })?;
            }
        }
        seq.end()
    }
}

struct Object<'a> {
    key: Option<&'a InstanceKey>,
    deposed: Option<&'a str>,
    object: &'a ObjectState,
    identity: bool,
}

/// Keys that are kept as they were read, but have a place of their own in the order.
const PLACED: [&str; 4] = ["attributes_flat", "identity_schema_version", "identity", "skip_destroy"];

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object = self.object;
        let mut map = serializer.serialize_map(None)?;
        match self.key {
            Some(InstanceKey::Int(n)) => map.serialize_entry("index_key", n)?,
            Some(InstanceKey::Str(s)) => map.serialize_entry("index_key", s)?,
            None => {}
        }
        if object.status == ObjectStatus::Tainted {
            map.serialize_entry("status", "tainted")?;
        }
        if let Some(deposed) = self.deposed {
            map.serialize_entry("deposed", deposed)?;
        }
        map.serialize_entry("schema_version", &object.schema_version)?;
        if !object.attributes.is_null() {
            map.serialize_entry("attributes", &object.attributes)?;
        }
        placed(&mut map, object, &["attributes_flat"])?;
        if self.identity {
            map.serialize_entry("sensitive_attributes", &object.sensitive_paths)?;
        } else {
            let mut paths: Vec<String> = object.sensitive_paths.iter().map(Json::to_string).collect();
            paths.sort();
            map.serialize_entry("sensitive_attributes", &paths)?;
        }
        placed(&mut map, object, &["identity_schema_version", "identity"])?;
        if !object.private.is_empty() {
            map.serialize_entry("private", &base64::engine::general_purpose::STANDARD.encode(&object.private))?;
        }
        if !object.dependencies.is_empty() {
            map.serialize_entry("dependencies", &object.dependencies)?;
        }
        if object.create_before_destroy {
            map.serialize_entry("create_before_destroy", &true)?;
        }
        placed(&mut map, object, &["skip_destroy"])?;
        rest(&mut map, &object.unknown, &PLACED)?;
        map.end()
    }
}

fn placed<M: SerializeMap>(map: &mut M, object: &ObjectState, keys: &[&str]) -> Result<(), M::Error> {
    for key in keys {
        if let Some(value) = object.unknown.get(*key) {
            map.serialize_entry(key, value)?;
        }
    }
    Ok(())
}

fn rest<M: SerializeMap>(map: &mut M, unknown: &Map<String, Json>, except: &[&str]) -> Result<(), M::Error> {
    for (key, value) in unknown {
        if !except.contains(&key.as_str()) {
            map.serialize_entry(key, value)?;
        }
    }
    Ok(())
}
