//! Schemas of providers as JSON, in the form of `terraform providers schema -json`.

use crate::provider::schema::{Attribute, Block, Nesting, ProviderSchema, Types};
use serde_json::{Map, Value as Json, json};

/// The whole document, for providers by source address.
pub fn document<'a>(providers: impl Iterator<Item = (String, &'a ProviderSchema)>) -> Json {
    let schemas: Map<String, Json> = providers.map(|(source, schema)| (source, provider(schema))).collect();
    let mut out = json!({ "format_version": "1.0" });
    if let (false, Some(fields)) = (schemas.is_empty(), out.as_object_mut()) {
        fields.insert("provider_schemas".into(), Json::Object(schemas));
    }
    out
}

fn provider(schema: &ProviderSchema) -> Json {
    let all = |types: &Types| -> Map<String, Json> {
        types
            .iter()
            .map(|(name, s)| (name.clone(), json!({ "version": s.version, "block": block(&s.block) })))
            .collect()
    };
    let mut out = json!({ "provider": { "version": 0, "block": block(&schema.config) } });
    if let Some(fields) = out.as_object_mut() {
        for (name, types) in [("resource_schemas", &schema.resources), ("data_source_schemas", &schema.data)] {
            if !types.is_empty() {
                fields.insert(name.into(), Json::Object(all(types)));
            }
        }
    }
    out
}

fn block(schema: &Block) -> Json {
    let mut out = Map::new();
    if !schema.attributes.is_empty() {
        let attributes: Map<String, Json> =
            schema.attributes.iter().map(|(name, a)| (name.to_string(), attribute(a))).collect();
        out.insert("attributes".into(), Json::Object(attributes));
    }
    if !schema.blocks.is_empty() {
        let nested = schema.blocks.iter().map(|(name, nested)| {
            let mut out = json!({ "nesting_mode": mode(nested.nesting), "block": block(&nested.block) });
            if let Some(fields) = out.as_object_mut() {
                for (name, limit) in [("min_items", nested.min_items), ("max_items", nested.max_items)] {
                    if limit > 0 {
                        fields.insert(name.into(), json!(limit));
                    }
                }
            }
            (name.to_string(), out)
        });
        out.insert("block_types".into(), Json::Object(nested.collect()));
    }
    out.insert("description_kind".into(), json!("plain"));
    if schema.deprecated {
        out.insert("deprecated".into(), json!(true));
    }
    Json::Object(out)
}

fn attribute(attribute: &Attribute) -> Json {
    let mut out = Map::new();
    out.insert("type".into(), attribute.ty.to_json());
    out.insert("description_kind".into(), json!("plain"));
    for (name, so) in [
        ("deprecated", attribute.deprecated),
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ] {
        if so {
            out.insert(name.into(), json!(true));
        }
    }
    Json::Object(out)
}

fn mode(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}
