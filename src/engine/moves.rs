//! `moved` and `removed` blocks, and the moves that adding or removing `count` implies: where objects of the state belong now.

use super::address_expr;
use super::planning::EndRule;
use crate::address::{
    AbsResource, ConfigResource, InstanceKey, Mode, ModuleInstance, ModulePath, ProviderConfig, ProviderSource,
    ResourceInstance, Target,
};
use crate::config::model::{Config, Module, Removed, Repetition};
use crate::diagnostics::{Diagnostic, Diagnostics, Span};
use crate::state::model::{ObjectState, State};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

struct Move {
    /// Module whose block it is; addresses are relative to its instances.
    module: ModulePath,
    from: Target,
    to: Target,
    span: Span,
}

/// New addresses with the old ones.
pub(super) type Moved = HashMap<ResourceInstance, ResourceInstance>;

/// The state with every move made, and what was moved. A state without moves is not copied.
pub(super) fn apply<'s>(config: &Config, state: &'s State) -> (Cow<'s, State>, Moved, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut moves = Vec::new();
    collect(config, &ModulePath::root(), &config.root, &mut moves, &mut diagnostics);
    check_removed(config, &ModulePath::root(), &config.root, &mut diagnostics);
    let moves = match in_order(moves) {
        Ok(moves) => moves,
        Err(error) => {
            diagnostics.push(*error);
            Vec::new()
        }
    };
    let mut state = Cow::Borrowed(state);
    let mut moved = Moved::new();
    for step in &moves {
        let pairs: Vec<(ResourceInstance, ResourceInstance)> =
            state.instances().filter_map(|(address, ..)| Some((address.clone(), step.apply(&address)?))).collect();
        for (from, to) in pairs {
            relocate(state.to_mut(), &mut moved, from, to, Some(step.span), &mut diagnostics);
        }
    }
    for (from, to) in implied(config, &state) {
        relocate(state.to_mut(), &mut moved, from, to, None, &mut diagnostics);
    }
    (state, moved, diagnostics)
}

fn relocate(
    state: &mut State,
    moved: &mut Moved,
    from: ResourceInstance,
    to: ResourceInstance,
    at: Option<Span>,
    diagnostics: &mut Diagnostics,
) {
    let taken = state.resources.get(&to.abs_resource()).is_some_and(|r| r.instances.contains_key(&to.key));
    if taken {
        diagnostics.push(Diagnostic::warning(
            "Unresolved resource instance address changes",
            format!(
                "{from} could not move to {to}, because there is already an object there. The object stays at its old address and \
                 is planned to be destroyed."
            ),
        ));
        return;
    }
    let Some(resource) = state.resources.get_mut(&from.abs_resource()) else { return };
    let (mut provider, unknown) = (resource.provider.clone(), resource.unknown.clone());
    let retyped = from.resource.type_name != to.resource.type_name;
    if retyped && !becomes_data(&from, &provider, &to) {
        let detail = format!(
            "{from} cannot become {to}: an object keeps its type when it moves, except that a null_resource of hashicorp/null may become \
             terraform_data."
        );
        let error = Diagnostic::error("Unsupported `moved` across resource types", detail);
        diagnostics.push(at.into_iter().fold(error, Diagnostic::at));
        return;
    }
    let Some(mut instance) = resource.instances.remove(&from.key) else { return };
    if retyped {
        provider = ProviderConfig { module: ModulePath::root(), source: ProviderSource::builtin(), alias: None };
        instance.current = instance.current.as_deref().map(data_of_null);
        instance.deposed = instance.deposed.into_iter().map(|(key, object)| (key, data_of_null(&object))).collect();
    }
    if resource.instances.is_empty() {
        state.resources.remove(&from.abs_resource());
    }
    let target = state.resources.entry(to.abs_resource()).or_insert_with(|| crate::state::model::ResourceState {
        provider,
        instances: std::collections::BTreeMap::new(),
        unknown,
    });
    target.instances.insert(to.key.clone(), instance);
    let origin = moved.remove(&from).unwrap_or(from);
    if origin != to {
        moved.insert(to, origin);
    }
}

/// Whether it is the one change of type that a move may make.
fn becomes_data(from: &ResourceInstance, provider: &ProviderConfig, to: &ResourceInstance) -> bool {
    from.resource.type_name == "null_resource"
        && (provider.source.namespace.as_str(), provider.source.name.as_str()) == ("hashicorp", "null")
        && to.resource.type_name == "terraform_data"
}

/// A `null_resource` as `terraform_data`: its triggers, as the object they are usually written as, become `triggers_replace`.
fn data_of_null(object: &ObjectState) -> Arc<ObjectState> {
    let triggers = match object.attributes.get("triggers") {
        Some(Json::Object(triggers)) => {
            let types: serde_json::Map<String, Json> =
                triggers.keys().map(|name| (name.clone(), Json::from("string"))).collect();
            json!({ "value": triggers, "type": ["object", types] })
        }
        _ => Json::Null,
    };
    let attributes = json!({
        "id": object.attributes.get("id"),
        "input": null,
        "output": null,
        "triggers_replace": triggers,
    });
    Arc::new(ObjectState { attributes, schema_version: 0, private: Vec::new(), ..object.clone() })
}

fn collect(config: &Config, path: &ModulePath, module: &Module, out: &mut Vec<Move>, diagnostics: &mut Diagnostics) {
    for block in &module.moved {
        let from = diagnostics.absorb(address_expr::target(&block.from, None));
        let to = diagnostics.absorb(address_expr::target(&block.to, None));
        let (Some(from), Some(to)) = (from, to) else { continue };
        let step = Move { module: path.clone(), from, to, span: block.span };
        match step.check(config) {
            Ok(()) => out.push(step),
            Err(error) => diagnostics.push(*error),
        }
    }
    for (name, child) in &module.children {
        collect(config, &path.child(name), child, out, diagnostics);
    }
}

impl Move {
    fn check(&self, config: &Config) -> Result<(), Box<Diagnostic>> {
        let wrong = |summary: &str, detail: String| Err(Box::new(Diagnostic::error(summary, detail).at(self.span)));
        match (&self.from, &self.to) {
            (Target::Module(_), Target::Module(_)) => {}
            (Target::Module(_), _) | (_, Target::Module(_)) => {
                return wrong(
                    "Invalid \"moved\" addresses",
                    "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules."
                        .into(),
                );
            }
            (from, to) => {
                let mode = |t: &Target| match t {
                    Target::Resource(r) => Some(r.resource.mode),
                    Target::Instance(i) => Some(i.resource.mode),
                    Target::Module(_) => None,
                };
                if mode(from) != mode(to) {
                    return wrong(
                        "Resource type mismatch",
                        format!(
                            "This statement declares a move from {from} to {to}, which is a resource of a different kind."
                        ),
                    );
                }
            }
        }
        let still = |block: &AbsResource| {
            let mut path = self.module.clone();
            path.0.extend(block.module.path().0);
            config.module(&path).is_some_and(|m| m.resources.contains_key(&block.resource))
        };
        if let (Target::Resource(from), Target::Resource(_)) = (&self.from, &self.to)
            && self.from != self.to
            && still(from)
        {
            return wrong(
                "Moved object still exists",
                format!(
                    "This statement declares a move from {from}, but that resource is still declared.\n\nChange your configuration so \
                     that this resource will be declared as {} instead.",
                    self.to
                ),
            );
        }
        Ok(())
    }

    /// Where an object goes, if this move is about it.
    fn apply(&self, address: &ResourceInstance) -> Option<ResourceInstance> {
        let depth = self.module.0.len();
        let (prefix, inner) = address.module.0.split_at_checked(depth)?;
        if !prefix.iter().zip(&self.module.0).all(|((name, _), wanted)| name == wanted) {
            return None;
        }
        let absolute = |relative: &ModuleInstance| {
            let mut module = prefix.to_vec();
            module.extend(relative.0.iter().cloned());
            ModuleInstance(module)
        };
        match (&self.from, &self.to) {
            (Target::Module(from), Target::Module(to)) => {
                let (outer, rest) = inner.split_at_checked(from.0.len())?;
                let whole_call = last_key(from).is_none() && last_key(to).is_none();
                let fits = outer.iter().zip(&from.0).enumerate().all(|(i, ((name, key), (wanted, wanted_key)))| {
                    name == wanted && (key == wanted_key || (whole_call && i + 1 == from.0.len()))
                });
                if !fits {
                    return None;
                }
                let mut module = absolute(to);
                if whole_call && let (Some(slot), Some((_, key))) = (module.0.last_mut(), outer.last()) {
                    slot.1.clone_from(key);
                }
                module.0.extend(rest.iter().cloned());
                Some(ResourceInstance { module, resource: address.resource.clone(), key: address.key.clone() })
            }
            (Target::Resource(from), to) => {
                if from.module.0 != inner || from.resource != address.resource {
                    return None;
                }
                match to {
                    Target::Resource(to) => Some(ResourceInstance {
                        module: absolute(&to.module),
                        resource: to.resource.clone(),
                        key: address.key.clone(),
                    }),
                    Target::Instance(to) if address.key.is_none() => Some(ResourceInstance {
                        module: absolute(&to.module),
                        resource: to.resource.clone(),
                        key: to.key.clone(),
                    }),
                    _ => None,
                }
            }
            (Target::Instance(from), to) => {
                if from.module.0 != inner || from.resource != address.resource || from.key != address.key {
                    return None;
                }
                let (module, resource, key) = match to {
                    Target::Resource(to) => (&to.module, &to.resource, None),
                    Target::Instance(to) => (&to.module, &to.resource, to.key.clone()),
                    Target::Module(_) => return None,
                };
                Some(ResourceInstance { module: absolute(module), resource: resource.clone(), key })
            }
            (Target::Module(_), _) => None,
        }
    }
}

fn last_key(module: &ModuleInstance) -> Option<&InstanceKey> {
    module.0.last().and_then(|(_, key)| key.as_ref())
}

/// Moves so that a chain `a → b → c` is made in this order.
fn in_order(moves: Vec<Move>) -> Result<Vec<Move>, Box<Diagnostic>> {
    let mut left = moves;
    let mut out = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ready = left
            .iter()
            .position(|m| !left.iter().any(|o| !std::ptr::eq(o, m) && o.module == m.module && o.to == m.from));
        match ready {
            Some(index) => out.push(left.remove(index)),
            None => {
                let texts: Vec<String> = left.iter().map(|m| format!("{} → {}", m.from, m.to)).collect();
                let mut error = Diagnostic::error(
                    "Cyclic dependency in move statements",
                    format!(
                        "The following chained move statements form a cycle, and so there is no final location to move objects to: \
                         {}.",
                        texts.join(", ")
                    ),
                );
                error.span = left.first().map(|m| m.span);
                return Err(Box::new(error));
            }
        }
    }
    Ok(out)
}

/// Moves between `r` and `r[0]` because `count` came or went.
fn implied(config: &Config, state: &State) -> Vec<(ResourceInstance, ResourceInstance)> {
    let zero = Some(InstanceKey::Int(0));
    state
        .resources
        .iter()
        .filter(|(address, _)| address.resource.mode == Mode::Managed)
        .filter_map(|(address, resource)| {
            let block = config.module(&address.module.path())?.resources.get(&address.resource)?;
            let (has_none, has_zero) = (resource.instances.contains_key(&None), resource.instances.contains_key(&zero));
            match block.repetition {
                Repetition::Count(_) if has_none && !has_zero => {
                    Some((address.instance(None), address.instance(zero.clone())))
                }
                Repetition::Single if has_zero && !has_none => {
                    Some((address.instance(zero.clone()), address.instance(None)))
                }
                _ => None,
            }
        })
        .collect()
}

/// What a `removed` block says about a resource without block.
pub(super) fn removed_rule(config: &Config, address: &ConfigResource) -> Option<EndRule> {
    removed_block(config, address).map(|block| if block.destroy { EndRule::Destroy } else { EndRule::Forget })
}

/// The `removed` block that names a resource or its module, there or in a module that calls it.
pub(super) fn removed_block<'c>(config: &'c Config, address: &ConfigResource) -> Option<&'c Removed> {
    let mut path = ModulePath::root();
    let mut names = address.module.0.iter();
    loop {
        if let Some(module) = config.module(&path) {
            let relative = ConfigResource {
                module: ModulePath(address.module.0.iter().skip(path.0.len()).cloned().collect()),
                resource: address.resource.clone(),
            };
            let names_it = |block: &&Removed| {
                address_expr::target(&block.from, None).is_ok_and(|target| target.touches(&relative))
            };
            if let Some(block) = module.removed.iter().find(names_it) {
                return Some(block);
            }
        }
        path = path.child(names.next()?);
    }
}

/// What is said to be removed must not be there.
fn check_removed(config: &Config, path: &ModulePath, module: &Module, diagnostics: &mut Diagnostics) {
    for block in &module.removed {
        let Some(target) = diagnostics.absorb(address_expr::target(&block.from, None)) else { continue };
        let full = |relative: &ModuleInstance| {
            let mut full = path.clone();
            full.0.extend(relative.path().0);
            full
        };
        let exists = match &target {
            Target::Module(m) => config.module(&full(m)).is_some(),
            Target::Resource(r) => {
                config.module(&full(&r.module)).is_some_and(|m| m.resources.contains_key(&r.resource))
            }
            Target::Instance(i) => {
                config.module(&full(&i.module)).is_some_and(|m| m.resources.contains_key(&i.resource))
            }
        };
        if exists {
            let kind = if matches!(target, Target::Module(_)) { "module" } else { "resource" };
            diagnostics.push(
                Diagnostic::error(
                    format!("Removed {kind} still exists"),
                    format!(
                        "This statement declares that {target} was removed, but it is still declared in configuration. Remove the {kind} \
                         block, or this block."
                    ),
                )
                .at(block.span),
            );
        }
    }
    for (name, child) in &module.children {
        check_removed(config, &path.child(name), child, diagnostics);
    }
}
