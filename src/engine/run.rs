//! What validating, planning and applying have in common: the walk over everything that is not a resource, providers, limits, messages.

use super::conditions::{Checks, Subject, evaluate_all};
use super::decode::{decode, locate};
use super::ephemeral::Opened;
use super::event::{Event, EventSink};
use super::expand::{Expansion, WhenUnknown, expand};
use super::graph::{Graph, Node};
use super::plan::{CheckKind, CheckStatus};
use super::schemas::{Schemas, TypeSchema};
use super::scope::{Evaluation, Extent, Globals, ModuleScope, Repeated, path_text};
use super::settings::Settings;
use super::variables;
use super::walk::Visit;
use crate::address::{ConfigResource, Mode, ModuleInstance, ModulePath, ProviderConfig, ResourceInstance};
use crate::config::model::{Config, Repetition, ResourceBlock};
use crate::config::provider_refs;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::lang::eval::{Templates, evaluate};
use crate::lang::functions::CallContext;
use crate::lang::value::{Marks, Type, Value};
use crate::maps::Map;
use crate::provider::{Progress, Provider, Registry};
use futures::executor::block_on;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Validate,
    Survey,
    Plan,
    Apply,
}

pub(super) struct Run<'r> {
    pub phase: Phase,
    pub config: &'r Config,
    pub registry: &'r Registry,
    pub settings: &'r Settings,
    pub events: &'r dyn EventSink,
    pub cancel: &'r CancellationToken,
    pub schemas: Schemas,
    pub graph: Graph,
    pub globals: Globals,
    pub checks: Checks,
    modules: RwLock<Map<ModulePath, Vec<Arc<ModuleScope<'r>>>>>,
    providers: RwLock<Map<ProviderConfig, Arc<dyn Provider>>>,
    /// Ephemeral objects that are open.
    pub opened: Mutex<Vec<Opened>>,
    limit: Semaphore,
    told: Mutex<BTreeMap<usize, Diagnostics>>,
}

/// A lock that a panic elsewhere does not take away.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'r> Run<'r> {
    /// Builds the graph; its errors come along.
    #[allow(clippy::too_many_arguments, reason = "each is a part that only the caller has")]
    pub(super) fn new(
        phase: Phase,
        config: &'r Config,
        registry: &'r Registry,
        settings: &'r Settings,
        events: &'r dyn EventSink,
        cancel: &'r CancellationToken,
        timestamp: Option<String>,
    ) -> (Self, Diagnostics) {
        let schemas = Schemas::default();
        let (graph, diagnostics) = Graph::build(config, registry, &schemas);
        let root = Arc::new(ModuleScope::new(ModuleInstance::root(), &config.root, Repeated::default(), None));
        let mut calls = CallContext::new(&settings.cwd, &Templates);
        calls.plan_timestamp = timestamp;
        calls.pure_only = phase != Phase::Apply;
        calls.symbols = phase == Phase::Survey;
        calls.sources = Some(config.sources.clone());
        let run = Run {
            phase,
            config,
            registry,
            settings,
            events,
            cancel,
            schemas,
            graph,
            globals: Globals {
                workspace: settings.workspace.clone(),
                cwd: path_text(&settings.cwd),
                root: path_text(&settings.root),
                applying: phase == Phase::Apply,
                calls,
                registry: registry.clone(),
            },
            checks: Checks::default(),
            modules: RwLock::new(Map::from_iter([(ModulePath::root(), vec![root])])),
            providers: RwLock::default(),
            opened: Mutex::default(),
            limit: Semaphore::new(settings.parallelism.max(1)),
            told: Mutex::default(),
        };
        (run, diagnostics)
    }

    /// All instances of a module, in order; empty when its call has none or has not been expanded.
    pub(super) fn scopes(&self, path: &ModulePath) -> Vec<Arc<ModuleScope<'r>>> {
        self.modules.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned().unwrap_or_default()
    }

    /// One instance of a module.
    pub(super) fn scope(&self, address: &ModuleInstance) -> Option<Arc<ModuleScope<'r>>> {
        self.scopes(&address.path()).into_iter().find(|s| s.address == *address)
    }

    /// The root module.
    pub(super) fn root(&self) -> Option<Arc<ModuleScope<'r>>> {
        self.scope(&ModuleInstance::root())
    }

    /// A provider the walk has passed.
    pub(super) fn provider(&self, address: &ProviderConfig) -> Option<Arc<dyn Provider>> {
        self.providers.read().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    /// The schema of a resource type.
    pub(super) fn schema(&self, provider: &ProviderConfig, mode: Mode, type_name: &str) -> Option<Arc<TypeSchema>> {
        self.schemas.of(self.registry, &provider.source, mode, type_name)
    }

    /// The block of a resource.
    pub(super) fn block(&self, address: &ConfigResource) -> Option<&'r ResourceBlock> {
        self.config.module(&address.module)?.resources.get(&address.resource)
    }

    /// Keeps messages about a node; whether it failed.
    pub(super) fn tell(&self, node: usize, diagnostics: Diagnostics) -> Visit {
        let failed = diagnostics.has_errors();
        if !diagnostics.is_empty() {
            lock(&self.told).entry(node).or_default().extend(diagnostics);
        }
        if failed { Visit::Failed } else { Visit::Done }
    }

    /// All messages so far, in the order of nodes.
    pub(super) fn told(&self) -> Diagnostics {
        std::mem::take(&mut *lock(&self.told)).into_values().flatten().collect()
    }

    /// Whether new work may begin.
    pub(super) fn go_on(&self) -> bool {
        !self.cancel.is_cancelled()
    }

    /// How many visits are worth having begun at once: enough to keep every place of `-parallelism` busy. More would only hold memory.
    pub(super) fn window(&self) -> usize {
        self.settings.parallelism.clamp(1, 1024) * 4 + 16
    }

    /// Waits for one of the places that `-parallelism` allows, then runs a provider operation.
    pub(super) async fn operate<T>(&self, operation: impl Future<Output = T>) -> T {
        let _permit = self.limit.acquire().await;
        operation.await
    }

    /// Visits a node that is no resource.
    pub(super) async fn visit(&self, number: usize) -> Visit {
        let Some(node) = self.graph.nodes().get_index(number) else { return Visit::Done };
        let diagnostics = match node {
            Node::Expand(path) => self.expand_module(path),
            Node::Variable(path, name) => self.variable(path, name),
            Node::Local(path, name) => self.local(path, name),
            Node::Output(path, name) => self.output(path, name),
            Node::Provider(address) => self.configure(address).await,
            Node::Check(path, name) => self.check(path, name).await,
            Node::Resource(_) | Node::Close(_) => Diagnostics::new(),
        };
        self.tell(number, diagnostics)
    }

    /// Visits a node in a walk that computes.
    pub(super) fn compute(&self, number: usize) {
        block_on(self.visit(number));
    }

    fn when_unknown(&self) -> WhenUnknown {
        match self.phase {
            Phase::Validate | Phase::Survey => WhenUnknown::Placeholder,
            _ if self.settings.mode == super::plan::PlanMode::Destroy => WhenUnknown::Placeholder,
            _ => WhenUnknown::Refuse,
        }
    }

    /// How many instances a resource block has in one module instance.
    pub(super) fn expand_resource(
        &self,
        block: &ResourceBlock,
        scope: &ModuleScope<'_>,
    ) -> Result<Expansion, Diagnostics> {
        let evaluation = Evaluation::plain(&self.globals, scope);
        let expansion = expand(&block.repetition, &evaluation, self.when_unknown());
        expansion.map(|e| self.for_phase(&block.repetition, e)).map_err(|mut errors| {
            for error in errors.iter_mut() {
                error.context = error.context.or(Some(block.span));
                if error.address.is_none() {
                    let address =
                        crate::address::AbsResource { module: scope.address.clone(), resource: block.address.clone() };
                    error.address = Some(address.to_string());
                }
            }
            errors
        })
    }

    /// While validating, one instance stands for all; in a survey where their keys are not known.
    fn for_phase(&self, repetition: &Repetition, expansion: Expansion) -> Expansion {
        match self.phase {
            Phase::Validate => Expansion::placeholder(repetition),
            Phase::Survey => expansion.surveyed(repetition),
            _ => expansion,
        }
    }

    fn expand_module(&self, path: &ModulePath) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let mut scopes = Vec::new();
        if let (Some(parent), Some((name, _))) = (path.parent(), path.0.split_last()) {
            for outer in self.scopes(&parent) {
                let (Some(call), Some(child)) = (outer.config.calls.get(name), outer.config.children.get(name)) else {
                    continue;
                };
                let evaluation = Evaluation::plain(&self.globals, &outer);
                let expansion = expand(&call.repetition, &evaluation, self.when_unknown()).map_err(|mut errors| {
                    errors.iter_mut().for_each(|e| e.context = e.context.or(Some(call.span)));
                    errors
                });
                let expansion = match expansion {
                    Err(_) if self.phase == Phase::Survey => Ok(Expansion::placeholder(&call.repetition)),
                    other => other,
                };
                let Some(expansion) = diagnostics.absorb(expansion) else { continue };
                let expansion = self.for_phase(&call.repetition, expansion);
                let mut inner = BTreeMap::new();
                for (key, repeated) in expansion.instances {
                    let address = outer.address.child(name, key.clone());
                    let scope = Arc::new(ModuleScope::new(address, child, repeated, Some(outer.clone())));
                    scopes.push(scope.clone());
                    inner.insert(key, scope);
                }
                outer.set_calls(name, expansion.extent, inner);
            }
        }
        self.modules.write().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), scopes);
        diagnostics
    }

    fn variable(&self, path: &ModulePath, name: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for scope in self.scopes(path) {
            let Some(variable) = scope.config.variables.get(name) else { continue };
            let address = match scope.address.is_root() {
                true => format!("var.{name}"),
                false => format!("{}.var.{name}", scope.address),
            };
            let mut given_at = None;
            let value = match &scope.parent {
                None if self.phase == Phase::Validate => {
                    let mut value = Value::unknown(variable.ty.without_optional());
                    if variable.sensitive {
                        value = value.sensitive();
                    }
                    if variable.ephemeral {
                        value = value.with_marks(Marks::EPHEMERAL);
                    }
                    Ok(value)
                }
                None if self.phase == Phase::Survey && !self.settings.variables.contains_key(name) => {
                    Ok(variables::surveyed(variable, &address))
                }
                None => match self.settings.rejected_variables.get(name) {
                    Some(error) => Err(error.clone().into()),
                    None => {
                        let given = self.settings.variables.get(name).cloned();
                        variables::finish(variable, given, &address, None, &self.config.sources)
                    }
                },
                Some(parent) => {
                    let call = path.0.last().and_then(|n| parent.config.calls.get(n));
                    let argument = call.and_then(|c| c.body.attribute(name));
                    given_at = argument.map(|a| a.expr.span);
                    if argument.is_none() && variable.default.is_none() {
                        // Told at the module call.
                        continue;
                    }
                    let given = argument
                        .map(|a| evaluate(&a.expr, &Evaluation::repeated(&self.globals, parent, &scope.repeated)))
                        .transpose();
                    given.and_then(|given| variables::finish(variable, given, &address, given_at, &self.config.sources))
                }
            };
            let Some(value) = diagnostics.absorb(value) else { continue };
            scope.set_variable(name, value);
            if variable.validations.is_empty()
                || self.phase == Phase::Survey
                || (self.phase == Phase::Validate && scope.parent.is_none())
            {
                continue;
            }
            let subject = Subject {
                kind: CheckKind::Variable,
                config: Node::Variable(path.clone(), name.into()).to_string().replace(" (expand)", ""),
                object: address,
                failed: "Invalid value for variable",
                severity: Severity::Error,
            };
            for condition in &variable.validations {
                let evaluation = Evaluation::plain(&self.globals, &scope);
                let found = evaluate_all(std::slice::from_ref(condition), &subject, &evaluation, &self.checks);
                let rule = variables::position(&self.config.sources, condition.span);
                diagnostics.extend(found.into_iter().map(|mut d| {
                    if d.summary == subject.failed {
                        d.detail = format!("{}\n\nThis was checked by the validation rule at {rule}.", d.detail);
                        d.span = given_at.or(Some(variable.span));
                        d.context = None;
                    }
                    d
                }));
            }
        }
        diagnostics
    }

    fn local(&self, path: &ModulePath, name: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for scope in self.scopes(path) {
            let Some(local) = scope.config.locals.get(name) else { continue };
            let value = evaluate(&local.expr, &Evaluation::plain(&self.globals, &scope));
            if let Some(value) = diagnostics.absorb(value) {
                scope.set_local(name, value);
            }
        }
        diagnostics
    }

    fn output(&self, path: &ModulePath, name: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for scope in self.scopes(path) {
            let Some(output) = scope.config.outputs.get(name) else { continue };
            let evaluation = Evaluation::plain(&self.globals, &scope);
            let object = match scope.address.is_root() {
                true => format!("output.{name}"),
                false => format!("{}.output.{name}", scope.address),
            };
            let subject = Subject {
                kind: CheckKind::Output,
                config: Node::Output(path.clone(), name.into()).to_string().replace(" (expand)", ""),
                object,
                failed: "Module output value precondition failed",
                severity: Severity::Error,
            };
            let failed = evaluate_all(&output.preconditions, &subject, &evaluation, &self.checks);
            let stop = failed.has_errors();
            diagnostics.extend(failed);
            if stop {
                continue;
            }
            let value = evaluate(&output.value, &evaluation).map_err(|mut errors| {
                errors.iter_mut().for_each(|e| e.context = e.context.or(Some(output.span)));
                errors
            });
            let Some(mut value) = diagnostics.absorb(value) else { continue };
            if !scope.address.is_root() {
                // Validating, Terraform knows nothing of the values of a module's outputs, and so not that they are sensitive.
                let hidden = output.sensitive || self.phase == Phase::Validate && value.marks_deep().hidden();
                if self.phase == Phase::Validate {
                    value = value.without_marks_deep(Marks::SENSITIVE);
                }
                if hidden {
                    value = value.with_marks(Marks::CONCEALED);
                }
            } else if output.sensitive {
                value = value.sensitive();
            } else if scope.address.is_root() && value.marks_deep().contains(Marks::SENSITIVE) {
                diagnostics.push(
                    Diagnostic::error(
                        "Output refers to sensitive values",
                        "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any \
                         root module output containing sensitive data must be explicitly marked as sensitive, to confirm your \
                         intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the \
                         following argument:\n    sensitive = true",
                    )
                    .at(output.span),
                );
                continue;
            }
            if scope.address.is_root() && matches!(self.phase, Phase::Plan | Phase::Apply) && value.contains_infinity()
            {
                diagnostics.push(
                    Diagnostic::error(
                        "Infinite output value",
                        "The result of this expression is, or holds, an infinite number, which neither state nor plan can store.",
                    )
                    .at(output.value.span)
                    .within(output.span),
                );
                continue;
            }
            if value.marks_deep().contains(Marks::EPHEMERAL) && !output.ephemeral {
                diagnostics.push(
                    Diagnostic::error(
                        "Ephemeral value not allowed",
                        "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived \
                         from an ephemeral value.",
                    )
                    .at(output.value.span)
                    .within(output.span),
                );
                continue;
            }
            if output.ephemeral && !value.marks().contains(Marks::EPHEMERAL) && self.phase != Phase::Survey {
                diagnostics.push(
                    Diagnostic::error(
                        "Value not allowed in ephemeral output",
                        "This output value is declared as returning an ephemeral value, so it can only be set to an ephemeral value.",
                    )
                    .at(output.value.span)
                    .within(output.span)
                    .hint("Remove `ephemeral = true`: what is not ephemeral needs no such output."),
                );
                continue;
            }
            scope.set_output(name, value);
        }
        diagnostics
    }

    async fn configure(&self, address: &ProviderConfig) -> Diagnostics {
        let Some(schema) = self.schemas.config(self.registry, &address.source) else {
            // Validation tells it at each block that needs the provider.
            return match self.phase {
                Phase::Validate | Phase::Survey => Diagnostics::new(),
                _ => super::providers::unknown_provider(self.registry, address),
            };
        };
        let block = provider_refs::provider_block(self.config, address);
        let scope = self.scopes(&address.module).into_iter().next();
        let (value, mut diagnostics) = match (block, scope) {
            (Some(block), Some(scope)) => {
                decode(&block.body, &schema, &Evaluation::plain(&self.globals, &scope), block.span)
            }
            _ => (schema.empty.clone(), Diagnostics::new()),
        };
        if diagnostics.has_errors() && self.phase != Phase::Survey {
            return diagnostics;
        }
        if block.is_none() && address.alias.is_some() && self.phase != Phase::Survey {
            diagnostics.push(Diagnostic::error(
                "Provider configuration not present",
                format!(
                    "Objects in the state are managed by {address}, but the configuration has no such provider block any more."
                ),
            )
            .hint("Put the provider block back until these objects are destroyed, or remove them from the state."));
            return diagnostics;
        }
        let found = if self.phase == Phase::Survey {
            let Some(factory) = self.registry.get(&address.source) else { return diagnostics };
            let provider = factory.create();
            let label = super::survey::provider_label(address);
            let diagnostics = provider.configure_offline(&value.unmark_deep(), &label).await;
            Ok((provider, diagnostics))
        } else if self.phase == Phase::Validate {
            match self.registry.get(&address.source) {
                Some(factory) => {
                    let provider = factory.create();
                    let diagnostics = provider.validate_config(&value.unmark_deep());
                    Ok((provider, diagnostics))
                }
                None => return diagnostics,
            }
        } else {
            self.settings.providers.configured(self.registry, address, &value).await
        };
        let place = |mut d: Diagnostic| {
            if let Some(block) = block {
                let at = locate(&block.body, &d.attribute);
                d.span = d.span.or(at).or(Some(block.span));
                d.context = d.context.or(Some(block.span));
            }
            d.address = d.address.or(Some(address.to_string()));
            d
        };
        match found {
            Ok((provider, more)) => {
                diagnostics.extend(more.into_iter().map(place));
                self.providers.write().unwrap_or_else(PoisonError::into_inner).insert(address.clone(), provider);
            }
            Err(errors) => diagnostics.extend(errors.into_iter().map(place)),
        }
        diagnostics
    }

    /// A `check` block: its own data object, then its asserts. That the object cannot be read, or that an
    /// assert does not hold, is a warning.
    async fn check(&self, path: &ModulePath, name: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for scope in self.scopes(path) {
            let Some(check) = scope.config.checks.get(name) else { continue };
            let mut found = Diagnostics::new();
            let mut value = None;
            if let Some(data) = &check.data {
                let address =
                    ResourceInstance { module: scope.address.clone(), resource: data.address.clone(), key: None };
                let read = self.check_data(data, path, &scope).await;
                let read = read.map_err(|errors| self.placed(errors, &address, Some(data)));
                value = found.absorb(read);
            }
            let mut evaluation = Evaluation::plain(&self.globals, &scope);
            if let (Some(data), Some(value)) = (&check.data, &value) {
                evaluation.scoped = Some((&data.address, value));
            }
            let subject = Subject {
                kind: CheckKind::Check,
                config: Node::Check(path.clone(), name.into()).to_string(),
                object: match scope.address.is_root() {
                    true => format!("check.{name}"),
                    false => format!("{}.check.{name}", scope.address),
                },
                failed: "Check block assertion failed",
                severity: Severity::Warning,
            };
            let mut found: Diagnostics = found
                .into_iter()
                .map(|mut d| {
                    d.severity = d.severity.max(Severity::Warning);
                    d.address = Some(subject.object.clone());
                    d
                })
                .collect();
            if let (Some(failure), None) = (found.iter().next(), &value) {
                let message = format!("{}: {}", failure.summary, failure.detail);
                self.checks.record(
                    CheckKind::Check,
                    &subject.config,
                    &subject.object,
                    CheckStatus::Fail,
                    Some(message),
                );
            }
            if check.data.is_none() || value.is_some() {
                let asserted = evaluate_all(&check.asserts, &subject, &evaluation, &self.checks);
                if self.phase != Phase::Validate {
                    found.extend(asserted);
                }
            }
            diagnostics.extend(found.into_iter().map(|mut d| {
                d.context = d.context.or(Some(check.span));
                d
            }));
        }
        diagnostics
    }

    async fn check_data(
        &self,
        data: &ResourceBlock,
        path: &ModulePath,
        scope: &ModuleScope<'_>,
    ) -> Result<Value, Diagnostics> {
        let address = provider_refs::resolve(self.config, path, data).map_err(|e| Diagnostics::from(*e))?;
        let type_name = &data.address.type_name;
        let (Some(schema), Some(provider)) = (self.schema(&address, Mode::Data, type_name), self.provider(&address))
        else {
            return Err(unsupported_type(self.registry, &address, data));
        };
        let (config, diagnostics) =
            decode(&data.body, &schema.block, &Evaluation::plain(&self.globals, scope), data.span);
        let (config, _) = diagnostics.into_result(config)?;
        if self.phase == Phase::Validate || config.contains_unknown() {
            return Ok(Value::unknown(schema.block.ty.clone()));
        }
        let instance = ResourceInstance { module: scope.address.clone(), resource: data.address.clone(), key: None };
        let progress = OperationProgress::new(self, &instance);
        let config = config.unmark_deep();
        let (value, _) = self.operate(provider.read_data(&instance, type_name, &config, &progress)).await?;
        Ok(schema.mark(value))
    }

    /// Gives provider messages an address and a place.
    pub(super) fn placed(
        &self,
        diagnostics: Diagnostics,
        address: &ResourceInstance,
        block: Option<&ResourceBlock>,
    ) -> Diagnostics {
        let place = |mut d: Diagnostic| {
            if let Some(block) = block {
                let at = if d.attribute.is_empty() { None } else { locate(&block.body, &d.attribute) };
                d.span = d.span.or(at).or(Some(block.span));
                d.context = d.context.or(Some(block.span));
            }
            d.address = d.address.or_else(|| Some(address.to_string()));
            d
        };
        diagnostics.into_iter().map(place).collect()
    }

    /// Runs an operation and says every ten seconds that it still runs.
    pub(super) async fn ticking<T>(&self, operation: impl Future<Output = T>, still: impl Fn(Duration) -> Event) -> T {
        let begin = Instant::now();
        let mut operation = std::pin::pin!(operation);
        loop {
            match tokio::time::timeout(Duration::from_secs(10), operation.as_mut()).await {
                Ok(result) => return result,
                Err(_) => self.events.event(still(begin.elapsed())),
            }
        }
    }
}

/// Tells waits of one operation as events.
pub(super) struct OperationProgress<'a> {
    events: &'a dyn EventSink,
    cancel: &'a CancellationToken,
    address: &'a ResourceInstance,
    last: Mutex<String>,
}

impl<'a> OperationProgress<'a> {
    pub(super) fn new(run: &'a Run<'_>, address: &'a ResourceInstance) -> Self {
        OperationProgress { events: run.events, cancel: run.cancel, address, last: Mutex::default() }
    }
}

impl Progress for OperationProgress<'_> {
    fn waiting(&self, reason: &str) {
        let mut last = lock(&self.last);
        if *last != reason {
            reason.clone_into(&mut last);
            self.events.event(Event::Waiting { address: self.address.clone(), reason: reason.to_owned() });
        }
    }

    fn interrupted(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// The error for a resource type no provider here has.
pub(super) fn unsupported_type(registry: &Registry, provider: &ProviderConfig, block: &ResourceBlock) -> Diagnostics {
    use crate::config::suggest::did_you_mean;
    let Some(factory) = registry.get(&provider.source) else {
        return super::providers::unknown_provider(registry, provider)
            .into_iter()
            .map(|d| d.at(block.type_span).within(block.span))
            .collect();
    };
    let type_name = &block.address.type_name;
    let schema = factory.schema();
    let (kind, known) = match block.address.mode {
        Mode::Data => ("data source", &schema.data),
        Mode::Ephemeral => ("ephemeral resource", &schema.ephemeral),
        Mode::Managed => ("resource type", &schema.resources),
    };
    let mut diagnostic = Diagnostic::error(
        format!("Invalid {kind}"),
        if schema.is_original(block.address.mode, type_name) {
            format!(
                "{} {type_name} exists in provider {}, but this program does not have it yet.",
                capital(kind),
                provider.source
            )
        } else {
            format!(
                "The provider {} does not support {kind} \"{type_name}\".{}",
                provider.source,
                did_you_mean(type_name, known.keys().map(String::as_str))
            )
        },
    );
    if schema.is_original(block.address.mode, type_name) {
        diagnostic =
            diagnostic.hint("Keep it in a configuration of its own that Terraform applies: states are compatible.");
    }
    if block.address.mode == Mode::Managed && schema.data.contains_key(type_name) {
        diagnostic = diagnostic
            .hint(format!("Did you intend to use the data source \"{type_name}\"? If so, declare this using a \"data\" block instead of a \"resource\" block."));
    } else if block.address.mode == Mode::Data && schema.resources.contains_key(type_name) {
        diagnostic = diagnostic
            .hint(format!("Did you intend to use the managed resource type \"{type_name}\"? If so, declare this using a \"resource\" block instead of a \"data\" block."));
    }
    diagnostic.at(block.type_span).within(block.span).into()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The placeholder for instances of a resource before anything is known of them.
pub(super) fn unknown_object(ty: &Type, extent: Extent) -> Value {
    match extent {
        Extent::Unknown => Value::unknown(Type::Dynamic),
        _ => Value::unknown_not_null(ty.clone()),
    }
}
