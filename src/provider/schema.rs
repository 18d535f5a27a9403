//! Schemas of provider configurations, resources and data resources, as data; what follows from them alone.

use crate::address::Mode;
use crate::lang::value::{Fields, Kind, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

/// A versioned schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Version of stored objects.
    pub version: u64,
    /// The outermost block.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// By name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// By type name.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    /// Whether use of the block is deprecated.
    pub deprecated: bool,
    /// Attributes that the provider version these schemas follow does not have. While they are not set they are left out of everything
    /// that version would read or print: stored objects, documents for programs, values of whole objects.
    pub extensions: BTreeSet<Arc<str>>,
    /// The object type of its values, once someone asked.
    pub implied: Implied,
}

/// A type made at the first use. It follows from the rest of the block, so it makes no difference between two.
#[derive(Debug, Default)]
pub struct Implied(OnceLock<Type>);

/// A copy may be changed before it is asked.
impl Clone for Implied {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Implied {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One attribute. Exactly one of required, optional, computed, or optional and computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its type.
    pub ty: Type,
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// The provider may choose its value.
    pub computed: bool,
    /// Never printed.
    pub sensitive: bool,
    /// Never stored.
    pub write_only: bool,
    /// Use gives a warning.
    pub deprecated: bool,
}

/// How often a nested block may stand and what its value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// At most once; an object or null.
    Single,
    /// At most once; always an object.
    Group,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects by label.
    Map,
}

/// A nested block type.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedBlock {
    /// How it nests.
    pub nesting: Nesting,
    /// Its inside.
    pub block: Block,
    /// Fewest blocks.
    pub min_items: u64,
    /// Most blocks; 0 for no limit.
    pub max_items: u64,
}

impl NestedBlock {
    /// The type of its value.
    pub fn implied_type(&self) -> Type {
        let inner = self.block.implied_type();
        match self.nesting {
            Nesting::Single | Nesting::Group => inner,
            Nesting::List => Type::list(inner),
            Nesting::Set => Type::set(inner),
            Nesting::Map => Type::map(inner),
        }
    }

    /// Its value when no such block stands.
    pub fn empty_value(&self) -> Value {
        let inner = self.block.implied_type();
        match self.nesting {
            Nesting::Single => Value::null(inner),
            Nesting::Group => self.block.empty_value(),
            Nesting::List => Value::list(inner, Vec::new()),
            Nesting::Set => Value::set(inner, Vec::new()),
            Nesting::Map => Value::map(inner, Fields::new()),
        }
    }
}

impl Block {
    /// The object type of its values. It is made once: every null and every empty list of a value holds the same.
    pub fn implied_type(&self) -> Type {
        let make = || {
            Type::object(
                self.attributes
                    .iter()
                    .map(|(name, a)| (name.clone(), a.ty.clone()))
                    .chain(self.blocks.iter().map(|(name, b)| (name.clone(), b.implied_type()))),
            )
        };
        self.implied.0.get_or_init(make).clone()
    }

    /// The value of an empty block: attributes null, nested blocks absent.
    pub fn empty_value(&self) -> Value {
        let attributes = self.attributes.iter().map(|(name, a)| (name.clone(), Value::null(a.ty.clone())));
        let blocks = self.blocks.iter().map(|(name, b)| (name.clone(), b.empty_value()));
        Value::object(attributes.chain(blocks).collect())
    }

    /// Marks the attributes the schema calls sensitive, at every depth.
    #[must_use]
    pub fn mark_sensitive(&self, value: &Value) -> Value {
        self.map_fields(value, &|attribute, v| if attribute.sensitive { v.sensitive() } else { v })
    }

    /// The object without extensions that are not set.
    #[must_use]
    pub fn without_unset_extensions(&self, value: &Value) -> Value {
        let unset = |name: &Arc<str>| value.get(name).is_some_and(Value::is_null);
        match value.fields() {
            Some(fields) if self.extensions.iter().any(unset) => {
                let mut fields = fields.clone();
                fields.retain(|name, v| !(v.is_null() && self.extensions.contains(name)));
                Value::object(fields).with_marks(value.marks())
            }
            _ => value.clone(),
        }
    }

    /// Whether any attribute inside is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.attributes.values().any(|a| a.sensitive) || self.blocks.values().any(|b| b.block.has_sensitive())
    }

    /// Applies `change` to every attribute value at every depth.
    pub fn map_fields(&self, value: &Value, change: &dyn Fn(&Attribute, Value) -> Value) -> Value {
        let Some(fields) = value.fields() else { return value.clone() };
        let fields = fields
            .iter()
            .map(|(name, v)| {
                let v = match (self.attributes.get(name), self.blocks.get(name)) {
                    (Some(attribute), _) => change(attribute, v.clone()),
                    (None, Some(nested)) => nested.map_values(v, &|inner| nested.block.map_fields(inner, change)),
                    (None, None) => v.clone(),
                };
                (name.clone(), v)
            })
            .collect();
        Value::object(fields).with_marks(value.marks())
    }
}

impl NestedBlock {
    /// Applies `change` to each block value of this type's value.
    pub fn map_values(&self, value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
        let marks = value.marks();
        match value.kind() {
            Kind::List(t, items) => Value::list(t.clone(), items.iter().map(change).collect()),
            Kind::Set(t, items) => Value::set(t.clone(), items.iter().map(change).collect()),
            Kind::Tuple(items) => Value::tuple(items.iter().map(change).collect()),
            Kind::Map(t, fields) => Value::map(t.clone(), fields.iter().map(|(k, v)| (k.clone(), change(v))).collect()),
            Kind::Object(_) => change(value),
            _ => return value.clone(),
        }
        .with_marks(marks)
    }
}

/// What a provider says of an argument, block or type it would rather not see any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// Title.
    pub summary: String,
    /// What to use instead.
    pub detail: String,
}

type Lazy = LazyLock<Arc<Schema>, Box<dyn FnOnce() -> Arc<Schema> + Send + Sync>>;

/// Schemas by type. A configuration uses few of them, so each may be made when it is first asked for.
#[derive(Debug, Clone, Default)]
pub struct Types(BTreeMap<String, Arc<Lazy>>);

impl Types {
    /// The schema of a type.
    pub fn get(&self, name: &str) -> Option<&Arc<Schema>> {
        self.0.get(name).map(|lazy| &***lazy)
    }

    /// Whether there is such a type.
    pub fn contains_key(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of all types, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// All types, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Arc<Schema>)> {
        self.0.iter().map(|(name, lazy)| (name, &***lazy))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a type whose schema is made by `make` when someone asks.
    pub fn insert(&mut self, name: String, make: impl FnOnce() -> Arc<Schema> + Send + Sync + 'static) {
        self.0.insert(name, Arc::new(LazyLock::new(Box::new(make))));
    }
}

impl<const N: usize> From<[(String, Arc<Schema>); N]> for Types {
    fn from(types: [(String, Arc<Schema>); N]) -> Self {
        let mut out = Types::default();
        for (name, schema) in types {
            out.insert(name, || schema);
        }
        out
    }
}

/// All schemas of a provider.
#[derive(Debug, Clone, Default)]
pub struct ProviderSchema {
    /// Of the provider block.
    pub config: Block,
    /// Of resources, by type.
    pub resources: Types,
    /// Of data resources, by type.
    pub data: Types,
    /// Of ephemeral resources, by type.
    pub ephemeral: Types,
    /// What is deprecated, by `TYPE` and `TYPE.dotted.path`, with `data.` in front for data resources.
    pub deprecations: BTreeMap<String, Deprecation>,
    /// Every type the original provider has, one a line, `data.` or `ephemeral.` before those that are no resources; for messages.
    pub original_types: &'static str,
}

impl ProviderSchema {
    /// Whether anything about a type is deprecated.
    pub fn has_deprecations(&self, mode: Mode, type_name: &str) -> bool {
        let name = format!("{}{type_name}", prefix(mode));
        // The type itself and its paths stand together, before every longer name: a dot comes before letters and underscores.
        let first = self.deprecations.range(name.clone()..).next();
        first
            .and_then(|(path, _)| path.strip_prefix(&name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Whether the original provider has a type, whether or not this program does.
    pub fn is_original(&self, mode: Mode, type_name: &str) -> bool {
        let name = format!("{}{type_name}", prefix(mode));
        self.original_types.lines().any(|line| line == name)
    }

    /// Whether an argument or block at a dotted path, or with an empty path the type itself, is deprecated.
    pub fn deprecation(&self, mode: Mode, type_name: &str, path: &str) -> Option<&Deprecation> {
        if self.deprecations.is_empty() {
            return None;
        }
        let kind = prefix(mode);
        let dot = if path.is_empty() { "" } else { "." };
        self.deprecations.get(&format!("{kind}{type_name}{dot}{path}"))
    }

    /// The schema of a type.
    pub fn of(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        match mode {
            Mode::Managed => self.resources.get(type_name).cloned(),
            Mode::Data => self.data.get(type_name).cloned(),
            Mode::Ephemeral => self.ephemeral.get(type_name).cloned(),
        }
    }
}

/// What stands before the names of types of a mode where all modes stand together.
fn prefix(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "",
        Mode::Data => "data.",
        Mode::Ephemeral => "ephemeral.",
    }
}

/// The configuration merged with the prior object as Terraform does before it asks a provider to plan: set attributes win;
/// unset ones that the provider may compute keep their prior value; nested blocks are matched by place (list), key (map)
/// or content apart from computed attributes (set). `config` is of the block's type; without a prior object it is all there is.
pub fn proposed_new(block: &Block, prior: &Value, config: &Value) -> Value {
    if !config.is_known() || config.is_null() || prior.is_null() {
        return config.clone();
    }
    let fields = block
        .attributes
        .iter()
        .map(|(name, attribute)| {
            let set = config.get(name);
            let value = match set {
                Some(v) if !v.is_null() || !attribute.computed => v.clone(),
                _ => prior.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone())),
            };
            (name.clone(), value)
        })
        .chain(block.blocks.iter().map(|(name, nested)| {
            let empty = nested.empty_value();
            let set = config.get(name).unwrap_or(&empty);
            let before = prior.get(name).unwrap_or(&empty);
            (name.clone(), proposed_nested(nested, before, set))
        }))
        .collect();
    Value::object(fields).with_marks(config.marks())
}

fn proposed_nested(nested: &NestedBlock, prior: &Value, config: &Value) -> Value {
    let none = Value::null(nested.block.implied_type());
    let marks = config.marks();
    match config.kind() {
        Kind::Object(_) => proposed_new(&nested.block, prior, config),
        Kind::List(t, items) => {
            let merged = items
                .iter()
                .enumerate()
                .map(|(i, item)| proposed_new(&nested.block, prior.at(i).unwrap_or(&none), item));
            Value::list(t.clone(), merged.collect()).with_marks(marks)
        }
        Kind::Tuple(items) => {
            let merged = items
                .iter()
                .enumerate()
                .map(|(i, item)| proposed_new(&nested.block, prior.at(i).unwrap_or(&none), item));
            Value::tuple(merged.collect()).with_marks(marks)
        }
        Kind::Map(t, fields) => {
            let merged = fields
                .iter()
                .map(|(k, item)| (k.clone(), proposed_new(&nested.block, prior.get(k).unwrap_or(&none), item)));
            Value::map(t.clone(), merged.collect()).with_marks(marks)
        }
        Kind::Set(t, items) => {
            let mut left: Vec<&Value> = prior.elements().unwrap_or(&[]).iter().collect();
            let merged = items.iter().map(|item| {
                let found = left.iter().position(|p| same_configured(&nested.block, p, item));
                let before = found.map(|i| left.remove(i)).unwrap_or(&none);
                proposed_new(&nested.block, before, item)
            });
            Value::set(t.clone(), merged.collect()).with_marks(marks)
        }
        _ => config.clone(),
    }
}

/// Whether a prior set element is the configured one: equal in everything that is set or cannot be computed.
fn same_configured(block: &Block, prior: &Value, config: &Value) -> bool {
    let (prior, config) = (prior.unmark_deep(), config.unmark_deep());
    block.attributes.iter().all(|(name, attribute)| {
        let set = config.get(name);
        match set {
            Some(v) if v.is_null() && attribute.computed => true,
            _ => set == prior.get(name),
        }
    }) && block.blocks.iter().all(|(name, nested)| {
        let (Some(a), Some(b)) = (prior.get(name), config.get(name)) else { return true };
        match (a.elements(), b.elements()) {
            (Some(x), Some(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(p, c)| same_configured(&nested.block, p, c))
            }
            _ => a == b,
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_there_only_while_it_is_set() {
        let block = Block { extensions: [Arc::from("region")].into(), ..Block::default() };
        let object = |region: Value| Value::object_of([("name", Value::string("n")), ("region", region)]);
        let unset = block.without_unset_extensions(&object(Value::null(Type::String)));
        assert_eq!(unset, Value::object_of([("name", Value::string("n"))]));
        for set in [Value::string("eu-west-1"), Value::unknown(Type::String)] {
            assert_eq!(block.without_unset_extensions(&object(set.clone())), object(set));
        }
    }
}
