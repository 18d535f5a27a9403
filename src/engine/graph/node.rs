//! The nodes of the configuration graph: one per block, not per instance.

use crate::address::{ConfigResource, ModulePath, ProviderConfig};
use std::fmt;
use std::sync::Arc;

/// A block, or the opening or closing of a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::engine) enum Node {
    /// How many instances a module call has. Everything inside the module waits for it.
    Expand(ModulePath),
    /// `variable`
    Variable(ModulePath, Arc<str>),
    /// An entry of `locals`.
    Local(ModulePath, Arc<str>),
    /// A provider configuration.
    Provider(ProviderConfig),
    /// `resource`, `data`
    Resource(ConfigResource),
    /// `output`
    Output(ModulePath, Arc<str>),
    /// `check`
    Check(ModulePath, Arc<str>),
    /// Everything inside a module is done.
    Close(ModulePath),
}

impl Node {
    /// The module it stands in (for a module's opening and closing: that module).
    pub(in crate::engine) fn module(&self) -> &ModulePath {
        match self {
            Node::Expand(m) | Node::Close(m) => m,
            Node::Variable(m, _) | Node::Local(m, _) | Node::Output(m, _) | Node::Check(m, _) => m,
            Node::Provider(p) => &p.module,
            Node::Resource(r) => &r.module,
        }
    }
}

/// As Terraform names nodes in a cycle error.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = |m: &ModulePath| if m.is_root() { String::new() } else { format!("{m}.") };
        match self {
            Node::Expand(m) => write!(f, "{m} (expand)"),
            Node::Close(m) => write!(f, "{m} (close)"),
            Node::Variable(m, name) if m.is_root() => write!(f, "var.{name}"),
            Node::Variable(m, name) => write!(f, "{m}.var.{name} (expand)"),
            Node::Local(m, name) => write!(f, "{}local.{name} (expand)", dot(m)),
            Node::Output(m, name) => write!(f, "{}output.{name} (expand)", dot(m)),
            Node::Check(m, name) => write!(f, "{}check.{name}", dot(m)),
            Node::Provider(p) => p.fmt(f),
            Node::Resource(r) => r.fmt(f),
        }
    }
}
