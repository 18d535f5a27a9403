//! Compares configuration, state and world, and says what has to be done.
//!
//! The walk goes over blocks; the instances of a block are planned at once. Every instance goes the same way: decode what the
//! state has, read what there is (`refresh`), evaluate what is configured, ask the provider what would come of it, choose an
//! action. What a block depends on has been planned before, so its planned values, unknown where only apply can tell, are there.

mod action;
mod adopt;
mod assemble;
mod data;
mod destroy;
mod ignore;
mod import;
mod instance;
mod orphan;
mod outputs;
mod refresh;
mod relevant;
mod select;

use super::ephemeral;
use super::event::EventSink;
use super::generating::{self, Generated};
use super::graph::Node;
use super::moves;
use super::objects::Known;
use super::plan::{Action, Plan, PlanMode, ResourceChange};
use super::run::{Phase, Run, lock, unsupported_type};
use super::scope::{Extent, Referred};
use super::settings::Settings;
use super::validating::validate_but;
use super::walk::Visit;
use crate::address::{
    AbsResource, ConfigResource, InstanceKey, Mode, ModuleInstance, ProviderConfig, ResourceInstance,
};
use crate::config::model::{Config, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::lang::value::Value;
use crate::maps::Map;
use crate::provider::{Provider, Registry};
use crate::state::model::State;
use futures::StreamExt;
pub(super) use ignore::ignore_changes;
pub(super) use import::check as check_imports;
pub(super) use orphan::EndRule;
pub(super) use select::Selection;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// Makes a plan. The plan is complete even when it has errors (`errored` is set then, and it must not be applied); the
/// diagnostics are the plan's own, given separately for convenience. Cancelling ends the walk early, with an error.
pub async fn plan(
    config: &Config,
    state: &State,
    registry: &Registry,
    settings: &Settings,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> (Plan, Diagnostics) {
    if settings.generate {
        let (complete, pending) = generating::with_missing_blocks(config, state);
        return plan_with(&complete, pending, state, registry, settings, events, cancel).await;
    }
    plan_with(config, HashSet::new(), state, registry, settings, events, cancel).await
}

/// Plans a configuration of which some blocks are yet to be generated.
async fn plan_with(
    config: &Config,
    pending: HashSet<ConfigResource>,
    state: &State,
    registry: &Registry,
    settings: &Settings,
    events: &dyn EventSink,
    cancel: &CancellationToken,
) -> (Plan, Diagnostics) {
    let timestamp = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // Validating builds the same graph and tells what is wrong with it.
    let (run, _) = Run::new(Phase::Plan, config, registry, settings, events, cancel, Some(timestamp.clone()));
    let found = validate_but(config, registry, &pending);
    let mut diagnostics: Diagnostics = found.into_iter().filter(|d| d.severity != Severity::Hint).collect();
    let (moved_state, moved, found) = moves::apply(config, state);
    diagnostics.extend(found);
    let mut planner = Planner::new(run, moved_state, moved);
    planner.pending = pending;
    if !diagnostics.has_errors() {
        diagnostics.extend(planner.prepare());
    }
    let begun = !diagnostics.has_errors();
    if begun {
        match settings.mode {
            PlanMode::Destroy => planner.walk_destroy().await,
            PlanMode::Normal | PlanMode::RefreshOnly => planner.walk().await,
        }
        diagnostics.extend(planner.run.told());
        diagnostics.extend(ephemeral::close_all(&planner.run).await);
        if cancel.is_cancelled() {
            diagnostics.push(Diagnostic::error(
                "Planning was interrupted",
                "The plan is not complete and cannot be applied. Nothing was changed.",
            ));
        }
    }
    planner.assemble(state, timestamp, begun, diagnostics)
}

/// Adds the node of a provider that only the state knows of.
pub(super) fn add_provider(run: &mut Run<'_>, node: Node) {
    let Node::Provider(address) = &node else { return };
    if run.graph.number(&node).is_some() {
        return;
    }
    let needs: Vec<usize> = crate::config::provider_refs::provider_block(run.config, address)
        .map(|block| super::graph::provider_needs(&run.graph, run.config, address, &block.body))
        .unwrap_or_default();
    let number = run.graph.add(node);
    for other in needs {
        run.graph.connect(number, other);
    }
}

/// A planning run.
struct Planner<'r> {
    run: Run<'r>,
    /// The state as read, with moves applied.
    state: Cow<'r, State>,
    /// New address of each moved object to its old one.
    moved: HashMap<ResourceInstance, ResourceInstance>,
    /// The state after refresh.
    prior: Mutex<State>,
    changes: Mutex<Changes>,
    drift: Mutex<Vec<ResourceChange>>,
    /// Objects decoded so far, for refresh hints; taken out when planned.
    decoded: Mutex<HashMap<ResourceInstance, Result<Known, Diagnostics>>>,
    /// Resources of the state by block.
    by_block: HashMap<ConfigResource, Vec<AbsResource>>,
    /// Blocks whose replacement is created first: their own wish or that of something that depends on them.
    create_first: HashSet<ConfigResource>,
    /// Per block, the blocks it needs directly or not.
    dependencies: Map<ConfigResource, Vec<ConfigResource>>,
    selection: Selection,
    imports: import::Imports<'r>,
    /// Blocks whose content is to be generated, and what was.
    pending: HashSet<ConfigResource>,
    generated: Mutex<Vec<Generated>>,
    /// Nodes without block: resources only the state has. By node number, from the end of the graph's numbers on.
    extra: Vec<AbsResource>,
}

/// Changes planned so far.
#[derive(Default)]
struct Changes {
    list: Vec<ResourceChange>,
    by_block: HashMap<ConfigResource, Vec<usize>>,
}

/// What is the same for all instances of a block.
struct BlockContext<'p> {
    config: &'p ConfigResource,
    block: &'p ResourceBlock,
    schema: Arc<super::schemas::TypeSchema>,
    provider: Arc<dyn Provider>,
    provider_address: &'p ProviderConfig,
}

impl BlockContext<'_> {
    /// An object as expressions elsewhere see it.
    fn referred(&self, value: &Value) -> Referred {
        Referred::of(&self.schema.raw.block, Some(self.provider.as_ref()), &self.config.resource.type_name, value)
    }
}

impl<'r> Planner<'r> {
    fn new(run: Run<'r>, state: Cow<'r, State>, moved: HashMap<ResourceInstance, ResourceInstance>) -> Self {
        let mut by_block: HashMap<ConfigResource, Vec<AbsResource>> = HashMap::new();
        for address in state.resources.keys() {
            by_block.entry(address.config()).or_default().push(address.clone());
        }
        Planner {
            prior: Mutex::new(state.as_ref().clone()),
            state,
            moved,
            changes: Mutex::default(),
            drift: Mutex::default(),
            decoded: Mutex::default(),
            by_block,
            create_first: HashSet::new(),
            dependencies: Map::default(),
            selection: Selection::default(),
            imports: import::Imports::default(),
            pending: HashSet::new(),
            generated: Mutex::default(),
            extra: Vec::new(),
            run,
        }
    }

    /// Works out what the walk needs: providers of what only the state has, selection, imports, order of replacement.
    fn prepare(&mut self) -> Diagnostics {
        let managed: Vec<(AbsResource, ProviderConfig)> = self
            .state
            .resources
            .iter()
            .filter(|(address, _)| address.resource.mode == Mode::Managed)
            .map(|(address, resource)| (address.clone(), resource.provider.clone()))
            .collect();
        for (address, provider) in managed {
            let orphan = self.run.block(&address.config()).is_none();
            // A block may have another provider configuration now; what must go still goes through the old one if that is there.
            let declared = provider.alias.is_none()
                || crate::config::provider_refs::provider_block(self.run.config, &provider).is_some();
            if orphan || declared || self.run.settings.mode == PlanMode::Destroy {
                add_provider(&mut self.run, Node::Provider(provider));
            }
            if orphan {
                self.extra.push(address);
            }
        }
        self.forget_data_without_block();
        self.dependencies = self.run.graph.resource_dependencies();
        self.create_first = super::create_first::effective(self.run.config, &self.dependencies);
        self.selection = Selection::new(&self.run, &self.state, &self.dependencies);
        let mut diagnostics = self.selection.unmatched();
        let (imports, found) = import::Imports::collect(&self.run);
        self.imports = imports;
        diagnostics.extend(found);
        diagnostics
    }

    async fn walk(&self) {
        let graph = &self.run.graph;
        let mut order = graph.order();
        for address in &self.extra {
            let number = order.add();
            if let Some(resource) = self.state.resources.get(address)
                && let Some(provider) = graph.number(&Node::Provider(resource.provider.clone()))
            {
                order.edge(number, provider);
            }
        }
        order.walk(self.run.window(), || self.run.go_on(), |number| self.visit(number)).await;
    }

    async fn visit(&self, number: usize) -> Visit {
        let Some(node) = self.run.graph.nodes().get_index(number) else {
            let index = number - self.run.graph.nodes().len();
            let Some(address) = self.extra.get(index) else { return Visit::Done };
            let diagnostics = self.plan_removed(address).await;
            return self.run.tell(number, diagnostics);
        };
        if !self.selection.is_active(number) {
            return Visit::Done;
        }
        match node {
            Node::Resource(address) if address.resource.mode == Mode::Ephemeral => {
                let diagnostics = ephemeral::open(&self.run, address, self.when_to_open(address)).await;
                self.run.tell(number, diagnostics)
            }
            Node::Resource(address) => {
                let diagnostics = self.plan_block(address).await;
                self.run.tell(number, diagnostics)
            }
            Node::Provider(address) => {
                let visit = self.run.visit(number).await;
                if visit == Visit::Done {
                    self.prefetch(address).await;
                }
                visit
            }
            _ => self.run.visit(number).await,
        }
    }

    /// Plans all instances of a block, and the end of those that are no longer wanted.
    async fn plan_block(&self, address: &ConfigResource) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let (Some(block), Some(provider_address)) = (self.run.block(address), self.run.graph.providers.get(address))
        else {
            return diagnostics;
        };
        let resource = &address.resource;
        let (Some(schema), Some(provider)) = (
            self.run.schema(provider_address, resource.mode, &resource.type_name),
            self.run.provider(provider_address),
        ) else {
            return unsupported_type(self.run.registry, provider_address, block);
        };
        let context = BlockContext { config: address, block, schema, provider, provider_address };
        let mut work = Vec::new();
        let mut wanted: HashMap<ModuleInstance, (Extent, HashSet<Option<InstanceKey>>)> = HashMap::new();
        for scope in self.run.scopes(&address.module) {
            let Some(expansion) = diagnostics.absorb(self.run.expand_resource(block, &scope)) else { continue };
            let keys = expansion.instances.iter().map(|(k, _)| k.clone()).collect();
            wanted.insert(scope.address.clone(), (expansion.extent, keys));
            scope.set_extent(resource, expansion.extent);
            for (key, repeated) in expansion.instances {
                work.push((scope.clone(), key, repeated));
            }
        }
        if resource.mode == Mode::Managed {
            let planned =
                |to: &ResourceInstance| wanted.get(&to.module).is_some_and(|(_, keys)| keys.contains(&to.key));
            diagnostics.extend(self.imports.resolve(&self.run, address, &planned));
        }
        if diagnostics.has_errors() {
            return diagnostics;
        }
        let context = &context;
        let planned = work.into_iter().map(|(scope, key, repeated)| async move {
            match resource.mode {
                Mode::Data => self.plan_data(context, &scope, key, &repeated).await,
                _ => self.plan_managed(context, &scope, key, &repeated).await,
            }
        });
        let found: Vec<Diagnostics> = futures::stream::iter(planned).buffered(self.run.window()).collect().await;
        diagnostics.extend(found.into_iter().flatten());
        if resource.mode == Mode::Managed {
            diagnostics.extend(self.plan_unwanted(context, &wanted).await);
        } else {
            self.forget_unwanted_data(address, &wanted);
        }
        diagnostics
    }

    fn push_change(&self, change: ResourceChange) {
        let mut changes = lock(&self.changes);
        let index = changes.list.len();
        changes.by_block.entry(change.address.config()).or_default().push(index);
        changes.list.push(change);
    }

    /// Whether anything is planned for the managed resources among these blocks, or what they in turn need.
    fn has_pending_changes(&self, blocks: &[ConfigResource]) -> bool {
        self.is_pending(blocks)
            || blocks.iter().any(|b| {
                self.dependencies.get(b).is_some_and(|d| d.iter().any(|d| self.is_pending(std::slice::from_ref(d))))
            })
    }

    /// Whether anything is planned for the managed resources among these blocks.
    fn is_pending(&self, blocks: &[ConfigResource]) -> bool {
        let changes = lock(&self.changes);
        let pending = |block: &ConfigResource| {
            block.resource.mode == Mode::Managed
                && changes.by_block.get(block).is_some_and(|list| {
                    list.iter().any(|i| changes.list.get(*i).is_some_and(|c| c.action != Action::NoOp))
                })
        };
        blocks.iter().any(pending)
    }

    /// What an ephemeral object looks at must be there before it is opened.
    fn when_to_open(&self, block: &ConfigResource) -> ephemeral::When {
        let explicit = self.run.graph.explicit.get(block).map(Vec::as_slice).unwrap_or_default();
        match self.has_pending_changes(explicit) || self.is_pending(&self.managed_references(block)) {
            true => ephemeral::When::Later,
            false => ephemeral::When::Now,
        }
    }

    /// The managed resources a block names itself. Data that names one with a planned change is read after it, even when all it
    /// names is known by now: what it looks for may not be there yet.
    fn managed_references(&self, block: &ConfigResource) -> Vec<ConfigResource> {
        let graph = &self.run.graph;
        let Some(number) = graph.number(&Node::Resource(block.clone())) else { return Vec::new() };
        let needs = graph.needs(number).iter().filter_map(|n| graph.nodes().get_index(*n));
        needs
            .filter_map(|node| match node {
                Node::Resource(other) if other.resource.mode == Mode::Managed => Some(other.clone()),
                _ => None,
            })
            .collect()
    }

    /// Dependencies of a block as the state has them.
    fn dependency_texts(&self, block: &ConfigResource) -> Vec<String> {
        let all = self.dependencies.get(block).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|d| d.resource.mode != Mode::Ephemeral).map(ToString::to_string).collect()
    }

    fn set_prior(
        &self,
        address: &ResourceInstance,
        provider: &ProviderConfig,
        object: Option<crate::state::model::ObjectState>,
    ) {
        lock(&self.prior).set_current(address, provider, object);
    }

    /// Objects of the state by instance key, for one resource in one module instance.
    fn state_keys(&self, address: &AbsResource) -> Vec<Option<InstanceKey>> {
        self.state.resources.get(address).map(|r| r.instances.keys().cloned().collect()).unwrap_or_default()
    }

    /// Data objects whose block is gone leave the state without a word.
    fn forget_data_without_block(&self) {
        let settings = self.run.settings;
        if !settings.targets.is_empty() || !settings.excludes.is_empty() {
            return;
        }
        lock(&self.prior)
            .resources
            .retain(|address, _| address.resource.mode != Mode::Data || self.run.block(&address.config()).is_some());
    }

    /// Data objects of instances that are no longer wanted leave the state without a word.
    fn forget_unwanted_data(
        &self,
        block: &ConfigResource,
        wanted: &HashMap<ModuleInstance, (Extent, HashSet<Option<InstanceKey>>)>,
    ) {
        let mut prior = lock(&self.prior);
        for address in self.by_block.get(block).map(Vec::as_slice).unwrap_or_default() {
            for key in self.state_keys(address) {
                let keep = wanted.get(&address.module).is_some_and(|(_, keys)| keys.contains(&key));
                if !keep && let Some(resource) = self.state.resources.get(address) {
                    prior.set_current(&address.instance(key), &resource.provider, None);
                }
            }
        }
    }

    /// Ephemeral root variables that were given a value.
    fn apply_time_variables(&self) -> BTreeSet<String> {
        let given = &self.run.settings.variables;
        let ephemeral = self.run.config.root.variables.iter().filter(|(_, variable)| variable.ephemeral);
        ephemeral
            .filter(|(name, _)| given.get(*name).is_some_and(|value| !value.is_null()))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Root variables that were given, before conversion, without ephemeral ones.
    fn raw_variables(&self) -> BTreeMap<String, crate::lang::value::Value> {
        let declared = &self.run.config.root.variables;
        let given = self.run.settings.raw_variables.iter();
        let lasting = given.filter(|(name, _)| declared.get(*name).is_some_and(|variable| !variable.ephemeral));
        lasting.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Root variables as given or defaulted, without ephemeral ones.
    fn variable_values(&self) -> BTreeMap<String, crate::lang::value::Value> {
        let root = self.run.root();
        self.run
            .config
            .root
            .variables
            .iter()
            .filter(|(_, variable)| !variable.ephemeral)
            .filter_map(|(name, variable)| {
                let value = root.as_ref().and_then(|r| r.variable(name));
                let given = || self.run.settings.variables.get(name).cloned().or_else(|| variable.default.clone());
                value.or_else(given).map(|v| (name.clone(), v))
            })
            .collect()
    }
}
