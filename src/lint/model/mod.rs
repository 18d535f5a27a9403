//! One picture of all resources: their values as far as known, where these stand in the source, and who belongs to whom.

mod alerts;
mod attr;
mod bucket;
mod build;
mod delivery;
mod grants;
mod index;
mod links;
mod object;
mod text;
mod trails;

pub use alerts::EventRule;
pub use attr::Attr;
pub use bucket::{Aspect, Bucket};
pub use build::without_empty;
pub use delivery::{Action, Delivery, Stage, items};
pub use grants::{covers_action, has_condition, names_service, policy_of};
pub use links::Found;
pub use object::Object;
pub use text::Text;

use crate::config::model::Config;
use crate::diagnostics::Sources;
use crate::maps::Map;

/// Where the values of a model come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The configuration alone.
    Configuration,
    /// A plan, completed from the configuration where the plan does not know yet.
    Plan,
    /// Objects as they are.
    Live,
}

/// All resources.
pub struct Model<'c> {
    origin: Origin,
    objects: Vec<Object<'c>>,
    by_address: Map<String, usize>,
    by_type: Map<String, Kin>,
    config: Option<&'c Config>,
    index: index::Index,
    /// Texts that the ranges of findings point into.
    pub sources: Sources,
}

/// The objects of one type.
#[derive(Default)]
struct Kin {
    all: Vec<usize>,
    /// The text of an identifying attribute to those that have it.
    by_identity: Map<String, Vec<usize>>,
}

impl<'c> Model<'c> {
    /// Where the values come from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The configuration, unless it is a model of live objects.
    pub fn config(&self) -> Option<&'c Config> {
        self.config
    }

    /// All objects, by address.
    pub fn objects(&self) -> impl Iterator<Item = &Object<'c>> {
        self.objects.iter()
    }

    /// Managed objects of a type.
    pub fn all<'a>(&'a self, type_name: &str) -> impl Iterator<Item = &'a Object<'c>> + 'a {
        self.of_type(type_name).filter(|o| o.is_managed())
    }

    /// Managed and data objects of a type.
    pub fn of_type<'a>(&'a self, type_name: &str) -> impl Iterator<Item = &'a Object<'c>> + 'a {
        let numbers = self.by_type.get(type_name).into_iter().flat_map(|kin| &kin.all);
        numbers.filter_map(|n| self.objects.get(*n))
    }

    /// The object with this address.
    pub fn object(&self, address: &str) -> Option<&Object<'c>> {
        self.objects.get(*self.by_address.get(address)?)
    }

    /// Every pipeline, with what belongs to it.
    pub fn pipelines(&self) -> impl Iterator<Item = Delivery<'_>> {
        self.all("aws_codepipeline").map(|object| Delivery::new(self, object))
    }
}
