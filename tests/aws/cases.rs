//! The recorded cases in `cases/*.json`: configurations and what Terraform stored for them. `record.py` says what a case holds.

use pipewright::lang::value::{Value, to_json};
use pipewright::provider::Object;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The cases of one file, which share an account and a provider block.
pub struct File {
    pub name: String,
    /// Attributes of the provider block.
    pub provider: Json,
    /// Calls that make what data is read of.
    pub before: Vec<Json>,
    pub cases: Vec<Case>,
}

/// One case.
pub struct Case(Json);

/// All files.
pub fn all_files() -> Vec<File> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "json"));
    paths.sort();
    paths.iter().map(|p| file(p)).collect()
}

/// All files, or those named in PIPEWRIGHT_CASES (`iam,s3`).
pub fn files() -> Vec<File> {
    let wanted = std::env::var("PIPEWRIGHT_CASES").unwrap_or_default();
    let mut files = all_files();
    files.retain(|f| wanted.is_empty() || wanted.split(',').any(|w| w == f.name));
    assert!(!files.is_empty(), "no case file is named {wanted}");
    files
}

fn file(path: &std::path::Path) -> File {
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let (cases, provider, before) = match &json {
        Json::Array(cases) => (cases.clone(), Json::Null, Vec::new()),
        whole => (list(&whole["cases"]), whole["provider"].clone(), list(&whole["before"])),
    };
    let provider = if provider.is_null() { Json::Object(Map::new()) } else { provider };
    File { name, provider, before, cases: cases.into_iter().map(Case).collect() }
}

impl Case {
    /// `aws_iam_role`, without the `data.` of a data type.
    pub fn ty(&self) -> &str {
        let ty = self.0["type"].as_str().unwrap();
        ty.strip_prefix("data.").unwrap_or(ty)
    }

    pub fn is_data(&self) -> bool {
        self.0["type"].as_str().unwrap().starts_with("data.")
    }

    /// `aws_iam_role.min`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.0["type"].as_str().unwrap(), self.0["name"].as_str().unwrap())
    }

    pub fn config(&self) -> &Json {
        &self.0["config"]
    }

    /// The changed configuration, if there is one.
    pub fn update(&self) -> Option<&Json> {
        Some(&self.0["update"]).filter(|u| !u.is_null())
    }

    /// What Terraform recorded: `attributes`, `private`, `update`, `import`.
    pub fn terraform(&self) -> &Json {
        &self.0["terraform"]
    }

    /// Attributes that the cloud chooses.
    pub fn mask(&self) -> Vec<&str> {
        self.0["mask"].as_array().map(|m| m.iter().map(|m| m.as_str().unwrap()).collect()).unwrap_or_default()
    }

    /// Attributes that Terraform itself does not bring to what is configured, and what it does instead.
    pub fn unsettled(&self) -> Vec<(&str, &str)> {
        let named = self.0["unsettled"].as_object().into_iter().flatten();
        named.map(|(attribute, why)| (attribute.as_str(), why.as_str().unwrap())).collect()
    }

    /// Why something of it cannot be shown on the emulator.
    pub fn gap(&self) -> Option<&str> {
        self.0["gap"].as_str()
    }

    /// Whether the type cannot be imported.
    pub fn cannot_be_imported(&self) -> bool {
        self.0.get("import").is_some_and(Json::is_null)
    }

    /// Whether a delete leaves something that a read finds.
    pub fn stays(&self) -> bool {
        self.0["stays"].as_bool().unwrap_or(false)
    }

    /// The import id of an object of this case; `None` where the type cannot be imported.
    pub fn import_id(&self, object: &Value) -> Option<String> {
        let template = match self.0.get("import") {
            None => "${id}",
            Some(said) => said.as_str()?,
        };
        let mut id = template.to_owned();
        for (name, value) in object.fields().unwrap().iter() {
            id = id.replace(&format!("${{{name}}}"), value.as_str().unwrap_or_default());
        }
        Some(id)
    }
}

/// What was made so far, and which texts the cloud chose now instead of the recorded ones.
#[derive(Default)]
pub struct World {
    pub made: BTreeMap<String, Object>,
    chosen: Vec<(String, String)>,
}

impl World {
    /// A configuration with references exchanged for ids and attributes of what was made.
    pub fn refer(&self, json: &Json) -> Json {
        let mut text = json.to_string();
        for (name, object) in &self.made {
            let fields = object.value.fields().unwrap();
            for (attribute, value) in fields.iter().filter(|(_, v)| v.is_known()) {
                let Some(value) = value.as_str() else { continue };
                let quoted = Json::from(value).to_string();
                let inner = quoted.trim_start_matches('"').trim_end_matches('"');
                text = text.replace(&format!("${{{name}.{attribute}}}"), inner);
                if attribute.as_ref() == "id" {
                    text = text.replace(&format!("${{{name}}}"), inner);
                }
            }
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Recorded attributes with what the cloud chose now in place of what it chose then.
    pub fn exchange(&self, recorded: &Json) -> Json {
        let mut text = recorded.to_string();
        for (then, now) in &self.chosen {
            text = text.replace(then, now);
        }
        serde_json::from_str(&text).unwrap()
    }

    /// Notes what the cloud chose for a case.
    pub fn note(&mut self, case: &Case, ours: &Value, recorded: &Json) {
        for name in case.mask() {
            let now = ours.get(name).and_then(Value::as_str).unwrap_or_default();
            let then = recorded[name].as_str().unwrap_or_default();
            if now != then && now.len() >= 8 && then.len() >= 8 {
                self.chosen.push((then.to_owned(), now.to_owned()));
            }
        }
    }
}

/// Attributes that differ, but for those masked.
pub fn differences(ours: &Value, terraforms: &Json, mask: &[&str]) -> Vec<String> {
    let ours = to_json(ours).unwrap();
    let empty = Map::new();
    let theirs = terraforms.as_object().unwrap_or(&empty);
    let mine = ours.as_object().unwrap_or(&empty);
    let mut names: Vec<&String> = mine.keys().chain(theirs.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|n| !mask.contains(&n.as_str()))
        // Terraform's provider has no such arguments; unset, they are not stored.
        .filter(|n| {
            !(["region", "unmodeled"].contains(&n.as_str())
                && ours[n.as_str()].is_null()
                && !theirs.contains_key(n.as_str()))
        })
        .filter_map(|n| {
            let (a, b) = (ours.get(n), theirs.get(n));
            (a.map(loose) != b.map(loose))
                .then(|| format!("{n}: ours {} terraform {}", a.unwrap_or(&Json::Null), b.unwrap_or(&Json::Null)))
        })
        .collect()
}

/// Unset and empty collections inside of blocks are one: whether Terraform stores null or empty there depends on what it did before.
fn loose(value: &Json) -> Json {
    fn inner(value: &Json) -> Json {
        match value {
            Json::Array(items) if items.is_empty() => Json::Null,
            Json::Object(fields) if fields.is_empty() => Json::Null,
            Json::Array(items) => items.iter().map(inner).collect(),
            Json::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), inner(v))).collect::<Map<_, _>>().into(),
            other => other.clone(),
        }
    }
    match value {
        Json::Array(items) => items.iter().map(inner).collect(),
        other => other.clone(),
    }
}

/// Attributes that change between two objects, as `name: before → after`.
pub fn changes(before: &Value, after: &Value) -> Vec<String> {
    let (Some(before), Some(after)) = (before.fields(), after.fields()) else {
        return if before == after { vec![] } else { vec!["null".into()] };
    };
    let differs = |(n, v): (&std::sync::Arc<str>, &Value)| {
        let w = &after[n];
        (v != w)
            .then(|| format!("{n}: {:?} → {:?}", to_json(v).map(|j| j.to_string()), to_json(w).map(|j| j.to_string())))
    };
    before.iter().filter_map(differs).collect()
}
