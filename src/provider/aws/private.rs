//! The bytes stored beside an object, as the original provider writes them: the timeouts in nanoseconds under the SDK's key, and the
//! schema version as text when it is not 0.

use super::attrs::Absent;
use super::object::Obj;
use super::resource::{ResourceType, Timeouts};
use super::settings::go_duration;
use crate::lang::value::Value;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

const TIMEOUTS: &str = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";

/// The timeouts in force: what the object's `timeouts` block says, else the type's.
pub fn timeouts(ty: &dyn ResourceType, object: &Value) -> Timeouts {
    let defaults = ty.timeouts();
    let said = Obj::new(object).block("timeouts");
    let one = |name: &str, default: Option<Duration>| {
        default.map(|d| said.and_then(|s| s.opt(name)).and_then(go_duration).unwrap_or(d))
    };
    Timeouts {
        create: one("create", defaults.create),
        read: one("read", defaults.read),
        update: one("update", defaults.update),
        delete: one("delete", defaults.delete),
    }
}

/// The bytes for an object.
pub fn bytes(ty: &dyn ResourceType, version: u64, object: &Value) -> Vec<u8> {
    if ty.absent() == Absent::Null {
        return Vec::new();
    }
    let t = timeouts(ty, object);
    let all = [("create", t.create), ("delete", t.delete), ("read", t.read), ("update", t.update)];
    let set: Map<String, Json> = all
        .iter()
        .filter_map(|(name, d)| Some(((*name).to_owned(), json!(u64::try_from((*d)?.as_nanos()).ok()?))))
        .collect();
    let mut out = Map::new();
    if !set.is_empty() {
        out.insert(TIMEOUTS.into(), Json::Object(set));
    }
    if version > 0 {
        out.insert("schema_version".into(), json!(version.to_string()));
    }
    if out.is_empty() { b"null".to_vec() } else { Json::Object(out).to_string().into_bytes() }
}
