//! Configuration for objects that exist and have none: what `import` blocks name without a `resource` block.
//!
//! A missing block is put into the configuration empty ([`with_missing_blocks`]). When its instance is planned, the object is
//! read and its arguments are found ([`arguments`]): everything that can be set and is, less what makes no difference. They are
//! written as text, and the text is what is planned.

mod documents;
mod draft;
mod reduce;

use super::address_expr;
use crate::address::{AbsResource, ConfigResource, Mode, ModulePath, ResourceInstance, Target};
use crate::config::model::{Config, Import, Lifecycle, Repetition, ResourceBlock};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::compose::{Block, Body, Expr, Item};
use crate::lang::syntax::ast;
use crate::lang::value::quote;
use crate::state::model::State;
pub(super) use reduce::arguments;
use std::collections::HashSet;

/// A resource block that was written for an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Where the object will be managed.
    pub address: ResourceInstance,
    /// Its import id.
    pub id: String,
    /// The block.
    pub block: Block,
}

impl Generated {
    /// The block's text, formatted.
    pub fn text(&self) -> String {
        Body { items: vec![Item::Block(self.block.clone())] }.text()
    }
}

/// A file of generated blocks, each with where it comes from.
pub fn file(generated: &[Generated]) -> String {
    let mut out = String::from(
        "# __generated__ by Pipewright\n# Please review these resources and move them into your main configuration files.\n",
    );
    for one in generated {
        out.push_str(&format!("\n# __generated__ by Pipewright from {}\n{}", quote(&one.id), one.text()));
    }
    out
}

/// The target of an import block without `for_each`, when its address can be read.
fn target(import: &Import) -> Option<ResourceInstance> {
    match address_expr::target(&import.to, None).ok()? {
        Target::Instance(instance) => Some(instance),
        Target::Resource(resource) => Some(resource.instance(None)),
        Target::Module(_) => None,
    }
}

/// Import blocks whose resource has no block.
fn without_block(config: &Config) -> impl Iterator<Item = (&Import, Option<ResourceInstance>)> {
    config.root.imports.iter().map(|import| (import, target(import))).filter(|(import, to)| match to {
        Some(to) => config.module(&to.module.path()).is_none_or(|m| !m.resources.contains_key(&to.resource)),
        None => import.for_each.is_some() && !named_resource_exists(config, import),
    })
}

/// With `for_each` the keys of `to` are not known yet; its names are.
fn named_resource_exists(config: &Config, import: &Import) -> bool {
    let mut expr = &import.to;
    while let ast::ExprKind::Index(inner, _) = &expr.kind {
        expr = inner;
    }
    let names = |e: &ast::Expr| address_expr::target(e, None).ok();
    match names(expr) {
        Some(Target::Resource(AbsResource { module, resource }))
        | Some(Target::Instance(ResourceInstance { module, resource, .. })) => {
            config.module(&module.path()).is_some_and(|m| m.resources.contains_key(&resource))
        }
        // A key of a module stands inside: what it names is checked when planned.
        _ => true,
    }
}

/// Errors in import blocks whose resource has no block and cannot get one.
pub(super) fn check(config: &Config) -> Diagnostics {
    let summary = "Configuration for import target does not exist";
    let mut diagnostics = Diagnostics::new();
    for (import, to) in without_block(config) {
        let detail = match &to {
            Some(to) if config.module(&to.module.path()).is_none() => format!(
                "The configuration for the given import target {} does not exist. All target instances must have an associated \
                 configuration to be imported.",
                AbsResource { module: to.module.clone(), resource: to.resource.clone() }
            ),
            Some(to) if !to.module.is_root() => format!(
                "Resource {} not found. Only resources within the root module are eligible for config generation.",
                AbsResource { module: to.module.clone(), resource: to.resource.clone() }
            ),
            Some(to) if to.key.is_none() && import.for_each.is_none() => continue,
            _ => "The given import block is not compatible with config generation. The -generate-config-out option cannot be used \
                  with import blocks which use for_each, or resources which use for_each or count."
                .to_owned(),
        };
        diagnostics.push(Diagnostic::error(summary, detail).at(import.to.span).within(import.span));
    }
    diagnostics
}

/// The errors of a plan that generates nothing: import blocks whose resource has no block.
pub(super) fn refuse(config: &Config) -> Diagnostics {
    without_block(config)
        .filter_map(|(import, to)| {
            let to = to.filter(|to| to.module.is_root() && to.key.is_none())?;
            let detail = format!(
                "The configuration for the given import target {to} does not exist. If you wish to automatically generate config for \
                 this resource, use the -generate-config-out option within pipewright plan. Otherwise, make sure the target resource \
                 exists within your configuration. For example:\n\n  pipewright plan -generate-config-out=generated.tf"
            );
            let error = Diagnostic::error("Configuration for import target does not exist", detail);
            Some(error.at(import.to.span).within(import.span))
        })
        .collect()
}

/// The configuration with an empty block for each resource that is imported and has none, and the addresses of these blocks. What the
/// state has already is not imported, so it gets no block.
pub(super) fn with_missing_blocks(config: &Config, state: &State) -> (Config, HashSet<ConfigResource>) {
    let mut complete = config.clone();
    let mut added = HashSet::new();
    for (import, to) in without_block(config) {
        let Some(to) = to.filter(|to| to.module.is_root() && to.key.is_none() && import.for_each.is_none()) else {
            continue;
        };
        let resource = AbsResource { module: to.module.clone(), resource: to.resource.clone() };
        if to.resource.mode != Mode::Managed || state.resources.contains_key(&resource) {
            continue;
        }
        let block = ResourceBlock {
            address: to.resource.clone(),
            body: ast::Body { attributes: Vec::new(), blocks: Vec::new(), span: import.span },
            repetition: Repetition::Single,
            depends_on: Vec::new(),
            provider: import.provider.clone(),
            lifecycle: Lifecycle::default(),
            provisioners: Vec::new(),
            connection: None,
            span: import.span,
            type_span: import.to.span,
        };
        added.insert(ConfigResource { module: ModulePath::root(), resource: to.resource.clone() });
        complete.root.resources.insert(to.resource, block);
    }
    (complete, added)
}

/// The block's head and, where it is not the one the type's name implies, its provider.
pub(super) fn head(block: &ResourceBlock) -> Block {
    let mut out = Block::new("resource", [&*block.address.type_name, &*block.address.name]);
    if let Some(provider) = &block.provider {
        let reference = match &provider.alias {
            Some(alias) => format!("{}.{alias}", provider.local_name),
            None => provider.local_name.clone(),
        };
        out.body.set("provider", Expr::Reference(reference));
    }
    out
}
