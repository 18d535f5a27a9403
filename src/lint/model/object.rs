//! One resource as rules see it.

use super::attr::Attr;
use crate::address::{Mode, ResourceInstance};
use crate::config::model::ResourceBlock;
use crate::diagnostics::{Sources, Span};
use crate::lang::value::Value;

/// A resource.
#[derive(Debug, Clone)]
pub struct Object<'c> {
    pub(super) instance: ResourceInstance,
    pub(super) address: String,
    pub(super) value: Value,
    pub(super) block: Option<&'c ResourceBlock>,
    pub(super) region: Option<String>,
    pub(super) sources: Sources,
}

impl<'c> Object<'c> {
    /// An object. `region` is its provider's, where known.
    pub fn new(
        instance: ResourceInstance,
        value: Value,
        block: Option<&'c ResourceBlock>,
        region: Option<String>,
    ) -> Self {
        Object { address: instance.to_string(), instance, value, block, region, sources: Sources::new() }
    }

    /// Its address as text.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its address.
    pub fn instance(&self) -> &ResourceInstance {
        &self.instance
    }

    /// `aws_codepipeline`.
    pub fn type_name(&self) -> &str {
        &self.instance.resource.type_name
    }

    /// Whether it is made here, not only read.
    pub fn is_managed(&self) -> bool {
        self.instance.resource.mode == Mode::Managed
    }

    /// Its whole value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Its block in the configuration.
    pub fn block(&self) -> Option<&'c ResourceBlock> {
        self.block
    }

    /// The region of its provider, or its own `region` argument; `None` where not known.
    pub fn region(&self) -> Option<&str> {
        self.get("region").known().or(self.region.as_deref())
    }

    /// The header of its block.
    pub fn header(&self) -> Option<Span> {
        self.block.map(|b| b.span)
    }

    /// Where findings about the whole object point.
    pub fn span(&self) -> Option<Span> {
        self.header()
    }

    /// The object itself, as the outermost attribute.
    pub fn root(&self) -> Attr<'_> {
        Attr::root(self)
    }

    /// One of its attributes or nested block types.
    pub fn get(&self, name: &str) -> Attr<'_> {
        self.root().get(name)
    }

    /// Its nested blocks of a type.
    pub fn blocks(&self, name: &str) -> Vec<Attr<'_>> {
        self.root().blocks(name)
    }
}
