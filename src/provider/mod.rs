//! The provider interface, shaped like Terraform's plugin protocol, and the registry of providers. The engine knows only this.

pub mod approval;
pub mod aws;
pub mod builtin;
pub mod discovery;
pub mod schema;
pub mod utility;

use crate::address::{ProviderSource, ResourceInstance};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions::Function;
use crate::lang::value::{Path, Value};
use async_trait::async_trait;
use schema::{ProviderSchema, Schema};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tells the person what a running operation waits for. The engine passes one with each call.
pub trait Progress: Send + Sync {
    /// The operation waits: a short reason such as `IAM role is not assumable yet (attempt 3)`.
    fn waiting(&self, reason: &str);
    /// The operation was asked to stop soon (first interrupt): long waits should end early, with an error saying so.
    fn interrupted(&self) -> bool;
}

/// A [`Progress`] that tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn waiting(&self, _: &str) {}
    fn interrupted(&self) -> bool {
        false
    }
}

/// An object as a provider keeps it: the value typed by the resource schema, and bytes only the provider understands.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Conforms to the implied type of the resource's schema. Null when there is no object.
    pub value: Value,
    /// Kept byte for byte in state.
    pub private: Vec<u8>,
}

/// What a refresh is about to read, so that a provider can fetch many objects with one call.
#[derive(Debug, Clone)]
pub struct ReadHint {
    /// Resource type.
    pub type_name: String,
    /// The object as last known.
    pub prior: Value,
}

/// Request to predict the outcome of a change.
pub struct PlanRequest<'a> {
    /// Address, for messages.
    pub address: &'a ResourceInstance,
    /// Resource type.
    pub type_name: &'a str,
    /// The object as it is; null for a create.
    pub prior: &'a Value,
    /// The configuration, conforming to the schema's implied type; unset attributes null; may hold unknowns.
    pub config: &'a Value,
    /// Configuration merged with prior: unset computed attributes keep their prior value (see [`schema::proposed_new`]). Null for a delete.
    pub proposed: &'a Value,
    /// From state.
    pub prior_private: &'a [u8],
}

/// The predicted outcome.
pub struct PlanResponse {
    /// Conforms to the schema's implied type; unknown where only apply can tell.
    pub planned: Value,
    /// Attributes whose change needs a new object. Only those that differ count.
    pub requires_replace: Vec<Path>,
    /// Passed to apply.
    pub private: Vec<u8>,
    /// Warnings and errors.
    pub diagnostics: Diagnostics,
}

/// Request to make the planned change.
pub struct ApplyRequest<'a> {
    /// Address, for messages.
    pub address: &'a ResourceInstance,
    /// Resource type.
    pub type_name: &'a str,
    /// The object as it is; null for a create.
    pub prior: &'a Value,
    /// What was planned; null for a delete. Unknowns are those only this call can tell.
    pub planned: &'a Value,
    /// The configuration, now wholly known; null for a delete.
    pub config: &'a Value,
    /// From the plan (from state for a delete).
    pub private: &'a [u8],
    /// Where waits are told.
    pub progress: &'a dyn Progress,
}

/// What came of it. With errors, `object` tells what exists now all the same: null when nothing does.
pub struct ApplyResponse {
    /// The object after the call. Unknowns that stayed unknown through a failure are allowed only with errors.
    pub object: Object,
    /// Warnings and errors.
    pub diagnostics: Diagnostics,
}

/// An object found by its import id.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Resource type; usually the one asked for.
    pub type_name: String,
    /// Enough of it for [`Provider::read`] to fill the rest.
    pub object: Object,
}

/// An attribute in which objects of a type show objects of other types: a bucket its policy, a role its inline policies.
#[derive(Debug, Clone, Copy)]
pub struct Mirror {
    /// The attribute or nested block.
    pub attribute: &'static str,
    /// The types it shows.
    pub of: &'static [&'static str],
}

/// One configured provider. All values conform to the schemas; the engine checks both ways.
#[async_trait(?Send)]
pub trait Provider: Send + Sync {
    /// Checks a resource's configuration without credentials; unknowns pass.
    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics;

    /// Checks a data resource's configuration without credentials; unknowns pass.
    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics;

    /// Checks the provider's configuration without credentials; unknowns pass.
    fn validate_config(&self, config: &Value) -> Diagnostics;

    /// Takes the provider's configuration. Called once, before any call below; credentials may be looked up lazily later.
    async fn configure(&self, config: &Value) -> Diagnostics;

    /// Takes the provider's configuration for predictions without credentials and network: what only an account could tell stays
    /// unknown, or is a symbol ([`crate::lang::value::symbol`]) of `label`, the provider's name such as `provider.aws.east`. After this
    /// only [`Provider::plan`] and [`Provider::read_data_offline`] may be called.
    async fn configure_offline(&self, config: &Value, label: &str) -> Diagnostics {
        let _ = (config, label);
        Diagnostics::new()
    }

    /// The data resource, if it follows from its configuration alone; `None` where the world has to be asked.
    async fn read_data_offline(&self, type_name: &str, config: &Value) -> Option<Value> {
        let _ = (type_name, config);
        None
    }

    /// Brings an object stored under an older (or equal) schema version to the current one.
    fn upgrade_state(
        &self,
        type_name: &str,
        version: u64,
        attributes: &serde_json::Value,
    ) -> Result<Value, Diagnostics>;

    /// Told once before a refresh what will be read; may start bulk reads. Never fails: what it could not fetch is read singly.
    async fn prefetch(&self, hints: &[ReadHint], progress: &dyn Progress);

    /// What an attribute that extends the original schema ([`schema::Block::extensions`]) amounts to in an object that does not set it;
    /// `None` where that cannot be told.
    fn meant(&self, _type_name: &str, _extension: &str, _object: &Value) -> Option<Value> {
        None
    }

    /// Reads the object as it is now; a null value when it is gone.
    async fn read(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        prior: &Object,
        progress: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics>;

    /// Predicts the outcome of a change.
    async fn plan(&self, request: PlanRequest<'_>) -> PlanResponse;

    /// Makes the planned change.
    async fn apply(&self, request: ApplyRequest<'_>) -> ApplyResponse;

    /// The attributes of a type that change when objects of other types do. They are read again at the end of an apply.
    fn mirrors(&self, _type_name: &str) -> &'static [Mirror] {
        &[]
    }

    /// Finds an object by its import id.
    async fn import(&self, type_name: &str, id: &str, progress: &dyn Progress) -> Result<Vec<Imported>, Diagnostics>;

    /// Finds everything that belongs to a live object, given its type and the name people know it by. Types for which a provider cannot do
    /// that are an error.
    async fn discover(
        &self,
        type_name: &str,
        name: &str,
        scope: discovery::Scope,
        progress: &dyn Progress,
    ) -> Result<discovery::Discovery, Diagnostics> {
        let _ = (name, scope, progress);
        let text = format!("The provider cannot find what belongs to an object of type {type_name}.");
        Err(Diagnostic::error("Discovery is not supported", text).into())
    }

    /// Manual approvals that wait in a pipeline of this name, or in all; the longest first.
    async fn approvals(
        &self,
        pipeline: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Vec<approval::Approval>, Diagnostics> {
        let _ = (pipeline, progress);
        Err(Diagnostic::error("No approvals", "The provider has no pipelines that wait for people.").into())
    }

    /// Answers a request, with a text for the pipeline's history. That it no longer waits is an error.
    async fn decide(
        &self,
        approval: &approval::Approval,
        decision: approval::Decision,
        summary: &str,
        progress: &dyn Progress,
    ) -> Result<(), Diagnostics> {
        let _ = (approval, decision, summary, progress);
        Err(Diagnostic::error("No approvals", "The provider has no pipelines that wait for people.").into())
    }

    /// Reads a data resource; its configuration is wholly known.
    async fn read_data(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Value, Diagnostics), Diagnostics>;

    /// Checks an ephemeral resource's configuration without credentials; unknowns pass.
    fn validate_ephemeral(&self, type_name: &str, config: &Value) -> Diagnostics {
        let _ = (type_name, config);
        Diagnostics::new()
    }

    /// Opens an ephemeral resource; its configuration is wholly known. The object's private bytes are given to
    /// [`Provider::close_ephemeral`].
    async fn open_ephemeral(
        &self,
        address: &ResourceInstance,
        type_name: &str,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Object, Diagnostics), Diagnostics> {
        let _ = (config, progress);
        Err(Diagnostic::error(
            "Invalid ephemeral resource",
            format!("The provider has no ephemeral resource type \"{type_name}\", which {address} needs."),
        )
        .into())
    }

    /// Gives back what was opened; most types have nothing to give back.
    async fn close_ephemeral(&self, type_name: &str, private: &[u8], progress: &dyn Progress) -> Diagnostics {
        let _ = (type_name, private, progress);
        Diagnostics::new()
    }
}

/// An object that does its work only once others are there, though no expression of it names them: a pipeline and the policies of its
/// role. What names the same object comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Companion {
    /// Type of what waits.
    pub type_name: &'static str,
    /// Its attribute that names the shared object.
    pub attribute: &'static str,
    /// Type of the shared object.
    pub shared: &'static str,
    /// Types of what is waited for, each with the attribute that names the shared object.
    pub waits_for: &'static [(&'static str, &'static str)],
}

/// Makes providers of one kind: knows the schemas, and gives one instance per provider configuration.
pub trait Factory: Send + Sync {
    /// The provider's source address.
    fn source(&self) -> ProviderSource;

    /// Version of the provider whose behaviour this is, such as `5.100.0`; version constraints are checked against it.
    fn version(&self) -> &str;

    /// Schemas of its configuration, resources and data resources.
    fn schema(&self) -> &ProviderSchema;

    /// Functions that configurations may call as `provider::NAME::FUNCTION`.
    fn functions(&self) -> &'static [Function] {
        &[]
    }

    /// A new, unconfigured instance.
    fn create(&self) -> Arc<dyn Provider>;

    /// Which objects wait for which others when they are made, beside what expressions say.
    fn companions(&self) -> &[Companion] {
        &[]
    }
}

/// The providers the program has, by source address.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<ProviderSource, Arc<dyn Factory>>);

impl Registry {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider.
    pub fn register(&mut self, factory: Arc<dyn Factory>) {
        self.0.insert(factory.source(), factory);
    }

    /// The provider with this source. Sources on other registries than the default one (mirrors, OpenTofu's) match by
    /// namespace and name.
    pub fn get(&self, source: &ProviderSource) -> Option<&Arc<dyn Factory>> {
        self.0.get(source).or_else(|| {
            self.0.values().find(|f| {
                let own = f.source();
                !own.is_builtin() && own.namespace == source.namespace && own.name == source.name
            })
        })
    }

    /// All providers.
    pub fn factories(&self) -> impl Iterator<Item = &Arc<dyn Factory>> {
        self.0.values()
    }

    /// The schema of a resource or data resource.
    pub fn resource_schema(
        &self,
        source: &ProviderSource,
        mode: crate::address::Mode,
        type_name: &str,
    ) -> Option<Arc<Schema>> {
        self.get(source)?.schema().of(mode, type_name)
    }
}
