//! AWS's service reference (<https://servicereference.us-east-1.amazonaws.com/>) turned into a catalogue.
//!
//! The index is `[{"service": "s3", "url": "…/v1/s3/s3.json"}]`, each service `{"Name", "Actions", "Resources", "ConditionKeys"}`.
//! The reference does not tell which actions need others nor which resource types must be given: these are kept from the catalogue at hand.

use super::catalog::{AccessLevel, Catalog, CatalogError};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// An entry of the index.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct IndexEntry {
    /// Prefix.
    pub service: String,
    /// Where its document is.
    pub url: String,
}

/// A service's document.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct ServiceReference {
    name: String,
    actions: Vec<ActionReference>,
    resources: Vec<ResourceReference>,
    condition_keys: Vec<KeyReference>,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ActionReference {
    name: String,
    action_condition_keys: Vec<String>,
    resources: Vec<NameOnly>,
    annotations: Annotations,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct NameOnly {
    name: String,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Annotations {
    properties: Properties,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Properties {
    is_list: bool,
    is_permission_management: bool,
    is_tagging_only: bool,
    is_write: bool,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ResourceReference {
    name: String,
    #[serde(rename = "ARNFormats")]
    arn_formats: Vec<String>,
    condition_keys: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct KeyReference {
    name: String,
    types: Vec<String>,
}

/// Reads the index.
pub fn index(json: &[u8]) -> Result<Vec<IndexEntry>, CatalogError> {
    serde_json::from_slice(json).map_err(|e| CatalogError::Damaged(e.to_string()))
}

/// Reads a service's document.
pub fn service(json: &[u8]) -> Result<ServiceReference, CatalogError> {
    let service: ServiceReference = serde_json::from_slice(json).map_err(|e| CatalogError::Damaged(e.to_string()))?;
    if service.name.is_empty() || service.actions.is_empty() {
        return Err(CatalogError::Damaged("it names no actions".into()));
    }
    Ok(service)
}

/// The compressed catalogue of these services. `source` says where and when they were read.
pub fn encode(services: &[ServiceReference], source: &str, known: &Catalog) -> Result<Vec<u8>, CatalogError> {
    let mut text = format!("V\t1\t{}\n", one_line(source));
    for service in services {
        put(&mut text, service, known);
    }
    Catalog::parse(&text)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).map_err(|e| CatalogError::Damaged(e.to_string()))?;
    encoder.finish().map_err(|e| CatalogError::Damaged(e.to_string()))
}

fn put(text: &mut String, service: &ServiceReference, known: &Catalog) {
    let mut types: BTreeMap<&str, char> =
        service.condition_keys.iter().map(|k| (k.name.as_str(), letter(&k.types))).collect();
    let used = service.actions.iter().flat_map(|a| &a.action_condition_keys);
    for key in used.chain(service.resources.iter().flat_map(|r| &r.condition_keys)) {
        types.entry(key).or_insert('s');
    }
    let index: BTreeMap<&str, usize> = types.keys().enumerate().map(|(i, k)| (*k, i)).collect();
    let indexes = |keys: &[String]| {
        let numbers: BTreeSet<usize> = keys.iter().filter_map(|k| index.get(k.as_str()).copied()).collect();
        join(numbers.into_iter().map(|i| i.to_string()))
    };
    let mut resources: BTreeMap<&str, &ResourceReference> = BTreeMap::new();
    for resource in &service.resources {
        resources.entry(&resource.name).or_insert(resource);
    }
    let place: BTreeMap<&str, usize> = resources.keys().enumerate().map(|(i, k)| (*k, i)).collect();

    let _ = writeln!(text, "S\t{}", one_line(&service.name));
    for (key, letter) in &types {
        let _ = writeln!(text, "K\t{}\t{letter}", one_line(key));
    }
    for (name, resource) in &resources {
        let none = [String::new()];
        let arns = if resource.arn_formats.is_empty() { &none[..] } else { &resource.arn_formats[..] };
        for arn in arns {
            let keys = indexes(&resource.condition_keys);
            let _ = writeln!(text, "R\t{}\t{}\t{keys}", one_line(name), one_line(arn));
        }
    }
    for action in &service.actions {
        let before = known.action(&format!("{}:{}", service.name, action.name));
        let required = |name: &str| {
            before.is_some_and(|(s, a)| {
                a.resources.iter().any(|(i, must)| *must && s.resources.get(*i).is_some_and(|r| r.name == name))
            })
        };
        let on = action.resources.iter().filter_map(|r| {
            let star = if required(&r.name) { "*" } else { "" };
            Some(format!("{}{star}", place.get(r.name.as_str())?))
        });
        let level = level(&action.annotations.properties, before.map(|(_, a)| a.level));
        let dependent = before.map(|(_, a)| a.dependent.join(",")).unwrap_or_default();
        let (on, keys) = (join(on), indexes(&action.action_condition_keys));
        let _ = writeln!(text, "A\t{}\t{level}\t{on}\t{keys}\t{dependent}", one_line(&action.name));
    }
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

fn one_line(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

fn level(properties: &Properties, before: Option<AccessLevel>) -> char {
    match properties {
        p if p.is_permission_management => 'p',
        p if p.is_tagging_only => 't',
        p if p.is_write => 'w',
        p if p.is_list => 'l',
        _ => match before {
            Some(AccessLevel::List) => 'l',
            _ => 'r',
        },
    }
}

fn letter(types: &[String]) -> char {
    match types.first().map(String::as_str) {
        Some("ArrayOfString") => 'a',
        Some("Bool") => 'b',
        Some("ArrayOfBool") => 'B',
        Some("Numeric" | "Long") => 'n',
        Some("Date") => 'd',
        Some("ARN") => 'r',
        Some("ArrayOfARN") => 'R',
        Some("IPAddress") => 'i',
        Some("Binary") => 'x',
        _ => 's',
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const CODEBUILD: &str = r#"{"Name":"codebuild","Version":"v1.4","Actions":[
        {"Name":"StartBuild","ActionConditionKeys":["codebuild:source"],"Resources":[{"Name":"project"}],
         "Annotations":{"Properties":{"IsList":false,"IsPermissionManagement":false,"IsTaggingOnly":false,"IsWrite":true}},
         "SupportedBy":{"IAM Access Analyzer Policy Generation":true}},
        {"Name":"PutResourcePolicy","Annotations":{"Properties":{"IsPermissionManagement":true,"IsWrite":true}}}],
        "ConditionKeys":[{"Name":"codebuild:source","Types":["ArrayOfString"]}],
        "Resources":[{"Name":"project","ARNFormats":["arn:${Partition}:codebuild:${Region}:${Account}:project/${ProjectName}"],
                      "ConditionKeys":["aws:ResourceTag/${TagKey}"]}]}"#;

    #[test]
    fn the_reference_becomes_a_catalogue() {
        let reference = service(CODEBUILD.as_bytes()).unwrap();
        let bytes = encode(&[reference], "service reference", Catalog::embedded()).unwrap();
        let catalog = Catalog::decode(&bytes).unwrap();
        let (service, action) = catalog.action("codebuild:StartBuild").unwrap();
        assert_eq!(action.level, AccessLevel::Write);
        assert_eq!(action.resources, [(0, true)]);
        let keys: Vec<&str> = service.keys_of(action).map(|k| k.name.as_str()).collect();
        assert_eq!(keys, ["codebuild:source", "aws:ResourceTag/${TagKey}"]);
        assert!(service.keys.iter().any(|k| k.several));
        let (_, put) = catalog.action("codebuild:PutResourcePolicy").unwrap();
        assert_eq!(put.level, AccessLevel::PermissionsManagement);
    }

    #[test]
    fn what_is_no_reference_is_told() {
        assert!(service(b"{}").is_err() && service(b"[").is_err() && index(b"{}").is_err());
        let entries = index(br#"[{"service":"s3","url":"https://x/v1/s3/s3.json"}]"#).unwrap();
        assert_eq!(entries.first().map(|e| e.service.as_str()), Some("s3"));
    }
}
