//! The provider: takes the engine's requests, does what follows from schema and rules, and asks the types for the rest.

use super::attrs::{self, Absent};
use super::aws::Aws;
use super::checks::Checks;
use super::codepipeline::{approvals, unmodeled};
use super::companions::COMPANIONS;
use super::failure::Failure;
use super::object::Obj;
use super::planner::{self, Change};
use super::read_back::read_back;
use super::resource::{Cx, DataType, Made, ResourceType};
use super::schema::{self, Parsed};
use super::services::SERVICES;
use super::settings::{self, Settings};
use super::settle::{Against, no_unknowns, settle};
use super::written::Written;
use super::{discover, ephemeral, functions, principals, private, regional, validate};
use crate::address::{Mode, ProviderSource, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions::Function;
use crate::lang::value::symbol::Symbol;
use crate::lang::value::{Kind, Type, Value, from_json_state};
use crate::provider::approval::{Approval, Decision};
use crate::provider::discovery::{Discovery, Scope};
use crate::provider::schema::{Block, NestedBlock, Nesting, ProviderSchema, Schema};
use crate::provider::{
    ApplyRequest, ApplyResponse, Companion, Factory, Imported, Mirror, Object, PlanRequest, PlanResponse, Progress,
    Provider, ReadHint,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The version of the provider whose schemas, state and behaviour this is.
pub const VERSION: &str = "5.100.0";

/// A type with its schema, which is parsed when it is first needed.
struct Known<T: ?Sized + 'static> {
    ty: &'static T,
    embedded: Arc<LazyEmbedded>,
}

type LazyEmbedded = LazyLock<Embedded, Box<dyn FnOnce() -> Embedded + Send + Sync>>;

struct Embedded {
    parsed: Parsed,
    /// Whether its objects may name a region.
    regional: bool,
}

impl<T: ?Sized> Known<T> {
    fn new(mode: Mode, name: &'static str, ty: &'static T, text: &'static str) -> Self {
        let parse = move || {
            // A test parses them all.
            let mut parsed = schema::parse(text).unwrap_or_default();
            let regional = regional::extend(mode, name, &mut parsed);
            if mode == Mode::Managed && name == "aws_codepipeline" {
                unmodeled::extend(&mut parsed);
            }
            Embedded { parsed, regional }
        };
        Known { ty, embedded: Arc::new(LazyLock::new(Box::new(parse))) }
    }

    fn parsed(&self) -> &Parsed {
        &self.embedded.parsed
    }

    fn regional(&self) -> bool {
        self.embedded.regional
    }

    /// Its schema, for the engine.
    fn schema(&self) -> impl FnOnce() -> Arc<Schema> + Send + Sync + 'static {
        let embedded = Arc::clone(&self.embedded);
        move || Arc::clone(&embedded.parsed.schema)
    }
}

struct Catalog {
    schema: ProviderSchema,
    resources: BTreeMap<&'static str, Known<dyn ResourceType>>,
    data: BTreeMap<&'static str, Known<dyn DataType>>,
    ephemeral: BTreeMap<&'static str, Known<dyn DataType>>,
    /// By all instances of the run.
    written: Arc<Written>,
}

/// Makes [`AwsProvider`]s.
pub struct AwsFactory {
    catalog: Arc<Catalog>,
}

impl AwsFactory {
    /// Lists the types. An error here is a fault of the program.
    pub fn new() -> Result<Self, Diagnostic> {
        let bad = |name: &str, e: String| Diagnostic::error("Broken embedded schema", format!("{name}: {e}."));
        let config = schema::parse(schema::PROVIDER).map_err(|e| bad("provider", e))?;
        let mut catalog = Catalog {
            schema: ProviderSchema { config: config.schema.block.clone(), ..ProviderSchema::default() },
            resources: BTreeMap::new(),
            data: BTreeMap::new(),
            ephemeral: BTreeMap::new(),
            written: Arc::default(),
        };
        catalog.schema.original_types = schema::NAMES;
        catalog.schema.deprecations = schema::deprecations().map_err(|e| bad("deprecated", e))?;
        for ty in ephemeral::TYPES {
            let known = Known::new(Mode::Ephemeral, ty.name(), *ty, ty.schema());
            catalog.schema.ephemeral.insert(ty.name().into(), known.schema());
            catalog.ephemeral.insert(ty.name(), known);
        }
        for service in SERVICES {
            for ty in service.resources {
                let known = Known::new(Mode::Managed, ty.name(), *ty, ty.schema());
                catalog.schema.resources.insert(ty.name().into(), known.schema());
                catalog.resources.insert(ty.name(), known);
            }
            for ty in service.data {
                let known = Known::new(Mode::Data, ty.name(), *ty, ty.schema());
                catalog.schema.data.insert(ty.name().into(), known.schema());
                catalog.data.insert(ty.name(), known);
            }
        }
        Ok(AwsFactory { catalog: Arc::new(catalog) })
    }
}

impl Factory for AwsFactory {
    fn source(&self) -> ProviderSource {
        ProviderSource::hashicorp("aws")
    }

    fn version(&self) -> &str {
        VERSION
    }

    fn schema(&self) -> &ProviderSchema {
        &self.catalog.schema
    }

    fn functions(&self) -> &'static [Function] {
        functions::FUNCTIONS
    }

    fn create(&self) -> Arc<dyn Provider> {
        Arc::new(AwsProvider {
            catalog: Arc::clone(&self.catalog),
            home: OnceLock::new(),
            elsewhere: Mutex::default(),
            changed: AtomicBool::new(false),
        })
    }

    fn companions(&self) -> &[Companion] {
        COMPANIONS
    }
}

/// One configured instance.
pub struct AwsProvider {
    catalog: Arc<Catalog>,
    /// The configured account in its region.
    home: OnceLock<Arc<Aws>>,
    /// The same account in the other regions that objects named so far.
    elsewhere: Mutex<BTreeMap<String, Arc<Aws>>>,
    changed: AtomicBool,
}

impl AwsProvider {
    fn home(&self) -> Result<&Arc<Aws>, Diagnostics> {
        self.home.get().ok_or_else(|| {
            Diagnostic::error(
                "Provider not configured",
                "The AWS provider was asked to work before it had a configuration.",
            )
            .into()
        })
    }

    fn regions(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Aws>>> {
        self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account where an object is: in the region it names, else in the provider's.
    fn place<T: ?Sized>(&self, known: &Known<T>, object: &Value) -> Result<Arc<Aws>, Diagnostics> {
        let home = self.home()?;
        let elsewhere = regional::named(object).filter(|region| known.regional() && *region != home.region());
        let Some(region) = elsewhere else { return Ok(Arc::clone(home)) };
        let mut regions = self.regions();
        Ok(Arc::clone(regions.entry(region.to_owned()).or_insert_with(|| Arc::new(home.in_region(region)))))
    }

    /// The account where a data or ephemeral resource looks.
    fn place_of_data(&self, known: &Known<dyn DataType>, config: &Value) -> Result<Arc<Aws>, Diagnostics> {
        let config = config.unmark_deep();
        let asked = regional::named(&config).filter(|_| known.regional());
        match asked.and_then(|region| regional::foreign(self.home.get()?, region)) {
            Some(wrong) => Err(wrong.into()),
            None => self.place(known, &config),
        }
    }

    /// Forgets what was read in bulk, in every region.
    fn forget_bulk(&self) {
        self.home.get().into_iter().chain(self.regions().values()).for_each(|aws| aws.forget_bulk());
    }

    fn resource(&self, name: &str) -> Result<&Known<dyn ResourceType>, Diagnostics> {
        self.catalog.resources.get(name).ok_or_else(|| unsupported("resource", name))
    }

    fn data(&self, name: &str) -> Result<&Known<dyn DataType>, Diagnostics> {
        self.catalog.data.get(name).ok_or_else(|| unsupported("data", name))
    }

    fn ephemeral(&self, name: &str) -> Result<&Known<dyn DataType>, Diagnostics> {
        self.catalog.ephemeral.get(name).ok_or_else(|| unsupported("ephemeral", name))
    }
}

fn cx<'a>(aws: &'a Aws, progress: &'a dyn Progress, timeout: Option<Duration>, doing: String) -> Cx<'a> {
    let timeout = timeout.unwrap_or(Duration::from_secs(20 * 60));
    Cx { aws, progress, timeout, doing, config: Value::null(Type::Dynamic) }
}

fn unsupported(kind: &str, name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Unsupported {kind} type"),
        format!("{name} is not among the types this program manages natively."),
    )
    .hint("Keep it in a configuration of its own, applied with Terraform: state files are compatible.")
    .into()
}

fn failed(failure: &Failure, cx: &Cx<'_>) -> Diagnostics {
    failure.diagnostic(&cx.doing).into()
}

#[async_trait(?Send)]
impl Provider for AwsProvider {
    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let known = match self.resource(type_name) {
            Ok(known) => known,
            Err(diagnostic) => return diagnostic,
        };
        let config = config.unmark_deep();
        let mut checks = Checks::new();
        validate::check(
            &known.parsed().schema.block,
            &known.parsed().rules,
            &known.parsed().relations,
            &config,
            &mut checks,
        );
        known.ty.check(&Obj::new(&config), &mut checks);
        if known.regional() {
            regional::check(&config, &mut checks);
        }
        checks.into_diagnostics()
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.data(type_name) {
            Ok(known) => check_data(known, config),
            Err(diagnostic) => diagnostic,
        }
    }

    fn validate_ephemeral(&self, type_name: &str, config: &Value) -> Diagnostics {
        match self.ephemeral(type_name) {
            Ok(known) => check_data(known, config),
            Err(diagnostic) => diagnostic,
        }
    }

    fn validate_config(&self, config: &Value) -> Diagnostics {
        settings::check(&config.unmark_deep())
    }

    async fn configure(&self, config: &Value) -> Diagnostics {
        let settings = Settings::from_config(&config.unmark_deep());
        match Aws::connect(settings).await {
            Ok(aws) => {
                let _ = self.home.set(Arc::new(aws.sharing(Arc::clone(&self.catalog.written))));
                Diagnostics::new()
            }
            Err(diagnostics) => diagnostics,
        }
    }

    async fn configure_offline(&self, config: &Value, label: &str) -> Diagnostics {
        let _ = self.home.set(Arc::new(Aws::offline(Settings::from_config(&config.unmark_deep()), label)));
        Diagnostics::new()
    }

    async fn read_data_offline(&self, type_name: &str, config: &Value) -> Option<Value> {
        let known = self.data(type_name).ok().filter(|known| known.ty.offline())?;
        let config = symbols_for_texts(type_name, config.unmark_deep());
        let aws = self.place(known, &config).ok()?;
        let cx = cx(&aws, &crate::provider::Silent, None, format!("reading {type_name}"));
        let attrs = known.ty.read(&cx, &Obj::new(&config)).await.ok()?;
        Some(no_unknowns(&attrs.shape(&known.parsed().schema.block, &config, known.ty.absent())))
    }

    fn upgrade_state(
        &self,
        type_name: &str,
        version: u64,
        attributes: &serde_json::Value,
    ) -> Result<Value, Diagnostics> {
        let known = self.resource(type_name)?;
        let schema = &known.parsed().schema;
        if version > schema.version {
            return Err(Diagnostic::error(
                "Resource instance managed by newer provider version",
                format!(
                    "The state holds {type_name} in schema version {version}; hashicorp/aws {VERSION}, whose schemas this program has, knows version {}.",
                    schema.version
                ),
            )
            .hint("Use the state with the provider version that wrote it.")
            .into());
        }
        let mut json = attributes.clone();
        if version < schema.version {
            json = known.ty.upgrade(version, json);
        }
        if let Some(fields) = json.as_object_mut() {
            fields.retain(|name, _| {
                schema.block.attributes.contains_key(name.as_str()) || schema.block.blocks.contains_key(name.as_str())
            });
        }
        let value = from_json_state(&json, &schema.block.implied_type()).map_err(|e| {
            Diagnostics::from(Diagnostic::error(
                "Failed to decode resource from state",
                format!("The stored object of type {type_name} does not fit its schema: {e}."),
            ))
        })?;
        Ok(no_null_blocks(&schema.block, &value))
    }

    async fn prefetch(&self, hints: &[ReadHint], progress: &dyn Progress) {
        let Ok(home) = self.home() else { return };
        self.forget_bulk();
        self.changed.store(false, Ordering::Release);
        let place = |hint: &ReadHint| self.place(self.resource(&hint.type_name).ok()?, &hint.prior).ok();
        let at_home = |aws: &Arc<Aws>| Arc::ptr_eq(aws, home);
        if hints.iter().all(|hint| place(hint).is_none_or(|aws| at_home(&aws))) {
            return prefetch_in(home, hints, progress).await;
        }
        let mut by_region: BTreeMap<String, (Arc<Aws>, Vec<ReadHint>)> = BTreeMap::new();
        for hint in hints {
            let aws = place(hint).unwrap_or_else(|| Arc::clone(home));
            let group = by_region.entry(aws.region().to_owned()).or_insert_with(|| (aws, Vec::new()));
            group.1.push(hint.clone());
        }
        let regions = by_region.values().map(|(aws, hints)| prefetch_in(aws, hints, progress));
        futures::future::join_all(regions).await;
    }

    fn meant(&self, type_name: &str, extension: &str, object: &Value) -> Option<Value> {
        if extension != regional::REGION {
            return None;
        }
        match type_name {
            "aws_region" => object.get("name").cloned(),
            _ => Some(Value::string(self.home.get()?.region())),
        }
    }

    async fn read(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        prior: &Object,
        progress: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        let known = self.resource(type_name)?;
        let before = prior.value.unmark_deep();
        let timeout = private::timeouts(known.ty, &before).read;
        let aws = self.place(known, &before)?;
        let cx = cx(&aws, progress, timeout, format!("reading {address}"));
        let block = &known.parsed().schema.block;
        let found = known.ty.read(&cx, &Obj::new(&before)).await.map_err(|f| failed(&f, &cx))?;
        let value = match found {
            None => Value::null(block.implied_type()),
            Some(attrs) => {
                let found = attrs.shape(block, &before, known.ty.absent());
                if is_import(block, &before) {
                    without_empty_tags(known.ty.absent(), no_unknowns(&found))
                } else {
                    settle(block, &known.parsed().rules, &found, &before, Against::Stored)
                }
            }
        };
        let private = if prior.private.is_empty() && !value.is_null() {
            private::bytes(known.ty, known.parsed().schema.version, &value)
        } else {
            prior.private.clone()
        };
        let told = principals::gone(&known.parsed().rules, &value, &address.to_string());
        Ok((Object { value, private }, told))
    }

    async fn plan(&self, request: PlanRequest<'_>) -> PlanResponse {
        let nothing = |diagnostics: Diagnostics| PlanResponse {
            planned: request.proposed.clone(),
            requires_replace: Vec::new(),
            private: request.prior_private.to_vec(),
            diagnostics,
        };
        let (known, home) = match (self.resource(request.type_name), self.home()) {
            (Ok(known), Ok(home)) => (known, home),
            (Err(diagnostic), _) | (_, Err(diagnostic)) => return nothing(diagnostic),
        };
        if request.proposed.is_null() {
            return nothing(Diagnostics::new());
        }
        let schema = &known.parsed().schema;
        let (prior, config) = (request.prior.unmark_deep(), request.config.unmark_deep());
        let config = without_write_only(&schema.block, config);
        let mut change = Change::new(known.ty, &schema.block, &known.parsed().rules, &prior, &config);
        change.plan_tags(home.default_tags());
        let nowhere = (known.regional() && regional::is_unknown(&config)).then(|| regional::nowhere(home));
        match &nowhere {
            Some((aws, _)) => known.ty.predict(aws, &mut change),
            None => {
                let said = if regional::named(&config).is_some() { &config } else { &prior };
                match self.place(known, said) {
                    Ok(aws) => known.ty.predict(&aws, &mut change),
                    Err(diagnostics) => return nothing(diagnostics),
                }
            }
        }
        if known.regional() {
            regional::plan(home, &mut change);
        }
        let (mut planned, requires_replace, checks) = change.finish();
        if let Some((_, symbol)) = &nowhere {
            planned = regional::without(&planned, symbol);
        }
        let mut diagnostics = checks.into_diagnostics();
        for d in diagnostics.iter_mut() {
            d.address.get_or_insert_with(|| request.address.to_string());
        }
        let private = private::bytes(known.ty, schema.version, &planned);
        PlanResponse { planned, requires_replace, private, diagnostics }
    }

    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse {
        let prior = request.prior.unmark_deep();
        let planned = request.planned.unmark_deep();
        let unchanged = |value: Value, diagnostics: Diagnostics| ApplyResponse {
            object: Object { value, private: request.private.to_vec() },
            diagnostics,
        };
        let known = match self.resource(request.type_name) {
            Ok(known) => known,
            Err(diagnostic) => return unchanged(prior, diagnostic),
        };
        let subject = if planned.is_null() { &prior } else { &planned };
        let timeouts = private::timeouts(known.ty, subject);
        let (verb, timeout) = match (prior.is_null(), planned.is_null()) {
            (true, _) => ("creating", timeouts.create),
            (_, true) => ("deleting", timeouts.delete),
            _ => ("updating", timeouts.update),
        };
        let aws = match self.place(known, subject) {
            Ok(aws) => aws,
            Err(diagnostic) => return unchanged(prior, diagnostic),
        };
        let mut cx = cx(&aws, request.progress, timeout, format!("{verb} {}", request.address));
        if !self.changed.swap(true, Ordering::AcqRel) {
            self.forget_bulk();
        }
        let block = &known.parsed().schema.block;
        if planned.is_null() {
            return match known.ty.delete(&cx, &Obj::new(&prior)).await {
                Ok(()) => unchanged(Value::null(block.implied_type()), Diagnostics::new()),
                Err(failure) => unchanged(prior, failed(&failure, &cx)),
            };
        }
        let private = private::bytes(known.ty, known.parsed().schema.version, &planned);
        let done = |value: Value, diagnostics: Diagnostics| ApplyResponse {
            object: Object { value, private: private.clone() },
            diagnostics,
        };
        let config = request.config.unmark_deep();
        let wanted = with_write_only(block, &planned, &config);
        cx.config = config.clone();
        let config = without_write_only(block, config);
        if prior.is_null() {
            let mut made = Made::default();
            let result = known.ty.create(&cx, &Obj::new(&wanted), &mut made).await;
            let exists = made.0.get_str("id").is_some();
            let base = made.0.shape(block, &planned, known.ty.absent());
            return match result {
                Err(failure) if exists => done(no_unknowns(&base), failed(&failure, &cx)),
                Err(failure) => unchanged(Value::null(block.implied_type()), failed(&failure, &cx)),
                Ok(()) => match read_back(known.ty, known.parsed(), &cx, &config, &base).await {
                    Ok(value) => done(value, Diagnostics::new()),
                    Err(failure) => done(no_unknowns(&base), failed(&failure, &cx)),
                },
            };
        }
        let updated = match known.regional() && regional::same_but_named(&prior, &planned) {
            // What is new is only that its region is said.
            true => Ok(()),
            false => known.ty.update(&cx, &Obj::new(&prior), &Obj::new(&wanted)).await,
        };
        match updated {
            Ok(()) => match read_back(known.ty, known.parsed(), &cx, &config, &planned).await {
                Ok(value) => done(value, Diagnostics::new()),
                Err(failure) => done(no_unknowns(&planned), failed(&failure, &cx)),
            },
            Err(failure) => {
                // Part of the change may have happened: store what is there now, or if that cannot be told, what was before.
                let diagnostics = failed(&failure, &cx);
                match known.ty.read(&cx, &Obj::new(&prior)).await {
                    Ok(Some(attrs)) => {
                        let found = attrs.shape(block, &prior, known.ty.absent());
                        unchanged(settle(block, &known.parsed().rules, &found, &prior, Against::Stored), diagnostics)
                    }
                    _ => unchanged(prior, diagnostics),
                }
            }
        }
    }

    fn mirrors(&self, type_name: &str) -> &'static [Mirror] {
        self.catalog.resources.get(type_name).map(|known| known.ty.mirrors()).unwrap_or_default()
    }

    async fn import(&self, type_name: &str, id: &str, progress: &dyn Progress) -> Result<Vec<Imported>, Diagnostics> {
        let known = self.resource(type_name)?;
        let home = self.home()?;
        let doing = format!("importing {type_name} {id}");
        let (id, region) = match known.regional() {
            true => regional::import_id(home, id).map_err(|f| Diagnostics::from(f.diagnostic(&doing)))?,
            false => (id, None),
        };
        if let Some(wrong) = region.and_then(|region| regional::foreign(home, region)) {
            return Err(wrong.into());
        }
        let block = &known.parsed().schema.block;
        let named = |region: &str| block.empty_value().with_field(regional::REGION, Value::string(region));
        let aws = self.place(known, &region.map_or_else(|| Value::null(Type::Dynamic), named))?;
        let cx = cx(&aws, progress, known.ty.timeouts().read, doing);
        let mut attrs = known.ty.import(&cx, id).await.map_err(|f| failed(&f, &cx))?;
        if let Some(region) = region {
            attrs = attrs.str(regional::REGION, region);
        }
        let mut base = block.empty_value();
        for (name, value) in planner::defaults(&known.parsed().rules) {
            base = base.with_field(name, value);
        }
        // An imported object without tags has none, which is not the same as nothing being known of them: no plan has to settle it.
        for name in ["tags", "tags_all"] {
            let wanted = name == "tags_all" || known.ty.absent() == Absent::Zero;
            if let Some(attribute) = block.attributes.get(name).filter(|_| wanted) {
                base = base.with_field(name, attrs::zero(&attribute.ty));
            }
        }
        let value = attrs.shape(block, &base, known.ty.absent());
        let private = private::bytes(known.ty, known.parsed().schema.version, &value);
        Ok(vec![Imported { type_name: type_name.to_owned(), object: Object { value, private } }])
    }

    async fn discover(
        &self,
        type_name: &str,
        name: &str,
        scope: Scope,
        progress: &dyn Progress,
    ) -> Result<Discovery, Diagnostics> {
        if type_name != "aws_codepipeline" {
            let text = format!(
                "Only what belongs to an aws_codepipeline can be found, not what belongs to an object of type {type_name}."
            );
            return Err(Diagnostic::error("Discovery is not supported", text).into());
        }
        let cx = cx(self.home()?, progress, None, format!("reading pipeline {name}"));
        discover::pipeline(cx.aws, name, scope, progress).await.map_err(|f| failed(&f, &cx))
    }

    async fn approvals(&self, pipeline: Option<&str>, progress: &dyn Progress) -> Result<Vec<Approval>, Diagnostics> {
        let cx = cx(self.home()?, progress, None, "looking for approvals that wait".into());
        approvals::waiting(cx.aws, pipeline).await.map_err(|f| failed(&f, &cx))
    }

    async fn decide(
        &self,
        approval: &Approval,
        decision: Decision,
        summary: &str,
        progress: &dyn Progress,
    ) -> Result<(), Diagnostics> {
        let doing = format!("answering {}/{} of pipeline {}", approval.stage, approval.action, approval.pipeline);
        let cx = cx(self.home()?, progress, None, doing);
        approvals::decide(cx.aws, approval, decision, summary).await.map_err(|f| failed(&f, &cx))
    }

    async fn read_data(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Value, Diagnostics), Diagnostics> {
        let known = self.data(type_name)?;
        let aws = self.place_of_data(known, config)?;
        let cx = cx(&aws, progress, None, format!("reading {address}"));
        Ok((read_data(known, &cx, config).await?, Diagnostics::new()))
    }

    async fn open_ephemeral(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        let known = self.ephemeral(type_name)?;
        let aws = self.place_of_data(known, config)?;
        let cx = cx(&aws, progress, None, format!("opening {address}"));
        let value = read_data(known, &cx, config).await?;
        Ok((Object { value, private: Vec::new() }, Diagnostics::new()))
    }
}

async fn prefetch_in(aws: &Aws, hints: &[ReadHint], progress: &dyn Progress) {
    let cx = cx(aws, progress, None, "reading many objects at once".into());
    let bulks = SERVICES.iter().filter_map(|s| s.bulk);
    futures::future::join_all(bulks.map(|bulk| bulk.prefetch(&cx, hints))).await;
}

fn check_data(known: &Known<dyn DataType>, config: &Value) -> Diagnostics {
    let config = config.unmark_deep();
    let mut checks = Checks::new();
    validate::check(
        &known.parsed().schema.block,
        &known.parsed().rules,
        &known.parsed().relations,
        &config,
        &mut checks,
    );
    known.ty.check(&Obj::new(&config), &mut checks);
    if known.regional() {
        regional::check(&config, &mut checks);
    }
    checks.into_diagnostics()
}

async fn read_data(known: &Known<dyn DataType>, cx: &Cx<'_>, config: &Value) -> Result<Value, Diagnostics> {
    let mut base = config.unmark_deep();
    for (name, value) in planner::defaults(&known.parsed().rules) {
        if base.get(&name).is_none_or(Value::is_null) {
            base = base.with_field(name, value);
        }
    }
    let attrs = known.ty.read(cx, &Obj::new(&base)).await.map_err(|f| failed(&f, cx))?;
    Ok(no_unknowns(&attrs.shape(&known.parsed().schema.block, &base, known.ty.absent())))
}

/// A planned object with the write-only attributes of the configuration, which no plan holds.
fn with_write_only(block: &Block, planned: &Value, config: &Value) -> Value {
    let set =
        block.attributes.iter().filter(|(_, a)| a.write_only).filter_map(|(name, _)| Some((name, config.get(name)?)));
    set.fold(planned.clone(), |object, (name, value)| object.with_field(name.clone(), value.clone()))
}

/// An object or configuration without write-only attributes: they are never compared and never kept.
fn without_write_only(block: &Block, value: Value) -> Value {
    if !block.attributes.values().any(|a| a.write_only) {
        return value;
    }
    block.map_fields(&value, &|attribute, v| if attribute.write_only { Value::null(attribute.ty.clone()) } else { v })
}

/// The value with symbols for unknown texts: what is put together from them is then known but for these parts.
fn symbols_for_texts(type_name: &str, value: Value) -> Value {
    let replaced = value.transform(&mut |path, v| {
        Ok::<_, std::convert::Infallible>(match v.kind() {
            Kind::Unknown(Type::String, _) => Symbol::new(format!("data.{type_name}"), path.to_string()).value(),
            _ => v,
        })
    });
    match replaced {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// Types of the newer framework store the tags of an imported object that has none as null.
fn without_empty_tags(absent: Absent, object: Value) -> Value {
    match object.get("tags") {
        Some(tags) if absent == Absent::Null && tags.fields().is_some_and(|f| f.is_empty()) => {
            let none = Value::null(tags.ty());
            object.with_field("tags", none)
        }
        _ => object,
    }
}

/// Whether an object comes from an import: what every stored object has is missing.
fn is_import(block: &Block, before: &Value) -> bool {
    let missing = |name: &str| before.get(name).is_none_or(Value::is_null);
    let arn = block.attributes.get("arn").is_some_and(|a| a.computed && !a.optional);
    (arn && missing("arn")) || block.attributes.iter().any(|(name, a)| a.required && missing(name))
}

/// Nested blocks are never null, but old states may say so.
fn no_null_blocks(block: &Block, value: &Value) -> Value {
    let Some(fields) = value.fields().filter(|_| has_null_blocks(block, value)) else { return value.clone() };
    let mut out = fields.clone();
    for (name, nested) in &block.blocks {
        if is_collection(nested) && out.get(name).is_none_or(Value::is_null) {
            out.insert(name.clone(), nested.empty_value());
        } else if let Some(v) = out.get(name) {
            let inner = nested.map_values(v, &|v| no_null_blocks(&nested.block, v));
            out.insert(name.clone(), inner);
        }
    }
    Value::object(out)
}

fn has_null_blocks(block: &Block, value: &Value) -> bool {
    let Some(fields) = value.fields() else { return false };
    block.blocks.iter().any(|(name, nested)| match fields.get(name) {
        None => is_collection(nested),
        Some(v) if v.is_null() => is_collection(nested),
        Some(v) => match v.kind() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                items.iter().any(|v| has_null_blocks(&nested.block, v))
            }
            Kind::Map(_, items) => items.values().any(|v| has_null_blocks(&nested.block, v)),
            _ => has_null_blocks(&nested.block, v),
        },
    })
}

fn is_collection(nested: &NestedBlock) -> bool {
    matches!(nested.nesting, Nesting::List | Nesting::Set | Nesting::Map)
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
    fn every_embedded_schema_parses() {
        let texts = ephemeral::TYPES.iter().map(|t| (t.name(), t.schema()));
        let resources = SERVICES.iter().flat_map(|s| s.resources).map(|t| (t.name(), t.schema()));
        let data = SERVICES.iter().flat_map(|s| s.data).map(|t| (t.name(), t.schema()));
        for (name, text) in texts.chain(resources).chain(data) {
            schema::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        assert!(!AwsFactory::new().unwrap().schema().resources.is_empty());
    }
}
