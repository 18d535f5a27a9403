//! The configuration as it stands in a JSON plan: blocks with their expressions as constants or lists of references.

use crate::address::{Mode, ModulePath, ProviderSource};
use crate::config::model::{Config, Module, Repetition, ResourceBlock};
use crate::lang::eval::{evaluate_constant, references};
use crate::lang::syntax::ast::{Body, Expr, Traversal, TraversalStep};
use crate::lang::value::Value;
use crate::provider::Registry;
use crate::provider::schema::{Block, Nesting};
use crate::view::json::mask;
use serde_json::{Map, Value as Json, json};

/// `{provider_config, root_module}`
pub fn document(config: &Config, registry: &Registry) -> Json {
    let mut providers = Map::new();
    provider_configs(&config.root, registry, &mut providers);
    let mut out = Map::new();
    if !providers.is_empty() {
        out.insert("provider_config".into(), Json::Object(providers));
    }
    out.insert("root_module".into(), module(config, &config.root, registry));
    Json::Object(out)
}

/// Managed resources come first, then data, then ephemeral ones.
fn place_of(mode: Mode) -> u8 {
    match mode {
        Mode::Managed => 0,
        Mode::Data => 1,
        Mode::Ephemeral => 2,
    }
}

/// `aws`, `aws.east`, `module.x:aws`
fn provider_key(module: &ModulePath, local_name: &str, alias: Option<&str>) -> String {
    let name = match alias {
        Some(alias) => format!("{local_name}.{alias}"),
        None => local_name.to_owned(),
    };
    if module.is_root() { name } else { format!("{module}:{name}") }
}

fn provider_configs(module: &Module, registry: &Registry, out: &mut Map<String, Json>) {
    let mut add = |local_name: &str, alias: Option<&str>, expressions: Option<Json>| {
        let source = module.provider_source(local_name);
        let mut entry = Map::new();
        entry.insert("name".into(), json!(local_name));
        entry.insert("full_name".into(), json!(source.to_string()));
        if let Some(alias) = alias {
            entry.insert("alias".into(), json!(alias));
        }
        if let Some(version) = module.required_providers.get(local_name).and_then(|r| r.version.as_ref()) {
            entry.insert("version_constraint".into(), json!(version));
        }
        if !module.path.is_root() {
            entry.insert("module_address".into(), json!(module.path.to_string()));
        }
        if let Some(expressions) = expressions {
            entry.insert("expressions".into(), expressions);
        }
        out.entry(provider_key(&module.path, local_name, alias)).or_insert(Json::Object(entry));
    };
    for ((local_name, alias), block) in &module.providers {
        let source = module.provider_source(local_name);
        let expressions = registry.get(&source).map(|f| body(&block.body, &f.schema().config));
        add(local_name, alias.as_deref(), expressions.filter(|e| e.as_object().is_some_and(|m| !m.is_empty())));
    }
    let used: std::collections::BTreeSet<&str> =
        module.resources.values().map(ResourceBlock::provider_local_name).collect();
    for local_name in module.required_providers.keys().map(String::as_str).chain(used) {
        // A child module without a block of its own uses its caller's configuration.
        if module.path.is_root() {
            add(local_name, None, None);
        }
    }
    for child in module.children.values() {
        provider_configs(child, registry, out);
    }
}

fn module(config: &Config, module: &Module, registry: &Registry) -> Json {
    let mut out = Map::new();
    let outputs: Map<String, Json> = module
        .outputs
        .values()
        .map(|output| {
            let mut entry = Map::new();
            if output.sensitive {
                entry.insert("sensitive".into(), json!(true));
            }
            if output.ephemeral {
                entry.insert("ephemeral".into(), json!(true));
            }
            entry.insert("expression".into(), expression(&output.value));
            depends_on(&output.depends_on, &mut entry);
            if let Some(description) = &output.description {
                entry.insert("description".into(), json!(description));
            }
            (output.name.name.to_string(), Json::Object(entry))
        })
        .collect();
    if !outputs.is_empty() {
        out.insert("outputs".into(), Json::Object(outputs));
    }
    let mut blocks: Vec<&ResourceBlock> = module.resources.values().collect();
    blocks.sort_by_key(|b| (place_of(b.address.mode), b.address.clone()));
    let resources: Vec<Json> = blocks.iter().map(|block| resource(config, module, block, registry)).collect();
    if !resources.is_empty() {
        out.insert("resources".into(), json!(resources));
    }
    let calls: Map<String, Json> = module
        .calls
        .iter()
        .map(|(name, call)| {
            let mut entry = Map::new();
            entry.insert("source".into(), json!(call.source));
            let arguments: Map<String, Json> =
                call.body.attributes.iter().map(|a| (a.name.name.to_string(), expression(&a.expr))).collect();
            if !arguments.is_empty() {
                entry.insert("expressions".into(), Json::Object(arguments));
            }
            repetition(&call.repetition, &mut entry);
            if let Some(child) = module.children.get(name) {
                entry.insert("module".into(), self::module(config, child, registry));
            }
            if let Some(version) = &call.version {
                entry.insert("version_constraint".into(), json!(version));
            }
            depends_on(&call.depends_on, &mut entry);
            (name.clone(), Json::Object(entry))
        })
        .collect();
    if !calls.is_empty() {
        out.insert("module_calls".into(), Json::Object(calls));
    }
    let variables: Map<String, Json> = module
        .variables
        .values()
        .map(|variable| {
            let mut entry = Map::new();
            if let Some(default) = &variable.default {
                entry.insert("default".into(), mask::known(default));
            }
            if let Some(description) = &variable.description {
                entry.insert("description".into(), json!(description));
            }
            if variable.sensitive {
                entry.insert("sensitive".into(), json!(true));
            }
            if variable.ephemeral {
                entry.insert("ephemeral".into(), json!(true));
            }
            (variable.name.name.to_string(), Json::Object(entry))
        })
        .collect();
    if !variables.is_empty() {
        out.insert("variables".into(), Json::Object(variables));
    }
    Json::Object(out)
}

fn resource(config: &Config, module: &Module, block: &ResourceBlock, registry: &Registry) -> Json {
    let address = &block.address;
    let resolved = crate::config::provider_refs::resolve(config, &module.path, block).ok();
    let source = resolved
        .as_ref()
        .map(|p| p.source.clone())
        .unwrap_or_else(|| module.provider_source(block.provider_local_name()));
    let schema = registry.resource_schema(&source, address.mode, &address.type_name);
    let mut out = Map::new();
    out.insert("address".into(), json!(address.to_string()));
    out.insert("mode".into(), json!(address.mode.as_str()));
    out.insert("type".into(), json!(address.type_name));
    out.insert("name".into(), json!(address.name));
    let key = match &resolved {
        Some(p) => provider_key(&p.module, &local_name(config, &p.module, &p.source, block), p.alias.as_deref()),
        None => block.provider_local_name().to_owned(),
    };
    out.insert("provider_config_key".into(), json!(key));
    if let Some(schema) = &schema {
        let expressions = body(&block.body, &schema.block);
        if expressions.as_object().is_some_and(|m| !m.is_empty()) {
            out.insert("expressions".into(), expressions);
        }
        out.insert("schema_version".into(), json!(schema.version));
    }
    repetition(&block.repetition, &mut out);
    depends_on(&block.depends_on, &mut out);
    Json::Object(out)
}

/// The name a provider goes by in the module whose configuration is used.
fn local_name(config: &Config, module: &ModulePath, source: &ProviderSource, block: &ResourceBlock) -> String {
    let found = config.module(module).and_then(|m| m.required_providers.iter().find(|(_, r)| r.source == *source));
    found.map(|(name, _)| name.clone()).unwrap_or_else(|| block.provider_local_name().to_owned())
}

fn repetition(repetition: &Repetition, out: &mut Map<String, Json>) {
    match repetition {
        Repetition::Single => {}
        Repetition::Count(e) => some(e, "count_expression", out),
        Repetition::ForEach(e) => some(e, "for_each_expression", out),
    }
}

/// An expression that says something.
fn some(expr: &Expr, name: &str, out: &mut Map<String, Json>) {
    let value = expression(expr);
    if value.as_object().is_some_and(|fields| !fields.is_empty()) {
        out.insert(name.into(), value);
    }
}

fn depends_on(references: &[Traversal], out: &mut Map<String, Json>) {
    if !references.is_empty() {
        let names: Vec<String> = references.iter().map(|t| text(t, t.steps.len())).collect();
        out.insert("depends_on".into(), json!(names));
    }
}

/// Attributes and nested blocks by name, those in `dynamic` blocks left out.
fn body(content: &Body, schema: &Block) -> Json {
    let mut out = Map::new();
    for attribute in &content.attributes {
        if schema.attributes.contains_key(&attribute.name.name) {
            out.insert(attribute.name.name.to_string(), expression(&attribute.expr));
        }
    }
    for (name, nested) in &schema.blocks {
        let blocks: Vec<Json> = content.blocks_of(name).map(|b| body(&b.body, &nested.block)).collect();
        let Some(first) = blocks.first() else { continue };
        let value = match nested.nesting {
            Nesting::Single | Nesting::Group => first.clone(),
            Nesting::List | Nesting::Set => json!(blocks),
            Nesting::Map => {
                let keyed = content.blocks_of(name).zip(&blocks);
                Json::Object(keyed.filter_map(|(b, v)| Some((b.labels.first()?.name.to_string(), v.clone()))).collect())
            }
        };
        out.insert(name.to_string(), value);
    }
    Json::Object(out)
}

/// `{constant_value}`, `{references}` or `{}`.
pub fn expression(expr: &Expr) -> Json {
    if let Some(value) = constant(expr) {
        return json!({ "constant_value": value });
    }
    let names: Vec<String> = references(expr).iter().flat_map(referable).collect();
    if names.is_empty() { json!({}) } else { json!({ "references": names }) }
}

/// The content of an expression that neither refers to anything nor calls a function.
fn constant(expr: &Expr) -> Option<Json> {
    evaluate_constant(expr).ok().filter(Value::is_wholly_known).map(|value| mask::known(&value))
}

/// A reference, longest first, then step by step what it is inside of, down to the address of an object, and the whole
/// resource or call an instance belongs to.
fn referable(reference: &Traversal) -> Vec<String> {
    let keyed = |at: usize| matches!(reference.steps.get(at), Some(TraversalStep::Index(..)));
    // How many steps name the object, and what it is one instance or output of.
    let (object, whole) = match &*reference.root.name {
        "self" => (0, None),
        "var" | "local" | "path" | "terraform" | "each" | "count" => (1, None),
        "module" => {
            let call = if keyed(1) { 2 } else { 1 };
            if reference.steps.len() > call { (call + 1, Some(call)) } else { (call, keyed(1).then_some(1)) }
        }
        root => {
            let resource = if root == "data" { 2 } else { 1 };
            if keyed(resource) { (resource + 1, Some(resource)) } else { (resource, None) }
        }
    };
    let lengths = (object..=reference.steps.len().max(object)).rev().chain(whole);
    lengths.map(|n| text(reference, n)).collect()
}

/// The first `count` steps as text.
fn text(reference: &Traversal, count: usize) -> String {
    let mut out = reference.root.name.to_string();
    for step in reference.steps.iter().take(count) {
        match step {
            TraversalStep::Attr(name) => out.push_str(&format!(".{}", name.name)),
            TraversalStep::Index(key, _) => match key.as_str() {
                Some(key) => out.push_str(&format!("[{}]", crate::address::quote(key))),
                None => out.push_str(&format!("[{}]", mask::known(key))),
            },
        }
    }
    out
}
