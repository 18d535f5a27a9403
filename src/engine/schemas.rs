//! Schemas as the engine uses them: each type's implied type and empty value worked out once.

use crate::address::{Mode, ProviderSource};
use crate::lang::value::{Type, Value};
use crate::provider::Registry;
use crate::provider::schema::{Attribute, Block, Nesting, Schema};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// A block with what follows from it.
#[derive(Debug)]
pub(super) struct BlockSchema {
    /// By name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// By type name.
    pub blocks: BTreeMap<Arc<str>, NestedSchema>,
    /// Type of its values.
    pub ty: Type,
    /// Its value when nothing is set.
    pub empty: Value,
    /// Whether anything inside is sensitive.
    pub has_sensitive: bool,
}

/// A nested block type with what follows from it.
#[derive(Debug)]
pub(super) struct NestedSchema {
    /// How it nests.
    pub nesting: Nesting,
    /// Fewest blocks.
    pub min_items: u64,
    /// Most blocks; 0 for no limit.
    pub max_items: u64,
    /// Its inside.
    pub block: Arc<BlockSchema>,
    /// Type of the whole: of all blocks together.
    pub ty: Type,
    /// Its value when no such block stands.
    pub empty: Value,
}

impl BlockSchema {
    /// Works it out.
    pub(super) fn of(block: &Block) -> Self {
        BlockSchema {
            attributes: block.attributes.clone(),
            blocks: block
                .blocks
                .iter()
                .map(|(name, nested)| {
                    let schema = NestedSchema {
                        nesting: nested.nesting,
                        min_items: nested.min_items,
                        max_items: nested.max_items,
                        block: Arc::new(BlockSchema::of(&nested.block)),
                        ty: nested.implied_type(),
                        empty: nested.empty_value(),
                    };
                    (name.clone(), schema)
                })
                .collect(),
            ty: block.implied_type(),
            empty: block.empty_value(),
            has_sensitive: block.has_sensitive(),
        }
    }
}

/// A resource type's schema, raw and worked out.
#[derive(Debug)]
pub(super) struct TypeSchema {
    /// As the provider gave it.
    pub raw: Arc<Schema>,
    /// Worked out.
    pub block: BlockSchema,
}

impl TypeSchema {
    /// The value with the schema's sensitive attributes marked.
    pub(super) fn mark(&self, value: Value) -> Value {
        if self.block.has_sensitive { self.raw.block.mark_sensitive(&value) } else { value }
    }
}

type Key = (ProviderSource, Mode, String);

/// All schemas used in a run, on demand.
#[derive(Default)]
pub(super) struct Schemas {
    types: Mutex<HashMap<Key, Option<Arc<TypeSchema>>>>,
    configs: Mutex<HashMap<ProviderSource, Arc<BlockSchema>>>,
}

impl Schemas {
    /// The schema of a resource type; `None` if the provider is not there or does not have it.
    pub(super) fn of(
        &self,
        registry: &Registry,
        source: &ProviderSource,
        mode: Mode,
        type_name: &str,
    ) -> Option<Arc<TypeSchema>> {
        let key = (source.clone(), mode, type_name.to_owned());
        let mut types = self.types.lock().unwrap_or_else(PoisonError::into_inner);
        types
            .entry(key)
            .or_insert_with(|| {
                let raw = registry.resource_schema(source, mode, type_name)?;
                let block = BlockSchema::of(&raw.block);
                Some(Arc::new(TypeSchema { raw, block }))
            })
            .clone()
    }

    /// The schema of a provider's configuration.
    pub(super) fn config(&self, registry: &Registry, source: &ProviderSource) -> Option<Arc<BlockSchema>> {
        let factory = registry.get(source)?;
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        Some(
            configs
                .entry(source.clone())
                .or_insert_with(|| Arc::new(BlockSchema::of(&factory.schema().config)))
                .clone(),
        )
    }
}
