//! The small providers that configurations use beside AWS: `null`, `random`, `time`, `local`, `archive`, `template`, `external` and
//! `http`. Schemas, stored objects and behaviour are those of the hashicorp providers of the versions named here.
//!
//! A provider is a [`Spec`]: its types with their attributes as data. Planning follows from that data as in the plugin framework these
//! providers are made with ([`plan`]); a type adds what only it knows.

mod archive;
mod attribute;
mod external;
mod hashes;
mod http;
mod local;
mod null;
mod plan;
mod provider;
mod random;
mod template;
mod time;

use super::{Factory, Registry};
use crate::address::ResourceInstance;
use crate::diagnostics::{AttributeStep, Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::provider::schema::NestedBlock;
use crate::provider::{PlanRequest, PlanResponse, Progress};
use async_trait::async_trait;
use attribute::Attr;
use std::sync::Arc;

/// One provider.
struct Spec {
    /// `random`, in namespace `hashicorp`.
    name: &'static str,
    /// The version whose schemas these are.
    version: &'static str,
    resources: &'static [&'static dyn Resource],
    data: &'static [&'static dyn Data],
}

/// A resource type. Its objects live in the state and, for some, on this machine.
#[async_trait(?Send)]
trait Resource: Send + Sync {
    fn name(&self) -> &'static str;

    /// Of stored objects.
    fn version(&self) -> u64 {
        0
    }

    fn attributes(&self) -> &'static [Attr];

    /// Checks a configuration; unknowns pass.
    fn check(&self, _config: &Value, _found: &mut Diagnostics) {}

    /// Amends what follows from the attributes.
    fn amend(&self, _request: &PlanRequest<'_>, _response: &mut PlanResponse) {}

    /// The new object. Attributes that are not computed are known.
    async fn create(&self, planned: &Value, progress: &dyn Progress) -> Result<Value, Diagnostics>;

    /// The object as it is; `None` when it is gone.
    async fn read(&self, object: &Value) -> Result<Option<Value>, Diagnostics> {
        Ok(Some(object.clone()))
    }

    /// The object after a change in place.
    async fn update(&self, _prior: &Value, planned: &Value) -> Result<Value, Diagnostics> {
        Ok(planned.clone())
    }

    async fn delete(&self, _object: &Value, _progress: &dyn Progress) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// The attributes of an object by its import id; those not named are null. `None` when the type has no import.
    fn import(&self, _id: &str) -> Option<Result<Vec<(&'static str, Value)>, Diagnostics>> {
        None
    }

    /// Brings stored attributes of an older version to the current one's shape.
    fn upgrade(&self, _version: u64, attributes: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        Ok(attributes)
    }
}

/// A data type.
#[async_trait(?Send)]
trait Data: Send + Sync {
    fn name(&self) -> &'static str;

    fn attributes(&self) -> &'static [Attr];

    /// Nested blocks.
    fn blocks(&self) -> Vec<(&'static str, NestedBlock)> {
        Vec::new()
    }

    /// Checks a configuration; unknowns pass.
    fn check(&self, _config: &Value, _found: &mut Diagnostics) {}

    /// Whether the whole type is deprecated, and what to use instead.
    fn deprecated(&self) -> Option<&'static str> {
        None
    }

    /// Whether it follows from its configuration alone.
    fn is_pure(&self) -> bool {
        false
    }

    /// What is computed. What is not named keeps the configuration's value.
    async fn read(
        &self,
        address: &ResourceInstance,
        config: &Value,
        progress: &dyn Progress,
    ) -> Result<(Vec<(&'static str, Value)>, Diagnostics), Diagnostics>;
}

/// All of them.
static PROVIDERS: &[&Spec] = &[
    &archive::SPEC,
    &external::SPEC,
    &http::SPEC,
    &local::SPEC,
    &null::SPEC,
    &random::SPEC,
    &template::SPEC,
    &time::SPEC,
];

/// Adds all utility providers.
pub fn register(registry: &mut Registry) {
    for &spec in PROVIDERS {
        let factory: Arc<dyn Factory> = Arc::new(provider::UtilityFactory::new(spec));
        registry.register(factory);
    }
}

/// An error about one argument.
fn wrong(name: &str, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(summary, detail).attribute(vec![AttributeStep::Name(name.to_owned())])
}

/// A text attribute; empty when null or unknown.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an argument is set, to something known or not.
fn is_set(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|v| !v.is_null())
}

/// `AtLeastOneOf` of the framework's validators.
fn at_least_one(config: &Value, names: &[&str], found: &mut Diagnostics) {
    if !names.iter().any(|name| is_set(config, name)) {
        let text = format!("At least one of these attributes must be configured: [{}]", names.join(","));
        found.push(Diagnostic::error("Missing Attribute Configuration", text));
    }
}

/// `ExactlyOneOf` of the framework's validators, of the argument `name` and `others`.
fn exactly_one(config: &Value, names: &[&str], found: &mut Diagnostics) {
    let unknown = names.iter().any(|name| config.get(name).is_some_and(|v| !v.is_known()));
    let set: Vec<&&str> = names.iter().filter(|name| is_set(config, name)).collect();
    let list = names.join(",");
    if let [_, .., last] = set.as_slice()
        && !unknown
    {
        let text = format!("{} attributes specified when one (and only one) of [{list}] is required", set.len());
        found.push(wrong(last, "Invalid Attribute Combination", text));
    } else if set.is_empty() {
        let text = format!("No attribute specified when one (and only one) of [{list}] is required");
        found.push(Diagnostic::error("Invalid Attribute Combination", text));
    }
}

/// `ConflictsWith` of the framework's validators.
fn conflicts(config: &Value, name: &str, others: &[&str], found: &mut Diagnostics) {
    if !is_set(config, name) {
        return;
    }
    for other in others.iter().filter(|other| is_set(config, other)) {
        let text = format!("Attribute \"{other}\" cannot be specified when \"{name}\" is specified");
        found.push(wrong(name, "Invalid Attribute Combination", text));
    }
}

/// `AtLeast` of the framework's validators.
fn at_least(config: &Value, name: &str, least: i64, found: &mut Diagnostics) {
    if let Some(value) = config.get(name).and_then(Value::as_i64).filter(|v| *v < least) {
        let text = format!("Attribute {name} value must be at least {least}, got: {value}");
        found.push(wrong(name, "Invalid Attribute Value", text));
    }
}
