//! Where references get their values from.

use super::suggest::did_you_mean;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::functions::{CallContext, Function};
use crate::lang::syntax::ast::Traversal;
use crate::lang::value::Value;

/// What a reference stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The value that the first steps of the reference lead to.
    pub value: Value,
    /// How many of [`Traversal::steps`] are covered by `value`; the rest is applied to it.
    pub consumed: usize,
}

/// Resolves references, and says how functions are called.
pub trait Scope: Sync {
    /// The value of a reference: of its root and as many steps as suits the scope, so that `aws_iam_role.x["k"].arn` need not
    /// build the objects of all roles.
    ///
    /// An error here means that the reference is wrong by itself (nothing of that name is declared), which also `try` and
    /// `can` report. Where only a key or attribute is missing in a value, consume fewer steps: the evaluation fails at the next.
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics>;

    /// How functions are called; `None` where they are not allowed.
    fn call_context(&self) -> Option<&CallContext<'_>>;

    /// The function `provider::PROVIDER::FUNCTION`, where `provider` is a local name of the module.
    fn provider_function(&self, provider: &str, function: &str) -> Result<&'static Function, NoFunction> {
        let _ = (provider, function);
        Err(NoFunction::Provider)
    }
}

/// Why a provider's function is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFunction {
    /// The module does not require a provider of this name, or the program does not have it.
    Provider,
    /// The provider has no function of this name; these are its functions.
    Function(Vec<&'static str>),
}

/// A scope with further root names in front, such as `each`, `count`, `self` or the iterator of a dynamic block.
pub struct ChildScope<'a> {
    /// Answers for all other names.
    pub parent: &'a dyn Scope,
    /// The names and their values.
    pub names: Vec<(&'a str, Value)>,
}

impl<'a> ChildScope<'a> {
    /// One further name.
    pub fn new(parent: &'a dyn Scope, name: &'a str, value: Value) -> Self {
        ChildScope { parent, names: vec![(name, value)] }
    }
}

impl Scope for ChildScope<'_> {
    fn resolve(&self, reference: &Traversal) -> Result<Resolved, Diagnostics> {
        match self.names.iter().find(|(name, _)| **name == *reference.root.name) {
            Some((_, value)) => Ok(Resolved { value: value.clone(), consumed: 0 }),
            None => self.parent.resolve(reference).map_err(|mut diagnostics| {
                let near = did_you_mean(&reference.root.name, self.names.iter().map(|(name, _)| *name));
                if let (Some(name), Some(first)) = (near, diagnostics.iter_mut().next()) {
                    suggest(first, name);
                }
                diagnostics
            }),
        }
    }

    fn call_context(&self) -> Option<&CallContext<'_>> {
        self.parent.call_context()
    }

    fn provider_function(&self, provider: &str, function: &str) -> Result<&'static Function, NoFunction> {
        self.parent.provider_function(provider, function)
    }
}

/// Adds a suggestion where none was made yet.
pub(super) fn suggest(diagnostic: &mut Diagnostic, name: &str) {
    diagnostic.hint.get_or_insert_with(|| format!("Did you mean \"{name}\"?"));
}
