//! Text to state, with the place of whatever is wrong.

use crate::address::{AbsResource, InstanceKey, Mode, ModuleInstance, ProviderConfig, Resource};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::{Type, from_json_state};
use crate::state::model::{InstanceState, ObjectState, ObjectStatus, OutputValue, ResourceState, State};
use base64::Engine;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Reads a state file; an empty text is an empty state. `origin` names the file in messages.
///
/// # Errors
/// Broken JSON, a format other than version 4, an encrypted state, and fields that are not what the format says; several at once.
pub fn read(text: &[u8], origin: &str) -> Result<State, Diagnostics> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(State::default());
    }
    let json: Json = serde_json::from_slice(text).map_err(|e| {
        let what = match e.classify() {
            serde_json::error::Category::Eof => "The file ends early",
            _ => "The file is not JSON",
        };
        unusable(origin, format!("{what}: line {}, column {}: {}.", e.line(), e.column(), problem(&e)))
    })?;
    let Json::Object(mut top) = json else {
        return Err(unusable(origin, "It must be a JSON object.".into()).into());
    };
    check_version(&top, origin)?;
    let mut reader = Reader { origin, errors: Diagnostics::new() };
    let mut state = State::default();
    top.remove("version");
    state.terraform_version = reader.string(&mut top, "terraform_version", "").unwrap_or_default();
    state.serial = reader.unsigned(&mut top, "serial", "").unwrap_or_default();
    state.lineage = reader.string(&mut top, "lineage", "").unwrap_or_default();
    for (name, output) in reader.object(&mut top, "outputs", "").unwrap_or_default() {
        if let Some(output) = reader.output(&name, output) {
            state.outputs.insert(name, output);
        }
    }
    for (i, resource) in reader.array(&mut top, "resources", "").unwrap_or_default().into_iter().enumerate() {
        reader.resource(&mut state, resource, &format!("resources[{i}]"));
    }
    state.check_results = reader.array(&mut top, "check_results", "");
    state.unknown = top;
    if reader.errors.has_errors() { Err(reader.errors) } else { Ok(state) }
}

/// The message without its place, which is told apart.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn unusable(origin: &str, detail: String) -> Diagnostic {
    Diagnostic::error("Unusable state file", format!("{origin}: {detail}"))
        .hint("Nothing was changed. A backup may stand beside the file, and a versioned bucket keeps older versions.")
}

fn check_version(top: &Map<String, Json>, origin: &str) -> Result<(), Diagnostics> {
    if top.contains_key("encrypted_data") {
        let detail = format!("{origin}: the state is encrypted by OpenTofu, which this program cannot read.");
        return Err(Diagnostic::error("Encrypted state", detail)
            .hint("Decrypt it with OpenTofu first: set the unencrypted method as target, the present one as fallback.")
            .into());
    }
    let writer = top.get("terraform_version").and_then(Json::as_str).filter(|w| !w.is_empty());
    let by = writer.map_or_else(String::new, |w| format!(" It was written by Terraform {w}."));
    match top.get("version") {
        None => Err(unusable(origin, "It has no \"version\", so it is no state file.".into()).into()),
        Some(version) => match version.as_u64() {
            Some(4) => Ok(()),
            Some(n) if n > 4 => Err(Diagnostic::error(
                "State of a newer version",
                format!("{origin} has format version {n}; this program reads and writes version 4.{by}"),
            )
            .hint("Use a newer version of this program, or one that wrote the file.")
            .into()),
            Some(n @ 1..4) => Err(Diagnostic::error(
                "State of an older version",
                format!("{origin} has format version {n}; this program reads and writes version 4.{by}"),
            )
            .hint("Run `terraform apply` once with Terraform 0.13 or newer, which brings the state to version 4.")
            .into()),
            _ => Err(unusable(origin, format!("The version must be a positive whole number, not {version}.")).into()),
        },
    }
}

struct Reader<'a> {
    origin: &'a str,
    errors: Diagnostics,
}

/// Joins a path inside the file with a key.
fn at(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

impl Reader<'_> {
    fn wrong(&mut self, path: &str, what: impl std::fmt::Display) {
        let diagnostic = Diagnostic::error("Invalid state file", format!("{}: {path}: {what}.", self.origin));
        self.errors.push(diagnostic);
    }

    fn take<T>(
        &mut self,
        map: &mut Map<String, Json>,
        key: &str,
        path: &str,
        kind: &str,
        convert: impl FnOnce(Json) -> Option<T>,
    ) -> Option<T> {
        match map.shift_remove(key)? {
            Json::Null => None,
            value => {
                let converted = convert(value);
                if converted.is_none() {
                    self.wrong(&at(path, key), format_args!("must be {kind}"));
                }
                converted
            }
        }
    }

    fn string(&mut self, map: &mut Map<String, Json>, key: &str, path: &str) -> Option<String> {
        self.take(map, key, path, "a string", |v| if let Json::String(s) = v { Some(s) } else { None })
    }

    fn unsigned(&mut self, map: &mut Map<String, Json>, key: &str, path: &str) -> Option<u64> {
        self.take(map, key, path, "a whole number that is not negative", |v| v.as_u64())
    }

    fn object(&mut self, map: &mut Map<String, Json>, key: &str, path: &str) -> Option<Map<String, Json>> {
        self.take(map, key, path, "an object", |v| if let Json::Object(m) = v { Some(m) } else { None })
    }

    fn array(&mut self, map: &mut Map<String, Json>, key: &str, path: &str) -> Option<Vec<Json>> {
        self.take(map, key, path, "an array", |v| if let Json::Array(a) = v { Some(a) } else { None })
    }

    fn flag(&mut self, map: &mut Map<String, Json>, key: &str, path: &str) -> bool {
        self.take(map, key, path, "true or false", |v| v.as_bool()).unwrap_or(false)
    }

    fn output(&mut self, name: &str, json: Json) -> Option<OutputValue> {
        let path = format!("outputs.{name}");
        let Json::Object(mut map) = json else {
            self.wrong(&path, "must be an object");
            return None;
        };
        let sensitive = self.flag(&mut map, "sensitive", &path);
        let ty = map.get("type").and_then(Type::from_json);
        let Some(ty) = ty else {
            self.wrong(&at(&path, "type"), "must be a type");
            return None;
        };
        match from_json_state(map.get("value").unwrap_or(&Json::Null), &ty) {
            Ok(value) => Some(OutputValue { value, ty, sensitive }),
            Err(e) => {
                self.wrong(&at(&path, "value"), e);
                None
            }
        }
    }

    fn resource(&mut self, state: &mut State, json: Json, path: &str) {
        let Json::Object(mut map) = json else {
            return self.wrong(path, "must be an object");
        };
        let mode = match self.string(&mut map, "mode", path).as_deref() {
            Some("managed") => Mode::Managed,
            Some("data") => Mode::Data,
            _ => return self.wrong(&at(path, "mode"), "must be \"managed\" or \"data\""),
        };
        let type_name = self.string(&mut map, "type", path).filter(|s| !s.is_empty());
        let name = self.string(&mut map, "name", path).filter(|s| !s.is_empty());
        let (Some(type_name), Some(name)) = (type_name, name) else {
            return self.wrong(path, "must have \"type\" and \"name\"");
        };
        let module: ModuleInstance = match self.string(&mut map, "module", path).unwrap_or_default().parse() {
            Ok(module) => module,
            Err(e) => return self.wrong(&at(path, "module"), e),
        };
        map.shift_remove("each");
        let instances = self.array(&mut map, "instances", path).unwrap_or_default();
        // OpenTofu may name the provider on the instances only.
        let provider = self
            .string(&mut map, "provider", path)
            .or_else(|| instances.iter().find_map(|i| i.get("provider").and_then(Json::as_str)).map(str::to_owned));
        let Some(provider) = self.provider(provider.as_deref(), path) else { return };
        let address = AbsResource { module, resource: Resource { mode, type_name, name } };
        let mut found: BTreeMap<Option<InstanceKey>, InstanceState> = BTreeMap::new();
        for (i, instance) in instances.into_iter().enumerate() {
            self.instance(&mut found, instance, &address, &format!("{path}.instances[{i}]"));
        }
        match state.resources.entry(address) {
            Entry::Vacant(place) => {
                place.insert(ResourceState { provider, instances: found, unknown: map });
            }
            Entry::Occupied(place) => {
                let twice = format!("{} stands there twice", place.key());
                self.wrong(path, twice);
            }
        }
    }

    fn provider(&mut self, text: Option<&str>, path: &str) -> Option<ProviderConfig> {
        let Some(text) = text else {
            self.wrong(&at(path, "provider"), "is missing");
            return None;
        };
        match text.parse() {
            Ok(provider) => Some(provider),
            Err(e) => {
                let old = text.starts_with("provider.") || text.contains(".provider.");
                let hint =
                    if old { ". Terraform 0.12 wrote such; `terraform apply` with 0.13 upgrades it" } else { "" };
                self.wrong(&at(path, "provider"), format_args!("{e}{hint}"));
                None
            }
        }
    }

    fn instance(
        &mut self,
        found: &mut BTreeMap<Option<InstanceKey>, InstanceState>,
        json: Json,
        address: &AbsResource,
        path: &str,
    ) {
        let Json::Object(mut map) = json else {
            return self.wrong(path, "must be an object");
        };
        let key = match map.shift_remove("index_key") {
            None | Some(Json::Null) => None,
            Some(Json::String(s)) => Some(InstanceKey::Str(s)),
            Some(other) => match whole(&other) {
                Some(n) => Some(InstanceKey::Int(n)),
                None => return self.wrong(&at(path, "index_key"), "must be a string or a whole number"),
            },
        };
        let status = match self.string(&mut map, "status", path).as_deref() {
            None | Some("") => ObjectStatus::Ready,
            Some("tainted") => ObjectStatus::Tainted,
            Some(other) => return self.wrong(&at(path, "status"), format_args!("\"{other}\" is not \"tainted\"")),
        };
        let deposed = self.string(&mut map, "deposed", path).filter(|d| !d.is_empty());
        if deposed.as_ref().is_some_and(|d| d.len() != 8) {
            return self.wrong(&at(path, "deposed"), "must be 8 characters long");
        }
        let private = self.string(&mut map, "private", path).unwrap_or_default();
        let Ok(private) = base64::engine::general_purpose::STANDARD.decode(private) else {
            return self.wrong(&at(path, "private"), "must be base64");
        };
        let object = ObjectState {
            status,
            schema_version: self.unsigned(&mut map, "schema_version", path).unwrap_or_default(),
            attributes: match self.object(&mut map, "attributes", path) {
                // What was read has room to spare in every map; a copy has none.
                Some(attributes) => Json::Object(attributes.clone()),
                None if map.contains_key("attributes_flat") => Json::Null,
                None => Json::Object(Map::new()),
            },
            sensitive_paths: self.array(&mut map, "sensitive_attributes", path).unwrap_or_default(),
            private,
            dependencies: self
                .array(&mut map, "dependencies", path)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|d| if let Json::String(s) = d { Some(s) } else { None })
                .collect(),
            create_before_destroy: self.flag(&mut map, "create_before_destroy", path),
            unknown: map.clone(),
        };
        let object = Arc::new(object);
        let instance = found.entry(key.clone()).or_default();
        let doubled = match deposed {
            None => instance.current.replace(object).is_some(),
            Some(deposed) => instance.deposed.insert(deposed, object).is_some(),
        };
        if doubled {
            self.wrong(path, format_args!("{} stands there twice", address.instance(key)));
        }
    }
}

/// A whole number also when written `1.0` or `1e0`, as other JSON writers may.
fn whole(json: &Json) -> Option<u64> {
    json.as_u64().or_else(|| {
        let float = json.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0 && float < 9.0e15).then_some(float as u64)
    })
}
