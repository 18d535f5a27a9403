//! Reads an embedded schema file.

use super::{BlockRule, Normalize, Relations, Rule, Rules};
use crate::lang::value::{Type, Value};
use crate::provider::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One type's schema with its rules.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// Version and block.
    pub schema: Arc<Schema>,
    /// Rules of the block.
    pub rules: Rules,
    /// Relations between attributes.
    pub relations: Relations,
}

#[derive(Deserialize)]
struct RawFile {
    #[serde(default)]
    version: u64,
    block: RawBlock,
    #[serde(default)]
    behaviour: BTreeMap<String, RawRule>,
    #[serde(default)]
    relations: RawRelations,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawBlock {
    attributes: BTreeMap<String, RawAttribute>,
    block_types: BTreeMap<String, RawNested>,
    deprecated: bool,
}

#[derive(Deserialize)]
struct RawAttribute {
    #[serde(rename = "type")]
    ty: Json,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    computed: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    write_only: bool,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Deserialize)]
struct RawNested {
    nesting_mode: String,
    block: RawBlock,
    #[serde(default)]
    min_items: u64,
    #[serde(default)]
    max_items: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawRule {
    default: Option<Json>,
    force_new: bool,
    removal_forces_new: bool,
    computed: bool,
    #[serde(rename = "enum")]
    one_of: Vec<String>,
    length: Option<(u64, u64)>,
    range: Option<(i64, i64)>,
    min: Option<i64>,
    pattern: Option<String>,
    json_policy: bool,
    json: bool,
    ignore_case: bool,
    normalize: Option<String>,
    arn: bool,
    non_empty: bool,
    account_id: bool,
    rfc3339: bool,
    #[serde(rename = "cidr")]
    _cidr: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawRelations {
    conflicts: BTreeMap<String, Vec<String>>,
    exactly_one: Vec<Vec<String>>,
    at_least_one: Vec<Vec<String>>,
    required_with: BTreeMap<String, Vec<String>>,
}

/// Parses a file. The files are embedded and a test parses each, so the error is for whoever writes one.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let raw: RawFile = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let block = block(raw.block)?;
    let mut rules = Rules::default();
    for (path, rule) in raw.behaviour {
        put(&mut rules, &block, &path, rule)?;
    }
    let relations = Relations {
        conflicts: raw.relations.conflicts.into_iter().collect(),
        exactly_one: raw.relations.exactly_one,
        at_least_one: raw.relations.at_least_one,
        required_with: raw.relations.required_with.into_iter().collect(),
    };
    Ok(Parsed { schema: Arc::new(Schema { version: raw.version, block }), rules, relations })
}

fn block(raw: RawBlock) -> Result<Block, String> {
    let mut out = Block { deprecated: raw.deprecated, ..Block::default() };
    for (name, a) in raw.attributes {
        let attribute = Attribute {
            ty: ty(&a.ty).ok_or_else(|| format!("{name}: type {}", a.ty))?,
            required: a.required,
            optional: a.optional,
            computed: a.computed,
            sensitive: a.sensitive,
            write_only: a.write_only,
            deprecated: a.deprecated,
        };
        out.attributes.insert(name.into(), attribute);
    }
    for (name, n) in raw.block_types {
        let nesting = match n.nesting_mode.as_str() {
            "single" => Nesting::Single,
            "group" => Nesting::Group,
            "list" => Nesting::List,
            "set" => Nesting::Set,
            "map" => Nesting::Map,
            other => return Err(format!("{name}: nesting {other}")),
        };
        let nested = NestedBlock { nesting, block: block(n.block)?, min_items: n.min_items, max_items: n.max_items };
        out.blocks.insert(name.into(), nested);
    }
    Ok(out)
}

fn ty(json: &Json) -> Option<Type> {
    if let Some(name) = json.as_str() {
        return match name {
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "dynamic" => Some(Type::Dynamic),
            _ => None,
        };
    }
    let parts = json.as_array()?;
    let inner = parts.get(1)?;
    match parts.first()?.as_str()? {
        "list" => Some(Type::list(ty(inner)?)),
        "set" => Some(Type::set(ty(inner)?)),
        "map" => Some(Type::map(ty(inner)?)),
        "object" => {
            let fields: Option<Vec<_>> = inner.as_object()?.iter().map(|(k, t)| Some((k.as_str(), ty(t)?))).collect();
            Some(Type::object(fields?))
        }
        "tuple" => Some(Type::Tuple(inner.as_array()?.iter().map(ty).collect::<Option<Vec<_>>>()?.into())),
        _ => None,
    }
}

fn put(rules: &mut Rules, block: &Block, path: &str, raw: RawRule) -> Result<(), String> {
    if let Some((first, rest)) = path.split_once('.') {
        let nested = block.blocks.get(first).ok_or_else(|| format!("no block {first} in {path}"))?;
        let inner = &mut rules.blocks.entry(first.into()).or_default().inner;
        return put(inner, &nested.block, rest, raw);
    }
    if block.blocks.contains_key(path) {
        let rule: &mut BlockRule = rules.blocks.entry(path.into()).or_default();
        rule.force_new = raw.force_new || raw.removal_forces_new;
        rule.computed = raw.computed;
        return Ok(());
    }
    let attribute = block.attributes.get(path).ok_or_else(|| format!("no attribute {path}"))?;
    let default = match &raw.default {
        None => None,
        Some(json) => Some(scalar(json, &attribute.ty).ok_or_else(|| format!("{path}: default {json}"))?),
    };
    let pattern = match raw.pattern {
        None => None,
        Some(text) => {
            let inner = text.strip_prefix('^').unwrap_or(&text);
            let inner = inner.strip_suffix('$').unwrap_or(inner);
            let regex = regex::Regex::new(&format!("^(?:{inner})$")).map_err(|e| format!("{path}: {e}"))?;
            Some((regex, Arc::from(text)))
        }
    };
    let normalize = match raw.normalize.as_deref() {
        None => None,
        Some("json") => Some(Normalize::Json),
        Some("policy") => Some(Normalize::Policy),
        Some(other) => return Err(format!("{path}: normalize {other}")),
    };
    let rule = Rule {
        default,
        force_new: raw.force_new,
        one_of: raw.one_of.into_iter().map(Arc::from).collect(),
        length: raw.length,
        range: raw.range,
        min: raw.min,
        pattern,
        policy: raw.json_policy,
        json: raw.json,
        ignore_case: raw.ignore_case,
        normalize,
        arn: raw.arn,
        non_empty: raw.non_empty,
        account_id: raw.account_id,
        rfc3339: raw.rfc3339,
    };
    rules.attributes.insert(path.into(), rule);
    Ok(())
}

fn scalar(json: &Json, ty: &Type) -> Option<Value> {
    match (ty, json) {
        (Type::String, Json::String(text)) => Some(Value::string(text.as_str())),
        (Type::Number, Json::Number(number)) => number.as_i64().map(Value::number),
        (Type::Bool, Json::Bool(truth)) => Some(Value::bool(*truth)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_a_tree_of_the_schemas_shape() {
        let text = r#"{"version":1,"block":{"attributes":{"name":{"type":"string","required":true}},
            "block_types":{"rule":{"nesting_mode":"list","block":{"attributes":{"days":{"type":"number","optional":true}}}}}},
            "behaviour":{"name":{"force_new":true,"pattern":"[a-z]+"},"rule.days":{"default":3}}}"#;
        let parsed = parse(text).unwrap();
        assert!(parsed.rules.attribute("name").unwrap().force_new);
        assert!(!parsed.rules.attribute("name").unwrap().pattern.as_ref().unwrap().0.is_match("a1"));
        let inner = &parsed.rules.block("rule").unwrap().inner;
        assert_eq!(inner.attribute("days").unwrap().default, Some(Value::number(3)));
    }

    #[test]
    fn a_rule_for_an_attribute_that_does_not_exist_is_refused() {
        let text = r#"{"block":{"attributes":{}},"behaviour":{"nme":{"force_new":true}}}"#;
        assert_eq!(parse(text).unwrap_err(), "no attribute nme");
    }
}
