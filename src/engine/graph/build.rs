//! Nodes and edges from the blocks of a configuration.

use super::check::{Checker, Place};
use super::{Graph, Node};
use crate::address::{ConfigResource, ModulePath, ProviderConfig, Resource};
use crate::config::model::{Condition, Config, Module, ModuleCall, Repetition, ResourceBlock};
use crate::config::provider_refs;
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::engine::decode::is_unexpected_at;
use crate::engine::references::{Reference, Subject};
use crate::engine::schemas::Schemas;
use crate::lang::eval::{body_references, references};
use crate::lang::syntax::ast::{Body, Expr, Traversal};
use crate::provider::Registry;
use std::sync::Arc;

pub(super) struct Builder<'c> {
    config: &'c Config,
    graph: Graph,
    checker: Checker<'c>,
    diagnostics: Diagnostics,
    /// What was resolved last.
    last: Option<Resolved>,
}

/// What the name of a provider stands for in a module.
struct Resolved {
    module: ModulePath,
    local_name: String,
    alias: Option<String>,
    address: ProviderConfig,
    /// Of its node.
    number: usize,
}

impl<'c> Builder<'c> {
    pub(super) fn new(config: &'c Config, registry: &'c Registry, schemas: &'c Schemas) -> Self {
        Builder {
            config,
            graph: Graph::default(),
            checker: Checker { config, registry, schemas },
            diagnostics: Diagnostics::new(),
            last: None,
        }
    }

    pub(super) fn finish(self) -> (Graph, Diagnostics) {
        (self.graph, self.diagnostics)
    }

    /// Adds everything of a module and its children. `Expand` and `Close` of the root stand for nothing and are not made.
    pub(super) fn add_module(&mut self, path: &ModulePath, module: &'c Module) {
        let plain = Place::default();
        for (name, variable) in &module.variables {
            let node = self.add(Node::Variable(path.clone(), name.as_str().into()), path);
            for condition in &variable.validations {
                self.condition(node, path, module, condition, &plain);
            }
            if let (Some(parent), Some((call_name, _))) = (path.parent(), path.0.split_last())
                && let Some(outer) = self.config.module(&parent)
                && let Some(call) = outer.calls.get(call_name)
                && let Some(argument) = call.body.attribute(name)
            {
                let place = Place::repeated(&call.repetition).within(call.span);
                self.expression(node, &parent, outer, &argument.expr, &place);
            }
        }
        for (name, local) in &module.locals {
            let node = self.add(Node::Local(path.clone(), name.as_str().into()), path);
            self.expression(node, path, module, &local.expr, &plain);
        }
        for (name, output) in &module.outputs {
            let node = self.add(Node::Output(path.clone(), name.as_str().into()), path);
            let place = plain.clone().within(output.span);
            self.expression(node, path, module, &output.value, &place);
            for condition in &output.preconditions {
                self.condition(node, path, module, condition, &place);
            }
            self.depends_on(node, path, module, &output.depends_on);
        }
        self.graph.reserve(module.resources.len());
        for (address, block) in &module.resources {
            self.resource(path, module, address, block);
        }
        for (name, check) in &module.checks {
            let node = self.add(Node::Check(path.clone(), name.as_str().into()), path);
            let place =
                Place { scoped: check.data.as_ref().map(|d| d.address.clone()), ..plain.clone() }.within(check.span);
            if let Some(data) = &check.data {
                self.provider(node, path, data);
                self.body(node, path, module, &data.body, &|this, at| this.is_unexpected(path, data, at), &place);
                self.depends_on(node, path, module, &data.depends_on);
            }
            for condition in &check.asserts {
                self.condition(node, path, module, condition, &place);
            }
        }
        for (name, child) in &module.children {
            let inner = path.child(name);
            if let Some(call) = module.calls.get(name) {
                let node = self.add(Node::Expand(inner.clone()), path);
                let place = plain.clone().within(call.span);
                if let Some(expr) = call.repetition.expr() {
                    self.expression(node, path, module, expr, &place);
                }
                self.depends_on(node, path, module, &call.depends_on);
            }
            self.add_module(&inner, child);
        }
        if !path.is_root() {
            let close = self.graph.add(Node::Close(path.clone()));
            let is_provider = |number: &usize| matches!(self.graph.nodes().get_index(*number), Some(Node::Provider(_)));
            let members = self.graph.members(path).iter().copied();
            let inside: Vec<usize> = members.filter(|number| *number != close && !is_provider(number)).collect();
            for node in inside {
                self.graph.connect(close, node);
            }
            for name in module.children.keys() {
                let child = self.graph.add(Node::Close(path.child(name)));
                self.graph.connect(close, child);
            }
        }
    }

    /// Ids of `import` blocks are needed by the resource they go to.
    pub(super) fn add_imports(&mut self) {
        for import in &self.config.root.imports {
            let (module, resource) = import.target.clone();
            let node = Node::Resource(ConfigResource { module, resource });
            let Some(number) = self.graph.number(&node) else { continue };
            let each = import.for_each.is_some();
            let place = Place { each, ..Place::default() }.within(import.span);
            let root = ModulePath::root();
            self.expression(number, &root, &self.config.root, &import.id, &place);
            if let Some(for_each) = &import.for_each {
                self.expression(number, &root, &self.config.root, for_each, &place);
            }
        }
    }

    fn resource(&mut self, path: &ModulePath, module: &'c Module, address: &Resource, block: &'c ResourceBlock) {
        let config = Arc::new(ConfigResource { module: path.clone(), resource: address.clone() });
        let node = self.add(Node::Resource(ConfigResource::clone(&config)), path);
        self.provider(node, path, block);
        let own = Some(Arc::clone(&config));
        let plain = Place { own: own.clone(), ..Place::default() }.within(block.span);
        let place = Place { own, ..Place::repeated(&block.repetition) }.within(block.span);
        let with_self = Place { self_object: true, ..place.clone() };
        if let Some(expr) = block.repetition.expr() {
            self.expression(node, path, module, expr, &plain);
        }
        self.body(node, path, module, &block.body, &|this, at| this.is_unexpected(path, block, at), &place);
        for condition in &block.lifecycle.preconditions {
            self.condition(node, path, module, condition, &place);
        }
        for condition in &block.lifecycle.postconditions {
            self.condition(node, path, module, condition, &with_self);
        }
        for expr in &block.lifecycle.replace_triggered_by {
            self.expression(node, path, module, expr, &place);
        }
        for provisioner in &block.provisioners {
            self.body(node, path, module, &provisioner.body, &|_, _| false, &with_self);
            if let Some(connection) = &provisioner.connection {
                self.body(node, path, module, connection, &|_, _| false, &with_self);
            }
        }
        if let Some(connection) = &block.connection {
            self.body(node, path, module, connection, &|_, _| false, &with_self);
        }
        let mut explicit = self.depends_on(node, path, module, &block.depends_on);
        let mut at = path.clone();
        while let (Some(parent), Some((name, _))) = (at.parent(), at.0.split_last()) {
            if let Some(outer) = self.config.module(&parent)
                && let Some(call) = outer.calls.get(name)
            {
                explicit.extend(self.named_resources(&parent, &call.depends_on));
            }
            at = parent;
        }
        if !explicit.is_empty() {
            explicit.sort();
            explicit.dedup();
            self.graph.explicit.insert(Arc::unwrap_or_clone(config), explicit);
        }
    }

    /// Adds a node that waits for its module's expansion.
    fn add(&mut self, node: Node, module: &ModulePath) -> usize {
        let number = self.graph.add(node);
        if !module.is_root() {
            let expand = self.graph.add(Node::Expand(module.clone()));
            self.graph.connect(number, expand);
        }
        number
    }

    fn provider(&mut self, node: usize, path: &ModulePath, block: &'c ResourceBlock) {
        let (local_name, alias) = block.provider_names();
        // Most blocks of a module have the provider of the one before.
        let same =
            |last: &&Resolved| last.module == *path && last.local_name == local_name && last.alias.as_deref() == alias;
        let (address, number) = match self.last.as_ref().filter(same) {
            Some(last) => (last.address.clone(), last.number),
            None => match provider_refs::resolve(self.config, path, block) {
                Ok(address) => {
                    let number = self.add_provider(&address);
                    self.last = Some(Resolved {
                        module: path.clone(),
                        local_name: local_name.to_owned(),
                        alias: alias.map(str::to_owned),
                        address: address.clone(),
                        number,
                    });
                    (address, number)
                }
                Err(error) => return self.diagnostics.push(*error),
            },
        };
        self.graph.connect(node, number);
        let config = ConfigResource { module: path.clone(), resource: block.address.clone() };
        self.graph.providers.insert(config, address);
    }

    fn add_provider(&mut self, address: &ProviderConfig) -> usize {
        let node = Node::Provider(address.clone());
        if let Some(number) = self.graph.number(&node) {
            return number;
        }
        let number = self.add(node, &address.module);
        if let Some(block) = provider_refs::provider_block(self.config, address)
            && let Some(module) = self.config.module(&address.module)
        {
            let place = Place::default().within(block.span);
            let is_unexpected = |this: &Self, at: Span| {
                let schema = this.checker.schemas.config(this.checker.registry, &address.source);
                schema.is_some_and(|schema| is_unexpected_at(&block.body, &schema, at))
            };
            self.body(number, &address.module, module, &block.body, &is_unexpected, &place);
        }
        number
    }

    fn condition(
        &mut self,
        node: usize,
        path: &ModulePath,
        module: &'c Module,
        condition: &'c Condition,
        place: &Place,
    ) {
        let place = place.clone().within(condition.span);
        self.expression(node, path, module, &condition.condition, &place);
        self.expression(node, path, module, &condition.error_message, &place);
    }

    /// Whether a place in a block's body is in something that its schema does not have.
    fn is_unexpected(&self, path: &ModulePath, block: &ResourceBlock, at: Span) -> bool {
        let Ok(provider) = provider_refs::resolve(self.config, path, block) else { return false };
        let Resource { mode, type_name, .. } = &block.address;
        let schema = self.checker.schemas.of(self.checker.registry, &provider.source, *mode, type_name);
        schema.is_some_and(|schema| is_unexpected_at(&block.body, &schema.block, at))
    }

    /// References of a body; mistakes in what is unexpected there are left out.
    fn body(
        &mut self,
        node: usize,
        path: &ModulePath,
        module: &'c Module,
        body: &Body,
        is_unexpected: &dyn Fn(&Self, Span) -> bool,
        place: &Place,
    ) {
        for traversal in body_references(body) {
            let Err(error) = self.connect(node, path, module, &traversal, place) else { continue };
            if !is_unexpected(self, traversal.span) {
                self.diagnostics.push(place.tell(*error));
            }
        }
    }

    fn expression(&mut self, node: usize, path: &ModulePath, module: &'c Module, expr: &Expr, place: &Place) {
        for traversal in references(expr) {
            self.reference(node, path, module, &traversal, place);
        }
    }

    fn reference(&mut self, node: usize, path: &ModulePath, module: &'c Module, traversal: &Traversal, place: &Place) {
        if let Err(error) = self.connect(node, path, module, traversal, place) {
            self.diagnostics.push(place.tell(*error));
        }
    }

    fn connect(
        &mut self,
        node: usize,
        path: &ModulePath,
        module: &'c Module,
        traversal: &Traversal,
        place: &Place,
    ) -> Result<(), Box<Diagnostic>> {
        let reference = Reference::parse(traversal)?;
        self.checker.check(path, module, &reference, place)?;
        if let Some(other) = self.target(path, &reference) {
            if other == node && matches!(reference.subject, Subject::Local(_)) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Self-referencing local value",
                        "A local value cannot use its own result as part of its expression.",
                    )
                    .at(reference.span),
                );
            }
            self.graph.connect(node, other);
        }
        Ok(())
    }

    /// The node a reference leads to, if it leads to one.
    fn target(&mut self, path: &ModulePath, reference: &Reference<'_>) -> Option<usize> {
        let node = match &reference.subject {
            Subject::Variable(name) => Node::Variable(path.clone(), name.clone()),
            Subject::Local(name) => Node::Local(path.clone(), name.clone()),
            Subject::Resource(resource) => {
                let config = ConfigResource { module: path.clone(), resource: resource.clone() };
                let known = self.config.module(path).is_some_and(|m| m.resources.contains_key(resource));
                return known.then(|| self.graph.add(Node::Resource(config)));
            }
            Subject::Call(name) => {
                let inner = path.child(name);
                match reference.first_attribute() {
                    Some(output) => Node::Output(inner, output.name.clone()),
                    None => Node::Close(inner),
                }
            }
            _ => return None,
        };
        Some(self.graph.add(node))
    }

    /// Edges for `depends_on`; returns the resource blocks named, modules resolved to all blocks inside.
    fn depends_on(
        &mut self,
        node: usize,
        path: &ModulePath,
        module: &'c Module,
        list: &[Traversal],
    ) -> Vec<ConfigResource> {
        for traversal in list {
            let Ok(reference) = Reference::parse(traversal).map_err(|e| self.diagnostics.push(e)) else { continue };
            if let Err(error) = self.checker.check_declared(path, module, &reference) {
                self.diagnostics.push(*error);
                continue;
            }
            let other = match &reference.subject {
                Subject::Call(name) => Some(self.graph.add(Node::Close(path.child(name)))),
                _ => self.target(path, &reference),
            };
            if let Some(other) = other {
                self.graph.connect(node, other);
            }
        }
        self.named_resources(path, list)
    }

    fn named_resources(&self, path: &ModulePath, list: &[Traversal]) -> Vec<ConfigResource> {
        let mut out = Vec::new();
        for reference in list.iter().filter_map(|t| Reference::parse(t).ok()) {
            match reference.subject {
                Subject::Resource(resource) => out.push(ConfigResource { module: path.clone(), resource }),
                Subject::Call(name) => {
                    if let Some(inner) = self.config.module(&path.child(&name)) {
                        all_resources(&path.child(&name), inner, &mut out);
                    }
                }
                _ => {}
            }
        }
        out
    }
}

fn all_resources(path: &ModulePath, module: &Module, out: &mut Vec<ConfigResource>) {
    out.extend(module.resources.keys().map(|r| ConfigResource { module: path.clone(), resource: r.clone() }));
    for (name, child) in &module.children {
        all_resources(&path.child(name), child, out);
    }
}

/// Numbers of the nodes that a provider block refers to, for a provider added after the graph was built.
pub(in crate::engine) fn provider_needs(
    graph: &Graph,
    config: &Config,
    address: &ProviderConfig,
    body: &Body,
) -> Vec<usize> {
    let path = &address.module;
    body_references(body)
        .iter()
        .filter_map(|t| Reference::parse(t).ok())
        .filter_map(|reference| {
            let node = match &reference.subject {
                Subject::Variable(name) => Node::Variable(path.clone(), name.clone()),
                Subject::Local(name) => Node::Local(path.clone(), name.clone()),
                Subject::Resource(resource) => {
                    Node::Resource(ConfigResource { module: path.clone(), resource: resource.clone() })
                }
                Subject::Call(name) => match reference.first_attribute() {
                    Some(output) => Node::Output(path.child(name), output.name.clone()),
                    None => Node::Close(path.child(name)),
                },
                _ => return None,
            };
            config.module(path)?;
            graph.number(&node)
        })
        .collect()
}

impl Place {
    /// Where the repetition of a block gives `each` or `count`.
    pub(in crate::engine) fn repeated(repetition: &Repetition) -> Self {
        Place {
            each: matches!(repetition, Repetition::ForEach(_)),
            count: matches!(repetition, Repetition::Count(_)),
            ..Place::default()
        }
    }
}

/// Arguments of a module call that name no variable, and variables without argument or default.
pub(in crate::engine) fn call_arguments(call: &ModuleCall, child: &Module) -> Diagnostics {
    use crate::config::suggest::did_you_mean;
    let mut diagnostics = Diagnostics::new();
    for attribute in &call.body.attributes {
        if !child.variables.contains_key(&*attribute.name.name) {
            let known = child.variables.keys().map(String::as_str);
            let guess = did_you_mean(&attribute.name.name, known);
            diagnostics.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{}\" is not expected here.{guess}", attribute.name.name),
                )
                .at(attribute.name.span)
                .within(call.span),
            );
        }
    }
    for block in &call.body.blocks {
        diagnostics.push(
            Diagnostic::error(
                "Unsupported block type",
                format!("Blocks of type \"{}\" are not expected here.", block.kind.name),
            )
            .at(block.kind.span)
            .within(call.span),
        );
    }
    for (name, variable) in &child.variables {
        if variable.default.is_none() && call.body.attribute(name).is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "Missing required argument",
                    format!("The argument \"{name}\" is required, but no definition was found."),
                )
                .at(call.span)
                .within(call.span),
            );
        }
    }
    diagnostics
}
