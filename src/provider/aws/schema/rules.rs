//! What the planner and the checks know of an attribute beside its type: a tree of the same shape as the schema's block.

use crate::lang::value::Value;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a text is rewritten before it is planned and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalize {
    /// Compact JSON with sorted keys.
    Json,
    /// The same with `Version` first, as some services ask of policy documents.
    Policy,
}

/// Of one attribute.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Planned when unset.
    pub default: Option<Value>,
    /// A change needs a new object.
    pub force_new: bool,
    /// The only values allowed.
    pub one_of: Vec<Arc<str>>,
    /// Fewest and most characters.
    pub length: Option<(u64, u64)>,
    /// Smallest and largest number.
    pub range: Option<(i64, i64)>,
    /// Smallest number.
    pub min: Option<i64>,
    /// What the whole text must match, and how the rule is written in messages.
    pub pattern: Option<(Regex, Arc<str>)>,
    /// An IAM policy document: compared by meaning.
    pub policy: bool,
    /// JSON: compared by meaning.
    pub json: bool,
    /// Compared without regard to case.
    pub ignore_case: bool,
    /// How it is rewritten.
    pub normalize: Option<Normalize>,
    /// An ARN.
    pub arn: bool,
    /// Not the empty text.
    pub non_empty: bool,
    /// Twelve digits.
    pub account_id: bool,
    /// A time.
    pub rfc3339: bool,
}

/// Of one nested block type.
#[derive(Debug, Clone, Default)]
pub struct BlockRule {
    /// Fewer or more of them need a new object.
    pub force_new: bool,
    /// When none is configured the provider tells what there is.
    pub computed: bool,
    /// Of what is inside.
    pub inner: Rules,
}

/// Of a block.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// By attribute name.
    pub attributes: BTreeMap<Arc<str>, Rule>,
    /// By block type name.
    pub blocks: BTreeMap<Arc<str>, BlockRule>,
}

impl Rules {
    /// The rule of an attribute, if there is any.
    pub fn attribute(&self, name: &str) -> Option<&Rule> {
        self.attributes.get(name)
    }

    /// The rules of a nested block type.
    pub fn block(&self, name: &str) -> Option<&BlockRule> {
        self.blocks.get(name)
    }
}

/// Between attributes; paths are dotted and without indexes.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// An attribute, and those that may not be set beside it.
    pub conflicts: Vec<(String, Vec<String>)>,
    /// Of each group exactly one must be set.
    pub exactly_one: Vec<Vec<String>>,
    /// Of each group at least one must be set.
    pub at_least_one: Vec<Vec<String>>,
    /// An attribute, and those that must be set beside it.
    pub required_with: Vec<(String, Vec<String>)>,
}
