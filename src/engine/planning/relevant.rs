//! Which attributes of which resources fed what is going to change.

use super::Planner;
use crate::address::{ConfigResource, ModulePath};
use crate::config::model::ResourceBlock;
use crate::engine::plan::{Action, OutputChange};
use crate::engine::references::{Reference, Subject};
use crate::engine::run::lock;
use crate::lang::eval::{body_references, references};
use crate::lang::syntax::ast::{Expr, Traversal};
use crate::lang::value::Path;
use std::collections::{BTreeMap, HashSet};

impl Planner<'_> {
    /// Configuration address and path of every attribute read, directly or through locals, variables and outputs, by blocks with a change
    /// and by root outputs that change. An instance written with a constant key is named with it.
    pub(super) fn relevant_attributes(&self, outputs: &BTreeMap<String, OutputChange>) -> Vec<(String, Path)> {
        let changed: HashSet<ConfigResource> =
            lock(&self.changes).list.iter().filter(|c| c.action != Action::NoOp).map(|c| c.address.config()).collect();
        let mut found = Found { planner: self, seen: HashSet::new(), out: BTreeMap::new() };
        for address in changed {
            if let Some(block) = self.run.block(&address) {
                for traversal in block_references(block) {
                    found.follow(&address.module, &traversal);
                }
            }
        }
        for (name, change) in outputs {
            let block = self.run.config.root.outputs.get(name.as_str());
            if let Some(block) = block.filter(|_| change.action != Action::NoOp) {
                for traversal in references(&block.value) {
                    found.follow(&self.run.config.root.path, &traversal);
                }
            }
        }
        found.out.into_values().collect()
    }
}

fn block_references(block: &ResourceBlock) -> Vec<Traversal> {
    let mut all = body_references(&block.body);
    if let Some(expr) = block.repetition.expr() {
        all.extend(references(expr));
    }
    for expr in &block.lifecycle.replace_triggered_by {
        all.extend(references(expr));
    }
    all
}

struct Found<'p, 'r> {
    planner: &'p Planner<'r>,
    seen: HashSet<(ModulePath, String)>,
    /// By text, so that each is there once and in order.
    out: BTreeMap<String, (String, Path)>,
}

impl Found<'_, '_> {
    fn follow(&mut self, module: &ModulePath, traversal: &Traversal) {
        let Ok(reference) = Reference::parse(traversal) else { return };
        let config = self.planner.run.config;
        let Some(here) = config.module(module) else { return };
        match &reference.subject {
            Subject::Resource(resource) => {
                let path = reference.path();
                let mut address = ConfigResource { module: module.clone(), resource: resource.clone() }.to_string();
                if let Some(key) = &reference.key {
                    address.push_str(&key.to_string());
                }
                self.out.insert(format!("{address}.{path}"), (address, path));
            }
            Subject::Local(name) => {
                if let Some(local) = here.locals.get(&**name) {
                    self.once(module, &format!("local.{name}"), module, &local.expr);
                }
            }
            Subject::Variable(name) => {
                if let (Some(parent), Some((call, _))) = (module.parent(), module.0.split_last())
                    && let Some(argument) =
                        config.module(&parent).and_then(|m| m.calls.get(call)).and_then(|c| c.body.attribute(name))
                {
                    self.once(module, &format!("var.{name}"), &parent, &argument.expr);
                }
            }
            Subject::Call(name) => {
                let inner = module.child(name);
                let Some(child) = config.module(&inner) else { return };
                for (output, block) in &child.outputs {
                    if reference.first_attribute().is_none_or(|a| *a.name == **output) {
                        self.once(&inner, &format!("output.{output}"), &inner, &block.value);
                    }
                }
            }
            _ => {}
        }
    }

    fn once(&mut self, owner: &ModulePath, name: &str, module: &ModulePath, expr: &Expr) {
        if self.seen.insert((owner.clone(), name.to_owned())) {
            for traversal in references(expr) {
                self.follow(module, &traversal);
            }
        }
    }
}
