//! What a configuration will make, as far as it tells without account, state and network.
//!
//! Every block is expanded and evaluated with the values its variables have; the provider predicts what follows. What only an account or a
//! later step can tell is unknown, texts as symbols ([`crate::lang::value::symbol`]) that name where they will come from. Nothing is an
//! error here: what cannot be evaluated is unknown, types that no provider has are taken as they are written.

use super::decode::decode;
use super::event::Quiet;
use super::graph::Node;
use super::objects::copy_marks;
use super::references::{Reference, Subject};
use super::run::{Phase, Run};
use super::schemas::TypeSchema;
use super::scope::{Evaluation, Extent, Referred};
use super::settings::Settings;
use crate::address::{ConfigResource, Mode, ProviderConfig, Resource, ResourceInstance};
use crate::config::model::{Config, Module, ResourceBlock};
use crate::diagnostics::Diagnostics;
use crate::lang::eval::{body_references, evaluate, references};
use crate::lang::syntax::ast::{Body, Traversal, TraversalStep};
use crate::lang::value::symbol::Symbol;
use crate::lang::value::{Fields, Kind, Type, Value};
use crate::provider::schema::proposed_new;
use crate::provider::{PlanRequest, Provider, Registry};
use futures::executor::block_on;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// One object as it will be.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// Where it stands. When the keys of its block are not known, one object with a made-up key stands for all.
    pub address: ResourceInstance,
    /// The provider configuration it belongs to.
    pub provider: ProviderConfig,
    /// What is known of it; marked where sensitive. An object; of types no provider has, whatever its body says.
    pub value: Value,
    /// Whether a provider knows the type.
    pub known_type: bool,
}

/// What a configuration will make.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// Managed and data resources, by address.
    pub objects: Vec<Surveyed>,
    /// Values of provider blocks; what is not set is null.
    pub providers: BTreeMap<ProviderConfig, Value>,
    /// What could not be evaluated, as warnings would be told: notes for those who wonder why something is unknown.
    pub notes: Diagnostics,
}

/// The name of a provider configuration in symbols: `provider.aws`, `provider.aws.east`.
pub fn provider_label(address: &ProviderConfig) -> String {
    match &address.alias {
        None => format!("provider.{}", address.source.name),
        Some(alias) => format!("provider.{}.{alias}", address.source.name),
    }
}

/// Looks a configuration over. `settings` gives variables, workspace and folders.
pub fn survey(config: &Config, registry: &Registry, settings: &Settings) -> Survey {
    let cancel = CancellationToken::new();
    let (run, mut notes) = Run::new(Phase::Survey, config, registry, settings, &Quiet, &cancel, None);
    let named = LazyLock::new(|| Named::in_tree(&config.root));
    let objects: Mutex<Vec<Surveyed>> = Mutex::default();
    run.graph.order().compute(|number| match run.graph.nodes().get_index(number) {
        Some(Node::Resource(address)) => {
            let (found, told) = block_on(block(&run, address, &named));
            objects.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
            run.tell(number, told);
        }
        Some(Node::Check(..)) => {}
        _ => run.compute(number),
    });
    notes.extend(run.told());
    let mut objects = objects.into_inner().unwrap_or_else(PoisonError::into_inner);
    objects.sort_by(|a, b| a.address.cmp(&b.address));
    Survey { objects, providers: providers(&run), notes }
}

fn providers(run: &Run<'_>) -> BTreeMap<ProviderConfig, Value> {
    let used = run.graph.nodes().iter().filter_map(|node| match node {
        Node::Provider(address) => Some(address.clone()),
        _ => None,
    });
    // Blocks that nothing uses tell all the same where things are.
    let root = &run.config.root;
    let declared = root.providers.keys().map(|(local, alias)| ProviderConfig {
        module: crate::address::ModulePath::root(),
        source: root.provider_source(local),
        alias: alias.clone(),
    });
    let addresses: BTreeSet<ProviderConfig> = used.chain(declared).collect();
    addresses
        .iter()
        .filter_map(|address| {
            let schema = run.schemas.config(run.registry, &address.source)?;
            let block = crate::config::provider_refs::provider_block(run.config, address);
            let value = match (block, run.scopes(&address.module).first()) {
                (Some(block), Some(scope)) => {
                    decode(&block.body, &schema, &Evaluation::plain(&run.globals, scope), block.span).0
                }
                _ => schema.empty.clone(),
            };
            Some((address.clone(), value))
        })
        .collect()
}

/// All instances of a block, in all instances of its module.
async fn block(
    run: &Run<'_>,
    address: &ConfigResource,
    named: &LazyLock<Named, impl FnOnce() -> Named>,
) -> (Vec<Surveyed>, Diagnostics) {
    let (mut found, mut told) = (Vec::new(), Diagnostics::new());
    let Some(block) = run.block(address) else { return (found, told) };
    let provider_address = run.graph.providers.get(address).cloned().unwrap_or_else(|| implied(block));
    let schema = run.schema(&provider_address, address.resource.mode, &address.resource.type_name);
    let provider = run.provider(&provider_address);
    for scope in run.scopes(&address.module) {
        let expansion = match run.expand_resource(block, &scope) {
            Ok(expansion) => expansion,
            Err(why) => {
                told.extend(why);
                super::expand::Expansion::placeholder(&block.repetition).surveyed(&block.repetition)
            }
        };
        scope.set_extent(&address.resource, expansion.extent);
        for (key, repeated) in expansion.instances {
            let instance = ResourceInstance {
                module: scope.address.clone(),
                resource: address.resource.clone(),
                key: key.clone(),
            };
            let evaluation = Evaluation::repeated(&run.globals, &scope, &repeated);
            let value = match (&schema, &provider) {
                (Some(schema), Some(provider)) => {
                    let (config, wrong) = decode(&block.body, &schema.block, &evaluation, block.span);
                    told.extend(wrong);
                    predict(provider.as_ref(), schema, &instance, &config).await
                }
                _ => written(&block.body, &evaluation, &instance, named.attributes(address)),
            };
            let exists = expansion.extent != Extent::Unknown;
            let referred = match (&schema, &provider) {
                _ if !exists => unknown(&schema).into(),
                (Some(schema), provider) => {
                    Referred::of(&schema.raw.block, provider.as_deref(), &address.resource.type_name, &value)
                }
                _ => value.clone().into(),
            };
            scope.set_instance(&address.resource, key, referred);
            let known_type = schema.is_some();
            found.push(Surveyed { address: instance, provider: provider_address.clone(), value, known_type });
        }
    }
    (found, told)
}

fn implied(block: &ResourceBlock) -> ProviderConfig {
    ProviderConfig {
        module: crate::address::ModulePath::root(),
        source: crate::address::ProviderSource::hashicorp(block.provider_local_name()),
        alias: None,
    }
}

fn unknown(schema: &Option<Arc<TypeSchema>>) -> Value {
    schema.as_ref().map_or_else(|| Value::unknown(Type::Dynamic), |s| Value::unknown(s.block.ty.clone()))
}

/// What the provider says will come of it; symbols for the texts it cannot tell.
async fn predict(provider: &dyn Provider, schema: &TypeSchema, address: &ResourceInstance, config: &Value) -> Value {
    let plain = config.unmark_deep();
    let type_name = &address.resource.type_name;
    let nothing = Value::null(schema.block.ty.clone());
    let proposed = proposed_new(&schema.raw.block, &nothing, &plain);
    let read = match address.resource.mode {
        Mode::Data => provider.read_data_offline(type_name, &plain).await,
        Mode::Ephemeral => None,
        _ => {
            let request = PlanRequest {
                address,
                type_name,
                prior: &nothing,
                config: &plain,
                proposed: &proposed,
                prior_private: &[],
            };
            Some(provider.plan(request).await.planned).filter(|planned| planned.fields().is_some())
        }
    };
    let value = read.unwrap_or_else(|| {
        schema.raw.block.map_fields(&proposed, &|attribute, v| {
            if attribute.computed && v.is_null() { Value::unknown(attribute.ty.clone()) } else { v }
        })
    });
    copy_marks(schema.mark(symbols(value, address)), config)
}

/// Unknown texts of the object itself become symbols; what is inside its blocks stays unknown.
fn symbols(mut value: Value, address: &ResourceInstance) -> Value {
    let open = |v: &Value| matches!(v.kind(), Kind::Unknown(Type::String, _));
    let names: Vec<Arc<str>> =
        value.fields().into_iter().flatten().filter(|(_, v)| open(v)).map(|(name, _)| name.clone()).collect();
    if !names.is_empty() {
        let address = address.to_string();
        for name in names {
            let symbol = Symbol::new(address.as_str(), &*name).value();
            value.set_field(name, symbol);
        }
    }
    value
}

/// An object of a type no provider has, as its body says, with symbols for attributes that others read.
fn written(
    body: &Body,
    scope: &Evaluation<'_, '_>,
    address: &ResourceInstance,
    read: Option<&BTreeSet<Arc<str>>>,
) -> Value {
    let mut fields = plain_body(body, scope);
    let usual = ["id", "arn", "name"].map(Arc::from);
    for name in read.into_iter().flatten().chain(usual.iter()) {
        let slot = fields.entry(name.clone()).or_insert_with(|| Value::unknown(Type::String));
        if !slot.is_known() {
            *slot = Symbol::new(address.to_string(), &**name).value();
        }
    }
    Value::object(fields)
}

fn plain_body(body: &Body, scope: &Evaluation<'_, '_>) -> Fields {
    let mut fields = Fields::new();
    for attribute in &body.attributes {
        let value = evaluate(&attribute.expr, scope).unwrap_or_else(|_| Value::unknown(Type::Dynamic));
        fields.insert(attribute.name.name.clone(), value);
    }
    let mut blocks: BTreeMap<Arc<str>, Option<Vec<Value>>> = BTreeMap::new();
    for block in &body.blocks {
        match (&*block.kind.name, block.labels.first()) {
            // How many there are is not worked out: unknown.
            ("dynamic", Some(label)) => drop(blocks.insert(label.name.clone(), None)),
            _ => {
                let value = Value::object(plain_body(&block.body, scope));
                if let Some(list) = blocks.entry(block.kind.name.clone()).or_insert_with(|| Some(Vec::new())) {
                    list.push(value);
                }
            }
        }
    }
    for (name, list) in blocks {
        fields.insert(name, list.map_or_else(|| Value::unknown(Type::Dynamic), Value::tuple));
    }
    fields
}

/// Which attributes of a resource its module reads.
#[derive(Default)]
struct Named(HashMap<ConfigResource, BTreeSet<Arc<str>>>);

impl Named {
    fn in_tree(root: &Module) -> Self {
        let mut named = Named::default();
        named.module(root);
        named
    }

    fn attributes(&self, address: &ConfigResource) -> Option<&BTreeSet<Arc<str>>> {
        self.0.get(address)
    }

    fn module(&mut self, module: &Module) {
        let bodies = module.resources.values().map(|b| &b.body).chain(module.calls.values().map(|c| &c.body));
        let exprs = module.locals.values().map(|l| &l.expr).chain(module.outputs.values().map(|o| &o.value));
        let all: Vec<Traversal> = bodies.flat_map(body_references).chain(exprs.flat_map(references)).collect();
        for traversal in &all {
            self.note(module, traversal);
        }
        module.children.values().for_each(|child| self.module(child));
    }

    fn note(&mut self, module: &Module, traversal: &Traversal) {
        let Ok(Reference { subject: Subject::Resource(resource), rest, .. }) = Reference::parse(traversal) else {
            return;
        };
        let resource: Resource = resource;
        if let Some(TraversalStep::Attr(name)) = rest.first() {
            let address = ConfigResource { module: module.path.clone(), resource };
            self.0.entry(address).or_default().insert(name.name.clone());
        }
    }
}
