//! What a resource type and a data type are to this provider. A type is one file that implements one of these traits, one
//! schema file, and one entry in its service's list.

use super::attrs::{Absent, Attrs};
use super::aws::Aws;
use super::checks::Checks;
use super::failure::Outcome;
use super::object::Obj;
use super::planner::Change;
use crate::lang::value::Value;
use crate::provider::{Mirror, Progress, ReadHint};
use async_trait::async_trait;
use std::time::Duration;

/// What an operation on one object has at hand.
pub struct Cx<'a> {
    /// Clients, account, region, tags.
    pub aws: &'a Aws,
    /// Where waits are told.
    pub progress: &'a dyn Progress,
    /// How long the operation may take: the `timeouts` block's word, else the type's.
    pub timeout: Duration,
    /// `creating aws_iam_role.x`, for messages.
    pub doing: String,
    /// The configuration of a create or update, for write-only attributes and for what was written where the plan keeps what was
    /// there; null for everything else.
    pub config: Value,
}

/// Default timeouts of operations; those that are set exist in the type's `timeouts` block and are kept in the object's private bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Of a create.
    pub create: Option<Duration>,
    /// Of a read.
    pub read: Option<Duration>,
    /// Of an update.
    pub update: Option<Duration>,
    /// Of a delete.
    pub delete: Option<Duration>,
}

/// A number of minutes.
pub const fn minutes(n: u64) -> Option<Duration> {
    Some(Duration::from_secs(n * 60))
}

/// Tells that an object exists from here on, so that a create that fails later leaves it in state (tainted) instead of losing it.
#[derive(Debug, Default)]
pub struct Made(pub(super) Attrs);

impl Made {
    /// The object exists, and this is its id.
    pub fn id(&mut self, id: impl Into<String>) {
        self.0 = std::mem::take(&mut self.0).str("id", id);
    }

    /// Further attributes the read after it needs, such as a generated name.
    pub fn set(&mut self, attrs: Attrs) {
        self.0 = std::mem::take(&mut self.0).with(attrs);
    }
}

/// A resource type.
#[async_trait(?Send)]
pub trait ResourceType: Send + Sync {
    /// `aws_iam_role`.
    fn name(&self) -> &'static str;

    /// The embedded schema file.
    fn schema(&self) -> &'static str;

    /// How the original provider stores what is absent: SDK types as zeros, those of its newer framework as null.
    fn absent(&self) -> Absent {
        Absent::Zero
    }

    /// Default timeouts, for the types that have a `timeouts` block.
    fn timeouts(&self) -> Timeouts {
        Timeouts::default()
    }

    /// Checks of the configuration that schema and rules cannot express. Unknowns must pass.
    fn check(&self, _config: &Obj<'_>, _checks: &mut Checks) {}

    /// Whether a change of the attribute at this dotted path (without indexes) means nothing. Asked beside what the rules say
    /// (policy, JSON, case). `config` is the whole configuration.
    fn same(&self, _path: &str, _prior: &Value, _next: &Value, _config: &Obj<'_>) -> bool {
        false
    }

    /// Amends the plan: predictions of what AWS will answer, further reasons to replace, errors.
    fn predict(&self, _aws: &Aws, _change: &mut Change<'_>) {}

    /// Makes the object. Everything in `plan` that is not computed is known. `made` must be told as soon as it exists.
    /// [`ResourceType::read`] is called after it.
    async fn create(&self, cx: &Cx<'_>, plan: &Obj<'_>, made: &mut Made) -> Outcome<()>;

    /// What the object is now; `None` when it is gone. `prior` is the stored object, or after a create or update the planned
    /// one, or after an import only what [`ResourceType::import`] gave.
    async fn read(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<Option<Attrs>>;

    /// Changes the object. [`ResourceType::read`] is called after it.
    async fn update(&self, cx: &Cx<'_>, prior: &Obj<'_>, plan: &Obj<'_>) -> Outcome<()>;

    /// Deletes the object; that it is gone already is no error.
    async fn delete(&self, cx: &Cx<'_>, prior: &Obj<'_>) -> Outcome<()>;

    /// The attributes a read needs, from an import id.
    async fn import(&self, _cx: &Cx<'_>, id: &str) -> Outcome<Attrs> {
        Ok(Attrs::new().str("id", id))
    }

    /// Attributes in which it shows objects of other types; see [`crate::provider::Provider::mirrors`].
    fn mirrors(&self) -> &'static [Mirror] {
        &[]
    }

    /// Brings the attributes of an object stored under an older schema version to the current one's shape.
    fn upgrade(&self, _version: u64, attributes: serde_json::Value) -> serde_json::Value {
        attributes
    }
}

/// A data type.
#[async_trait(?Send)]
pub trait DataType: Send + Sync {
    /// `aws_caller_identity`.
    fn name(&self) -> &'static str;

    /// The embedded schema file.
    fn schema(&self) -> &'static str;

    /// How the original provider stores what is absent.
    fn absent(&self) -> Absent {
        Absent::Zero
    }

    /// Checks of the configuration that schema and rules cannot express. Unknowns must pass.
    fn check(&self, _config: &Obj<'_>, _checks: &mut Checks) {}

    /// Whether [`DataType::read`] needs neither credentials nor network once the account is known or a symbol.
    fn offline(&self) -> bool {
        false
    }

    /// Reads it. What is not named keeps the configuration's value.
    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs>;
}

/// Reads many objects of a service at once before a refresh; keeps what it found in [`Aws::bulk`], where reads look first.
#[async_trait(?Send)]
pub trait Bulk: Send + Sync {
    /// Fetches what makes the reads of these objects cheaper. `hints` are all objects of the provider that will be read. Failures
    /// are no errors: what is missing is read singly.
    async fn prefetch(&self, cx: &Cx<'_>, hints: &[ReadHint]);
}

/// One AWS service's part of the provider.
pub struct Service {
    /// Its resource types.
    pub resources: &'static [&'static dyn ResourceType],
    /// Its data types.
    pub data: &'static [&'static dyn DataType],
    /// Its bulk reads.
    pub bulk: Option<&'static dyn Bulk>,
}
