//! Which attributes of which resources fed what is going to change.
//!
//! The walk is Terraform's: from every changed object and output back through locals, variables, module outputs and the arguments of
//! resources. It follows instances of modules, but of a resource it follows the block, whatever the instance.

use super::Planner;
use crate::address::{ConfigResource, Mode, ModuleInstance, Resource, ResourceInstance};
use crate::engine::graph::Node;
use crate::engine::plan::{Action, OutputChange};
use crate::engine::references::{Reference, Subject, path_step};
use crate::engine::run::lock;
use crate::lang::eval::{body_references, references};
use crate::lang::syntax::ast::{Block, Body, Expr, Traversal, TraversalStep};
use crate::lang::value::Path;
use crate::provider::schema::{self, Nesting};
use std::collections::{BTreeMap, HashSet};

impl Planner<'_> {
    /// Address and path of every attribute read, directly or through other values, by objects with a change and by outputs that change
    /// or belong to a module. An instance that is named with a constant key, or is in an instance of a module, is named with it.
    pub(super) fn relevant_attributes(&self, outputs: &BTreeMap<String, OutputChange>) -> Vec<(String, Path)> {
        let changed: HashSet<(ModuleInstance, Resource)> = lock(&self.changes)
            .list
            .iter()
            .filter(|c| c.action != Action::NoOp)
            .map(|c| (c.address.module.clone(), c.address.resource.clone()))
            .collect();
        let mut found = Found { planner: self, seen: HashSet::new(), open: Vec::new(), out: BTreeMap::new() };
        for (module, resource) in changed {
            found.resource(&module, &resource, &[]);
        }
        let root = &self.run.config.root;
        for (name, change) in outputs {
            if let Some(block) = root.outputs.get(name.as_str()).filter(|_| change.action != Action::NoOp) {
                found.expr(&ModuleInstance::root(), &block.value);
            }
        }
        for node in self.run.graph.nodes() {
            let Node::Output(path, name) = node else { continue };
            let block = self.run.config.module(path).and_then(|m| m.outputs.get(&**name));
            let Some(block) = block.filter(|block| !path.is_root() && !block.ephemeral) else { continue };
            for scope in self.run.scopes(path) {
                if scope.output(name).is_some_and(|value| !value.is_null()) {
                    found.expr(&scope.address, &block.value);
                }
            }
        }
        found.finish()
    }
}

/// A reference and where it stands.
struct Mention {
    module: ModuleInstance,
    /// The resource in whose block it stands, which `each` and `count` belong to.
    within: Option<Resource>,
    traversal: Traversal,
}

struct Found<'p, 'r> {
    planner: &'p Planner<'r>,
    /// What has been followed, as text.
    seen: HashSet<String>,
    open: Vec<Mention>,
    /// By text, so that each is there once and in order.
    out: BTreeMap<String, (String, Path)>,
}

impl Found<'_, '_> {
    fn finish(mut self) -> Vec<(String, Path)> {
        while let Some(mention) = self.open.pop() {
            self.follow(&mention);
        }
        self.out.into_values().collect()
    }

    fn push(&mut self, module: &ModuleInstance, within: Option<&Resource>, traversals: Vec<Traversal>) {
        for traversal in traversals {
            let inside = matches!(&*traversal.root.name, "each" | "count").then(|| within.cloned()).flatten();
            let place = inside.as_ref().map(Resource::to_string).unwrap_or_default();
            let steps = Path(traversal.steps.iter().map(path_step).collect());
            let key = format!("{module}|{place}|{}|{steps}", traversal.root.name);
            if self.seen.insert(key) {
                self.open.push(Mention { module: module.clone(), within: inside, traversal });
            }
        }
    }

    fn expr(&mut self, module: &ModuleInstance, expr: &Expr) {
        self.push(module, None, references(expr));
    }

    fn follow(&mut self, mention: &Mention) {
        let Ok(reference) = Reference::parse(&mention.traversal) else { return };
        let config = self.planner.run.config;
        let module = &mention.module;
        let Some(here) = config.module(&module.path()) else { return };
        match &reference.subject {
            Subject::Resource(resource) => {
                if resource.mode == Mode::Ephemeral || !here.resources.contains_key(resource) {
                    return;
                }
                let path = reference.path();
                let key = reference.key.clone();
                let address = ResourceInstance { module: module.clone(), resource: resource.clone(), key };
                let address = address.to_string();
                self.out.insert(format!("{address}.{path}"), (address, path));
                self.resource(module, resource, reference.rest);
            }
            Subject::Local(name) => {
                if let Some(local) = here.locals.get(&**name) {
                    self.expr(module, &local.expr);
                }
            }
            Subject::Variable(name) => {
                if let (Some(parent), Some((call, _))) = (module.parent(), module.0.split_last().map(|(last, _)| last))
                    && let Some(argument) = config
                        .module(&parent.path())
                        .and_then(|m| m.calls.get(call))
                        .and_then(|c| c.body.attribute(name))
                {
                    self.expr(&parent, &argument.expr);
                }
            }
            Subject::Call(name) => {
                let inner = module.child(name, reference.key.clone());
                let Some(child) = config.module(&inner.path()) else { return };
                for (output, block) in &child.outputs {
                    if reference.first_attribute().is_none_or(|a| *a.name == **output) {
                        self.expr(&inner, &block.value);
                    }
                }
            }
            Subject::Each(_) | Subject::Count(_) => {
                let block = mention.within.as_ref().and_then(|resource| here.resources.get(resource));
                if let Some(expr) = block.and_then(|b| b.repetition.expr()) {
                    self.expr(module, expr);
                }
            }
            _ => {}
        }
    }

    /// What stands in the part of a resource's block that the steps lead to.
    fn resource(&mut self, module: &ModuleInstance, resource: &Resource, steps: &[TraversalStep]) {
        let address = ConfigResource { module: module.path(), resource: resource.clone() };
        let run = &self.planner.run;
        let Some(block) = run.block(&address) else { return };
        let provider = run.graph.providers.get(&address);
        let Some(schema) = provider.and_then(|p| run.schema(p, resource.mode, &resource.type_name)) else { return };
        let mut part = Part { bodies: vec![&block.body], exprs: Vec::new() };
        part.narrow(&schema.raw.block, steps);
        for body in part.bodies {
            self.push(module, Some(resource), body_references(body));
        }
        for expr in part.exprs {
            self.push(module, Some(resource), references(expr));
        }
    }
}

/// A part of a block: what is left of its bodies, and expressions that count whatever is chosen from them.
struct Part<'b> {
    bodies: Vec<&'b Body>,
    exprs: Vec<&'b Expr>,
}

impl<'b> Part<'b> {
    /// Goes down as far as the schema has nested blocks; an attribute ends the way, and what is not in the schema leads nowhere.
    fn narrow(&mut self, mut schema: &schema::Block, steps: &[TraversalStep]) {
        let mut steps = steps.iter();
        while let Some(step) = steps.next() {
            let Some(name) = step_name(step) else { return self.bodies.clear() };
            if schema.attributes.contains_key(&*name) {
                let attributes = self.bodies.iter().filter_map(|body| body.attribute(&name));
                self.exprs.extend(attributes.map(|a| &a.expr));
                return self.bodies.clear();
            }
            let Some(nested) = schema.blocks.get(&*name) else { return self.bodies.clear() };
            let blocks: Vec<&'b Block> = self.bodies.iter().flat_map(|body| named(body, &name)).collect();
            let chosen = match nested.nesting {
                Nesting::Single | Nesting::Group => blocks,
                Nesting::List | Nesting::Set | Nesting::Map => match steps.next() {
                    None => blocks,
                    Some(step) => choose(blocks, nested.nesting, step),
                },
            };
            self.bodies.clear();
            for block in chosen {
                self.enter(block);
            }
            schema = &nested.block;
        }
    }

    fn enter(&mut self, block: &'b Block) {
        if block.dynamic().is_none() {
            return self.bodies.push(&block.body);
        }
        let arguments = ["for_each", "labels"].iter().filter_map(|name| block.body.attribute(name));
        self.exprs.extend(arguments.map(|a| &a.expr));
        self.bodies.extend(block.body.blocks_of("content").map(|content| &content.body));
    }
}

/// Blocks of a type, those made by `dynamic` too.
fn named<'b>(body: &'b Body, name: &str) -> Vec<&'b Block> {
    body.blocks.iter().filter(|block| *block.produces().name == *name).collect()
}

/// The blocks a step after a block's name may mean. How many a `dynamic` block makes is not known here, so from the first on all are meant.
fn choose<'b>(blocks: Vec<&'b Block>, nesting: Nesting, step: &TraversalStep) -> Vec<&'b Block> {
    match nesting {
        Nesting::Map => {
            let Some(key) = step_name(step) else { return Vec::new() };
            let fits =
                |block: &&Block| block.dynamic().is_some() || block.labels.first().is_some_and(|l| *l.name == *key);
            blocks.into_iter().filter(fits).collect()
        }
        Nesting::List => {
            let TraversalStep::Index(value, _) = step else { return Vec::new() };
            let Some(at) = value.as_i64().and_then(|n| usize::try_from(n).ok()) else { return Vec::new() };
            match blocks.iter().position(|block| block.dynamic().is_some()) {
                Some(first) if at >= first => blocks.into_iter().skip(first).collect(),
                _ => blocks.into_iter().skip(at).take(1).collect(),
            }
        }
        _ => Vec::new(),
    }
}

/// A step that names something.
fn step_name(step: &TraversalStep) -> Option<String> {
    match step {
        TraversalStep::Attr(name) => Some(name.name.to_string()),
        TraversalStep::Index(key, _) => key.as_str().map(str::to_owned),
    }
}
